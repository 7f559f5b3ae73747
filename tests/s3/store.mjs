// SPDX-License-Identifier: ISC
// Starts the store for a test, see README.md.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { source, until } from '../api/stack.mjs';

/** In a directory: {process, port, url, control(method, what, query)}. */
export async function startStore(dir) {
  const child = spawn(process.execPath, [path.join(source, 'tests/s3/serve.mjs'),
    '--dir', dir], { stdio: ['ignore', 'inherit', 'inherit'] });
  const file = path.join(dir, 'port');
  await until(() => fs.existsSync(file), 'the store is up');
  const port = Number(fs.readFileSync(file, 'utf8'));
  const url = `http://127.0.0.1:${port}`;
  const control = async (method, what, query = {}) => (await fetch(
    `${url}/control/${what}?${new URLSearchParams(query)}`, { method })).json();
  return { process: child, port, url, control };
}

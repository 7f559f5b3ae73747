// SPDX-License-Identifier: ISC
// A large image goes through without staying in memory.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { Stack, makeImage, until } from './stack.mjs';

// The address sanitizer would keep what was freed for a long time.
process.env.ASAN_OPTIONS = 'quarantine_size_mb=1:thread_local_quarantine_size_kb=64';

let stack;
before(async () => { stack = await Stack.start(); });
after(() => stack.stop());

const MB = 1 << 20;

function peak(pid) {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(status.match(/VmHWM:\s+(\d+)/)[1]) * 1024;
}

const upload = (file, name) => execFileSync('curl', ['-fsS', '-T', file,
  '-H', `Authorization: Bearer ${stack.token}`,
  `${stack.url}/api/v1${stack.at(name)}?memory=256&wait=60&grace=1`], { encoding: 'utf8' });

test('a 200 MB image goes through with less than 2 MB growth', (t) => {
  const small = makeImage(stack.dir, 'small.hvt', '--target', 'hvt');
  const large = makeImage(stack.dir, 'large.hvt', '--target', 'hvt',
    '--pad', String(200 * MB));
  upload(small, 'large');
  const before = peak(stack.pid('fcgi'));
  const reply = JSON.parse(upload(large, 'large'));
  const grown = peak(stack.pid('fcgi')) - before;
  t.diagnostic(`grown by ${grown} bytes`);
  assert.equal(reply.replaced, true);
  assert.ok(reply.image.size >= 200 * MB);
  // Redzones and quarantine of the sanitizers have a share of their own.
  const sanitized = fs.readFileSync(`/proc/${stack.pid('fcgi')}/maps`, 'utf8')
    .includes('libasan');
  assert.ok(grown < (sanitized ? 8 : 2) * MB, `grown by ${grown} bytes`);
});

test('an image beyond the limit is refused before it is read', async () => {
  const socket = net.connect(stack.port, '127.0.0.1');
  let answer = '';
  socket.on('data', (data) => { answer += data; });
  socket.on('error', () => {});
  socket.write(`PUT /api/v1${stack.at('huge')} HTTP/1.1\r\nHost: x\r\n` +
    `Authorization: Bearer ${stack.token}\r\n` +
    `Content-Length: ${2000 * MB}\r\n\r\n`);
  await until(() => answer.includes('too-large'), 'the refusal');
  socket.destroy();
  assert.match(answer, /^HTTP\/1.1 413 /);
});

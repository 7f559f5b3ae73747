// SPDX-License-Identifier: ISC
// Large images and volumes go through without staying in memory.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { MB, Stack, makeImage, sha256, until } from './stack.mjs';

// The address sanitizer would keep what was freed for a long time.
process.env.ASAN_OPTIONS = 'quarantine_size_mb=1:thread_local_quarantine_size_kb=64';

let stack;
before(async () => { stack = await Stack.start(); });
after(() => stack.stop());


function peak(pid) {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(status.match(/VmHWM:\s+(\d+)/)[1]) * 1024;
}

const upload = (file, name) => execFileSync('curl', ['-fsS', '-T', file,
  '-H', `Authorization: Bearer ${stack.token}`,
  `${stack.url}/api/v1${stack.at(name)}?memory=256&wait=60&grace=1`], { encoding: 'utf8' });

/** Redzones and quarantine of the sanitizers have a share of their own. */
function allowed(mb) {
  const sanitized = fs.readFileSync(`/proc/${stack.pid('fcgi')}/maps`, 'utf8')
    .includes('libasan');
  return (sanitized ? 4 * mb : mb) * MB;
}

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
  assert.ok(grown < allowed(2), `grown by ${grown} bytes`);
});

test('4 volumes go up and 4 come down at once with less than 4 MB growth', async (t) => {
  const size = 32;
  const admin = await stack.signIn();
  const token = await stack.makeToken(admin.headers,
    { scopes: ['volume:read', 'volume:write'] });
  const content = path.join(stack.dir, 'content');
  const megabyte = Buffer.from(Array.from({ length: MB }, (_, i) => i * i >> 7));
  const file = fs.openSync(content, 'w');
  for (let i = 0; i < size; i++) fs.writeSync(file, megabyte);
  fs.closeSync(file);
  const place = (name, rest) => `${stack.url}/api/v1${stack.volume(name, rest)}`;
  const curl = async (...args) => (await promisify(execFile)('curl', ['-fsS',
    '-H', `Authorization: Bearer ${token}`, ...args])).stdout;
  const up = async (name) => JSON.parse(await curl('-T', content,
    place(name, '/data')));
  const down = (name) => curl('-o', path.join(stack.dir, name),
    place(name, '/data'));
  const names = (first) => [0, 1, 2, 3].map((i) => `large-${first + i}`);
  for (const name of [...names(0), ...names(4)])
    await curl('-X', 'PUT', '--json', JSON.stringify({ size }), place(name));
  // Once before, so that the threads and what they need are there.
  await Promise.all(names(4).map(up));
  await Promise.all(names(4).map(down));
  const before = peak(stack.pid('fcgi'));
  const [uploaded] = await Promise.all([Promise.all(names(0).map(up)),
    ...names(4).map(down)]);
  const grown = peak(stack.pid('fcgi')) - before;
  t.diagnostic(`grown by ${grown} bytes`);
  const digest = sha256(fs.readFileSync(content));
  for (const { content } of uploaded)
    assert.deepEqual([content.state, content.sha256], ['whole', digest]);
  for (const name of names(4))
    assert.ok(fs.readFileSync(path.join(stack.dir, name))
      .equals(fs.readFileSync(content)), name);
  assert.ok(grown < allowed(4), `grown by ${grown} bytes`);
});

test('an image beyond the limit is refused before it is read', async () => {
  const said = stack.speak([`PUT /api/v1${stack.at('huge')} HTTP/1.1`,
    `Content-Length: ${2000 * MB}`]);
  await until(() => said.text.includes('too-large'), 'the refusal');
  said.socket.destroy();
  assert.match(said.text, /^HTTP\/1.1 413 /);
});

// SPDX-License-Identifier: ISC
//
// fcgi/s3.c against a store that checks signatures by itself, and breaks.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { build } from '../api/stack.mjs';
import { refused } from './signature.mjs';
import { startStore } from './store.mjs';

const keys = { ACCESS: 'TESTACCESSKEY', SECRET: 'test/secret+key',
  REGION: 'test-1', BUCKET: 'volumes' };
let dir, store, big;

const fault = (query) => store.control('POST', 'fault', query);

/** {code, out, err}, with the bucket in the path or as a host. */
function talk(args, { env = {}, style = 'path' } = {}) {
  return new Promise((done) => {
    const endpoint = `http://${style === 'path' ? '127.0.0.1' : 'localhost'}:${
      store.port}`;
    const child = spawn(path.join(build, 'tests/s3/talk'),
      [endpoint, style, ...args.map(String)], { env: { ...process.env, ...keys, ...env } });
    const out = [];
    let err = '';
    child.stdout.on('data', (data) => out.push(data));
    child.stderr.on('data', (data) => { err += data; });
    child.on('close', (code) => done({ code, out: Buffer.concat(out), err }));
  });
}

async function works(args, options) {
  const { code, out, err } = await talk(args, options);
  assert.equal(code, 0, err);
  return out;
}

async function fails(args, pattern, options) {
  const { code, err } = await talk(args, options);
  assert.equal(code, 1, err);
  assert.match(err, pattern);
  assert.ok(!err.includes(keys.SECRET), 'the secret key is not told');
}

before(async () => {
  fs.mkdirSync(path.join(build, 'tests/tmp'), { recursive: true });
  dir = fs.mkdtempSync(path.join(build, 'tests/tmp/s3-'));
  store = await startStore(dir);
  big = path.join(dir, 'big');
  fs.writeFileSync(big, randomBytes((11 << 20) + 12345));
});

after(() => {
  store.process.kill();
  fs.rmSync(dir, { recursive: true });
});

/* The example of a GET in the specification, whose signature is told there. */
test('the check agrees with the specification', () => {
  const request = { method: 'GET', url: '/test.txt', rawHeaders: [
    'Host', 'examplebucket.s3.amazonaws.com', 'Range', 'bytes=0-9',
    'x-amz-content-sha256',
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'x-amz-date', '20130524T000000Z', 'Authorization',
    'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/' +
    'aws4_request, SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, ' +
    'Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41'] };
  const aws = { access: 'AKIAIOSFODNN7EXAMPLE', region: 'us-east-1',
    secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
  const then = Date.UTC(2013, 4, 24);
  assert.equal(refused(request, aws, then), undefined);
  assert.equal(refused({ ...request, url: '/test.txx' }, aws, then).code,
    'SignatureDoesNotMatch');
  assert.equal(refused(request, aws).code, 'RequestTimeTooSkewed');
});

for (const style of ['path', 'host'])
  test(`an object goes there and comes back (${style})`, async () => {
    const data = fs.readFileSync(big);
    const key = `pre/fix_1/i1/admin/data-${style}.gz`;
    await works(['put', key, big], { style });
    assert.ok(data.equals(await works(
      ['get', key, 0, data.length, data.length], { style })));
    assert.ok(data.subarray(100, 1100).equals(await works(
      ['get', key, 100, 1000, data.length], { style })));
    await works(['delete', key], { style });
    await fails(['get', key, 0, data.length, data.length],
      /^not-found: .* does not have/, { style });
    await works(['delete', key], { style });
  });

test('an object goes in parts', async () => {
  const data = fs.readFileSync(big);
  await works(['parts', 'a/parts.gz', big, 5 << 20]);
  assert.ok(data.equals(await works(
    ['get', 'a/parts.gz', 0, data.length, data.length])));
  const { requests } = await store.control('GET', 'state');
  assert.equal(requests.filter((r) => /partNumber=/.test(r.url)).length, 3);
  await works(['delete', 'a/parts.gz']);
});

test('what fails in parts leaves none', async () => {
  await fault({ method: 'POST', fault: 'late-error', count: 2 });
  await fails(['parts', 'a/parts.gz', big, 5 << 20],
    /^store: .*200 InternalError: We encountered/);
  await store.control('POST', 'clear');
  await fault({ method: 'POST', fault: 'late-nothing', count: 2 });
  await fails(['parts', 'a/parts.gz', big, 5 << 20], /^store: .*did not say/);
  await store.control('POST', 'clear');
  await fails(['parts', 'a/parts.gz', big, 1 << 20], /^store: .*EntityTooSmall/);
  const state = await store.control('GET', 'state');
  assert.deepEqual([state.uploads, state.files, state.objects], [0, 0, []]);
});

test('what the store says is told', async () => {
  await fails(['put', 'a/b.gz', big], /^store: .*403 SignatureDoesNotMatch: The req/,
    { env: { SECRET: 'another' } });
  await fails(['put', 'a/b.gz', big], /^store: .*403 InvalidAccessKeyId/,
    { env: { ACCESS: 'SOMEBODY' } });
  await fails(['put', 'a/b.gz', big], /^store: .*expecting 'test-1'/,
    { env: { REGION: 'mars-1' } });
  await fails(['put', 'a/b.gz', big], /^store: .*404 NoSuchBucket/,
    { env: { BUCKET: 'nobodys' } });
  await fault({ fault: 'status' });
  await fails(['put', 'a/b.gz', big], /^store: .*503 SlowDown: Please reduce/);
  await fault({ fault: 'status', status: 301 });
  await fails(['get', 'a/b.gz', 0, 1, 1], /^store: .*redirects are not followed/);
  await fault({ fault: 'page' });
  await fails(['get', 'a/b.gz', 0, 1, 1], /^store: .*with the status 502/);
});

test('what breaks is told', async () => {
  const { length } = fs.readFileSync(big);
  await fault({ method: 'PUT', fault: 'cut' });
  await fails(['put', 'a/b.gz', big], /^store: .*broke the connection off/);
  await works(['put', 'a/b.gz', big]);
  await fault({ method: 'GET', fault: 'cut' });
  await fails(['get', 'a/b.gz', 0, length, length],
    /^store: .*broke the connection off/);
  await fails(['get', 'a/b.gz', 0, 1000, 1000], /^store: .*more came than/);
  await fails(['get', 'a/b.gz', length, 10, length + 10],
    /^store: .*416 InvalidRange/);
  await works(['delete', 'a/b.gz']);
});

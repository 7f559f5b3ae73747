// SPDX-License-Identifier: ISC
// Images on their own: uploaded once, listed, fetched back, removed.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Stack, build, makeImage, until } from './stack.mjs';

// The address sanitizer would keep what was freed for a long time.
process.env.ASAN_OPTIONS = 'quarantine_size_mb=1:thread_local_quarantine_size_kb=64';

const MB = 1 << 20;
let stack;
before(async () => { stack = await Stack.start(); });
after(() => stack.stop());

const hash = (data) => crypto.createHash('sha256').update(data).digest('hex');
const images = (rest = '') => `/images?project=${stack.project}${rest}`;
const image = (sha256) => `/images/${sha256}?project=${stack.project}`;
const upload = (data) => stack.ask('POST', images(), { body: data });

function make(name, ...options) {
  const file = makeImage(stack.dir, name, '--target', 'hvt', ...options);
  const data = fs.readFileSync(file);
  return { data, sha256: hash(data) };
}

const stored = (sha256) => path.join(stack.dir, 'state/images', stack.project,
  sha256.slice(0, 2), sha256);
const incoming = () => fs.readdirSync(path.join(stack.dir, 'state/incoming'));

/** Deploys an image that is there, and waits until it runs. */
async function run(name, sha256, memory = 32) {
  const put = await stack.ask('PUT', stack.at(name, '?wait=60&grace=1'),
    { json: { image: sha256, config: { memory } } });
  assert.ok([200, 201].includes(put.status), put.text);
  assert.equal(put.json.image.sha256, sha256);
  return put.json;
}

/** The running image: {status, headers, data}. */
async function download(name, method = 'GET', token = stack.token) {
  const reply = await fetch(`${stack.url}/api/v1${stack.at(name, '/image')}`,
    { method, headers: { authorization: `Bearer ${token}` } });
  return { status: reply.status, headers: reply.headers,
    data: Buffer.from(await reply.arrayBuffer()) };
}

const problem = (reply) => JSON.parse(reply.data.toString());

test('CI uploads only what is new', async () => {
  const { data, sha256 } = make('ci.hvt');
  assert.equal((await stack.ask('HEAD', image(sha256))).status, 404);
  const made = await upload(data);
  assert.equal(made.status, 201, made.text);
  assert.equal(made.json.sha256, sha256);
  assert.equal(made.json.size, data.length);
  assert.deepEqual(made.json.used_by, []);
  assert.equal(made.json.kept, true);
  assert.match(made.json.stored_at, /^\d{4}-\d\d-\d\dT/);
  assert.equal((await stack.ask('HEAD', image(sha256))).status, 200);
  const again = await upload(data);
  assert.equal(again.status, 200, again.text);
  assert.equal(again.json.sha256, sha256);
  await run('ci', sha256);
});

test('the list tells what is there, page by page', async () => {
  const more = make('more.hvt', '--pad', '1000');
  assert.equal((await upload(more.data)).status, 201);
  const all = await stack.ask('GET', images());
  assert.equal(all.status, 200, all.text);
  const digests = all.json.items.map((item) => item.sha256);
  assert.ok(digests.includes(more.sha256));
  assert.deepEqual(digests, [...digests].sort());
  const found = all.json.items.find((item) => item.sha256 === more.sha256);
  assert.equal(found.target, 'hvt');
  assert.equal(found.size, more.data.length);
  assert.deepEqual(found, (await stack.ask('GET', image(more.sha256))).json);
  const seen = [];
  for (let cursor = ''; cursor !== null;) {
    const page = await stack.ask('GET', images('&limit=1' +
      (cursor === '' ? '' : `&cursor=${cursor}`)));
    assert.ok(page.json.items.length <= 1);
    seen.push(...page.json.items.map((item) => item.sha256));
    cursor = page.json.next;
  }
  assert.deepEqual(seen, digests);
  assert.equal((await stack.ask('GET', '/images')).status, 422);
});

test('what is not needed can be removed', async () => {
  const { data, sha256 } = make('gone.hvt', '--pad', '2000');
  await upload(data);
  assert.equal((await stack.ask('DELETE', image(sha256))).status, 204);
  assert.equal((await stack.ask('DELETE', image(sha256))).status, 404);
  assert.equal((await stack.ask('GET', image(sha256))).status, 404);
  assert.equal((await stack.ask('DELETE', image('x'))).status, 422);
});

test('an old image nobody asks for is not kept', async () => {
  const { data, sha256 } = make('old.hvt', '--pad', '3000');
  await upload(data);
  const kept = async () => (await stack.ask('GET', images())).json.items
    .find((item) => item.sha256 === sha256).kept;
  assert.equal(await kept(), true);
  const old = Date.now() / 1000 - 40 * 86400;
  fs.utimesSync(stored(sha256), old, old);
  assert.equal(await kept(), false);
  assert.equal(await kept(), false);
  // Who asks may be about to deploy it.
  assert.equal((await stack.ask('HEAD', image(sha256))).status, 200);
  assert.equal(await kept(), true);
});

test('what runs, and what it can go back to, is not removed', async () => {
  const first = make('first.hvt', '--pad', '5000');
  const second = make('second.hvt', '--pad', '6000');
  const use = async ({ sha256 }) => (await stack.ask('GET', image(sha256)))
    .json.used_by;
  const named = { instance: stack.instance, name: 'two' };
  await upload(first.data);
  await upload(second.data);
  await run('two', first.sha256);
  assert.deepEqual(await use(first), [{ ...named, number: 1, current: true }]);
  await run('two', second.sha256);
  assert.deepEqual(await use(first), [{ ...named, number: 1, current: false }]);
  assert.deepEqual(await use(second), [{ ...named, number: 2, current: true }]);
  const old = Date.now() / 1000 - 400 * 86400;
  for (const { sha256 } of [first, second]) {
    fs.utimesSync(stored(sha256), old, old);
    const refused = await stack.ask('DELETE', image(sha256));
    assert.equal(refused.status, 409, refused.text);
    assert.equal(refused.json.code, 'conflict');
  }
  const { items } = (await stack.ask('GET', images())).json;
  for (const { sha256 } of [first, second])
    assert.equal(items.find((item) => item.sha256 === sha256).kept, true);
});

test('the running image comes back byte for byte', async () => {
  const { data, sha256 } = make('back.hvt', '--pad', '100000');
  await upload(data);
  await run('back', sha256);
  const reply = await download('back');
  assert.equal(reply.status, 200);
  assert.equal(reply.headers.get('content-type'), 'application/octet-stream');
  assert.equal(reply.headers.get('content-length'), String(data.length));
  assert.equal(reply.headers.get('etag'), `"${sha256}"`);
  assert.equal(reply.headers.get('content-disposition'),
    `attachment; filename="back-${sha256.slice(0, 16)}.img"`);
  assert.equal(hash(reply.data), sha256);
  const head = await download('back', 'HEAD');
  assert.equal(head.status, 200);
  assert.equal(head.headers.get('content-length'), String(data.length));
  assert.equal(head.data.length, 0);
  assert.equal((await download('nothing')).status, 404);
});

test('what the store lost is fetched from albatross', async () => {
  const { sha256 } = make('back.hvt', '--pad', '100000');
  fs.rmSync(stored(sha256));
  assert.equal((await stack.ask('HEAD', image(sha256))).status, 404);
  await stack.fault('byte-by-byte 2');
  assert.equal(hash((await download('back')).data), sha256);
  assert.equal(hash(fs.readFileSync(stored(sha256))), sha256);
  assert.equal((await stack.ask('HEAD', image(sha256))).status, 200);
});

test('a fetch that breaks leaves nothing behind', async () => {
  const { sha256 } = make('back.hvt', '--pad', '100000');
  for (const [fault, code] of [['absurd-length', 'instance-incompatible'],
    ['garbage-frame', 'instance-incompatible'],
    ['break-after-command', 'instance-unreachable'],
    ['daemon-down', 'instance-daemon-down'],
    ['reset', 'instance-unreachable']]) {
    fs.rmSync(stored(sha256), { force: true });
    // The first connection asks what runs, the second one for the image.
    await stack.fault(`${fault} 1 1`);
    const reply = await download('back');
    assert.equal(reply.status, 502, fault);
    assert.equal(problem(reply).code, code, fault);
    assert.equal(fs.existsSync(stored(sha256)), false);
    assert.deepEqual(incoming(), []);
  }
  await stack.fault('none');
  assert.equal(hash((await download('back')).data), sha256);
});

test('a damaged image is found, put aside, and uploaded anew', async () => {
  const { data, sha256 } = make('rot.hvt', '--pad', '4000');
  await upload(data);
  const check = () => spawnSync(path.join(build, 'mollymawk-fcgi'),
    ['check-images', '--state', path.join(stack.dir, 'state')],
    { encoding: 'utf8' });
  const well = check();
  assert.equal(well.status, 0, well.stderr);
  assert.match(well.stdout, /^\d+ images of \d+ bytes, 0 damaged\n$/);
  const spoiled = Buffer.from(data);
  spoiled[spoiled.length - 1] ^= 1;
  fs.writeFileSync(stored(sha256), spoiled);
  const bad = check();
  assert.equal(bad.status, 1, bad.stderr);
  assert.match(bad.stdout, new RegExp(`^damaged: ${stack.project} ${sha256}: `));
  assert.ok(fs.existsSync(path.join(stack.dir, 'state/quarantine',
    `${stack.project}-${sha256}`)));
  assert.equal((await stack.ask('HEAD', image(sha256))).status, 404);
  assert.equal((await upload(data)).status, 201);
  assert.equal(check().status, 0);
});

/** A limit of the file size is the full disk anybody can have. */
function diskLimit(bytes) {
  execFileSync('prlimit', ['--pid', String(stack.pid('fcgi')),
    `--fsize=${bytes}:`]);
}

test('a full disk is told as such, and all works when there is room', async () => {
  const { data, sha256 } = make('full.hvt', '--pad', String(6 * MB));
  const running = make('back.hvt', '--pad', '100000');
  const ready = await stack.ask('GET', '/readyz');
  assert.equal(ready.status, 200);
  diskLimit(5 * MB);
  try {
    const full = await upload(data);
    assert.equal(full.status, 507, full.text);
    assert.equal(full.json.code, 'storage-full');
    const deploy = await stack.ask('PUT', stack.at('full', '?memory=64'),
      { body: data });
    assert.equal(deploy.status, 507, deploy.text);
    assert.deepEqual(incoming(), []);
    assert.equal((await stack.ask('HEAD', image(sha256))).status, 404);
    // What runs and what fits goes on.
    assert.equal((await stack.ask('GET', stack.at('back'))).status, 200);
    assert.equal((await download('back')).status, 200);
    fs.rmSync(stored(running.sha256));
    diskLimit(65536);
    const fetched = await download('back');
    assert.equal(fetched.status, 507);
    assert.equal(problem(fetched).code, 'storage-full');
    assert.deepEqual(incoming(), []);
  } finally {
    diskLimit('unlimited');
  }
  assert.equal((await upload(data)).status, 201);
  assert.equal(hash((await download('back')).data), running.sha256);
});

test('a large image is fetched and sent without being held', async (t) => {
  const { data, sha256 } = make('large.hvt', '--pad', String(150 * MB));
  await upload(data);
  await run('large', sha256, 256);
  await download('back');
  fs.rmSync(stored(sha256));
  const peak = () => Number(fs.readFileSync(
    `/proc/${stack.pid('fcgi')}/status`, 'utf8').match(/VmHWM:\s+(\d+)/)[1]);
  const before = peak();
  assert.equal(hash((await download('large')).data), sha256);
  const grown = (peak() - before) * 1024;
  t.diagnostic(`grown by ${grown} bytes`);
  assert.ok(grown < 8 * MB, `grown by ${grown} bytes`);
});

test('who may only look sees images, but does not get or remove one', async () => {
  const { headers } = await stack.signIn();
  const made = await stack.ask('POST', '/tokens', { token: null, headers,
    json: { name: 'look', scopes: ['unikernel:read'] } });
  assert.equal(made.status, 201, made.text);
  const token = made.json.secret;
  const list = await stack.ask('GET', images(), { token });
  assert.equal(list.status, 200, list.text);
  const { sha256 } = list.json.items[0];
  assert.equal((await stack.ask('GET', image(sha256), { token })).status, 200);
  assert.equal((await download('back', 'GET', token)).status, 403);
  assert.equal((await stack.ask('DELETE', image(sha256), { token })).status,
    403);
  assert.equal((await stack.ask('POST', images(), { token, body: 'x' }))
    .status, 403);
});

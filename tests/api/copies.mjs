// SPDX-License-Identifier: ISC
// What volumes held, saved and put back: here and in an S3 store, with what uses
// them stopped and started again, by schedule, and after a kill at any step.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import zlib from 'node:zlib';
import { startStore } from '../s3/store.mjs';
import { MB, Stack, build, makeDir, makeImage, sha256, until } from './stack.mjs';

let stack, admin, image, store;

const held = (...what) => fs.readFileSync(stack.device(...what));
const fill = (name, data) => fs.writeFileSync(stack.device(name), data);
const at = (...what) => stack.volume(...what);

/** mollymawk-fcgi; what albatross did not get to stall on is no trap for later. */
const killed = () => stack.restart('fcgi', () => stack.fault('none'));

/** Half of it can be compressed. */
const content = (size = 2) => Buffer.concat(
  [randomBytes(size * MB / 2), Buffer.alloc(size * MB / 2)]);

async function works(status, method, where, json, options = {}) {
  const reply = await stack.ask(method, where, { json, ...options });
  assert.equal(reply.status, status, reply.text);
  return reply.json;
}

async function refused(status, code, pattern, method, where, json, options = {}) {
  const reply = await stack.ask(method, where, { json, ...options });
  assert.equal(reply.status, status, reply.text);
  assert.equal(reply.json.code, code, reply.text);
  if (pattern) assert.match(reply.json.detail, pattern);
  return reply.json;
}

const save = (name, json, rest = '?wait=60') =>
  works(200, 'POST', at(name, `/copies${rest}`), json);
const restore = (name, json, instance) =>
  works(200, 'POST', at(name, '/restore?wait=60', instance), json);
const copyOf = async (operation) =>
  works(200, 'GET', `/copies/${operation.result.copy}`);
const operation = (id, wait = 30) =>
  works(200, 'GET', `/operations/${id}?wait=${wait}`);
const copies = async (query = '') =>
  (await works(200, 'GET', `/copies?limit=1000${query}`)).items;

/** Runs something on a volume, as its own image. */
const use = (name, volume) => stack.ask('PUT',
  `${stack.at(name)}?memory=16&wait=60&grace=1&arg=--line=${name}&volume=data:${volume}`,
  { body: fs.readFileSync(image) });
const running = async (name) =>
  (await works(200, 'GET', stack.at(name))).state === 'running';
const history = async (name) =>
  (await works(200, 'GET', stack.at(name, '/deployments'))).items;

/** The operation, once it is at that step, and some bytes went by. */
const reaches = (id, step) => until(async () => {
  const o = await operation(id, 0);
  return o.step === step && (o.bytes > 0 || step === 'storing') && o;
}, `operation ${id} is at ${step}`);

before(async () => {
  const dir = makeDir('data');
  for (const name of ['other', 'busy', 'sched', 'small'])
    fs.writeFileSync(path.join(dir, 'albatross/blocks', `admin:${name}`),
      Buffer.alloc(name === 'small' ? MB : 2 * MB));
  stack = await Stack.start(dir);
  admin = { token: null, headers: (await stack.signIn()).headers };
  stack.token = await stack.makeToken(admin.headers, { scopes: ['volume:read',
    'volume:write', 'unikernel:read', 'unikernel:deploy', 'unikernel:destroy'] });
  image = makeImage(stack.dir, 'with-data', '--target', 'spt', '--block', 'data');
  store = await startStore(path.join(stack.dir, 's3'));
  stack.children.push(store.process);
});
after(() => stack.stop());

test('a volume is saved, and put back', async () => {
  const data = content();
  fill('data', data);
  const made = await save('data', { note: 'first' });
  assert.equal(made.kind, 'volume-save');
  assert.equal(made.state, 'succeeded');
  const copy = await copyOf(made);
  assert.deepEqual([copy.volume, copy.size, copy.bytes, copy.sha256, copy.place,
    copy.cause, copy.note, copy.user, copy.operation], ['data', 2, 2 * MB,
    sha256(data), 'local', 'manual', 'first', 'admin', made.id]);
  assert.ok(copy.stored < 1.2 * MB && copy.stored > MB);
  fill('data', content());
  const back = await restore('data', { copy: copy.id });
  assert.equal(back.kind, 'volume-restore');
  assert.equal(back.result.content.state, 'whole');
  assert.equal(back.result.content.sha256, sha256(data));
  assert.ok(held('data').equals(data));
});

test('to another volume, and another instance', async () => {
  const data = content();
  fill('data', data);
  const { copy } = (await save('data')).result;
  await restore('other', { copy });
  assert.ok(held('other').equals(data));
  const before = held('small');
  await refused(413, 'too-large', /2 MB, and the volume small only 1/, 'POST',
    at('small', '/restore'), { copy });
  assert.ok(held('small').equals(before));
  await stack.addSandbox('i2');
  await refused(404, 'not-found', null, 'POST', at('new', '/restore', 'i2'), { copy });
  await restore('new', { copy, create: true }, 'i2');
  assert.ok(held('new', 'i2').equals(data));
});

test('what uses it is in the way, or is stopped and started again', async () => {
  const data = content();
  fill('busy', data);
  assert.equal((await use('web', 'busy')).status, 201);
  await refused(409, 'conflict', /web.*With stop, what uses it is stopped/s, 'POST',
    at('busy', '/copies'), {});
  assert.ok(await running('web'));
  const [first] = await history('web');
  const made = await save('busy', { stop: true });
  assert.match(made.detail, /web was stopped, and runs again/);
  assert.equal((await copyOf(made)).sha256, sha256(data));
  assert.ok(await running('web'));
  const [again] = await history('web');
  assert.deepEqual([again.source, again.of, again.state, again.image.sha256],
    ['volume', first.number, 'running', first.image.sha256]);
  assert.deepEqual(again.config, first.config);

  fill('busy', content());
  const { copy } = made.result;
  const back = await restore('busy', { copy, stop: true, safe: true });
  assert.ok(held('busy').equals(data));
  assert.ok(await running('web'));
  const safe = await works(200, 'GET', `/copies/${back.result.before}`);
  assert.equal(safe.cause, 'before-restore');
});

test('a token may stop what it may deploy', async () => {
  const token = (scopes) => stack.makeToken(admin.headers, { scopes });
  const reader = { token: await token(['volume:read', 'unikernel:read']) };
  await refused(403, 'forbidden', null, 'POST', at('busy', '/copies'),
    { stop: true }, reader);
  assert.ok(await running('web'));
  const one = (await works(200, 'GET', '/copies', undefined, reader)).items[0];
  await refused(403, 'forbidden', null, 'DELETE', `/copies/${one.id}`, undefined,
    reader);
  const none = { token: await token(['unikernel:read']) };
  await refused(404, 'not-found', null, 'GET', `/copies/${one.id}`, undefined, none);
});

test('a kill while it is saved: what was stopped runs again', async () => {
  await stack.fault('stall-after-bytes block-dump 65536 1');
  const begun = await works(202, 'POST', at('busy', '/copies'), { stop: true });
  await reaches(begun.id, 'reading');
  assert.ok(!await running('web'));
  await refused(409, 'conflict', /under way/, 'POST', at('busy', '/copies'), {});
  await killed();
  const ended = await operation(begun.id);
  assert.equal(ended.state, 'failed');
  assert.match(ended.error.detail, /restarted before all of it was saved/);
  assert.match(ended.detail, /web was stopped, and runs again/);
  assert.ok(await running('web'));
  assert.deepEqual(fs.readdirSync(path.join(stack.dir, 'state/incoming')), []);
});

test('a kill while it is restored: it is put in anew', async () => {
  const data = content();
  fill('other', data);
  const { copy } = (await save('other')).result;
  await stack.fault('stall-after-bytes block-set 65536 1');
  const begun = await works(202, 'POST', at('busy', '/restore'), { copy, stop: true });
  await reaches(begun.id, 'sending');
  await killed();
  const ended = await operation(begun.id);
  assert.equal(ended.state, 'succeeded', JSON.stringify(ended));
  assert.ok(held('busy').equals(data));
  assert.ok(await running('web'));
});

test('what was stopped is started again, though not at the first try', async () => {
  await stack.fault('daemon-down create 1');
  const { detail } = await save('busy', { stop: true });
  assert.match(detail, /web was stopped, and runs again/);
  assert.ok(await running('web'));
});

test('a kill while it is started again', async () => {
  const begun = await works(202, 'POST', at('busy', '/copies'), { stop: true });
  await reaches(begun.id, 'starting');
  await stack.restart('fcgi');
  const ended = await operation(begun.id);
  assert.equal(ended.state, 'succeeded', JSON.stringify(ended));
  assert.match(ended.detail, /web was stopped, and runs again/);
  assert.equal((await copyOf(ended)).operation, begun.id);
  assert.ok(await running('web'));
});

test('what can not be started again is said', async () => {
  assert.equal((await use('lost', 'small')).status, 201);
  const [{ image: { sha256: digest } }] = await history('lost');
  await stack.fault('stall-after-bytes block-dump 65536 1');
  const begun = await works(202, 'POST', at('small', '/copies'), { stop: true });
  await reaches(begun.id, 'reading');
  const file = path.join(stack.dir, 'state/images/admin', digest.slice(0, 2), digest);
  const kept = fs.readFileSync(file);
  fs.rmSync(file);
  await works(202, 'DELETE', `/operations/${begun.id}`);
  const ended = await operation(begun.id);
  fs.writeFileSync(file, kept);
  assert.equal(ended.state, 'failed');
  assert.match(ended.error.detail,
    /^lost WAS STOPPED AND COULD NOT BE STARTED AGAIN: .*has no image/);
});

test('one that is stopped is started again all the same', async () => {
  await stack.fault('stall-after-bytes block-dump 65536 1');
  const begun = await works(202, 'POST', at('busy', '/copies'), { stop: true });
  await reaches(begun.id, 'reading');
  await works(202, 'DELETE', `/operations/${begun.id}`);
  const ended = await operation(begun.id, 60);
  assert.equal(ended.state, 'cancelled', JSON.stringify(ended));
  assert.ok(await running('web'));
});

test('a failed restore puts back what was there', async () => {
  const { copy } = (await save('other')).result;
  const data = content();
  fill('data', data);
  await stack.fault('full-disk block-set 65536 1');
  const problem = (await refused(409, 'albatross-refused', /was put back/, 'POST',
    at('data', '/restore?wait=60'), { copy, safe: true }));
  assert.equal(problem.operation.result.content.sha256, sha256(data));
  assert.ok(held('data').equals(data));
  await stack.fault('full-disk block-set 65536 1');
  const gone = await refused(409, 'albatross-refused', /holds zeroes/, 'POST',
    at('data', '/restore?wait=60'), { copy });
  assert.equal(gone.operation.result.content.state, 'zeroes');
});

test('a restore does not push out the copy it puts back', async () => {
  const { copy } = (await save('other')).result;
  const again = async (id) => (await restore('other', { copy: id, safe: true }))
    .result.before;
  const oldest = await again(copy);
  await again(copy);
  await again(copy);
  await again(oldest);
  await works(200, 'GET', `/copies/${oldest}`);
});

test('no room for a copy: nothing of it stays, and what was stopped runs', async () => {
  await works(201, 'PUT', at('big'), { size: 8 });
  fill('big', randomBytes(8 * MB));
  assert.equal((await use('roomy', 'big')).status, 201);
  const before = (await copies()).length;
  const limit = (bytes) => execFileSync('prlimit',
    ['--pid', String(stack.pid('fcgi')), `--fsize=${bytes}`]);
  limit(`${6 * MB}:unlimited`);
  try {
    const problem = await refused(507, 'storage-full', /no room left/, 'POST',
      at('big', '/copies?wait=60'), { stop: true });
    assert.match(problem.operation.detail, /roomy was stopped, and runs again/);
  } finally {
    limit('unlimited:unlimited');
  }
  assert.ok(await running('roomy'));
  assert.equal((await copies()).length, before);
  assert.deepEqual(fs.readdirSync(path.join(stack.dir, 'state/incoming')), []);
  await save('big', { stop: true });
});

test('a damaged copy is refused before anything is touched', async () => {
  const made = await save('busy', { stop: true });
  const file = path.join(stack.dir, 'state/copies/admin', String(made.result.copy));
  const bytes = fs.readFileSync(file);
  bytes[bytes.length >> 1] ^= 1;
  fs.writeFileSync(file, bytes);
  const before = held('busy');
  const count = (await history('web')).length;
  await refused(422, 'digest-mismatch', /is damaged/, 'POST',
    at('busy', '/restore?wait=60'), { copy: made.result.copy, stop: true });
  assert.ok(held('busy').equals(before));
  assert.equal((await history('web')).length, count, 'nothing was stopped');
  await works(204, 'DELETE', `/copies/${made.result.copy}`);
  assert.ok(!fs.existsSync(file));
  await refused(404, 'not-found', null, 'GET', `/copies/${made.result.copy}`);
});

const settings = (more = {}) => ({ s3: { endpoint: store.url, region: 'test-1',
  bucket: 'volumes', prefix: 'mm', access_key: 'TESTACCESSKEY',
  secret_key: 'test/secret+key', path_style: true, ...more } });

test('an S3 store is set, and tried', async () => {
  await refused(422, 'invalid-input', null, 'POST', at('other', '/copies'),
    { place: 's3' });
  const put = (json) => works(200, 'PUT', '/settings/copies', json, admin);
  const shown = await put(settings());
  assert.equal(shown.s3.secret_key_set, true);
  assert.ok(!JSON.stringify(shown).includes('secret+key'));
  await works(204, 'POST', '/settings/copies/test', undefined, admin);
  // A secret key that is left out is kept; for another place it is not.
  await put(settings({ secret_key: undefined, prefix: 'mm/x' }));
  for (const prefix of ['', null])
    assert.equal((await put(settings({ prefix }))).s3.prefix, null);
  await refused(422, 'invalid-input', null, 'PUT', '/settings/copies', settings(
    { secret_key: undefined, access_key: 'OTHER' }), admin);
  await put(settings({ secret_key: 'wrong' }));
  await refused(502, 'store', /putting .* SignatureDoesNotMatch/, 'POST',
    '/settings/copies/test', undefined, admin);
  for (const endpoint of ['http://s3.example.org', 'https://u:p@s3.example.org',
    'https://s3.example.org/path'])
    await refused(422, 'invalid-input', null, 'PUT', '/settings/copies',
      settings({ endpoint }), admin);
  await put(settings());
});

test('copies go to the S3 store and come back', async () => {
  const data = content();
  fill('other', data);
  const copy = await copyOf(await save('other', { place: 's3' }));
  assert.equal(copy.place, 's3');
  const { objects } = await store.control('GET', 'state');
  assert.equal(objects.length, 1);
  assert.match(objects[0].key,
    new RegExp(`^mm/${stack.instance}/admin/other/\\d{8}T\\d{6}Z-\\w{8}\\.gz$`));
  assert.equal(objects[0].size, copy.stored);
  fill('other', content());
  await restore('other', { copy: copy.id });
  assert.ok(held('other').equals(data));

  const now = held('other');
  for (const [fault, status, code] of [['wrong', 422, 'digest-mismatch'],
    ['cut', 502, 'store'], ['status', 502, 'store']]) {
    await store.control('POST', 'fault', { method: 'GET', fault });
    await refused(status, code, null, 'POST', at('other', '/restore?wait=60'),
      { copy: copy.id });
  }
  assert.ok(held('other').equals(now), 'nothing was touched');
  await store.control('POST', 'fault', { method: 'PUT', fault: 'status' });
  await refused(502, 'store', /SlowDown/, 'POST', at('other', '/copies?wait=60'),
    { place: 's3' });
  await store.control('POST', 'fault', { method: 'PUT', fault: 'hang' });
  const slow = await works(202, 'POST', at('other', '/copies'), { place: 's3' });
  await reaches(slow.id, 'storing');
  await works(202, 'DELETE', `/operations/${slow.id}`);
  assert.equal((await operation(slow.id)).state, 'cancelled');
  await works(204, 'DELETE', `/copies/${copy.id}`);
  assert.deepEqual((await store.control('GET', 'state')).objects, []);
  assert.ok((await copies('&volume=other')).every((c) => c.place === 'local'));
});

test('they may take only so much room', async () => {
  await works(200, 'PUT', '/settings/copies', { ...settings(), local_max: 1 }, admin);
  await refused(507, 'storage-full', /1 MB together/, 'POST',
    at('other', '/copies?wait=60'), {});
  await works(200, 'PUT', '/settings/copies', settings(), admin);
  await save('other');
});

test('pages, newest first', async () => {
  const all = await copies();
  assert.ok(all.length > 4);
  const seen = [];
  for (let query = '?limit=2'; query;) {
    const page = await works(200, 'GET', `/copies${query}`);
    seen.push(...page.items.map((c) => c.id));
    query = page.next && `?limit=2&cursor=${page.next}`;
  }
  assert.deepEqual(seen, all.map((c) => c.id));
  assert.deepEqual(seen, [...seen].sort((a, b) => b - a));
});

/** {status, headers, body} of what is kept of a copy. */
const data = (id, headers, method) =>
  stack.read(`/copies/${id}/data`, { headers, method });

for (const place of ['local', 's3'])
  test(`what is kept can be had, in parts too (${place})`, async () => {
    const inside = content();
    fill('other', inside);
    const copy = await copyOf(await save('other', { place }));
    const all = await data(copy.id);
    assert.equal(all.status, 200);
    assert.equal(all.body.length, copy.stored);
    assert.ok(zlib.gunzipSync(all.body).equals(inside));
    assert.equal(all.headers.get('content-type'), 'application/gzip');
    assert.equal(all.headers.get('accept-ranges'), 'bytes');
    assert.equal(all.headers.get('x-content-sha256'), sha256(inside));
    assert.match(all.headers.get('content-disposition'),
      new RegExp(`"sandbox-admin-other-${copy.id}\\.gz"`));
    const etag = all.headers.get('etag');
    assert.equal(etag, `"${sha256(all.body)}"`);
    const head = await data(copy.id, {}, 'HEAD');
    assert.deepEqual([head.status, head.headers.get('content-length'),
      head.body.length], [200, String(copy.stored), 0]);
    assert.equal((await data(copy.id, { range: 'bytes=0-9' }, 'HEAD')).status, 200);

    const size = copy.stored;
    for (const [range, from, to] of [['0-99', 0, 99], ['1000-', 1000, size - 1],
      ['-10', size - 10, size - 1], [`5-${size + 5}`, 5, size - 1],
      [`-${size + 5}`, 0, size - 1]]) {
      const part = await data(copy.id, { range: `bytes=${range}` });
      assert.equal(part.status, 206, range);
      assert.equal(part.headers.get('content-range'), `bytes ${from}-${to}/${size}`);
      assert.ok(part.body.equals(all.body.subarray(from, to + 1)), range);
    }
    const same = { range: 'bytes=0-9', 'if-range': etag };
    assert.equal((await data(copy.id, same)).status, 206, 'If-Range');
    assert.equal((await data(copy.id, { ...same, 'if-range': '"x"' })).status, 200);
    for (const odd of ['bytes=9-1', 'bytes=a-b', 'bytes=0-1,3-4', 'lines=0-1',
      'bytes=-', 'bytes=99999999999999999999-'])
      assert.equal((await data(copy.id, { range: odd })).status, 200, odd);
    for (const range of [`bytes=${size}-`, 'bytes=-0']) {
      const none = await data(copy.id, { range });
      assert.equal(none.status, 416, range);
      assert.equal(none.headers.get('content-range'), `bytes */${size}`);
    }
    if (place === 's3') {
      await store.control('POST', 'fault', { method: 'GET', fault: 'cut', bytes: 700000 });
      await assert.rejects(data(copy.id), 'a cut is seen');
      await store.control('POST', 'fault', { method: 'GET', fault: 'status' });
      assert.equal((await data(copy.id)).status, 502);
    }
  });

const schedule = (json) => works(200, 'PUT', at('sched', '/schedule'), json, admin);
const scheduled = () => works(200, 'GET', at('sched', '/schedule'));

/** As if its time had come while the daemon did not run. */
const missed = () => stack.restart('fcgi', () => execFileSync(
  path.join(build, 'tests/api/due'), [path.join(stack.dir, 'state')]));

test('by themselves, and so many of them', async () => {
  await refused(404, 'not-found', null, 'GET', at('sched', '/schedule'));
  await refused(403, 'forbidden', null, 'PUT', at('sched', '/schedule'),
    { at: '03:00', keep: 2 });
  await refused(422, 'invalid-input', null, 'PUT', at('sched', '/schedule'),
    { at: '25:00', keep: 0, days: ['someday'] }, admin);
  const set = await schedule({ days: ['mon'], at: '03:00', keep: 2 });
  assert.deepEqual([set.days, set.at, set.keep, set.place, set.stop, set.paused,
    set.last, set.user], [['mon'], '03:00', 2, 'local', false, null, null, 'admin']);
  assert.ok(new Date(set.next) > new Date() && new Date(set.next).getUTCDay() === 1);
  const manual = (await save('sched')).result.copy;
  for (let last = 0, n = 1; n <= 3; n++) {
    await missed();
    last = await until(async () => {
      const { last: now } = await scheduled();
      return now?.result === 'saved' && now.copy > last && now.copy;
    }, `copy ${n}`);
  }
  await until(async () => (await copies('&volume=sched')).length === 3,
    'what is too much is removed');
  const found = await copies('&volume=sched');
  assert.deepEqual(found.map((c) => c.cause), ['scheduled', 'scheduled', 'manual']);
  assert.equal(found.at(-1).id, manual);
  const now = await scheduled();
  assert.equal(now.last.copy, found[0].id);
  assert.equal(now.next, set.next, 'made up for once');
});

test('what is in use fails, is told, and goes on', async () => {
  const holder = await use('holder', 'sched');
  assert.equal(holder.status, 201, holder.text);
  await missed();
  const failed = await until(async () => {
    const s = await scheduled();
    return s.last.result === 'failed' && s;
  }, 'it failed');
  assert.match(failed.last.detail, /holder/);
  assert.equal(failed.paused, null);
  await works(200, 'PUT', '/settings/copies', { s3: null }, admin);
  await schedule({ at: '03:00', keep: 1, stop: true, place: 's3' });
  await missed();
  await until(async () => /No S3 store is set/.test((await scheduled()).last.detail),
    'it is told why');
  await schedule({ at: '03:00', keep: 1, stop: true });
  await missed();
  await until(async () => (await scheduled()).last.result === 'saved', 'saved');
  assert.ok(await running('holder'));
});

test('without the permission it pauses and says so', async () => {
  await works(204, 'DELETE', stack.at('holder'));
  const bob = stack.addUser('bob');
  await stack.setRole(admin.headers, bob.email, 'deployer');
  const session = { token: null,
    headers: (await stack.signIn(bob.email, bob.password)).headers };
  const his = await works(200, 'PUT', at('sched', '/schedule'),
    { at: '03:00', keep: 1 }, session);
  assert.equal(his.user, 'bob');
  await stack.setRole(admin.headers, bob.email, null);
  await missed();
  const paused = await until(async () => {
    const s = await scheduled();
    return s.paused && s;
  }, 'it pauses');
  assert.match(paused.paused, /permission .* has ended.*set it again/);
  assert.equal(paused.next, null);
  await works(204, 'DELETE', at('sched', '/schedule'), undefined, admin);
});

// SPDX-License-Identifier: ISC
// The ways a deploy can fail. Whatever happens, at the end what ran before
// runs (untouched, or brought back), and the answer says why.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Stack, makeDir, makeImage, sleep, until } from './stack.mjs';

let stack, admin, image, other;
const digest = (data) => crypto.createHash('sha256').update(data).digest('hex');
const read = (...options) => fs.readFileSync(
  makeImage(stack.dir, `image-${crypto.randomUUID()}`, ...options));

before(async () => {
  stack = await Stack.start(makeDir('data'));
  admin = await stack.signIn();
  image = read('--target', 'spt', '--pad', '200000');
  await start('it');
});
after(() => stack.stop());

/** As an administrator. */
const manage = (method, where, json) => stack.ask(method, where,
  { token: null, headers: admin.headers, json });

/** How many unikernels the project may have. */
const policy = (unikernels) => manage('PUT',
  `/projects/${stack.project}/policies/${stack.instance}`, { unikernels,
    memory: 512, block: 64, cpus: [0, 1], bridges: ['service'] });

/** What runs before each attempt: the sample with 32 MB and a word. */
async function start(name) {
  const reply = await stack.deploy(name, stack.sample,
    '?memory=32&cpu=0&arg=--line=old');
  assert.ok(reply.status < 300, reply.text);
}

/** One attempt, with another image and other arguments. */
const put = (query = '', body = image, headers = {}) => stack.ask('PUT',
  `${stack.at('it')}?memory=40&arg=--line=new${query}` +
  (query.includes('wait=') ? '' : '&wait=60') +
  (query.includes('grace=') ? '' : '&grace=1'), { body, headers });

const stored = (sha256) => path.join(stack.dir, 'state/images', stack.project,
  sha256.slice(0, 2), sha256);
const now = async (name = 'it') =>
  (await stack.ask('GET', stack.at(name))).json;
const last = async (name = 'it') => (await stack.ask('GET',
  `${stack.at(name, '/deployments')}?limit=1`)).json.items[0];

async function oldRuns() {
  const u = await now();
  assert.equal(u.state, 'running', JSON.stringify(u));
  assert.equal(u.digest, digest(fs.readFileSync(stack.sample)));
  assert.deepEqual(u.config.arguments, ['--line=old']);
  assert.equal(u.config.memory, 32);
  return u;
}

/** A row of the table: what is done, the code, the words, the field. */
function row(what, how, code, { says, field, state, untouched } = {}) {
  test(what, async () => {
    const before = await oldRuns();
    const reply = await how();
    assert.ok(reply.status >= 400, `${reply.status} ${reply.text}`);
    assert.equal(reply.json.code, code, reply.text);
    assert.ok(reply.json.detail?.length > 10, reply.text);
    if (says) assert.match(reply.text, says);
    if (field) assert.ok(reply.json.errors?.some((e) => e.field === field),
      reply.text);
    const after = await oldRuns();
    if (untouched) assert.equal(after.started_at, before.started_at);
    if (state) {
      const d = await last();
      const told = d.because ? (await stack.ask('GET',
        `${stack.at('it', '/deployments')}?limit=2`)).json.items[1] : d;
      assert.equal(told.state, state, JSON.stringify(told));
      assert.equal(told.error.code, code);
      assert.ok(told.steps.every((s) => s.ms !== null && s.result));
    }
  });
}

// ---- refused: nothing was touched --------------------------------------

const refused = (what, how, code, more = {}) =>
  row(what, how, code, { state: 'refused', untouched: true, ...more });
const config = (json) => async () => {
  await stack.ask('POST', `/images?project=${stack.project}`, { body: image });
  return stack.change('PUT', stack.at('it'),
    { image: digest(image), config: { memory: 40, ...json } });
};

refused('no ELF at all', () => put('', Buffer.from('#!/bin/sh\n')),
  'bad-image', { field: 'image' });
refused('a truncated ELF', () => put('', image.subarray(0, 300)),
  'bad-image', { field: 'image' });
refused('an empty image', () => put('', Buffer.alloc(0)), 'bad-image');
refused('a target that albatross does not run',
  () => put('', read('--target', 'virtio')), 'bad-image');
refused('a manifest that asks for a network nobody gave it',
  () => put('', read('--target', 'spt', '--net', 'service')),
  'invalid-input', { says: /service/ });
refused('a network that the manifest does not ask for',
  () => put('&network=service'), 'invalid-input', { field: 'networks[0].name' });
refused('the same network twice',
  () => put('&network=service&network=service',
    read('--target', 'spt', '--net', 'service')), 'invalid-input');
refused('a bridge that the policy does not allow',
  () => put('&network=service:backbone',
    read('--target', 'spt', '--net', 'service')), 'policy-exceeded',
  { says: /backbone/ });
refused('a volume that is not there',
  () => put('&volume=data:none', read('--target', 'spt', '--block', 'data')),
  'invalid-input', { field: 'volumes[0].volume', says: /no volume none/ });
refused('more memory than the policy', config({ memory: 100000 }),
  'policy-exceeded', { field: 'memory' });
refused('a CPU that is not theirs', () => put('&cpu=99'), 'policy-exceeded');
refused('another digest than the one expected',
  () => put(`&digest=${'0'.repeat(64)}`), 'digest-mismatch',
  { field: 'digest' });
refused('create only, and it runs', () => put('', image,
  { 'if-none-match': '*' }), 'precondition-failed');
refused('everything at once, told at once', config({ memory: 100000,
  cpus: [99], networks: [{ name: 'service' }] }), 'policy-exceeded',
{ field: 'networks[0].name', says: /memory[\s\S]*cpus|cpus[\s\S]*memory/ });
refused('an instance that is not there when it is asked', async () => {
  await stack.fault('reset 1');
  return put();
}, 'instance-unreachable');
refused('a health check where it may not ask',
  () => put('&check=tcp://169.254.169.254:80'), 'invalid-input',
  { field: 'check.address' });

// Not even recorded: the request itself was wrong.
const wrong = (what, how, code, more = {}) =>
  row(what, how, code, { untouched: true, ...more });

wrong('an argument that is too long',
  config({ arguments: ['x'.repeat(5000)] }), 'invalid-input',
  { field: 'config.arguments[0]' });
wrong('an image that is not in the store', () => stack.change('PUT',
  stack.at('it'), { image: 'ab'.repeat(32) }), 'not-found');
wrong('somebody else was faster', () => put('', image,
  { 'if-match': '"99999"' }), 'precondition-failed');
wrong('a key nobody knows', () => put('&colour=blue'), 'invalid-input',
  { field: 'colour' });
wrong('a roll-back to a deployment that is not there', () => stack.change(
  'POST', stack.at('it', '/rollback'), { deployment: 4711 }),
'invalid-input', { field: 'deployment' });

test('as many unikernels as the policy allows', async () => {
  assert.equal((await policy(1)).status, 200);
  const reply = await stack.deploy('one-more');
  assert.equal(reply.status, 422, reply.text);
  assert.equal(reply.json.code, 'policy-exceeded');
  assert.ok(reply.json.errors.some((e) => e.field === 'name'), reply.text);
  // The one that is replaced does not count.
  const same = await stack.deploy('it', stack.sample,
    '?memory=32&cpu=0&arg=--line=old');
  assert.equal(same.status, 200, same.text);
  assert.equal((await policy(8)).status, 200);
  await oldRuns();
});

test('a volume in use by another', async () => {
  const body = read('--target', 'spt', '--block', 'data');
  const first = await stack.ask('PUT',
    `${stack.at('holder')}?memory=16&wait=60&grace=1&volume=data`, { body });
  assert.equal(first.status, 201, first.text);
  const reply = await put('&volume=data', body);
  assert.equal(reply.status, 422, reply.text);
  assert.match(reply.text, /the volume data is in use/);
  await oldRuns();
  await stack.ask('DELETE', stack.at('holder'));
});

// ---- it was started, and did not live: brought back ---------------------

const back = (what, how, code, more = {}) =>
  row(what, how, code, { state: 'rolled-back',
    says: /What ran before \(deployment \d+\) runs again/, ...more });
const exits = (way) => () => put(`&arg=--exit-after=0:${way}`);

for (const way of ['0', '1', '2', '64', '255', 'signal'])
  back(`exits at once with ${way}`, exits(way), 'exited',
    { says: /ended at once/ });
back('exits within the grace time', () => put('&grace=3&arg=--exit-after=1:9'),
  'exited');
back('ends and is started again and again',
  () => put('&grace=3&fail_behaviour=restart&arg=--exit-after=0:3'), 'exited');
back('is created, and gone before anybody looks', async () => {
  await stack.fault('exit-at-once create 1');
  return put();
}, 'exited');
back('albatross kills the old one and then can not start the new one',
  async () => {
    await stack.fault('fail-create create 1');
    return put();
  }, 'albatross-refused', { says: /interface service does not exist/ });
back('a restart that ends at once', () => stack.change('POST',
  stack.at('it', '/restart'), { arguments: ['--exit-after=0:3'] }), 'exited');

test('health checks: addresses for these tests', async () => {
  const reply = await manage('PUT', '/settings/health-checks',
    { allowed: ['127.0.0.1/32'] });
  assert.equal(reply.status, 200, reply.text);
});
back('a health check that nobody answers',
  () => put('&check=tcp://127.0.0.1:1'), 'unhealthy', { says: /refused/ });
back('a health check that says no', async () => {
  const server = http.createServer((_, reply) => {
    reply.statusCode = 503;
    reply.end('no');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await stack.ask('POST', `/images?project=${stack.project}`, { body: image });
  const reply = await stack.change('PUT', stack.at('it'), {
    image: digest(image), config: { memory: 40 },
    check: { type: 'http', address: '127.0.0.1', port, retries: 1 } });
  server.close();
  return reply;
}, 'unhealthy', { says: /503/ });

// ---- the way to albatross breaks ----------------------------------------

const failed = (what, fault, code, more = {}) => row(what, async () => {
  await stack.fault(fault);
  return put();
}, code, { state: 'failed', ...more });

failed('the connection is cut before the command',
  'break-before-command create 1', 'instance-outcome-unknown',
  { untouched: true, says: /was not touched/ });
failed('the connection is cut in the upload', 'break-upload create 1',
  'instance-outcome-unknown', { untouched: true, says: /was not touched/ });
failed('the daemon behind the endpoint is down', 'daemon-down create 1',
  'instance-daemon-down', { untouched: true, says: /was not touched/ });
for (const fault of ['break-after-command', 'garbage-frame', 'absurd-length'])
  test(`${fault}: only the answer is lost, so it is found running`, async () => {
    await oldRuns();
    await stack.fault(`${fault} create 1`);
    const reply = await put();
    assert.equal(reply.status, 200, reply.text);
    assert.equal((await now()).config.memory, 40);
    await start('it');
  });

test('what runs can not be saved: it is not touched', async () => {
  const before = await oldRuns();
  fs.rmSync(stored(before.digest));
  await stack.fault('break-before-command unikernel-get 1');
  const reply = await put();
  assert.ok(reply.status >= 400, reply.text);
  assert.match(reply.json.detail, /restored/);
  assert.equal((await oldRuns()).started_at, before.started_at);
});

back('and its image is fetched from albatross to go back to',
  exits('1'), 'exited');

// ---- albatross or a daemon of ours ends in between ----------------------

/** Begins a deploy and returns once it is in that state: its id. */
async function begin(state, query = '') {
  const reply = await put(`${query}&wait=1`);
  assert.equal(reply.status, 202, reply.text);
  const { id } = reply.json;
  await until(async () =>
    (await stack.ask('GET', `/deployments/${id}`)).json.state === state, state);
  return id;
}

const ended = (id) => until(async () => {
  const { json } = await stack.ask('GET', `/deployments/${id}`);
  return json.final ? json : null;
}, 'its end', 60000);

/** What becomes of it when a program is killed in that state. */
function kill(what, program, state, fault, end, query) {
  test(`${program} is killed: ${what}`, async () => {
    await oldRuns();
    if (fault) await stack.fault(fault);
    const id = await begin(state, query);
    // Long enough to be missed, when it is albatross.
    await stack.restart(program, () => sleep(1500));
    const d = await ended(id);
    assert.equal(d.state, end, JSON.stringify(d));
    if (end === 'running') {
      assert.deepEqual((await now()).config.arguments, ['--line=new']);
      await start('it');
    } else {
      assert.ok(d.error.detail.length > 10);
      await oldRuns();
    }
  });
}

kill('before albatross did anything', 'fcgi', 'creating',
  'stall-before create 1', 'running');
kill('after albatross did it', 'fcgi', 'creating', 'stall-after create 1',
  'running');
kill('before albatross did anything', 'sandbox', 'creating',
  'stall-before create 1', 'failed');
kill('after albatross did it', 'sandbox', 'creating', 'stall-after create 1',
  'running');
for (const program of ['fcgi', 'auth', 'sandbox'])
  kill('while it is watched', program, 'watching', '', 'running', '&grace=4');
for (const program of ['fcgi', 'auth', 'sandbox'])
  kill('while it is rolled back', program, 'rolling-back', '', 'rolled-back',
    '&grace=4&arg=--exit-after=0:7');

for (const fault of ['daemon-down', 'break-before-command'])
  test(`going back is tried again: ${fault}`, async () => {
    await oldRuns();
    const id = await begin('watching', '&grace=6&arg=--exit-after=3:7');
    await stack.fault(`${fault} create 1`);
    const d = await ended(id);
    assert.equal(d.state, 'rolled-back', JSON.stringify(d));
    await oldRuns();
  });

test('fcgi is killed: while it waits for its turn', async () => {
  await oldRuns();
  assert.equal((await policy(32)).status, 200);
  // As many as are carried out at a time, all of them being watched.
  const body = fs.readFileSync(stack.sample);
  const others = await Promise.all(Array.from({ length: 16 }, (_, i) =>
    stack.ask('PUT', `${stack.at(`other-${i}`)}?memory=4&grace=12`, { body })));
  for (const reply of others) assert.equal(reply.status, 202, reply.text);
  const id = await begin('validated');
  await stack.restart('fcgi');
  assert.equal((await ended(id)).state, 'running');
  for (const { json } of others)
    assert.equal((await ended(json.id)).state, 'running');
  for (const { json } of others)
    assert.equal((await stack.ask('DELETE', stack.at(json.name))).status, 204);
  await start('it');
});

test('fcgi is killed: while what runs is saved', async () => {
  const before = await oldRuns();
  fs.rmSync(stored(before.digest));
  await stack.fault('stall-before unikernel-get 1');
  const id = await begin('saving');
  await stack.restart('fcgi');
  const d = await ended(id);
  assert.equal(d.state, 'running', JSON.stringify(d));
  assert.ok(fs.existsSync(stored(before.digest)));
  await start('it');
});

test('fcgi is killed: while it is checked, so nothing was touched', async () => {
  const before = await oldRuns();
  await stack.fault('stall-before unikernel-info 1');
  const asking = put().catch(() => null);
  const { id } = await until(async () => {
    const d = await last();
    return d.state === 'received' ? d : null;
  }, 'received');
  await stack.restart('fcgi');
  await asking;
  const d = await ended(id);
  assert.equal(d.state, 'refused', JSON.stringify(d));
  assert.match(d.error.detail, /before anything was touched/);
  assert.equal((await oldRuns()).started_at, before.started_at);
});

// ---- the disk is full ---------------------------------------------------

test('no room for the image: 507, and nothing is lost', async () => {
  const before = await oldRuns();
  const limit = (bytes) => execFileSync('prlimit',
    ['--pid', String(stack.pid('fcgi')), `--fsize=${bytes}`]);
  limit('50000:unlimited');
  try {
    const reply = await put();
    assert.equal(reply.status, 507, reply.text);
    assert.equal(reply.json.code, 'storage-full');
  } finally {
    limit('unlimited:unlimited');
  }
  assert.equal((await oldRuns()).started_at, before.started_at);
  const incoming = fs.readdirSync(path.join(stack.dir, 'state/incoming'));
  assert.deepEqual(incoming, []);
});

// ---- nothing ran before -------------------------------------------------

test('a first deploy that fails leaves nothing behind', async () => {
  const reply = await stack.deploy('fresh', stack.sample,
    '?memory=16&check=tcp://127.0.0.1:1');
  assert.equal(reply.status, 409, reply.text);
  assert.match(reply.json.detail, /taken away again/);
  assert.equal((await now('fresh')).state, 'stopped');
});

for (const fault of ['daemon-down', 'break-after-command'])
  test(`so does one that is hard to take away: ${fault}`, async () => {
    await stack.fault(`${fault} unikernel-destroy 1`);
    const reply = await stack.deploy('fresh', stack.sample,
      '?memory=16&check=tcp://127.0.0.1:1');
    assert.equal(reply.status, 409, reply.text);
    assert.match(reply.json.detail, /taken away again|As before, nothing runs/);
    assert.equal((await now('fresh')).state, 'stopped');
  });

test('without roll-back it is left as it is, and said so', async () => {
  await start('left');
  const reply = await stack.deploy('left', stack.sample,
    '?memory=16&auto_rollback=false&arg=--exit-after=0:1');
  assert.equal(reply.status, 409, reply.text);
  assert.equal((await last('left')).state, 'failed');
  assert.equal((await now('left')).state, 'stopped');
});

test('when going back fails too, that is said loudly', async () => {
  await start('loud');
  await stack.fault('fail-create create 2');
  const reply = await stack.deploy('loud', stack.sample, '?memory=16');
  await sleep(100);
  assert.equal(reply.status, 409, reply.text);
  assert.match(reply.json.detail, /GOING BACK FAILED TOO/);
  assert.match(reply.json.detail, /Now no loud runs/);
});

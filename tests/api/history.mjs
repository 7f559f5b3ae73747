// SPDX-License-Identifier: ISC
// Deployments one after the other and at the same time: their history, going
// back, and asking again.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { Stack, events, makeDir, makeImage, sleep, until } from './stack.mjs';

let stack, admin;
before(async () => {
  stack = await Stack.start(makeDir('root'));
  admin = await stack.signIn();
});
after(() => stack.stop());

const digest = (data) => crypto.createHash('sha256').update(data).digest('hex');
const history = async (name) => (await stack.ask('GET',
  `${stack.at(name, '/deployments')}?limit=100`)).json.items;
const manage = (method, where, json) => stack.ask(method, where,
  { token: null, headers: admin.headers, json });

// What the peer loses on such a way: CPUs, "restart on any exit code", more.
const configs = [
  { memory: 20, cpus: [0, 1], fail_behaviour: 'restart', exit_codes: [] },
  { memory: 21, cpus: [1], fail_behaviour: 'restart', exit_codes: [2, 9],
    arguments: ['--line=a "b" \\c', 'ünï ☃', ''] },
  { memory: 22, startup: 0, add_name: false },
  { memory: 23, startup: 100, networks: [{ name: 'service',
    bridge: 'private', mac: '00:80:41:0a:0b:0c' }] },
  { memory: 24, fail_behaviour: 'quit', arguments: ['--x'] },
  { memory: 25 },
];
const images = [];

test('six deployments, each with an image and a configuration of its own',
  async () => {
    for (const [i, config] of configs.entries()) {
      const nets = config.networks ? ['--net', 'service'] : [];
      images[i] = fs.readFileSync(makeImage(stack.dir, `step${i}.spt`,
        '--target', 'spt', '--pad', String(1000 + i), ...nets));
      await stack.ask('POST', `/images?project=${stack.project}`,
        { body: images[i] });
      const reply = await stack.change('PUT', stack.at('steps'), {
        image: digest(images[i]), config, link: `https://ci.example.org/${i}` });
      assert.equal(reply.status, i === 0 ? 201 : 200, reply.text);
      assert.equal(reply.json.number, i + 1);
      assert.equal(reply.json.link, `https://ci.example.org/${i}`);
    }
    const items = await history('steps');
    assert.deepEqual(items.map((d) => d.number), [6, 5, 4, 3, 2, 1]);
    assert.deepEqual(items.map((d) => d.current),
      [true, false, false, false, false, false]);
    assert.ok(items[0].changes.some((c) => c.field === 'memory' &&
      c.from === 24 && c.to === 25));
    assert.ok(items.every((d) => d.by.name === 'admin' && d.by.token));
  });

test('rolling back five steps restores each, byte for byte', async () => {
  const before = await history('steps');
  for (let step = 5; step >= 1; step--) {
    const reply = await stack.change('POST', stack.at('steps', '/rollback'),
      { deployment: step });
    assert.equal(reply.status, 200, reply.text);
    assert.equal(reply.json.source, 'rollback');
    assert.equal(reply.json.of, step);
    const was = before.find((d) => d.number === step);
    assert.equal(JSON.stringify(reply.json.config), JSON.stringify(was.config));
    assert.equal(reply.json.image.sha256, was.image.sha256);
    const now = (await stack.ask('GET', stack.at('steps'))).json;
    assert.equal(now.digest, digest(images[step - 1]));
    for (const [key, value] of Object.entries(configs[step - 1])) {
      if (key === 'add_name') continue;	// albatross does not tell it
      assert.deepEqual(now.config[key], value, key);
    }
    const binary = await stack.read(stack.at('steps', '/image'));
    assert.equal(digest(binary.body), now.digest);
  }
});

test('without a number it goes to the one that ran before', async () => {
  const reply = await stack.change('POST', stack.at('steps', '/rollback'));
  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.json.of, reply.json.previous - 1);
});

test('a restart keeps what is not named', async () => {
  const back = await stack.change('POST', stack.at('steps', '/rollback'),
    { deployment: 1 });
  assert.equal(back.status, 200, back.text);
  const reply = await stack.change('POST', stack.at('steps', '/restart'),
    { memory: 30 });
  assert.equal(reply.status, 200, reply.text);
  const { config } = (await stack.ask('GET', stack.at('steps'))).json;
  assert.deepEqual([config.memory, config.cpus, config.fail_behaviour,
    config.exit_codes], [30, [0, 1], 'restart', []]);
});

test('the history comes in pages', async () => {
  const found = [];
  for (let cursor = ''; cursor !== null;) {
    const { json } = await stack.ask('GET',
      `${stack.at('steps', '/deployments')}?limit=4` +
      (cursor && `&cursor=${encodeURIComponent(cursor)}`));
    found.push(...json.items.map((d) => d.number));
    cursor = json.next;
  }
  assert.deepEqual(found, (await history('steps')).map((d) => d.number));
});

test('without waiting the answer is 202, and the deployment can be followed',
  async () => {
    const reply = await stack.ask('PUT', `${stack.at('live')}?memory=16&grace=1`,
      { body: fs.readFileSync(stack.sample) });
    assert.equal(reply.status, 202, reply.text);
    const where = reply.headers.get('location').replace('/api/v1', '');
    const found = await events(stack, where, (list) => list.at(-1)?.data.final);
    assert.ok(found.every((e) => e.event === 'deployment'));
    assert.equal(found.at(-1).data.state, 'running');
    assert.ok(new Set(found.map((e) => e.data.state)).size >= 2);
    const one = await stack.ask('GET', where);
    assert.deepEqual(one.json.steps.map((s) => s.step),
      ['received', 'validated', 'saving', 'creating', 'watching']);
  });

test('a dry run tells what would be, and leaves no trace', async () => {
  const reply = await stack.deploy('live', stack.sample,
    '?memory=17&dry_run=1');
  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.json.valid, true);
  assert.equal(reply.json.replaces, true);
  assert.equal(reply.json.config.memory, 17);
  assert.equal(reply.json.config.cpus.length, 1);
  assert.equal((await history('live')).length, 1);
  const bad = await stack.deploy('live', stack.sample,
    '?memory=99999&cpu=99&dry_run=1');
  assert.equal(bad.status, 422);
  assert.equal(bad.json.errors.length, 2, bad.text);
  assert.equal((await history('live')).length, 1);
});

test('without a CPU the one that is used least is taken', async () => {
  const load = async () => {
    const { items } = (await stack.ask('GET', '/unikernels')).json;
    return [0, 1].map((cpu) => items.filter((u) =>
      u.name !== 'idle' && u.config.cpus.includes(cpu)).length);
  };
  for (const busy of [0, 1]) {
    for (const name of ['busy-1', 'busy-2', 'busy-3'])
      assert.ok((await stack.deploy(name, stack.sample,
        `?memory=8&cpu=${busy}`)).status < 300);
    const [zero, one] = await load();
    assert.ok(busy === 0 ? zero > one : one > zero, `${zero} ${one}`);
    const reply = await stack.deploy('idle', stack.sample, '?memory=8');
    assert.deepEqual(reply.json.config.cpus, [1 - busy], reply.text);
  }
  for (const name of ['busy-1', 'busy-2', 'busy-3', 'idle'])
    await stack.ask('DELETE', stack.at(name));
});

test('one at a time: the second is told which is under way', async () => {
  const body = fs.readFileSync(stack.sample);
  const first = await stack.ask('PUT', `${stack.at('live')}?memory=18&grace=2`,
    { body });
  assert.equal(first.status, 202, first.text);
  for (const [method, rest] of [['PUT', '?memory=19'], ['POST', '/restart'],
    ['POST', '/rollback'], ['DELETE', '']]) {
    const reply = await stack.ask(method, stack.at('live') + rest,
      method === 'PUT' ? { body } : {});
    assert.equal(reply.status, 409, `${method} ${reply.text}`);
    if (method !== 'DELETE')
      assert.equal(reply.json.deployment.id, first.json.id);
  }
  await until(async () => (await stack.ask('GET',
    `/deployments/${first.json.id}`)).json.final, 'its end');
});

test('If-Match: only if nobody was faster', async () => {
  const { headers } = await stack.ask('GET', stack.at('live'));
  const etag = headers.get('etag');
  assert.equal((await stack.deploy('live', stack.sample, '?memory=20',
    { 'if-match': etag })).status, 200);
  const late = await stack.deploy('live', stack.sample, '?memory=21',
    { 'if-match': etag });
  assert.equal(late.status, 412, late.text);
  assert.equal((await stack.deploy('live', stack.sample, '?memory=21',
    { 'if-match': 'nonsense' })).status, 400);
});

test('Idempotency-Key: the same again is the same deployment', async () => {
  const headers = { 'idempotency-key': 'run-17' };
  const first = await stack.deploy('live', stack.sample, '?memory=22', headers);
  assert.equal(first.status, 200, first.text);
  const again = await stack.deploy('live', stack.sample, '?memory=22', headers);
  assert.equal(again.status, 200, again.text);
  assert.equal(again.json.id, first.json.id);
  const other = await stack.deploy('live', stack.sample, '?memory=23', headers);
  assert.equal(other.status, 422, other.text);
  assert.equal((await stack.ask('GET', stack.at('live'))).json.config.memory, 22);
});

test('a foreign deployment does not exist', async () => {
  const [{ id }] = await history('live');
  const user = stack.addUser('eve');
  const eve = await stack.signIn(user.email, user.password);
  for (const where of [`/deployments/${id}`, '/deployments/99999',
    '/deployments/x', stack.at('live', '/deployments'),
    stack.at('live', '/health-check')])
    assert.equal((await stack.ask('GET', where,
      { token: null, headers: eve.headers })).status, 404, where);
});

test('a check is asked at its interval: healthy, failing, healthy again',
  async () => {
    let status = 200;
    const server = http.createServer((_, reply) => {
      reply.statusCode = status;
      reply.end('fine');
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    const check = { type: 'http', address: '127.0.0.1',
      port: server.address().port, body: 'fine', interval: 10, retries: 0 };
    const put = () => stack.ask('PUT', stack.at('live', '/health-check'),
      { json: check });
    const refused = await put();
    assert.equal(refused.status, 422, refused.text);
    assert.equal(refused.json.errors[0].field, 'address');
    assert.equal((await manage('PUT', '/settings/health-checks',
      { allowed: ['127.0.0.0/8'] })).status, 200);
    assert.equal((await put()).status, 200);
    const state = (want) => until(async () => (await stack.ask('GET',
      stack.at('live', '/health-check'))).json.health.state === want, want,
    30000);
    await state('healthy');
    status = 500;
    await state('failing');
    status = 200;
    await state('healthy');
    server.close();
    const { json } = await stack.ask('GET', stack.at('live', '/health-check'));
    assert.ok(json.health.history.length >= 3);
    assert.ok(json.health.history.some((h) => !h.ok && /500/.test(h.detail)));
    assert.equal((await stack.ask('GET', stack.at('live'))).json.health.state,
      'healthy');
    assert.equal((await stack.ask('DELETE',
      stack.at('live', '/health-check'))).status, 204);
    assert.equal((await stack.ask('GET',
      stack.at('live', '/health-check'))).status, 404);
  });

test('who runs a unikernel without us is saved before it is replaced',
  async () => {
    // As if another tool had deployed it: our memory of it is gone.
    const old = (await stack.ask('GET', stack.at('live'))).json;
    await sleep(10);
    const reply = await stack.deploy('live', stack.sample,
      '?memory=33&arg=--exit-after=0:1');
    assert.equal(reply.status, 409, reply.text);
    const now = (await stack.ask('GET', stack.at('live'))).json;
    assert.deepEqual(now.config, old.config);
  });

test('who does not know --name is started once more without it, and runs',
  async () => {
    for (let i = 0; i < 3; i++) {
      const reply = await stack.deploy('nameless', stack.sample,
        `?memory=${16 + i}&grace=2&arg=--refuse-name`);
      assert.ok(reply.status < 300, reply.text);
    }
    assert.equal((await stack.ask('DELETE', stack.at('nameless'))).status, 204);
  });

test('BHyve boots from a volume, without an image', async () => {
  const bhyve = (config) => stack.change('PUT', stack.at('bsd'), { config:
    { type: 'bhyve', memory: 64, vcpus: 2, ...config } });
  const bad = await bhyve({ volumes: [{ name: 'disk', volume: 'root' }] });
  assert.equal(bad.status, 422, bad.text);
  const reply = await bhyve({ volumes: [{ name: '0', volume: 'root' }] });
  assert.equal(reply.status, 201, reply.text);
  assert.equal(reply.json.image, null);
  const again = await bhyve({ memory: 80, volumes: [{ name: '0',
    volume: 'root' }] });
  assert.equal(again.status, 200, again.text);
  const back = await stack.change('POST', stack.at('bsd', '/rollback'));
  assert.equal(back.status, 200, back.text);
  const now = (await stack.ask('GET', stack.at('bsd'))).json;
  assert.deepEqual([now.config.type, now.config.memory, now.config.vcpus],
    ['bhyve', 64, 2]);
});

test('fifty deployments at the same time to fifty names', async () => {
  const policy = await manage('PUT',
    `/projects/${stack.project}/policies/${stack.instance}`,
    { unikernels: 64, memory: 512, block: 64, cpus: [0, 1],
      bridges: ['service', 'private'] });
  assert.equal(policy.status, 200, policy.text);
  const body = fs.readFileSync(stack.sample);
  const names = Array.from({ length: 50 }, (_, i) => `many-${i}`);
  const replies = await Promise.all(names.map((name, i) => stack.ask('PUT',
    `${stack.at(name)}?memory=4&wait=120&grace=1&arg=--line=${i}`, { body })));
  for (const reply of replies) assert.equal(reply.status, 201, reply.text);
  const { items } = (await stack.ask('GET', '/unikernels?q=many-')).json;
  assert.equal(items.length, 50);
  for (const u of items)
    assert.deepEqual(u.config.arguments, [`--line=${u.name.slice(5)}`]);
});

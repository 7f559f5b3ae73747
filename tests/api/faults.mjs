// SPDX-License-Identifier: ISC
// What breaks: an instance that is down, stalls or lies; a daemon that dies.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Stack, events, sleep, until } from './stack.mjs';

let stack, admin;
before(async () => {
  stack = await Stack.start();
  admin = await stack.signIn();
  assert.equal((await stack.deploy('keep')).status, 201);
});
after(() => stack.stop());

const probe = () => stack.ask('POST', `/instances/${stack.instance}/probe`,
  { token: null, headers: admin.headers });

// What the fault does to a probe, and the code it is told as.
const cases = [
  ['refuse', 'instance-unreachable'],
  ['reset', /^instance-/],
  ['garbage-frame', 'instance-incompatible'],
  ['absurd-length', 'instance-incompatible'],
  ['wrong-cert', 'instance-certificate'],
  ['expired-cert', 'instance-certificate'],
  ['daemon-down', 'instance-daemon-down'],
];

for (const [fault, code] of cases) {
  test(`${fault} is told as it is, and is over when it is over`, async () => {
    await stack.fault(fault);
    try {
      const reply = await probe();
      assert.equal(reply.status, 200, reply.text);
      assert.equal(reply.json.health.status, 'down');
      assert.match(reply.json.health.error.code,
        code instanceof RegExp ? code : new RegExp(`^${code}$`));
      const list = await stack.ask('GET', '/unikernels');
      assert.equal(list.status, 200);
      assert.equal(list.json.errors.length, 1, list.text);
      assert.equal(list.json.errors[0].instance, stack.instance);
      assert.ok(list.json.errors[0].code && list.json.errors[0].title);
      const one = await stack.ask('GET', stack.at('keep'));
      assert.ok([502, 504].includes(one.status), one.text);
      assert.match(one.json.instance, new RegExp(stack.instance));
    } finally {
      await stack.fault('none');
    }
    const healed = await probe();
    // It comes and goes a good deal here.
    assert.match(healed.json.health.status, /^(up|degraded)$/, healed.text);
    assert.equal(healed.json.health.level, '2.7');
  });
}

test('an answer one byte at a time is an answer', async () => {
  await stack.fault('byte-by-byte');
  try {
    const reply = await probe();
    assert.match(reply.json.health.status, /^(up|degraded)$/, reply.text);
  } finally {
    await stack.fault('none');
  }
});

test('a stalled instance holds nobody up but those who ask it', async () => {
  await stack.fault('stall-after');
  try {
    const slow = stack.ask('GET', stack.at('keep'));
    const start = Date.now();
    const whoami = await stack.ask('GET', '/session');
    assert.equal(whoami.status, 200);
    assert.ok(Date.now() - start < 3000);
    const reply = await slow;
    assert.equal(reply.status, 504, reply.text);
    assert.equal(reply.json.code, 'instance-timeout');
  } finally {
    await stack.fault('none');
  }
  await until(async () => /^(up|degraded)$/.test(
    (await probe()).json.health.status), 'up');
});

test('a server that dies in a deploy is waited for, and then looked at',
  async () => {
    const box = await stack.addSandbox('frail');
    const where = `/unikernels/frail/${stack.project}/it`;
    const put = `${where}?wait=60&grace=1`;
    const body = fs.readFileSync(stack.sample);
    assert.equal((await stack.ask('PUT', put, { body })).status, 201);
    await box.fault('slow-disk 3000');
    const deploying = stack.ask('PUT', `${put}&memory=40`, { body });
    await sleep(1500);
    await box.kill();
    const list = await until(async () => {
      const reply = await stack.ask('GET', '/unikernels');
      return reply.json.errors.length > 0 && reply;
    }, 'it is told');
    assert.deepEqual(list.json.errors.map((e) => e.instance), ['frail']);
    assert.ok(list.json.items.some((u) => u.name === 'keep'));
    await box.start();
    const reply = await deploying;
    assert.ok([200, 502].includes(reply.status), reply.text);
    const { items } = (await stack.ask('GET',
      `${where}/deployments`)).json;
    assert.ok(items.every((d) => d.final), JSON.stringify(items));
    const again = await stack.ask('PUT', put, { body });
    assert.ok([200, 201].includes(again.status), again.text);
  });

test('a log goes on when its server was restarted, without doubles',
  async () => {
    const box = await stack.addSandbox('again');
    const where = `/unikernels/again/${stack.project}/it`;
    const body = fs.readFileSync(stack.sample);
    assert.equal((await stack.ask('PUT', `${where}?wait=60&grace=1`,
      { body })).status, 201);
    let ended = false;
    const reading = events(stack, `${where}/console?lines=1`, (found) => {
      const last = found.findLastIndex((e) => e.event === 'end');
      ended = last >= 0;
      return ended && found.slice(last).filter((e) => e.event === 'line')
        .length >= 3;
    }, { ms: 60000 });
    await sleep(1500);
    await box.kill();
    await until(() => ended, 'its end is told');
    await box.start();
    const found = (await reading).filter((e) => e.event === 'line');
    const texts = found.map((e) => `${e.data.time} ${e.data.line}`);
    assert.equal(new Set(texts).size, texts.length);
    assert.equal(new Set(found.map((e) => e.id)).size, found.length);
  });

const halfAnUpload = (name) => stack.speak(
  [`PUT /api/v1${stack.at(name)}?memory=32 HTTP/1.1`, 'Content-Length: 30000000'],
  Buffer.alloc(5000000)).socket;

test('killing mollymawk-fcgi in an upload leaves nothing half done', async () => {
  const here = `/unikernels?instance=${stack.instance}`;
  const before = await stack.ask('GET', here);
  const socket = halfAnUpload('half');
  await sleep(700);
  process.kill(stack.pid('fcgi'), 'SIGKILL');
  await stack.ended;
  socket.destroy();
  // The same state, started again.
  const again = await Stack.start(stack.dir);
  stack = again;
  admin = await stack.signIn();
  const list = await stack.ask('GET', here);
  assert.deepEqual(list.json.items.map((u) => u.name),
    before.json.items.map((u) => u.name));
  const files = fs.readdirSync(path.join(stack.dir, 'state'),
    { recursive: true, withFileTypes: true }).filter((f) => f.isFile() &&
    !/state\/(logs|metrics)(\/|$)/.test(f.path));
  for (const file of files)
    assert.match(file.name, /^[0-9a-f]{64}$|^mollymawk\.db/, file.name);
});

test('without the authority nothing is allowed, and it recovers', async () => {
  process.kill(stack.pid('auth'), 'SIGSTOP');
  try {
    const control = new AbortController();
    const asking = stack.ask('GET', '/unikernels', { signal: control.signal });
    const early = await Promise.race([asking, sleep(1500)]);
    assert.equal(early, undefined);
    control.abort();
    await asking.catch(() => {});
    const alive = await stack.ask('GET', '/healthz', { token: null });
    assert.equal(alive.status, 200);
  } finally {
    process.kill(stack.pid('auth'), 'SIGCONT');
  }
  await until(async () => (await stack.ask('GET', '/unikernels')).status === 200,
    'it answers again');
});

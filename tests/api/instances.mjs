// SPDX-License-Identifier: ISC
// Instances: how each does, how often it is asked, and what is shown of what
// runs on one that is out of reach.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { Stack, hear, sleep, until } from './stack.mjs';

let stack, admin;
before(async () => {
  stack = await Stack.start();
  admin = await stack.signIn();
  assert.equal((await stack.deploy('here')).status, 201);
});
after(() => stack.stop());

const list = async () => {
  const reply = await stack.ask('GET', '/unikernels');
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
};
const item = async (name) => (await list()).items.find((u) => u.name === name);
const health = async (name = stack.instance, options) =>
  (await stack.ask('GET', `/instances/${name}/health`, options)).json;
const asAdmin = () => ({ token: null, headers: admin.headers });

test('an instance out of reach: what it had is unknown, others are not',
  async () => {
    const box = await stack.addSandbox('frail');
    const where = `/unikernels/frail/${stack.project}/it`;
    const body = fs.readFileSync(stack.sample);
    assert.equal((await stack.ask('PUT', `${where}?wait=60&grace=1`,
      { body })).status, 201);
    const u = await item('it');
    assert.equal(u.state, 'running');
    const told = await hear(stack, 'states,instances');
    await box.kill();
    const lost = await until(async () => {
      const found = await list();
      return found.errors.length > 0 && found;
    }, 'it is told');
    assert.equal(lost.errors[0].instance, 'frail');
    assert.equal(lost.errors[0].code, 'instance-unreachable');
    const as = (name) => lost.items.find((i) => i.name === name);
    assert.equal(as('it').state, 'unknown');
    assert.deepEqual({ ...as('it'), state: 'running' }, u);
    assert.equal(as('here').state, 'running');
    assert.deepEqual(lost.instances.map((i) => [i.name, i.status]),
      [['frail', 'down'], [stack.instance, 'up']]);
    const down = await health('frail', asAdmin());
    assert.equal(down.status, 'down');
    assert.equal(down.error.category, 'network');
    assert.equal(down.outages[0].until, null);
    assert.equal(down.outages[0].code, 'instance-unreachable');
    assert.equal(down.checks[0].ok, false);
    assert.notEqual(down.checks[0].detail, null);
    // Who is waited for is told; lists do not wait for it again and again.
    const start = Date.now();
    for (let i = 0; i < 5; i++) await list();
    assert.ok(Date.now() - start < 10000);
    await box.start();
    await until(async () => (await item('it')).state === 'running', 'back');
    assert.deepEqual((await list()).errors, []);
    const up = await health('frail');
    assert.match(up.status, /^(up|degraded)$/);
    assert.equal(up.error, null);
    assert.ok(up.outages[0].until > up.outages[0].since);
    assert.ok(up.availability > 0 && up.availability < 1);
    assert.ok(up.latency.p50 > 0 && up.latency.p95 >= up.latency.p50);
    const statuses = () => told.heard.filter((e) => e.event === 'instance' &&
      e.data.item.name === 'frail').map((e) => e.data.item.health.status);
    await until(() => /^(up|degraded)$/.test(statuses().at(-1)), 'it is told');
    assert.equal(statuses()[0], 'down');
    assert.deepEqual(told.of('it').map((d) => [d.change, d.item.state]),
      [['changed', 'unknown'], ['restarted', 'running']]);
    await told.stop();
    await box.kill();
    assert.equal((await stack.ask('DELETE', '/instances/frail',
      asAdmin())).status, 204);
    const left = await list();
    assert.ok(!left.items.some((i) => i.instance === 'frail'));
    assert.deepEqual(left.instances.map((i) => i.name), [stack.instance]);
  });

test('how many run on it, and why it did not answer, administrators see',
  async () => {
    const { token } = await someone('ann');
    const here = await health(stack.instance, { token });
    assert.equal(here.unikernels, undefined);
    for (const check of here.checks) assert.equal(check.detail, null);
    assert.ok((await health(stack.instance, asAdmin())).unikernels >= 1);
  });

test('one that takes connections and is silent holds up no list', async () => {
  const box = await stack.addSandbox('mute');
  await until(async () => (await list()).instances
    .some((i) => i.name === 'mute' && i.status === 'up'), 'it is up');
  await box.fault('stall-after');
  const told = await until(async () => {
    const found = await list();
    assert.equal(found.items.find((u) => u.name === 'here').state, 'running');
    return found.errors.find((e) => e.instance === 'mute' &&
      e.code === 'instance-timeout') && found;
  }, 'it is told', 30000);
  assert.deepEqual(told.errors.map((e) => e.instance), ['mute']);
  await box.fault('none');
  await until(async () => (await list()).errors.length === 0, 'it is over', 30000);
  assert.equal((await stack.ask('DELETE', '/instances/mute', asAdmin())).status,
    204);
  await box.kill();
});

/** A member of the project. */
async function someone(name) {
  const user = stack.addUser(name);
  const session = await stack.signIn(user.email, user.password);
  await stack.setRole(admin.headers, user.email, 'viewer');
  return { token: await stack.makeToken(session.headers,
    { scopes: ['unikernel:read', 'instance:read'] }) };
}

test('it is asked often while somebody looks, and seldom else', async () => {
  const gaps = async () => {
    const at = (await health()).checks.map((c) => Date.parse(c.at));
    return at.slice(0, -1).map((t, i) => t - at[i + 1]);
  };
  const end = Date.now() + 7000;
  while (Date.now() < end) {
    await list();
    await sleep(500);
  }
  const often = (await gaps()).slice(0, 3);
  assert.ok(often.filter((ms) => ms < 6000).length >= 2, `${often}`);
  // Lists cost albatross nothing of their own.
  const before = (await health()).checks.length;
  if (before < 100) {
    await Promise.all(Array.from({ length: 50 }, () => list()));
    assert.ok((await health()).checks.length - before < 10);
  }
  // Nobody looks from now on, and nothing is about to change.
  const seldom = await until(async () => {
    const [last] = (await health()).checks;
    return Date.now() - Date.parse(last.at) > 7000;
  }, 'it rests', 60000);
  assert.ok(seldom);
});

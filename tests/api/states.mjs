// SPDX-License-Identifier: ISC
// What is known of unikernels while nobody asks: that they stopped by
// themselves, were restarted, crash again and again, or are out of reach.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { Stack, events, sleep, until } from './stack.mjs';

let stack, admin;
before(async () => {
  stack = await Stack.start();
  admin = await stack.signIn();
});
after(() => stack.stop());

const list = async (query = '') => {
  const reply = await stack.ask('GET', `/unikernels${query}`);
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
};
const item = async (name) => (await list()).items.find((u) => u.name === name);
const health = async (name = stack.instance, options) =>
  (await stack.ask('GET', `/instances/${name}/health`, options)).json;
const asAdmin = () => ({ token: null, headers: admin.headers });
/** A restart counts when albatross did it: for that it must be asked to. */
const put = (name, config) => stack.change('PUT', stack.at(name), { config,
  image: images.sample });
const images = {};

test('what was deployed is in the list at once, with its age', async () => {
  const reply = await stack.deploy('hello');
  assert.equal(reply.status, 201, reply.text);
  images.sample = reply.json.image.sha256;
  const { items, instances, errors, as_of } = await list();
  assert.deepEqual(errors, []);
  const [u] = items;
  assert.equal(u.name, 'hello');
  assert.equal(u.state, 'running');
  assert.equal(u.digest, images.sample);
  assert.equal(u.config.memory, 32);
  assert.equal(u.stopped_at, null);
  assert.equal(u.restarts, 0);
  assert.equal(u.crash_loop, false);
  assert.equal(u.health, null);
  assert.deepEqual(instances.map((i) => [i.name, i.status]),
    [[stack.instance, 'up']]);
  assert.equal(as_of, instances[0].as_of);
  assert.ok(Date.now() - Date.parse(as_of) < 30000);
});

test('what is destroyed is not in it any more, at once', async () => {
  for (let i = 0; i < 3; i++) {
    assert.equal((await stack.deploy('brief')).status, 201);
    assert.ok(await item('brief'));
    assert.equal((await stack.ask('DELETE', stack.at('brief'))).status, 204);
    assert.equal(await item('brief'), undefined);
  }
});

test('what stops by itself stays in it as stopped', async () => {
  const reply = await put('crash', { memory: 16,
    arguments: ['--exit-after=3:7'] });
  assert.equal(reply.status, 201, reply.text);
  assert.equal((await item('crash')).state, 'running');
  const u = await until(async () => {
    const found = await item('crash');
    return found.state === 'stopped' && found;
  }, 'it stopped');
  assert.equal(u.digest, images.sample);
  assert.equal(u.config.memory, 16);
  assert.equal(u.started_at, null);
  assert.ok(Date.now() - Date.parse(u.stopped_at) < 30000);
  const one = (await stack.ask('GET', stack.at('crash'))).json;
  assert.equal(one.state, 'stopped');
  assert.equal(one.stopped_at, u.stopped_at);
});

test('it runs again when it is deployed again', async () => {
  const reply = await put('crash', { memory: 16 });
  assert.ok([200, 201].includes(reply.status), reply.text);
  const u = await item('crash');
  assert.equal(u.state, 'running');
  assert.equal(u.stopped_at, null);
});

test('destroying what stopped takes it out of the list', async () => {
  await put('crash', { memory: 16, arguments: ['--exit-after=2:7'] });
  await until(async () => (await item('crash')).state === 'stopped', 'stopped');
  assert.equal((await stack.ask('DELETE', stack.at('crash'))).status, 204);
  assert.equal(await item('crash'), undefined);
  assert.equal((await stack.ask('DELETE', stack.at('crash'))).status, 404);
});

test('an attempt that failed leaves nothing in it', async () => {
  const reply = await put('never', { memory: 16,
    arguments: ['--exit-after=0:7'] });
  assert.equal(reply.status, 409, reply.text);
  assert.equal(await item('never'), undefined);
});

test('a restart by us counts as none, one by albatross does', async () => {
  const before = await item('hello');
  assert.equal((await stack.change('POST', stack.at('hello', '/restart'))).status,
    200);
  const now = await item('hello');
  assert.equal(now.state, 'running');
  assert.equal(now.restarts, 0);
  assert.ok(now.started_at >= before.started_at);
  const reply = await put('again', { memory: 16, fail_behaviour: 'restart',
    arguments: ['--exit-after=3:9'] });
  assert.equal(reply.status, 201, reply.text);
  await until(async () => (await item('again')).restarts > 0, 'a restart');
  assert.equal((await item('again')).state, 'running');
});

test('three of them are a crash loop, until something else is deployed',
  async () => {
    const u = await until(async () => {
      const found = await item('again');
      return found.crash_loop && found;
    }, 'a crash loop', 40000);
    assert.ok(u.restarts >= 3, JSON.stringify(u));
    const one = (await stack.ask('GET', stack.at('again'))).json;
    assert.equal(one.crash_loop, true);
    const alerts = async () => (await stack.ask('GET', '/alerts')).json.items
      .filter((a) => a.kind === 'crash-loop');
    const [alert] = await until(async () => {
      const found = await alerts();
      return found.length > 0 && found;
    }, 'an alert');
    assert.equal(alert.name, 'again');
    assert.equal((await put('again', { memory: 16 })).status, 200);
    const now = await item('again');
    assert.equal(now.crash_loop, false);
    assert.equal(now.restarts, 0);
    await until(async () => (await alerts()).length === 0, 'it is over');
  });

/** Hears what happens, from when it resolves until it is stopped. */
async function hear(topics) {
  const told = { heard: [] }, control = new AbortController();
  await new Promise((onOpen, fail) => {
    told.reading = events(stack, `/events?topics=${topics}`, (found) => {
      told.heard = [...found];
      return false;
    }, { ms: 120000, onOpen, signal: control.signal }).catch(fail);
  });
  told.stop = () => {
    control.abort();
    return told.reading;
  };
  told.of = (name) => told.heard.map((e) => e.data)
    .filter((d) => d.topic === 'states' && (d.item ?? d).name === name);
  told.change = (name, change, ms) => until(() => told.of(name)
    .find((d) => d.change === change), `${name}: ${change}`, ms);
  return told;
}

test('whoever watches is told of all that, as it is in the list',
  async () => {
    const told = await hear('states,instances');
    try {
      assert.equal((await stack.deploy('seen')).status, 201);
      const appeared = await told.change('seen', 'appeared');
      assert.equal(appeared.topic, 'states');
      assert.equal(appeared.item.state, 'running');
      assert.deepEqual(Object.keys(appeared.item),
        Object.keys(await item('seen')));
      await stack.change('POST', stack.at('seen', '/restart'));
      await told.change('seen', 'restarted');
      await stack.deploy('seen', stack.sample, '?memory=48');
      assert.equal((await told.change('seen', 'replaced')).item.config.memory, 48);
      assert.equal((await stack.ask('DELETE', stack.at('seen'))).status, 204);
      const gone = await told.change('seen', 'vanished');
      assert.equal(gone.item, null);
      assert.equal(gone.instance, stack.instance);
      assert.equal(gone.project, stack.project);
      await put('loop', { memory: 16, fail_behaviour: 'restart',
        arguments: ['--exit-after=2:9'] });
      assert.equal((await told.change('loop', 'crash-loop', 40000)).item.crash_loop,
        true);
      await put('loop', { memory: 16, arguments: ['--exit-after=2:9'] });
      await told.change('loop', 'settled');
      assert.equal((await told.change('loop', 'vanished')).item.state, 'stopped');
      // Its log has that in between, with who wanted what we did.
      const log = await stack.ask('GET',
        stack.at('loop', '/console?follow=false&lines=1000'));
      for (const line of [/mollymawk: Deployment 1 by admin: image /,
        /mollymawk: Deployment 1 runs\./, /mollymawk: It was started again, not /,
        /mollymawk: It is in a crash loop/, /mollymawk: Deployment 2 by admin/,
        /mollymawk: It stopped, not by mollymawk/])
        assert.match(log.text, line);
      assert.equal((await stack.ask('DELETE', stack.at('loop'))).status, 204);
    } finally {
      await told.stop();
    }
  });

test('an instance out of reach: what it had is unknown, others are not',
  async () => {
    const box = await stack.addSandbox('frail');
    const where = `/unikernels/frail/${stack.project}/it`;
    const body = fs.readFileSync(stack.sample);
    assert.equal((await stack.ask('PUT', `${where}?wait=60&grace=1`,
      { body })).status, 201);
    const u = await item('it');
    assert.equal(u.state, 'running');
    const told = await hear('states,instances');
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
    assert.equal(as('hello').state, 'running');
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
    assert.ok((await health(stack.instance, asAdmin())).unikernels >= 2);
  });

/** A member of the project. */
async function someone(name) {
  const user = stack.addUser(name);
  const session = await stack.signIn(user.email, user.password);
  await stack.setRole(admin.headers, user.email, 'viewer');
  return { token: await stack.makeToken(session.headers,
    { scopes: ['unikernel:read', 'instance:read'] }) };
}

test('a token sees what it is narrowed to', async () => {
  const token = await stack.makeToken(admin.headers,
    { scopes: ['unikernel:read'], unikernels: ['hel*'] });
  const reply = await stack.ask('GET', '/unikernels', { token });
  assert.deepEqual(reply.json.items.map((u) => u.name), ['hello']);
});

test('pages follow each other', async () => {
  const all = (await list()).items.map((u) => u.name);
  assert.ok(all.length >= 2);
  const seen = [];
  for (let cursor = ''; cursor !== null;) {
    const page = await list(`?limit=1${cursor && `&cursor=${cursor}`}`);
    assert.equal(page.items.length, 1);
    seen.push(page.items[0].name);
    cursor = page.next;
  }
  assert.deepEqual(seen, all);
});

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

test('what happened while mollymawk was not there is noticed', async () => {
  await put('again', { memory: 16, arguments: ['--exit-after=4:7'] });
  assert.equal((await item('again')).state, 'running');
  await stack.restart('fcgi', () => sleep(4000));
  await until(async () => (await item('again')).state === 'stopped', 'stopped');
  assert.equal((await item('hello')).state, 'running');
  await stack.restart('fcgi');
  assert.equal((await item('again')).state, 'stopped');
});

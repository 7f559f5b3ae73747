// SPDX-License-Identifier: ISC
// What is known of unikernels while nobody asks: that they stopped by
// themselves, were restarted, or crash again and again.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stack, hear, sleep, until } from './stack.mjs';

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

test('nobody listens to the console of what is destroyed', async () => {
  const token = await stack.makeToken(admin.headers,
    { scopes: ['metrics:read'] });
  const consoles = async () => Number((await stack.ask('GET', '/metrics',
    { token })).text.match(/^mollymawk_console_subscriptions (\d+)$/m)[1]);
  assert.equal((await stack.deploy('heard')).status, 201);
  await until(async () => await consoles() === 2, 'it is listened to', 60000);
  assert.equal((await stack.ask('DELETE', stack.at('heard'))).status, 204);
  await until(async () => await consoles() === 1, 'it is not', 60000);
});

test('what stops by itself stays in it as stopped', async () => {
  const reply = await put('crash', { memory: 16,
    arguments: ['--exit-after=8:7'] });
  assert.equal(reply.status, 201, reply.text);
  assert.equal((await item('crash')).state, 'running');
  const u = await until(async () => {
    const found = await item('crash');
    return found.state === 'stopped' && found;
  }, 'it stopped', 30000);
  assert.equal(u.digest, images.sample);
  assert.equal(u.config.memory, 16);
  assert.equal(u.started_at, null);
  assert.ok(Date.now() - Date.parse(u.stopped_at) < 30000);
  const one = (await stack.ask('GET', stack.at('crash'))).json;
  assert.equal(one.state, 'stopped');
  assert.equal(one.stopped_at, u.stopped_at);
  assert.match(one.digest, /^[0-9a-f]{64}$/);
  assert.deepEqual([one.digest, one.config], [u.digest, u.config]);
});

test('it runs again when it is deployed again', async () => {
  const reply = await put('crash', { memory: 16 });
  assert.ok([200, 201].includes(reply.status), reply.text);
  const u = await item('crash');
  assert.equal(u.state, 'running');
  assert.equal(u.stopped_at, null);
});

test('destroying what stopped takes it out of the list', async () => {
  await put('crash', { memory: 16, arguments: ['--exit-after=6:7'] });
  await until(async () => (await item('crash')).state === 'stopped', 'stopped',
    30000);
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
    arguments: ['--exit-after=6:9'] });
  assert.equal(reply.status, 201, reply.text);
  await until(async () => (await item('again')).restarts > 0, 'a restart', 30000);
  assert.equal((await item('again')).state, 'running');
});

test('three of them are a crash loop, until something else is deployed',
  async () => {
    const u = await until(async () => {
      const found = await item('again');
      return found.crash_loop && found;
    }, 'a crash loop', 90000);
    assert.ok(u.restarts >= 3, JSON.stringify(u));
    const one = (await stack.ask('GET', stack.at('again'))).json;
    assert.equal(one.crash_loop, true);
    const alerts = async () => (await stack.ask('GET', '/alerts')).json.items
      .filter((a) => a.kind === 'crash-loop');
    const [alert] = await until(async () => {
      const found = await alerts();
      return found.length > 0 && found;
    }, 'an alert', 60000);
    assert.equal(alert.name, 'again');
    assert.equal((await put('again', { memory: 16 })).status, 200);
    const now = await item('again');
    assert.equal(now.crash_loop, false);
    assert.equal(now.restarts, 0);
    await until(async () => (await alerts()).length === 0, 'it is over');
  });

test('whoever watches is told of all that, as it is in the list',
  async () => {
    const told = await hear(stack, 'states');
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
        arguments: ['--exit-after=5:9'] });
      assert.equal((await told.change('loop', 'crash-loop', 90000)).item.crash_loop,
        true);
      await put('loop', { memory: 16, arguments: ['--exit-after=5:9'] });
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

test('what happened while mollymawk was not there is noticed', async () => {
  await put('again', { memory: 16, arguments: ['--exit-after=8:7'] });
  assert.equal((await item('again')).state, 'running');
  await stack.restart('fcgi', () => sleep(9000));
  await until(async () => (await item('again')).state === 'stopped', 'stopped');
  assert.equal((await item('hello')).state, 'running');
  await stack.restart('fcgi');
  assert.equal((await item('again')).state, 'stopped');
});

test('it ends soon although a server does not answer', async () => {
  await stack.control('fault stall-handshake');
  await stack.control('cut');
  await sleep(1500);
  let ended;
  await stack.restart('fcgi', (took) => { ended = took; }, 'SIGTERM');
  await stack.control('fault none');
  assert.ok(ended < 8000, `after ${ended} ms`);
});

// SPDX-License-Identifier: ISC
// What unikernels use: told of while it goes on, kept over a kill, and by whom
// it may be seen.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Stack, events, makeImage, until } from './stack.mjs';

let stack, image, silent, fought;
const health = async (name) => (await stack.ask('GET',
  `/instances/${name}`)).json?.health;
/** How the silent one was found to be, all the time. */
const found = new Set();
let looking;
before(async () => {
  stack = await Stack.start();
  // One that runs unikernels, and has nobody who measures them.
  silent = await stack.addSandbox('silent');
  await silent.fault('daemon-down stats-subscribe');
  fought = await stack.addSandbox('fought');
  looking = setInterval(async () => {
    found.add((await health('silent').catch(() => undefined))?.status);
  }, 200);
  image = makeImage(stack.dir, 'netted', '--net', 'service');
  await stack.control('stats interval 1000');
});
after(async () => {
  clearInterval(looking);
  await stack.stop();
});

const metrics = async (name, query = '', options) => {
  const reply = await stack.ask('GET', stack.at(name, '/metrics' + query),
    options);
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
};
const known = (values) => values.filter((v) => v !== null);
const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

test('who lost the statistics to somebody says so', async () => {
  const stats = async () => (await health('fought')).stats;
  await until(async () => await stats() === 'live', 'it is live');
  await stack.control('stats displace', fought.dir);
  await until(async () => await stats() === 'displaced', 'it is displaced');
});

test('what runs is measured', async () => {
  const reply = await stack.deploy('busy', image,
    '?memory=32&network=service&arg=--cpu=40');
  assert.equal(reply.status, 201, reply.text);
  const now = await until(async () => {
    const m = await metrics('busy');
    return known(m.cpu).length >= 2 && known(m.networks[0]?.rx ?? []).length &&
      m;
  }, 'two values', 60000);
  assert.equal(now.step, 10);
  assert.equal(now.range, '2h');
  for (const values of [now.cpu, now.cpu_max, now.memory, now.faults,
    now.networks[0].rx, now.networks[0].tx])
    assert.equal(values.length, 720);
  assert.equal(Date.parse(now.to) - Date.parse(now.from), 7200 * 1000);
  assert.ok(Math.abs(Date.parse(now.to) - Date.now()) < 60000);
  // The sandbox' unikernel takes what it was told to, and half of its memory.
  const cpu = mean(known(now.cpu));
  assert.ok(cpu > 25 && cpu < 55, `${cpu} %`);
  assert.ok(Math.abs(known(now.memory).at(-1) / (16 << 20) - 1) < 0.001);
  assert.equal(now.networks[0].name, 'service');
  // Its host's device gets what it sends, which is half of what it is sent.
  const rx = mean(known(now.networks[0].rx));
  const tx = mean(known(now.networks[0].tx));
  assert.ok(rx > 1.5 * tx && tx > 0, `${rx} in, ${tx} out`);
  assert.ok(known(now.cpu_max).every((v, i) => v >= known(now.cpu)[i]));
});

test('each range has its steps', async () => {
  for (const [range, step, length] of [['30m', 10, 180], ['2h', 10, 720],
    ['6h', 60, 360], ['2d', 120, 1440], ['7d', 900, 672], ['90d', 3600, 2160]]) {
    const m = await metrics('busy', `?range=${range}`);
    assert.equal(m.step, step);
    assert.equal(m.cpu.length, length);
    assert.equal(Date.parse(m.to) - Date.parse(m.from), step * length * 1000);
    assert.notEqual(m.cpu.at(-1) ?? m.cpu.at(-2), null);
    assert.equal(Date.parse(m.from) % (step * 1000), 0);
  }
  const reply = await stack.ask('GET', stack.at('busy', '/metrics?range=1y'));
  assert.equal(reply.status, 422);
  assert.equal(reply.json.errors[0].field, 'range');
});

test('its deployments are marked', async () => {
  const { markers } = await metrics('busy');
  const first = markers.find((m) => m.kind === 'deployment');
  assert.equal(first.deployment, 1);
  assert.match(first.text, /Deployment 1 \(upload\)/);
  assert.ok(Math.abs(Date.parse(first.time) - Date.now()) < 120000);
});

test('lists have the last hour of each', async () => {
  const list = await until(async () => {
    const reply = await stack.ask('GET', '/sparklines');
    assert.equal(reply.status, 200);
    return known(reply.json.items[0]?.cpu ?? []).length > 0 && reply.json;
  }, 'a sparkline');
  assert.equal(list.step, 60);
  const item = list.items.find((i) => i.name === 'busy');
  assert.equal(item.project, stack.project);
  assert.equal(item.cpu.length, 60);
  assert.equal(item.memory.length, 60);
  assert.ok(known(item.cpu).at(-1) > 0);
  const other = await stack.ask('GET', '/sparklines?instance=none');
  assert.equal(other.status, 404);
});

test('what is none of theirs, nobody sees', async () => {
  const user = stack.addUser('eve');
  const eve = await stack.signIn(user.email, user.password);
  const as = { token: null, headers: eve.headers };
  const reply = await stack.ask('GET', stack.at('busy', '/metrics'), as);
  assert.equal(reply.status, 404);
  assert.deepEqual((await stack.ask('GET', '/sparklines', as)).json.items, []);
  // A token that is for other names.
  const admin = await stack.signIn();
  const token = await stack.makeToken(admin.headers,
    { scopes: ['unikernel:read'], unikernels: ['web*'] });
  assert.equal((await stack.ask('GET', stack.at('busy', '/metrics'),
    { token })).status, 403);
  assert.deepEqual((await stack.ask('GET', '/sparklines',
    { token })).json.items, []);
});

test('who listens is told at each interval', async () => {
  assert.equal((await stack.deploy('idle')).status, 201);
  const one = `metrics:${stack.instance}/${stack.project}/idle`;
  const of = (found, topic) => found.filter((e) => e.event === 'sample' &&
    e.data.topic === topic);
  const found = await events(stack, `/events?topics=metrics,${one}`, (f) =>
    of(f, one).length >= 3 && of(f, 'metrics').some((e) =>
      e.data.items.length === 2 && e.data.items.every((i) => i.cpu !== null)),
  { ms: 60000 });
  const all = of(found, 'metrics').find((e) => e.data.items.length === 2).data;
  assert.equal(all.instance, stack.instance);
  assert.equal(all.project, stack.project);
  assert.ok(Math.abs(Date.parse(all.time) - Date.now()) < 60000);
  assert.deepEqual(all.items.map((i) => i.name), ['busy', 'idle']);
  assert.deepEqual(Object.keys(all.items[0]),
    ['name', 'cpu', 'memory', 'rx', 'tx']);
  // No device, nothing known of it.
  assert.equal(all.items[1].rx, null);
  assert.equal(all.items[1].memory, 16 << 20);
  for (const { data } of of(found, one))
    assert.deepEqual(data.items.map((i) => i.name), ['idle']);
  // One event for all of an interval, not one for each.
  const times = of(found, 'metrics').map((e) => e.data.time);
  assert.equal(new Set(times).size, times.length);
});

test('what nobody knows is a gap', async () => {
  const m = await metrics('never');
  assert.deepEqual(known(m.cpu), []);
  assert.deepEqual(m.networks, []);
  assert.deepEqual(m.markers, []);
});

test('it is kept over a kill, and goes on', async () => {
  const before = known((await metrics('busy')).cpu).length;
  await stack.restart('fcgi');
  await until(async () => (await health(stack.instance)).stats === 'live',
    'it is live, though it was asked but once');
  const after = await metrics('busy');
  assert.ok(known(after.cpu).length >= before);
  await until(async () => known((await metrics('busy')).cpu).length > before,
    'more of it', 60000);
});

test('frames that nobody knows are passed over', async () => {
  await stack.control('stats noise on');
  const { cpu } = await metrics('busy');
  await until(async () => known((await metrics('busy')).cpu).length >
    known(cpu).length + 1, 'more of it', 60000);
  assert.equal(stack.log('fcgi').split('statistics-not-understood').length, 2);
  await stack.control('stats noise off');
});

test('an instance without statistics is up all the same', async () => {
  assert.equal((await stack.ask('POST', '/instances/silent/probe')).json
    .health.status, 'up');
  assert.ok(!found.has('down'), [...found].join());
  assert.equal((await health('silent')).stats, 'off');
  const live = await health(stack.instance);
  assert.equal(live.stats, 'live', JSON.stringify(live));
  const reply = await stack.ask('GET', '/unikernels?instance=silent');
  assert.deepEqual(reply.json.errors, []);
});

test('who is gone keeps what was', async () => {
  assert.equal((await stack.ask('DELETE', stack.at('busy'))).status, 204);
  const m = await until(async () => {
    const found = await metrics('busy');
    return found.markers.some((mark) => mark.kind === 'stopped') && found;
  }, 'its end is marked');
  assert.ok(known(m.cpu).length > 2);
  const times = m.markers.map((mark) => mark.time);
  assert.deepEqual(times, [...times].sort());
});

test('a damaged file is begun anew', async () => {
  const file = path.join(stack.dir, 'state/metrics', stack.instance,
    stack.project, 'again');
  assert.equal((await stack.deploy('again')).status, 201);
  const measured = async () => known((await metrics('again')).memory).length;
  await until(measured, 'something', 60000);
  fs.writeFileSync(file, 'this is no file of ours');
  await until(async () => fs.statSync(file).size > 1000 && measured(),
    'something again', 60000);
});

test('and takes them back after a while', async () => {
  await until(async () => (await health('fought')).stats === 'live',
    'it is live again', 60000);
});

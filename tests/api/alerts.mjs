// SPDX-License-Identifier: ISC
// What is wrong is known, told together and once, by webhooks and mails, to
// whom it matters; and silenced. What comes of each kind of alert.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Stack, build, events, freePort, sleep, until } from './stack.mjs';

const secrets = { '/all': 'of all 3vUo5cKq', '/project': 'of one 9xLm2aTz' };
let stack, admin, ada, bob, closed, far;
const calls = [];
let answer = 204;

const hook = http.createServer((request, reply) => {
  let body = '';
  request.on('data', (data) => { body += data; });
  request.on('end', () => {
    calls.push({ headers: request.headers, body, to: request.url, answer });
    reply.writeHead(answer).end();
  });
});
const hookAt = (where) => `http://127.0.0.1:${hook.address().port}${where}`;

before(async () => {
  await new Promise((done) => hook.listen(0, '127.0.0.1', done));
  closed = await freePort();
  stack = await Stack.start();
  admin = await stack.signIn();
  const people = Object.fromEntries(['ada', 'bob'].map((name) =>
    [name, stack.addUser(name)]));
  await stack.setRole(admin.headers, people.ada.email, 'viewer');
  ada = await stack.signIn(people.ada.email, people.ada.password);
  bob = await stack.signIn(people.bob.email, people.bob.password);
  for (const name of ['web', 'dns'])
    assert.equal((await stack.deploy(name)).status, 201);
});
after(async () => {
  hook.close();
  await stack.stop();
});

const as = (...what) => stack.as(...what);
const ok = (...what) => stack.ok(...what);

async function refused(who, where, json, field) {
  const reply = await as(who, 'PUT', where, json);
  assert.equal(reply.status, 422, reply.text);
  assert.equal(reply.json.errors[0].field, field, reply.text);
}

const alerts = async (who = admin, query = '') =>
  (await ok(who, 'GET', `/alerts${query}`)).items;
const one = async (kind, who, query) =>
  (await alerts(who, query)).find((alert) => alert.kind === kind);
/** "open:check-failing/web" of each that a webhook was told of, in calls. */
const told = (to) => calls.filter((call) => call.to === to &&
  call.headers['x-mollymawk-event'] === 'alert' && call.answer === 204)
  .map((call) => JSON.parse(call.body).alerts.map((alert) =>
    `${alert.state}:${alert.kind}/${alert.name ?? alert.instance}`));
const hears = (to, what, ms = 30000) => until(() =>
  told(to).flat().includes(what), `${to} is told ${what}`, ms);
const letters = (to) => stack.mails().map(({ text }) => text)
  .filter((text) => text.includes(`\r\nTo: <${to}@example.org>\r\n`));
const mails = (to) => letters(to).map((text) =>
  text.match(/^Subject: (.*)\r$/m)[1]);
const webhook = () => `/projects/${stack.project}/webhook`;

test('when there is an alert is set by administrators', async () => {
  const usual = { quiet_minutes: 60, policy_percent: 90, certificate_days: 30,
    instance_down_minutes: 2, stopped_minutes: 1, group_seconds: 30 };
  assert.deepEqual(await ok(admin, 'GET', '/settings/alerts'), usual);
  assert.equal((await as(ada, 'GET', '/settings/alerts')).status, 403);
  assert.equal((await as(ada, 'PUT', '/settings/alerts', {})).status, 403);
  await refused(admin, '/settings/alerts', { policy_percent: 49 },
    'policy_percent');
  await refused(admin, '/settings/alerts', { quiet_minutes: -1 },
    'quiet_minutes');
  await refused(admin, '/settings/alerts', { x: 1 }, 'x');
  // What is left out stays.
  const soon = { group_seconds: 2, instance_down_minutes: 0,
    stopped_minutes: 0 };
  assert.deepEqual(await ok(admin, 'PUT', '/settings/alerts', soon),
    { ...usual, ...soon });
  assert.deepEqual(await ok(admin, 'PUT', '/settings/alerts', {}),
    { ...usual, ...soon });
});

test('a project has a webhook, which its owners set', async () => {
  const none = { url: null, secret_set: false };
  assert.deepEqual(await ok(admin, 'GET', webhook()), none);
  const set = { url: 'https://hooks.example.org/a', secret: 'x 1' };
  for (const [who, status] of [[ada, 403], [bob, 404]]) {
    assert.equal((await as(who, 'GET', webhook())).status, status);
    assert.equal((await as(who, 'PUT', webhook(), set)).status, status);
    assert.equal((await as(who, 'DELETE', webhook())).status, status);
    assert.equal((await as(who, 'POST', `${webhook()}/test`)).status, status);
  }
  assert.deepEqual(await ok(admin, 'PUT', webhook(), set),
    { url: set.url, secret_set: true });
  assert.ok(!(await as(admin, 'GET', webhook())).text.includes(set.secret));
  assert.equal((await as(admin, 'DELETE', webhook())).status, 204);
  assert.deepEqual(await ok(admin, 'GET', webhook()), none);
  const reply = await as(admin, 'POST', `${webhook()}/test`);
  assert.equal(reply.status, 422, reply.text);
});

test('it goes nowhere inside, unless administrators allow it', async () => {
  for (const url of ['https://10.0.0.1/', 'https://127.0.0.1/',
    'https://[::1]/', 'https://[::ffff:10.0.0.1]/', 'https://0x0a000001/',
    'https://169.254.169.254/latest', hookAt('/project'),
    'http://example.org/', 'https://u:p@example.org/'])
    await refused(admin, webhook(), { url }, 'url');
  // What a name leads to is seen when it is called.
  await ok(admin, 'PUT', webhook(), { url:
    hookAt('/project').replace('127.0.0.1', 'localhost') });
  const inside = await as(admin, 'POST', `${webhook()}/test`);
  assert.equal(inside.status, 502, inside.text);
  assert.match(inside.json.detail, /do not allow the address (127|::1)/);
  assert.equal(calls.length, 0);
  assert.equal((await as(ada, 'PUT', '/settings/project-webhooks',
    { allowed: [] })).status, 403);
  await ok(admin, 'PUT', '/settings/project-webhooks',
    { allowed: ['127.0.0.0/8'] });
  await ok(admin, 'PUT', webhook(), { url: hookAt('/project'),
    secret: secrets['/project'] });
  assert.deepEqual(await ok(admin, 'POST', `${webhook()}/test`),
    { sent: true });
  assert.equal(calls.length, 1);
  assert.equal(calls[0].headers['x-mollymawk-event'], 'test');
});

/** A new check of a port, which is asked at once. */
async function check(name, port, host, instance = stack.instance) {
  const reply = await stack.ask('PUT',
    `/unikernels/${instance}/${stack.project}/${name}/health-check`,
    { json: { type: 'http', address: '127.0.0.1', port, interval: 10,
      retries: 0, timeout: 2, host } });
  assert.equal(reply.status, 200, reply.text);
}

test('a check that fails is an alert, told to all it matters to', async () => {
  await ok(admin, 'PUT', '/settings/health-checks',
    { allowed: ['127.0.0.1'] });
  await ok(admin, 'PUT', '/settings/webhook',
    { url: hookAt('/all'), secret: secrets['/all'] });
  for (const who of [admin, ada, bob])
    await ok(who, 'PUT', '/me/notifications', { alerts: 'at-once' });
  assert.deepEqual(await alerts(), []);
  // The webhook of all is out of order, for now.
  answer = 503;
  const looking = events(stack, '/events?topics=alerts',
    (found) => found.length > 1, { ms: 30000 });
  for (const name of ['web', 'dns']) await check(name, closed);
  const seen = await looking;
  const items = await alerts();
  assert.equal(items.length, 2);
  for (const item of items) {
    assert.deepEqual(item, { id: item.id, kind: 'check-failing',
      severity: 'critical', instance: stack.instance,
      project: stack.project, name: item.name, since: item.since,
      until: null, count: 1, detail: item.detail, silenced_until: null });
    assert.match(item.detail, /^Its health check fails: /);
    assert.ok(seen.some(({ event, data }) => event === 'alert' &&
      data.topic === 'alerts' && data.item.id === item.id));
  }
  await until(() => calls.some((call) => call.to === '/all'), 'it is called');
  await until(() => calls.filter((call) => call.to === '/project').length > 1,
    'the other one, too');
  answer = 204;
  for (const name of ['admin', 'ada'])
    await until(() => mails(name).length > 0, `${name} has a mail`);
  assert.deepEqual(mails('ada'), ['Alerts: 2 open']);
  assert.deepEqual(mails('admin'), ['Alerts: 2 open']);
  assert.deepEqual(mails('bob'), []);
});

test('the calls are signed', () => {
  const sent = calls.filter((call) =>
    call.headers['x-mollymawk-event'] === 'alert');
  assert.equal(sent.length, 2);
  for (const { headers, body, to } of sent) {
    assert.equal(headers['x-mollymawk-signature'],
      `sha256=${createHmac('sha256', secrets[to]).update(body).digest('hex')}`);
    const said = JSON.parse(body);
    assert.equal(said.event, 'alert');
    assert.equal(said.link, `${stack.url}/alerts`);
    assert.deepEqual(said.alerts.map((alert) => alert.link).sort(),
      ['dns', 'web'].map((name) => stack.url + stack.at(name)));
  }
});

test('each sees theirs alone', async () => {
  assert.equal((await alerts(ada)).length, 2);
  assert.deepEqual(await alerts(bob), []);
  const narrow = await stack.makeToken(admin.headers,
    { scopes: ['unikernel:read'], project: stack.project,
      unikernels: ['we*'] });
  const reply = await stack.ask('GET', '/alerts', { token: narrow });
  assert.deepEqual(reply.json.items.map((alert) => alert.name), ['web']);
  assert.deepEqual(await alerts(admin, '?project=bob'), []);
  assert.equal((await alerts(admin,
    `?instance=${stack.instance}&project=${stack.project}`)).length, 2);
  const first = await ok(admin, 'GET', '/alerts?limit=1');
  assert.equal(first.items.length, 1);
  const second = await ok(admin, 'GET', `/alerts?limit=1&cursor=${first.next}`);
  assert.notEqual(second.items[0].id, first.items[0].id);
  assert.equal(second.next, null);
  assert.equal((await as(admin, 'GET', '/alerts?state=x')).status, 422);
  assert.equal((await as(admin, 'GET', '/alerts?cursor=61')).status, 422);
});

test('what was not heard is sent again, and nothing is told twice', async () => {
  const [{ headers, body }] = calls.filter((call) => call.to === '/all');
  const before = (await alerts()).map((alert) => alert.id);
  await stack.restart('fcgi', () => execFileSync(
    path.join(build, 'tests/api/due'), [path.join(stack.dir, 'state')]));
  await until(() => told('/all').length > 0, 'it is called again');
  const again = calls.filter((call) => call.to === '/all');
  assert.equal(again.length, 2);
  assert.equal(again[1].body, body);
  assert.equal(again[1].headers['x-mollymawk-delivery'],
    headers['x-mollymawk-delivery']);
  assert.deepEqual((await alerts()).map((alert) => alert.id), before);
  assert.equal(told('/project').length, 1);
});

test('it is over, and that it comes again is not told soon', async () => {
  const server = http.createServer((request, reply) => reply.end('fine'));
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  await check('dns', server.address().port);
  await hears('/all', 'resolved:check-failing/dns');
  await hears('/project', 'resolved:check-failing/dns');
  await until(() => mails('ada').includes(
    `Over: Health check failing: ${stack.instance}/${stack.project}/dns`),
  'it is in a mail');
  const over = (await alerts(admin, '?state=all'))
    .find((alert) => alert.name === 'dns');
  assert.ok(Date.parse(over.until) >= Date.parse(over.since));
  await check('dns', closed, 'again.example');
  const again = await until(async () =>
    (await alerts()).find((alert) => alert.name === 'dns'), 'it fails again');
  assert.equal(again.id, over.id);
  assert.equal(again.count, 2);
  // Without a quiet time it is, with how often.
  const calls = told('/all').length;
  await sleep(5000);
  assert.equal(told('/all').length, calls);
  await ok(admin, 'PUT', '/settings/alerts', { quiet_minutes: 0 });
  await until(() => told('/all').length > calls, 'it is told');
  assert.deepEqual(told('/all').at(-1), ['open:check-failing/dns']);
  await ok(admin, 'PUT', '/settings/alerts', { quiet_minutes: 60 });
  server.close();
});

test('it is silenced by who may restart it', async () => {
  const { id } = (await alerts()).find((alert) => alert.name === 'web');
  const where = `/alerts/${id}/silence`;
  assert.equal((await as(ada, 'POST', where, { minutes: 5 })).status, 403);
  assert.equal((await as(bob, 'POST', where, { minutes: 5 })).status, 404);
  assert.equal((await as(admin, 'POST', '/alerts/999999/silence',
    { minutes: 5 })).status, 404);
  for (const json of [{}, { minutes: 0 }, { minutes: 43201 }])
    assert.equal((await as(admin, 'POST', where, json)).status, 422);
  const silenced = await ok(admin, 'POST', where, { minutes: 5 });
  const left = Date.parse(silenced.silenced_until) - Date.now();
  assert.ok(left > 200000 && left <= 300000);
  assert.equal((await alerts()).find((alert) => alert.id === id)
    .silenced_until, silenced.silenced_until);
  assert.equal((await ok(admin, 'DELETE', where)).silenced_until, null);
});

test('an alert ends with its unikernel', async () => {
  assert.equal((await stack.ask('DELETE', stack.at('dns'))).status, 204);
  await until(async () => !(await alerts()).some((alert) =>
    alert.name === 'dns'), 'it is over');
});

test('a policy and a certificate have an alert in time', async () => {
  const where = `/projects/${stack.project}/policies/${stack.instance}`;
  const policy = await ok(admin, 'GET', where);
  const made = await stack.ask('PUT', stack.volume('data'),
    { json: { size: 10 } });
  assert.equal(made.status, 201, made.text);
  const looking = await stack.makeToken(admin.headers,
    { scopes: ['unikernel:read', 'instance:admin'] });
  // The other instance's CA is for three days: soon enough, but not at once. A
  // stream that is open while an instance is added may be told to load anew.
  await ok(admin, 'PUT', '/settings/alerts', { certificate_days: 1 });
  far = await stack.addSandbox('far', '--ca-days', '3');
  assert.equal((await stack.ask('PUT', `/unikernels/far/${stack.project}/x` +
    '?memory=16&wait=60&grace=1', { body: fs.readFileSync(stack.sample) }))
    .status, 201);
  let heard;
  await new Promise((onOpen, fail) => {
    heard = events(stack, '/events?topics=alerts', (found) => found.some(
      ({ data }) => data.item?.kind === 'certificate-expiring'),
    { ms: 120000, token: looking, onOpen });
    heard.catch(fail);
  });
  await ok(admin, 'PUT', '/settings/alerts', { certificate_days: 30 });
  // Nobody uses the volume.
  await ok(admin, 'PUT', where, { ...policy, block: 11 });
  const full = await until(() => one('policy-full', ada), 'it is full', 60000);
  assert.equal(full.detail, `On ${stack.instance} the project ` +
    `${stack.project} uses 10 of 11 MB of volumes.`);
  assert.equal(full.name, null);
  assert.equal(full.severity, 'warning');
  const old = await until(() => one('certificate-expiring', admin,
    '?instance=far'), 'it is old', 60000);
  assert.match(old.detail, /^The certificate of far expires on \d{4}-/);
  assert.equal(old.project, null);
  await heard;
  assert.equal(await one('certificate-expiring', ada), undefined);
  assert.equal((await as(ada, 'POST', `/alerts/${old.id}/silence`,
    { minutes: 1 })).status, 404);
  await hears('/all', 'open:certificate-expiring/far');
  await hears('/project', `open:policy-full/${stack.instance}`);
  assert.ok(!told('/project').flat().includes('open:certificate-expiring/far'));
  await ok(admin, 'PUT', where, policy);
  await hears('/all', `resolved:policy-full/${stack.instance}`, 60000);
});

test('an instance that is down swallows the alerts of its unikernels',
  async () => {
    // For the next stories, which take their time.
    assert.equal((await stack.deploy('loop', stack.sample, '?memory=16' +
      '&arg=--exit-after=6:7&fail_behaviour=restart')).status, 201);
    assert.equal((await stack.deploy('gone', stack.sample, '?memory=16' +
      '&arg=--exit-after=8:7')).status, 201);
    const server = http.createServer((request, reply) => reply.end('fine'));
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    await check('x', server.address().port, 'far.example', 'far');
    await far.kill();
    await until(async () => (await stack.ask('GET', '/unikernels')).json
      .errors.length > 0, 'it is noticed');
    server.close();
    server.closeAllConnections();
    await hears('/all', 'open:instance-down/far');
    await hears('/project', 'open:instance-down/far');
    assert.match((await one('instance-down', ada)).detail,
      /^It does not answer since \d{4}-/);
    // Everybody may see it; who has no policy there is not told.
    assert.ok(await one('instance-down', bob));
    await until(() => letters('ada').some((text) =>
      text.includes('\n  far: Instance down, since ')), 'a mail');
    assert.deepEqual(mails('bob'), []);
    await until(() => one('check-failing', ada, '?instance=far'), 'it fails');
    await sleep(3000);
    await far.start();
    // Where nobody looks, one that was away for long is asked seldom.
    await ok(admin, 'POST', '/instances/far/probe');
    await hears('/all', 'resolved:instance-down/far', 90000);
    await hears('/project', 'resolved:instance-down/far');
    assert.ok(!told('/all').flat().includes('open:check-failing/x'));
  });

test('a crash loop is an alert, until something else is deployed',
  async () => {
    await hears('/project', 'open:crash-loop/loop', 120000);
    assert.equal((await stack.deploy('loop')).status, 200);
    await hears('/project', 'resolved:crash-loop/loop');
  });

test('what went by itself is an alert, until it is there again', async () => {
  await hears('/project', 'open:stopped/gone', 60000);
  assert.match((await one('stopped', ada)).detail,
    /^It stopped at \d{4}-.*Z, and not by mollymawk\.$/);
  assert.ok([200, 201].includes((await stack.deploy('gone')).status));
  await hears('/project', 'resolved:stopped/gone');
  // What is destroyed is meant to be away.
  const before = told('/project').length;
  assert.equal((await stack.ask('DELETE', stack.at('gone'))).status, 204);
  await stack.ask('GET', '/unikernels');
  await sleep(3000);
  assert.equal(await one('stopped'), undefined);
  assert.equal(told('/project').length, before);
});

test('no log has a secret', () => {
  for (const name of ['fcgi', 'auth'])
    assert.ok(!/of all 3v|of one 9x|mmg_/.test(stack.log(name)), name);
});

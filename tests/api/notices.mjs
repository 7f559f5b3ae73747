// SPDX-License-Identifier: ISC
// How people and programs are told of a newer build: a signed call to a
// webhook and a mail into the folder; who may set it, and that secrets never
// come back.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { Stack, until } from './stack.mjs';

const secret = 'do not tell 3vUo5cKq';
let stack, admin, ada;
const calls = [];
let answer = 204;

const hook = http.createServer((request, reply) => {
  let body = '';
  request.on('data', (data) => { body += data; });
  request.on('end', () => {
    calls.push({ headers: request.headers, body, method: request.method });
    reply.writeHead(answer, answer === 302 ? { location: '/other' } : {}).end();
  });
});

before(async () => {
  await new Promise((done) => hook.listen(0, '127.0.0.1', done));
  stack = await Stack.start(undefined, { builder: true });
  admin = await stack.signIn();
  const user = stack.addUser('ada');
  ada = await stack.signIn(user.email, user.password);
});
after(async () => {
  hook.close();
  await stack.stop();
});

const as = (...what) => stack.as(...what);
const ok = (...what) => stack.ok(...what);

async function refused(where, json, field, who = admin) {
  const reply = await as(who, 'PUT', where, json);
  assert.equal(reply.status, 422, reply.text);
  assert.ok(reply.json.errors.some((e) => e.field === field), reply.text);
  assert.ok(!reply.text.includes(secret));
}

const told = (event) => calls.filter(
  (call) => call.headers['x-mollymawk-event'] === event);
const mails = () => stack.mails();

let newest;

test('a webhook is told of a newer build, once', async () => {
  const url = `http://127.0.0.1:${hook.address().port}/told`;
  await ok(admin, 'PUT', '/settings/webhook', { url });
  for (const who of [admin, ada])
    await ok(who, 'PUT', '/me/notifications', { updates: 'at-once' });
  const { items } = (await stack.ask('GET',
    '/builders/builds/jobs/web?platform=debian-12')).json;
  newest = items[0];
  const { builder, job, build } = items.at(-1);
  const put = await stack.change('PUT', stack.at('web'),
    { build: { builder, job, build }, config: { memory: 32,
      networks: [{ name: 'service', bridge: 'service' }] } });
  assert.equal(put.status, 201, put.text);
  // To set a rule has builders asked.
  const rule = await as(admin, 'PUT', stack.at('web', '/automatic-update'),
    { mode: 'notify' });
  assert.equal(rule.status, 200, rule.text);
  await until(() => told('update.available').length > 0, 'it is told', 40000);
  const { at, ...event } = JSON.parse(told('update.available')[0].body);
  assert.deepEqual(event, { event: 'update.available',
    instance: stack.instance, project: stack.project, name: 'web', builder,
    job, build: newest.build, started_at: event.started_at, detail: null,
    link: `${stack.url}${stack.at('web')}?tab=update` });
  assert.equal(Date.parse(event.started_at), Date.parse(newest.started_at));
  assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60000);
});

test('only administrators set them', async () => {
  for (const where of ['/settings/mail', '/settings/webhook']) {
    assert.equal((await as(ada, 'GET', where)).status, 403);
    assert.equal((await as(ada, 'PUT', where, {})).status, 403);
    assert.equal((await as(ada, 'POST', `${where}/test`,
      { to: 'ada@example.org' })).status, 403);
  }
});

test('a mail server is set, and its password never shown', async () => {
  const server = { server: 'smtp://mail.example.org:587', tls: 'starttls',
    from: 'mollymawk@example.org', user: 'molly' };
  const shown = { ...server, password_set: true, folder: true };
  assert.deepEqual(await ok(admin, 'PUT', '/settings/mail',
    { ...server, password: secret }), shown);
  assert.deepEqual(await ok(admin, 'GET', '/settings/mail'), shown);
  // Left out, it is kept, but for the same login alone.
  assert.deepEqual(await ok(admin, 'PUT', '/settings/mail', server), shown);
  for (const other of [{ server: 'smtp://mail.example.net:587' },
    { user: 'other' }, { tls: 'tls' }])
    await refused('/settings/mail', { ...server, ...other }, 'password');
  assert.deepEqual(await ok(admin, 'PUT', '/settings/mail',
    { ...server, password: null }), { ...shown, password_set: false });
});

test('a mail server must make sense', async () => {
  const base = { server: 'smtp://localhost:25', tls: 'none',
    from: 'm@example.org' };
  await ok(admin, 'PUT', '/settings/mail', base);
  await refused('/settings/mail', { ...base, server: 'http://localhost' },
    'server');
  await refused('/settings/mail', { ...base, server: 'smtp://a b' }, 'server');
  await refused('/settings/mail', { ...base, server: 'smtp://mail.example.org' },
    'tls');
  await refused('/settings/mail', { ...base, tls: 'perhaps' }, 'tls');
  await refused('/settings/mail', { ...base, from: 'm@example.org>\r\nBcc: x@y' },
    'from');
  await refused('/settings/mail', { server: base.server, tls: 'none' }, 'from');
});

test('a test mail lies in the folder', async () => {
  const toEve = () => mails().filter(({ text }) => /^To: <eve@/m.test(text));
  assert.deepEqual(await ok(admin, 'POST', '/settings/mail/test',
    { to: 'eve@example.org' }), { sent: true });
  const [{ file, text }] = toEve();
  assert.match(file, /^\d+-\w+\.eml$/);
  assert.match(text, /^From: Mollymawk <m@example\.org>\r\nTo: <eve@example\.org>\r\n/);
  assert.match(text, /\r\n\r\nMails of http:.* arrive\.\r\n$/);
  const reply = await as(admin, 'POST', '/settings/mail/test',
    { to: 'eve@example.org\r\nBcc: ada@example.org' });
  assert.equal(reply.status, 422, reply.text);
  assert.equal(toEve().length, 1);
});

test('a webhook is told, signed, and its secret never shown', async () => {
  const url = `http://127.0.0.1:${hook.address().port}/told`;
  assert.deepEqual(await ok(admin, 'PUT', '/settings/webhook', { url, secret }),
    { url, secret_set: true });
  assert.deepEqual(await ok(admin, 'PUT', '/settings/webhook', { url }),
    { url, secret_set: true });
  assert.deepEqual(await ok(admin, 'POST', '/settings/webhook/test'),
    { sent: true });
  const [call] = told('test');
  assert.equal(call.method, 'POST');
  assert.equal(call.headers['content-type'], 'application/json');
  assert.equal(call.headers['x-mollymawk-event'], 'test');
  assert.match(call.headers['x-mollymawk-delivery'], /^\w+$/);
  assert.equal(call.headers['x-mollymawk-signature'],
    `sha256=${createHmac('sha256', secret).update(call.body).digest('hex')}`);
  assert.equal(JSON.parse(call.body).event, 'test');
});

test('what a webhook does not take is said', async () => {
  for (const [status, says] of [[500, /500/], [302, /not followed/]]) {
    answer = status;
    const reply = await as(admin, 'POST', '/settings/webhook/test');
    assert.equal(reply.status, 502);
    assert.equal(reply.json.code, 'webhook');
    assert.match(reply.json.detail, says);
  }
  answer = 204;
  assert.equal(told('test').length, 3);
});

test('a webhook is https, or on this machine', async () => {
  for (const url of ['http://example.org/', 'ftp://example.org/', 'x',
    'https://user:pass@example.org/', 'http://127.0.0.1.example.org/'])
    await refused('/settings/webhook', { url }, 'url');
  assert.deepEqual(await ok(admin, 'PUT', '/settings/webhook',
    { url: null, secret: null }), { url: null, secret_set: false });
  const none = await as(admin, 'POST', '/settings/webhook/test');
  assert.equal(none.status, 502);
});

test('everybody says how they want to be told', async () => {
  const off = { updates: 'off', alerts: 'off', alerts_all: true, email: 'ada@example.org', mail_set_up: true };
  assert.deepEqual(await ok(ada, 'GET', '/me/notifications'),
    { ...off, updates: 'at-once' });
  for (const updates of ['daily', 'at-once', 'at-once', 'off', 'off', 'daily']) {
    assert.deepEqual(await ok(ada, 'PUT', '/me/notifications', { updates }),
      { ...off, updates });
    assert.equal((await ok(ada, 'GET', '/me/notifications')).updates, updates);
  }
  // What is left out stays as it is.
  const alerts = { ...off, updates: 'daily', alerts: 'at-once',
    alerts_all: false };
  assert.deepEqual(await ok(ada, 'PUT', '/me/notifications',
    { alerts: 'at-once', alerts_all: false }), alerts);
  assert.deepEqual(await ok(ada, 'PUT', '/me/notifications',
    { updates: 'off' }), { ...alerts, updates: 'off' });
  assert.deepEqual(await ok(ada, 'PUT', '/me/notifications', {}),
    { ...alerts, updates: 'off' });
  await refused('/me/notifications', { updates: 'hourly' }, 'updates', ada);
  await refused('/me/notifications', { alerts: 'hourly' }, 'alerts', ada);
  assert.equal((await ok(admin, 'GET', '/me/notifications')).updates, 'at-once');
  const token = await stack.ask('GET', '/me/notifications');
  assert.equal(token.status, 403);
});

test('who sees it and wishes it has a mail about the newer build', async () => {
  const about = () => mails().filter(({ text }) => /^Subject: Upd/m.test(text));
  await until(() => about().length > 0, 'there is a mail', 40000);
  const [{ text }] = about();
  assert.match(text, /^To: <admin@example\.org>\r$/m);
  assert.match(text, new RegExp(
    `^Subject: Update available: ${stack.instance}/${stack.project}/web\r$`, 'm'));
  assert.ok(text.includes(`${stack.url}${stack.at('web')}?tab=update\r\n`), text);
  assert.ok(text.includes(newest.started_at.slice(0, 10)), text);
  assert.equal(about().length, 1);
  assert.equal(told('update.available').length, 1);
});

test('no log has a secret', () => {
  for (const name of ['fcgi', 'auth'])
    assert.ok(!/do not tell|mmg_/.test(stack.log(name)), name);
});

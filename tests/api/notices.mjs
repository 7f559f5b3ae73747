// SPDX-License-Identifier: ISC
// How people and programs are told: who may set it, that secrets never come
// back, a mail into the folder and a signed call to a webhook.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Stack } from './stack.mjs';

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
  stack = await Stack.start();
  admin = await stack.signIn();
  const user = stack.addUser('ada');
  ada = await stack.signIn(user.email, user.password);
});
after(async () => {
  hook.close();
  await stack.stop();
});

const as = (who, method, where, json) =>
  stack.ask(method, where, { token: null, headers: who.headers, json });

async function ok(who, method, where, json) {
  const reply = await as(who, method, where, json);
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
}

async function refused(where, json, field, who = admin) {
  const reply = await as(who, 'PUT', where, json);
  assert.equal(reply.status, 422, reply.text);
  assert.ok(reply.json.errors.some((e) => e.field === field), reply.text);
  assert.ok(!reply.text.includes(secret));
}

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
  const dir = path.join(stack.dir, 'mail');
  assert.deepEqual(await ok(admin, 'POST', '/settings/mail/test',
    { to: 'ada@example.org' }), { sent: true });
  const files = fs.readdirSync(dir);
  assert.equal(files.length, 1);
  assert.match(files[0], /^\d+-\w+\.eml$/);
  const text = fs.readFileSync(path.join(dir, files[0]), 'latin1');
  assert.match(text, /^From: Mollymawk <m@example\.org>\r\nTo: <ada@example\.org>\r\n/);
  assert.match(text, /\r\n\r\nMails of http:.* arrive\.\r\n$/);
  const reply = await as(admin, 'POST', '/settings/mail/test',
    { to: 'ada@example.org\r\nBcc: eve@example.org' });
  assert.equal(reply.status, 422, reply.text);
  assert.equal(fs.readdirSync(dir).length, 1);
});

test('a webhook is told, signed, and its secret never shown', async () => {
  const url = `http://127.0.0.1:${hook.address().port}/told`;
  const none = await as(admin, 'POST', '/settings/webhook/test');
  assert.equal(none.status, 502);
  assert.deepEqual(await ok(admin, 'PUT', '/settings/webhook', { url, secret }),
    { url, secret_set: true });
  assert.deepEqual(await ok(admin, 'PUT', '/settings/webhook', { url }),
    { url, secret_set: true });
  assert.deepEqual(await ok(admin, 'POST', '/settings/webhook/test'),
    { sent: true });
  const [call] = calls;
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
  assert.equal(calls.length, 3);
});

test('a webhook is https, or on this machine', async () => {
  for (const url of ['http://example.org/', 'ftp://example.org/', 'x',
    'https://user:pass@example.org/', 'http://127.0.0.1.example.org/'])
    await refused('/settings/webhook', { url }, 'url');
  assert.deepEqual(await ok(admin, 'PUT', '/settings/webhook',
    { url: null, secret: null }), { url: null, secret_set: false });
});

test('everybody says how they want to be told', async () => {
  const off = { updates: 'off', email: 'ada@example.org', mail_set_up: true };
  assert.deepEqual(await ok(ada, 'GET', '/me/notifications'), off);
  for (const updates of ['daily', 'at-once', 'at-once', 'off', 'off', 'daily']) {
    assert.deepEqual(await ok(ada, 'PUT', '/me/notifications', { updates }),
      { ...off, updates });
    assert.equal((await ok(ada, 'GET', '/me/notifications')).updates, updates);
  }
  await refused('/me/notifications', { updates: 'hourly' }, 'updates', ada);
  assert.equal((await ok(admin, 'GET', '/me/notifications')).updates, 'off');
  const token = await stack.ask('GET', '/me/notifications');
  assert.equal(token.status, 403);
});

test('no log has a secret', () => {
  for (const name of ['fcgi', 'auth'])
    assert.ok(!/do not tell|mmg_/.test(stack.log(name)), name);
});

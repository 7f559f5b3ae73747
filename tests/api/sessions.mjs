// SPDX-License-Identifier: ISC
// Signing in and out as a browser does, and what protects it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stack } from './stack.mjs';

let stack;
before(async () => { stack = await Stack.start(); });
after(() => stack.stop());

test('a wrong password and an unknown e-mail are told alike', async () => {
  const answers = [];
  for (const json of [
    { email: stack.email, password: 'not the password' },
    { email: 'nobody@example.org', password: 'not the password' }]) {
    const reply = await stack.ask('POST', '/session', { token: null, json });
    assert.equal(reply.status, 401);
    answers.push([reply.json.code, reply.json.title, reply.json.detail]);
  }
  assert.deepEqual(answers[0], answers[1]);
});

test('signing in sets two cookies that scripts can not read', async () => {
  const reply = await stack.ask('POST', '/session', { token: null,
    json: { email: stack.email, password: stack.password } });
  assert.equal(reply.status, 200);
  const cookies = reply.headers.getSetCookie();
  assert.equal(cookies.length, 3);
  for (const cookie of cookies) {
    assert.match(cookie, /; *HttpOnly/i);
    assert.match(cookie, /; *SameSite=Strict/i);
  }
  for (const name of ['refresh', 'device'])
    assert.match(cookies.find((c) => c.startsWith(`mollymawk-${name}=`)),
      /; *Path=\/api\/v1\/session(;|$)/);
  assert.doesNotMatch(reply.text, /eyJ|password|hash/);
});

test('the session says who I am and what I may', async () => {
  const { headers } = await stack.signIn();
  const reply = await stack.ask('GET', '/session', { token: null, headers });
  assert.equal(reply.status, 200);
  assert.equal(reply.json.user.email, stack.email);
  assert.equal(reply.json.user.admin, true);
  assert.equal(reply.json.via, 'session');
  assert.deepEqual(reply.json.projects.map((p) => [p.name, p.role]),
    [['admin', 'owner']]);
});

test('a cookie works from the same site only', async () => {
  const { cookie } = await stack.signIn();
  const send = (headers) => stack.ask('DELETE', stack.at('nothing'),
    { token: null, headers: { cookie, ...headers } });
  for (const headers of [
    { 'sec-fetch-site': 'cross-site', origin: stack.url },
    { 'sec-fetch-site': 'same-site' }, { origin: 'https://evil.example' },
    { origin: 'null' }, {}]) {
    const reply = await send(headers);
    assert.equal(reply.status, 403, JSON.stringify(headers));
    assert.equal(reply.json.code, 'cross-site');
  }
  assert.equal((await send({ 'sec-fetch-site': 'same-origin' })).status, 404);
  assert.equal((await send({ origin: stack.url })).status, 404);
});

test('signing in from another site is refused', async () => {
  const reply = await stack.ask('POST', '/session', { token: null,
    headers: { 'sec-fetch-site': 'cross-site' },
    json: { email: stack.email, password: stack.password } });
  assert.equal(reply.status, 403);
});

test('a cookie and a bearer together are refused', async () => {
  const { headers } = await stack.signIn();
  const reply = await stack.ask('GET', '/session', { headers });
  assert.equal(reply.status, 400);
  assert.equal(reply.json.code, 'two-credentials');
});

test('a form can not sign in or post', async () => {
  const { headers } = await stack.signIn();
  const reply = await stack.ask('POST', '/tokens', { token: null,
    headers: { ...headers, 'content-type': 'text/plain' },
    json: { name: 'x', scopes: ['unikernel:read'] } });
  assert.equal(reply.status, 415);
});

test('refresh gives a new pair', async () => {
  const { headers, cookie } = await stack.signIn();
  const reply = await stack.ask('POST', '/session/refresh',
    { token: null, headers });
  const { cookie: renewed } = stack.session(reply);
  assert.notEqual(renewed, cookie);
  const who = await stack.ask('GET', '/session',
    { token: null, headers: { cookie: renewed } });
  assert.equal(who.status, 200);
});

test('signing out works at once', async () => {
  const { headers } = await stack.signIn();
  const out = await stack.ask('DELETE', '/session', { token: null, headers });
  assert.equal(out.status, 204);
  for (const [method, where] of [['GET', '/session'], ['GET', '/unikernels'],
    ['POST', '/session/refresh']]) {
    const reply = await stack.ask(method, where, { token: null, headers });
    assert.equal(reply.status, 401, `${method} ${where}`);
  }
});

test('a changed or foreign cookie is no session', async () => {
  const { cookie } = await stack.signIn();
  const [name, jwt] = cookie.split('; ')[0].split('=');
  const [head, body, sign] = jwt.split('.');
  const none = Buffer.from('{"alg":"none"}').toString('base64url');
  for (const value of [`${head}.${body}.${sign.slice(0, -2)}xx`,
    `${none}.${body}.`, `${none}.${body}.${sign}`, `${head}.${body}`, 'x',
    'a'.repeat(5000), '']) {
    const reply = await stack.ask('GET', '/session',
      { token: null, headers: { cookie: `${name}=${value}` } });
    assert.ok([400, 401].includes(reply.status), value.slice(0, 60));
  }
});

test('five wrong passwords slow down, but not who is known', async () => {
  const other = stack.addUser('other');
  const { cookie } = await stack.signIn(other.email, other.password);
  const device = cookie.match(/mollymawk-device=[^;]+/)[0];
  const send = (password, headers = {}) => stack.ask('POST', '/session',
    { token: null, headers, json: { email: other.email, password } });
  let last;
  // The delay begins short and doubles: a slow machine needs a few more.
  for (let i = 0; i < 20 && last?.status !== 429; i++)
    last = await send('wrong wrong');
  assert.equal(last.status, 429);
  const wait = Number(last.headers.get('retry-after'));
  assert.ok(wait >= 1 && wait <= 900, wait);
  assert.equal((await send(other.password)).status, 429);
  // The browser they signed in with before, at the same address even.
  assert.equal((await send(other.password, { cookie: device })).status, 200);
  // And other accounts are not concerned.
  await stack.signIn();
});

test('what gives power wants the password again after a while', async () => {
  const { headers } = await stack.signIn();
  const send = (where, json) => stack.ask('POST', where,
    { token: null, headers, json });
  const token = { name: 'x', scopes: ['unikernel:read'], expires_in_days: 1 };
  assert.equal((await send('/tokens', token)).status, 201);
  stack.forgetProofs();
  const refused = await send('/tokens', token);
  assert.equal(refused.status, 403);
  assert.equal(refused.json.code, 'confirmation-needed');
  const wrong = await send('/session/confirm', { password: 'wrong wrong' });
  assert.equal(wrong.status, 422);
  assert.equal(wrong.json.errors[0].field, 'password');
  const right = await send('/session/confirm', { password: stack.password });
  assert.equal(right.status, 200, right.text);
  assert.ok(Date.now() - Date.parse(right.json.proved_at) < 60000);
  assert.equal((await send('/tokens', token)).status, 201);
});

test('a token needs no confirmation, and gives none', async () => {
  stack.forgetProofs();
  assert.equal((await stack.ask('GET', '/instances')).status, 200);
  const reply = await stack.ask('POST', '/session/confirm',
    { json: { password: stack.password } });
  assert.equal(reply.status, 403);
});

test('set-up is over once there is an admin', async () => {
  const status = await stack.ask('GET', '/setup', { token: null });
  assert.deepEqual(status.json, { needed: false });
  const reply = await stack.ask('POST', '/setup', { token: null, json: {
    secret: 'x'.repeat(32), email: 'b@example.org', name: 'bob',
    password: 'long enough to pass' } });
  assert.ok([403, 404, 409].includes(reply.status), reply.text);
});

test('a user without projects of others sees nothing of them', async () => {
  await stack.deploy('secret');
  const bob = await stack.person('bob');
  const send = (method, where, more = {}) => stack.ask(method, where,
    { token: null, headers: bob.headers, ...more });
  assert.deepEqual((await send('GET', '/unikernels')).json.items, []);
  for (const [method, where] of [['GET', stack.at('secret')],
    ['DELETE', stack.at('secret')], ['POST', stack.at('secret', '/restart')],
    ['GET', stack.at('secret', '/console')]])
    assert.equal((await send(method, where)).status, 404,
      `${method} ${where}`);
  const listed = await send('GET', '/instances');
  assert.equal(listed.status, 200);
  for (const instance of listed.json.items)
    assert.equal(instance.host, undefined);
  const add = await send('POST', '/instances',
    { json: { name: 'x', host: 'h', certificate: 'c', key: 'k' } });
  assert.equal(add.status, 403);
  const policy = await send('PUT', `/projects/bob/policies/${stack.instance}`,
    { json: { unikernels: 1, memory: 32, block: null, cpus: [0], bridges: [] } });
  assert.equal(policy.status, 403);
});

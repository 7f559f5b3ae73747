// SPDX-License-Identifier: ISC
// What is known to be unsafe in the system of this kind that was there before,
// one by one and by name: none of it is so here.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Stack, build, source, until } from './stack.mjs';

let stack, admin, bob;
const said = []; // every answer of this file, as text

before(async () => {
  stack = await Stack.start();
  admin = await stack.signIn();
  bob = await stack.person('bob');
  assert.equal((await stack.deploy('web')).status, 201);
});
after(() => stack.stop());

async function as(who, method, where, json) {
  const reply = await stack.as(who, method, where, json);
  said.push(reply.text);
  return reply;
}

const signIn = (email, password) => stack.nobody('POST', '/session',
  { email, password });

/** One column of the authority's database, as a list. */
const stored = (sql) => stack.authRow(sql).split('\n');

test('S1: no answer holds a hash, a token or the value of a session', async () => {
  const reply = await signIn(bob.email, bob.password);
  const values = reply.headers.getSetCookie()
    .map((line) => line.split(';')[0].split('=')[1]).filter(Boolean);
  assert.ok(values.length >= 2);
  const { secret } = (await stack.ok201(admin, 'POST', '/tokens',
    { name: 'ci', scopes: ['unikernel:read'] }));
  await as(admin, 'GET', '/tokens');
  for (const where of ['/session', '/me', '/me/sessions', '/users', '/audit'])
    assert.equal((await as(admin, 'GET', where)).status, 200, where);
  const all = [reply.text, ...said].join('\n');
  const hashes = stored('SELECT password FROM account');
  for (const one of [secret, ...values, ...hashes, '$argon2'])
    assert.ok(!all.includes(one), one.slice(0, 12));
});

test('S2: passwords are argon2id, tries cost time, and nobody learns who is there',
  async () => {
    for (const hash of stored('SELECT password FROM account'))
      assert.match(hash, /^\$argon2id\$v=19\$m=65536,t=3,p=1\$/);
    const wrong = await signIn(bob.email, 'not the password');
    const nobody = await signIn('nobody@example.org', 'not the password');
    const same = ({ json: { request_id: _, ...rest }, status }) =>
      ({ status, ...rest });
    assert.equal(wrong.status, 401);
    assert.deepEqual(same(wrong), same(nobody));
    let last;
    for (let i = 0; i < 8; i++) last = await signIn('nobody@example.org', 'x'.repeat(9));
    assert.equal(last.status, 429);
    assert.ok(Number(last.headers.get('retry-after')) > 0);
    // Whoever knows it comes in all the same.
    for (let i = 0; i < 8; i++) last = await signIn(bob.email, 'x'.repeat(9));
    assert.equal((await stack.as(bob, 'GET', '/session')).status, 200);
  });

test('S3: the keys of albatross are sealed, told to nobody, and no page loads ' +
  'what is not ours', async () => {
  const key = fs.readFileSync(path.join(stack.dir, 'albatross/ca.key'), 'utf8');
  const body = key.split('\n')[1];
  assert.ok(body.length > 20);
  assert.deepEqual(stack.filesWith(body, 'auth', 'state', 'log', 'run'), []);
  for (const where of ['/instances', `/instances/${stack.instance}`]) {
    const reply = await as(admin, 'GET', where);
    assert.ok(!/PRIVATE|BEGIN/.test(reply.text) && !reply.text.includes(body));
  }
  const page = await fetch(`${stack.url}/instances`);
  const html = await page.text();
  assert.match(page.headers.get('content-security-policy'),
    /default-src 'none'; script-src 'self'/);
  for (const [, where] of html.matchAll(/(?:src|href)="([^"]*)"/g))
    assert.match(where, /^\/(?!\/)/);
});

test('S4: tokens and sessions are stored as hashes, and what failed is not repeated',
  async () => {
    const { secret } = await stack.ok201(admin, 'POST', '/tokens',
      { name: 's4', scopes: ['unikernel:read'] });
    assert.equal((await stack.ask('GET', '/unikernels', { token: secret })).status,
      200);
    const [first] = stored('SELECT hex(hash) FROM token LIMIT 1');
    assert.match(first, /^[0-9A-F]{64}$/);
    const broken = secret.slice(0, -1) + (secret.endsWith('x') ? 'y' : 'x');
    const reply = await stack.ask('GET', '/unikernels', { token: broken });
    assert.equal(reply.status, 401);
    assert.ok(!reply.text.includes(broken.slice(4, 20)));
    const refresh = bob.cookie.match(/refresh=([^;]+)/)?.[1];
    for (const one of [secret, broken.slice(4, 24), refresh].filter(Boolean))
      assert.deepEqual(stack.filesWith(one, 'auth', 'state', 'log'), []);
  });

test('S5: a token has scopes and an end, and may be limited to places', async () => {
  const make = (json) => as(admin, 'POST', '/tokens', { name: 's5', ...json });
  assert.equal((await make({ scopes: [] })).status, 422);
  assert.equal((await make({ scopes: ['unikernel:read'],
    expires_in_days: 366 })).status, 422);
  const made = await make({ scopes: ['unikernel:read'] });
  const days = (Date.parse(made.json.token.expires_at) - Date.now()) / 86400e3;
  assert.ok(days > 29 && days < 31);
  const use = (method, where) => stack.ask(method, where,
    { token: made.json.secret });
  assert.equal((await use('GET', stack.at('web'))).status, 200);
  for (const [method, where] of [['DELETE', stack.at('web')],
    ['POST', stack.at('web', '/restart')], ['POST', '/tokens'], ['GET', '/users']])
    assert.equal((await use(method, where)).status, 403, `${method} ${where}`);
  const narrow = await make({ scopes: ['unikernel:read'], unikernels: ['db-*'],
    project: stack.project, instances: [stack.instance] });
  const reply = await stack.ask('GET', stack.at('web'),
    { token: narrow.json.secret });
  assert.equal(reply.status, 403);
});

test('S6: nobody watches what is not theirs, and names are names', async () => {
  for (const rest of ['', '/metrics', '/log', '/console?lines=1', '/deployments'])
    assert.equal((await as(bob, 'GET', stack.at('web', rest))).status, 404, rest);
  const topic = `metrics:${stack.instance}/${stack.project}/web`;
  const stream = await fetch(`${stack.url}/api/v1/events?topics=${topic}`,
    { headers: bob.headers });
  const text = stream.status === 200 ? await Promise.race([
    stream.body.getReader().read().then(({ value }) => `${Buffer.from(value ?? '')}`),
    new Promise((done) => setTimeout(done, 3000, ''))]) : '';
  assert.ok(!/"cpu|"memory/.test(text), text);
  for (const name of ['a b', '-x', '..', 'x%00', '127.0.0.1:80%2f', 'a'.repeat(64)])
    assert.ok([400, 404, 422].includes((await as(admin, 'GET',
      `/unikernels/${stack.instance}/${stack.project}/${name}/metrics`)).status),
    name);
});

test('S7: whoever comes later gets nothing of who was there before', async () => {
  const eve = await stack.person('eve');
  assert.equal((await as(admin, 'PUT',
    `/projects/eve/policies/${stack.instance}`,
    { unikernels: 2, memory: 64, cpus: [0], bridges: [] })).status, 200);
  const put = await fetch(`${stack.url}/api/v1/unikernels/${stack.instance}/eve/` +
    'hers?memory=16&wait=60&grace=1', { method: 'PUT', headers: { ...eve.headers,
    'content-type': 'application/octet-stream' },
  body: fs.readFileSync(stack.sample) });
  assert.equal(put.status, 201, await put.text());
  const { items } = (await as(admin, 'GET', '/users?q=eve')).json;
  const gone = await as(admin, 'DELETE', `/users/${items[0].id}`);
  assert.ok(gone.status < 300, gone.text);
  await as(admin, 'PUT', '/settings/registration',
    { mode: 'open', approval: false, domains: [] });
  const again = await stack.nobody('POST', '/accounts',
    { email: 'other@example.org', name: 'eve', password: 'another horse' });
  assert.equal(again.status, 409, again.text);
  assert.equal(again.json.errors[0].field, 'name');
  // It still runs, for administrators to see.
  const list = await as(admin, 'GET', '/unikernels?project=eve');
  assert.equal(list.status, 200, list.text);
  assert.ok(list.text.includes('"hers"'), list.text);
});

test('S8: cookies are closed, headers are set, and a new password ends the rest',
  async () => {
    const { email, password } = stack.addUser('carl');
    const reply = await signIn(email, password);
    for (const line of reply.headers.getSetCookie())
      assert.match(line, /HttpOnly/i, line.split('=')[0]);
    assert.ok(reply.headers.getSetCookie().every((line) => /SameSite=Strict/i.test(line)));
    const page = await fetch(stack.url);
    assert.equal(page.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(page.headers.get('referrer-policy'), 'no-referrer');
    const nginx = fs.readFileSync(path.join(source, 'nginx/mollymawk.conf.in'), 'utf8');
    assert.match(nginx, /mollymawk_hsts "max-age=\d{7,}/);
    const one = await stack.signIn(email, password);
    const two = await stack.signIn(email, password);
    const { secret } = await stack.ok201(one, 'POST', '/tokens',
      { name: 'carls', scopes: ['unikernel:read'] });
    const changed = await as(one, 'POST', '/me/password',
      { current: password, password: 'a longer horse', revoke_tokens: true });
    assert.equal(changed.status, 204, changed.text);
    assert.equal((await stack.as(two, 'GET', '/session')).status, 401);
    assert.equal((await stack.ask('GET', '/unikernels',
      { token: secret })).status, 401);
    assert.equal((await signIn(email, password)).status, 401);
  });

test('S9: nothing leads elsewhere, health checks stay outside, and looking ' +
  'changes nothing', async () => {
  for (const where of ['/?callback=//evil.example', '/sign-in?next=//evil.example',
    '/api/v1/session?callback=//evil.example', '//evil.example/%2e%2e']) {
    const reply = await fetch(stack.url + where, { redirect: 'manual' });
    assert.ok(![301, 302, 303, 307, 308].includes(reply.status) ||
      reply.headers.get('location').startsWith(stack.url), where);
  }
  for (const address of ['127.0.0.1', '::1', '169.254.169.254', '10.0.0.1'])
    for (const check of [{ type: 'http', port: 80 }, { type: 'tcp', port: 22 },
      { type: 'dns', name: 'x.example' }]) {
      const reply = await as(admin, 'PUT', stack.at('web', '/health-check'),
        { ...check, address });
      assert.equal(reply.status, 422, reply.text);
      assert.ok(reply.json.errors.some((e) => e.field === 'address'), reply.text);
    }
  const rows = () => stored("SELECT COUNT(*) FROM audit WHERE action NOT IN ('watch'," +
    " 'mint', 'instance-level')")[0];
  const api = (await as(admin, 'GET', '/openapi.json')).json;
  const before = rows();
  for (const [pattern, on] of Object.entries(api.paths)) {
    if (!on.get || /\/events$|console$|\/session$/.test(pattern)) continue;
    const where = pattern.replace('{instance}', stack.instance)
      .replace('{project}', stack.project).replace('{name}', 'web')
      .replace(/\{\w+\}/g, 'x');
    await as(admin, 'GET', where);
  }
  assert.equal(rows(), before);
});

test('S10: what was done and what was tried is written down, and lasts', async () => {
  await signIn(bob.email, 'not the password');
  const list = (await as(admin, 'GET', '/audit?limit=200')).json.items;
  for (const action of ['token-create', 'login'])
    assert.ok(list.some((row) => row.action === action && row.result === 'ok'),
      action);
  assert.ok(list.some((row) => row.action === 'login' && row.result !== 'ok'));
  assert.match(execFileSync(path.join(build, 'mollymawk-auth'), ['audit-verify', '--dir',
    path.join(stack.dir, 'auth')], { encoding: 'utf8' }), /whole/);
  const health = () => as(admin, 'GET', `/instances/${stack.instance}/health`);
  await stack.fault('refuse');
  await until(async () => {
    await as(admin, 'POST', `/instances/${stack.instance}/probe`);
    return (await health()).json.outages.length > 0;
  }, 'the outage is known');
  await stack.fault('none');
  await stack.restart('fcgi');
  assert.ok((await health()).json.outages.length > 0);
});

test('S11: a second factor, invitations, and a closed door', async () => {
  const dora = await stack.person('dora');
  const otp = await as(dora, 'POST', '/me/otp');
  assert.ok(otp.status < 300 && /^otpauth:\/\/totp\//.test(otp.json.uri), otp.text);
  assert.equal((await as(admin, 'PUT', '/settings/registration',
    { mode: 'closed', approval: true, domains: [] })).status, 200);
  const register = (more) => stack.nobody('POST', '/accounts',
    { email: 'new@example.org', name: 'newcomer', password: 'another horse',
      ...more });
  assert.equal((await register({})).status, 403);
  assert.equal((await as(admin, 'PUT', '/settings/registration',
    { mode: 'invitation', approval: true, domains: [] })).status, 200);
  assert.equal((await register({})).status, 403);
  const made = await as(admin, 'POST', '/invitations', { email: 'new@example.org' });
  assert.ok(made.status < 300, made.text);
  const [, invitation] = made.json.link.match(/secret=(\S+)$/);
  const welcome = await register({ invitation });
  assert.ok(welcome.status < 300, welcome.text);
});

test('S12: an image is held against the digest one expects, and builders are chosen',
  async () => {
    const reply = await stack.deploy('web', stack.sample,
      `?memory=16&digest=${'0'.repeat(64)}`);
    assert.equal(reply.status, 422);
    assert.equal(reply.json.code, 'digest-mismatch');
    const set = await as(admin, 'GET', '/settings/builders');
    assert.equal(set.status, 200);
    assert.ok(Array.isArray(set.json.builders), set.text);
  });

test('S13: secrets among the arguments are shown nowhere', async () => {
  const value = 'MIGHAgEAMBMGByqGSM49';
  assert.equal((await as(admin, 'PUT', `/projects/${stack.project}/secrets/key`,
    { value })).status, 204);
  const reply = await stack.deploy('web', stack.sample,
    `?memory=32&arg=${encodeURIComponent('--key=${secret:key}')}`);
  assert.ok(reply.status < 300, reply.text);
  for (const where of [stack.at('web'), '/unikernels', stack.at('web', '/deployments'),
    `/deployments/${reply.json.id}`, '/audit',
    `/projects/${stack.project}/secrets`])
    assert.ok(!(await as(admin, 'GET', where)).text.includes(value), where);
  assert.deepEqual(stack.filesWith(value, 'auth', 'log', 'state').filter((file) =>
    !file.includes('/state/logs/')), []);
});

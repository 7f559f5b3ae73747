// SPDX-License-Identifier: ISC
// The audit log: what was done and what was refused is in it, it is looked
// through and exported, and it is whole.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Stack, build } from './stack.mjs';

let stack, admin, bob;
before(async () => {
  stack = await Stack.start();
  admin = await stack.signIn();
  bob = await stack.person('bob');
});
after(() => stack.stop());

const list = (query = '') => stack.ok(admin, 'GET', `/audit?${query}`);
const newest = async (query) => (await list(`limit=1&${query}`)).items[0];

test('what is done is told, with who, by what, from where', async () => {
  const made = await stack.as(admin, 'POST', '/tokens',
    { name: 'ci', scopes: ['unikernel:read'], expires_in_days: 1 });
  assert.equal(made.status, 201, made.text);
  const row = await newest('action=token-create');
  assert.equal(row.result, 'ok');
  assert.equal(row.actor, admin.session.user.name);
  assert.equal(row.actor_id, admin.session.user.id);
  assert.equal(row.credential.kind, 'session');
  assert.equal(row.address, '127.0.0.1');
  assert.equal(row.target, made.json.token.id);
  assert.equal(row.request_id, made.headers.get('x-request-id'));
  assert.match(row.at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  const { secret } = made.json;
  assert.ok(!JSON.stringify(await list()).includes(secret));
});

test('what is refused is told too, wherever it was refused', async () => {
  const place = `${stack.instance}/${stack.project}/web`;
  // By the authority, to somebody known.
  let reply = await stack.as(bob, 'DELETE', stack.at('web'));
  assert.ok([403, 404].includes(reply.status), reply.text);
  let row = await newest('result=refused&actor=bob');
  assert.equal(row.action, 'request');
  assert.equal(row.target, place);
  assert.match(row.detail, /^DELETE \/unikernels/);
  assert.equal(row.request_id, reply.headers.get('x-request-id'));
  // At the door: no credential, and a token where a person is asked for.
  reply = await stack.ask('DELETE', stack.at('web'), { token: null });
  assert.equal(reply.status, 401);
  row = await newest('actor=-&action=request');
  assert.equal(row.result, 'unauthenticated');
  assert.equal(row.target, place);
  reply = await stack.ask('DELETE', '/tokens/0123');
  assert.equal(reply.status, 403);
  row = await newest('target=0123');
  assert.equal(row.result, 'forbidden');
  assert.equal(row.credential.kind, 'token');
  // From another site.
  reply = await stack.ask('DELETE', '/session', { token: null,
    headers: { cookie: admin.cookie, origin: 'https://evil.example' } });
  assert.equal(reply.json.code, 'cross-site');
  row = await newest('result=cross-site');
  assert.equal(row.actor, admin.session.user.name);
});

test('a secret that is sent as a name is not written down', async () => {
  await stack.ask('DELETE', `/tokens/${stack.token}`);
  await stack.nobody('POST', '/session',
    { email: 'hunter2', password: 'hunter3' });
  const text = JSON.stringify(await list('limit=1000'));
  assert.ok(!text.includes(stack.token));
  assert.ok(!/hunter/.test(text));
  assert.equal((await newest('action=login&result=bad-login')).target, '-');
});

test('changes of what others keep are told as requests', async () => {
  const { json } = await stack.as(admin, 'GET', '/settings/retention');
  const reply = await stack.as(admin, 'PUT', '/settings/retention', json);
  assert.equal(reply.status, 200, reply.text);
  const row = await newest('action=request&result=ok');
  assert.equal(row.detail, 'PUT /settings/retention');
});

test('reads are not in it, refused or not', async () => {
  const before = (await list('limit=1')).items[0].id;
  assert.equal((await stack.as(bob, 'GET', '/audit')).status, 403);
  assert.equal((await stack.ask('GET', '/audit', { token: null })).status, 401);
  await stack.as(bob, 'GET', stack.at('web'));
  const rows = (await list(`limit=50`)).items.filter((r) => r.id > before);
  assert.deepEqual(rows.filter((r) => r.action !== 'watch' &&
    r.action !== 'instance-level'), []);
});

test('pages follow one another, newest first', async () => {
  const ids = [];
  let cursor = '';
  do {
    const page = await list(`limit=3${cursor}`);
    ids.push(...page.items.map((row) => row.id));
    cursor = page.next && `&cursor=${page.next}`;
  } while (cursor);
  assert.deepEqual(ids, [...ids].sort((a, b) => b - a));
  assert.equal(ids.at(-1), 1);
  assert.equal(new Set(ids).size, ids.length);
});

test('times bound what is shown', async () => {
  const first = (await list('limit=1000')).items.at(-1);
  assert.deepEqual((await list('to=2001-01-01T00:00:00Z')).items, []);
  assert.ok((await list(`from=${first.at}&limit=1000`)).items.length > 3);
  const future = await list('from=2100-01-01T00:00:00Z');
  assert.deepEqual(future, { items: [], next: null });
});

test('wrong questions are told why', async () => {
  for (const query of ['from=yesterday', 'format=csv', 'cursor=zz', 'limit=0',
    'format=jsonl&limit=3', `actor=${'x'.repeat(300)}`, 'who=bob']) {
    const reply = await stack.as(admin, 'GET', `/audit?${query}`);
    assert.equal(reply.status, 422, `${query}: ${reply.text}`);
  }
});

test('the export is all of it, however much, as JSON lines', async () => {
  // More than one message of the authority holds.
  const big = 'x'.repeat(60);
  const make = async (n) => {
    const { token } = await stack.ok201(admin, 'POST', '/tokens', { name:
      `${big}${n}`.slice(-64), scopes: ['unikernel:read'], expires_in_days: 1 });
    await stack.as(admin, 'DELETE', `/tokens/${token.id}`);
  };
  for (let i = 0; i < 40; i++)
    await Promise.all(Array.from({ length: 15 }, (_, j) => make(i * 15 + j)));
  const reply = await fetch(
    `${stack.url}/api/v1/audit?format=jsonl&action=token-create`,
    { headers: admin.headers });
  assert.equal(reply.status, 200);
  assert.match(reply.headers.get('content-type'), /^application\/jsonl/);
  assert.match(reply.headers.get('content-disposition'), /audit\.jsonl/);
  const rows = (await reply.text()).trimEnd().split('\n').map((l) => JSON.parse(l));
  assert.ok(rows.length > 600, String(rows.length));
  assert.ok(rows.every((row) => row.action === 'token-create'));
  assert.deepEqual(Object.keys(rows[0]).sort(),
    Object.keys(await newest('')).sort());
});

test('a flood of refused requests is a few rows', async () => {
  const before = (await list('limit=1')).items[0].id;
  for (let i = 0; i < 20; i++)
    await Promise.all(Array.from({ length: 20 }, () => stack.ask('POST',
      '/instances', { token: 'mmk_nonsense', json: {} })));
  const after = (await list('limit=1')).items[0].id;
  assert.ok(after - before < 20, `${after - before} rows`);
});

test('the log is whole', () => {
  assert.match(execFileSync(path.join(build, 'mollymawk-auth'),
    ['audit-verify', '--dir', path.join(stack.dir, 'auth')],
    { encoding: 'utf8' }), /whole/);
});

// SPDX-License-Identifier: ISC
// Every route of doc/openapi.yaml, which is held against the table of routes:
// without credentials, with expired ones, with those for something else, as
// somebody of another project, and as somebody who may.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Stack, sha256 } from './stack.mjs';
import fs from 'node:fs';

let stack, admin, stranger, api, ids;

/** What stands for {id} and the like in a path that begins so. */
const unknown = '00000000-0000-4000-8000-000000000000';

before(async () => {
  stack = await Stack.start(undefined);
  admin = await stack.signIn();
  stranger = await stack.person('mallory');
  const deployed = await stack.deploy('web');
  assert.equal(deployed.status, 201, deployed.text);
  await made('PUT', stack.volume('disk'), { size: 1 });
  const copy = await made('POST', `${stack.volume('disk', '/copies')}?wait=60`);
  const { token } = await made('POST', '/tokens',
    { name: 'theirs', scopes: ['unikernel:read'] });
  ids = { tokens: token.id, deployments: deployed.json.id, copies: copy.id,
    operations: copy.id, builders: 'robur', images: sha256(
      fs.readFileSync(stack.sample)) };
  api = (await stack.ask('GET', '/openapi.json')).json;
});
after(() => stack.stop());

async function made(method, where, json) {
  const reply = await stack.as(admin, method, where, json);
  assert.ok(reply.status < 300, `${method} ${where}: ${reply.text}`);
  return reply.json;
}

/** $ref, followed. */
function whole(o) {
  return o?.$ref ? o.$ref.slice(2).split('/').reduce((at, key) => at[key], api) : o;
}

/** All there is: [{method, pattern, where, scope, open, session, json}] */
function routes() {
  return Object.entries(api.paths).flatMap(([pattern, on]) =>
    Object.entries(on).filter(([method]) => method !== 'parameters')
      .map(([method, o]) => routeOf(method.toUpperCase(), pattern, on, o)));
}

function routeOf(method, pattern, on, o) {
  const query = [...on.parameters ?? [], ...o.parameters ?? []].map(whole)
    .filter((p) => p.in === 'query').map((p) => p.name);
  const [, root, item] = pattern.split('/');
  const names = { instance: stack.instance, project: stack.project,
    name: root === 'volumes' ? 'disk' : 'web', user: 'admin', job: 'x' };
  const where = pattern.replace(/\{(\w+)\}/g, (_, key) =>
    names[key] ?? ids[root === 'me' ? item : root] ?? unknown);
  const security = o.security ?? api.security;
  const content = whole(o.requestBody)?.content?.['application/json'];
  return { method, pattern, scope: o['x-scope'],
    name: `${method} ${pattern}`,
    where: query.includes('project') ? `${where}?project=${stack.project}` : where,
    open: security.length === 0 || security.some((s) => !Object.keys(s).length),
    session: security.every((s) => 'session' in s),
    // Nothing but a place names whose it is, or an id that is there.
    placed: /\{project\}/.test(pattern) || query.includes('project'),
    owned: /\{(id|sha256)\}/.test(pattern) && !where.includes(unknown) &&
      !['builders', 'operations'].includes(root),
    json: content && (content.example ??
      Object.values(content.examples ?? {})[0]?.value ?? {}) };
}

/** Only how it begins: some answers have no end. */
async function status(route, headers) {
  const reply = await fetch(`${stack.url}/api/v1${route.where}`, {
    method: route.method, redirect: 'manual', headers: { ...headers,
      ...(route.json && { 'content-type': 'application/json' }) },
    ...(route.json && { body: JSON.stringify(route.json) }) });
  await reply.body?.cancel();
  return reply.status;
}

const bearer = (token) => ({ authorization: `Bearer ${token}` });

/** Every one of the routes must answer with the status of it. */
async function expect(list, headers, want) {
  const wrong = [];
  for (const route of list) {
    const got = await status(route, typeof headers === 'function' ?
      await headers(route) : headers);
    const wanted = typeof want === 'function' ? want(route) : want;
    if (![wanted].flat().includes(got))
      wrong.push(`${route.name}: ${got}, not ${wanted}`);
  }
  assert.deepEqual(wrong, []);
}

const closed = () => routes().filter((r) => !r.open);

/** What was done, of what people do. */
function done() {
  return execFileSync('sqlite3', ['-readonly', path.join(stack.dir,
    'auth/auth.db'), "SELECT action, target, detail FROM audit WHERE result = 'ok'" +
    " AND action NOT IN ('watch', 'instance-level') ORDER BY id"],
  { encoding: 'utf8' });
}

let doneBefore;

test('there are routes, and those for everybody are few', () => {
  assert.ok(routes().length > 100);
  assert.ok(closed().length > 0.85 * routes().length);
  doneBefore = done();
});

test('without credentials', async () => {
  await expect(closed(), stack.origin(), 401);
});

test('with what is no credential', async () => {
  await expect(closed(), bearer(`mmk_${'x'.repeat(38)}`), 401);
  await expect(closed(), { cookie: 'mollymawk=a.b.c', ...stack.origin() }, 401);
});

test('with a token that has expired', async () => {
  const { token, secret } = await made('POST', '/tokens',
    { name: 'old', scopes: api.components.schemas.Scope.enum });
  stack.authSql(`UPDATE token SET expires = 1000 WHERE id = '${token.id}'`);
  await expect(closed(), bearer(secret), 401);
});

test('with a session that has expired', async () => {
  const late = await stack.person('late');
  stack.authSql('UPDATE session SET expires = 1000 WHERE user_id =' +
    " (SELECT id FROM account WHERE name = 'late')");
  await expect(closed(), late.headers, 401);
});

test('with a token that is for something else', async () => {
  const one = {};
  for (const scope of ['metrics:read', 'audit:read'])
    one[scope] = await stack.makeToken(admin.headers, { scopes: [scope] });
  const other = (r) => bearer(one[r.scope === 'metrics:read' ? 'audit:read' :
    'metrics:read']);
  await expect(closed().filter((r) => r.scope), other, 403);
  // Of a person themselves: no token does these.
  await expect(closed().filter((r) => r.session), other, 403);
});

test('with a token for another project', async () => {
  const secret = await stack.makeToken(admin.headers,
    { scopes: api.components.schemas.Scope.enum, project: 'mallory' });
  await expect(closed().filter((r) => r.scope && r.placed), bearer(secret), 403);
});

test('as somebody of another project', async () => {
  const places = closed().filter((r) => r.placed);
  assert.ok(places.length > 40);
  await expect(places, stranger.headers, 404);
  await expect(closed().filter((r) => r.owned && !r.placed), stranger.headers, 404);
});

test('as somebody who is no administrator', async () => {
  const sites = closed().filter((r) => !r.placed &&
    /^(instance:admin|user:admin|audit:read|metrics:read)$/.test(r.scope));
  assert.ok(sites.length > 20);
  await expect(sites, stranger.headers, 403);
});

test('nothing came of all that', () => {
  const added = done().slice(doneBefore.length).split('\n').filter(Boolean)
    .map((row) => row.split('|')[0]);
  // What the tests themselves did.
  assert.deepEqual(added.filter((action) => !['login', 'token-create',
    'user-create'].includes(action)), []);
});

/** Those that end what others need come last. */
const rank = ({ method, pattern }) =>
  pattern === '/session' && method === 'DELETE' ? 4 :
    pattern === '/instances/{instance}' && method === 'DELETE' ? 3 :
      method === 'DELETE' ? 2 : method === 'GET' ? 0 : 1;

test('as somebody who may', async () => {
  const all = closed().sort((a, b) => rank(a) - rank(b));
  // Whoever may is told what is wrong with it, or that it is not there.
  const most = [200, 201, 202, 204, 400, 404, 409, 410, 411, 412, 415, 422, 502];
  const reads = all.filter((r) => r.method === 'GET');
  const wrong = [];
  for (const route of all) {
    const got = await status(route, admin.headers);
    if (!most.includes(got)) wrong.push(`${route.name}: ${got}`);
  }
  assert.deepEqual(wrong, []);
  assert.ok(reads.length > 40);
});

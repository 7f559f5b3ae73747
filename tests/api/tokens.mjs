// SPDX-License-Identifier: ISC
// Tokens for scripts: made, narrowed, expired, revoked; never beyond the owner.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { Stack, askAuthority, sleep, until } from './stack.mjs';

let stack, admin;
before(async () => {
  stack = await Stack.start();
  admin = await stack.signIn();
  assert.equal((await stack.deploy('web')).status, 201);
});
after(() => stack.stop());

const mine = (method, where, json) =>
  stack.ask(method, where, { token: null, headers: admin.headers, json });

async function make(json) {
  const reply = await mine('POST', '/tokens',
    { name: 'ci', expires_in_days: 1, ...json });
  assert.equal(reply.status, 201, reply.text);
  return reply.json;
}

test('the secret is shown once and never again', async () => {
  const { token, secret } = await make({ scopes: ['unikernel:read'] });
  assert.match(secret, /^mmk_[0-9A-Za-z]{38}$/);
  const list = await mine('GET', '/tokens');
  assert.ok(list.json.items.some((t) => t.id === token.id));
  assert.ok(!list.text.includes(secret));
});

test('a token does what its scopes say and no more', async () => {
  const { secret } = await make({ scopes: ['unikernel:read'] });
  const use = (method, where) => stack.ask(method, where, { token: secret });
  assert.equal((await use('GET', '/unikernels')).status, 200);
  for (const [method, where] of [['DELETE', stack.at('web')],
    ['POST', stack.at('web', '/restart')], ['PUT', stack.at('web')]]) {
    const reply = await use(method, where);
    assert.equal(reply.status, 403, `${method} ${where}`);
  }
});

test('who may deploy needs no further scope for it', async () => {
  const { secret } = await make({ scopes: ['unikernel:deploy'] });
  const reply = await stack.ask('PUT', stack.at('web') + '?memory=16&wait=60&grace=1',
    { token: secret, body: fs.readFileSync(stack.sample) });
  assert.equal(reply.status, 200, reply.text);
});

test('restarting with another configuration is deploying', async () => {
  const { secret } = await make({ scopes: ['unikernel:restart'] });
  const use = (json) => stack.ask('POST',
    stack.at('web', '/restart?wait=60&grace=1'),
    { token: secret, json });
  assert.equal((await use({ arguments: ['--x'] })).status, 403);
  assert.equal((await use({})).status, 200);
});

test('a token can be narrowed to names', async () => {
  const { secret } = await make({ scopes: ['unikernel:read',
    'unikernel:restart'], unikernels: ['we?', 'x-*'],
  project: stack.project, instances: [stack.instance] });
  const use = (name) => stack.ask('POST',
    stack.at(name, '/restart?wait=60&grace=1'),
    { token: secret });
  assert.equal((await use('web')).status, 200);
  assert.ok([403, 404].includes((await use('other')).status));
  assert.equal((await stack.deploy('hidden')).status, 201);
  const list = await stack.ask('GET', '/unikernels', { token: secret });
  assert.deepEqual(list.json.items.map((u) => u.name), ['web']);
});

test('a token makes, changes and ends no token', async () => {
  const { token } = await make({ scopes: ['unikernel:read'],
    project: stack.project });
  for (const [method, where] of [['GET', '/tokens'], ['POST', '/tokens'],
    ['PATCH', `/tokens/${token.id}`], ['DELETE', `/tokens/${token.id}`],
    ['DELETE', `/projects/${stack.project}/tokens/${token.id}`]]) {
    const reply = await stack.ask(method, where,
      method === 'POST' ? { json: { name: 'x', scopes: ['unikernel:read'] } } :
        method === 'PATCH' ? { json: { name: 'y' } } : {});
    assert.equal(reply.status, 403, `${method} ${where}`);
  }
});

test('a revoked token is refused at once', async () => {
  const { token, secret } = await make({ scopes: ['unikernel:read'] });
  assert.equal((await stack.ask('GET', '/unikernels',
    { token: secret })).status, 200);
  assert.equal((await mine('DELETE', `/tokens/${token.id}`)).status, 204);
  const reply = await stack.ask('GET', '/unikernels', { token: secret });
  assert.equal(reply.status, 401);
  assert.match(reply.headers.get('www-authenticate'), /^Bearer/);
});

test('an expired token is refused and says so', async () => {
  const [, jwt] = admin.cookie.match(/mollymawk=([^;]+)/);
  const made = await askAuthority(stack, { op: 'token-create', cookie: jwt,
    args: { name: 'brief', scopes: ['unikernel:read'], expires_in: 1 } });
  assert.ok(made.ok, JSON.stringify(made));
  await sleep(2100);
  const reply = await stack.ask('GET', '/unikernels',
    { token: made.ok.secret });
  assert.equal(reply.status, 401);
  assert.equal(reply.json.code, 'credential-expired');
});

test('a foreign token sees nothing here', async () => {
  const eve = await stack.person('eve');
  const made = await stack.ask('POST', '/tokens', { token: null,
    headers: eve.headers, json: { name: 'eve', expires_in_days: 1,
      scopes: ['unikernel:read', 'unikernel:destroy', 'unikernel:deploy'] } });
  assert.equal(made.status, 201, made.text);
  const token = made.json.secret;
  for (const method of ['GET', 'DELETE', 'PUT'])
    assert.equal((await stack.ask(method, stack.at('web'), { token })).status,
      404, method);
  assert.deepEqual((await stack.ask('GET', '/unikernels',
    { token })).json.items, []);
  const own = await stack.ask('PUT', `/unikernels/${stack.instance}/eve/x`,
    { token });
  assert.equal(own.status, 403);
  assert.equal(own.json.code, 'no-policy');
});

test('what is no token is told from one', async () => {
  for (const token of ['', 'mmk_short', `mmk_${'0'.repeat(38)}`, 'x'.repeat(9000)]) {
    const reply = await stack.ask('GET', '/unikernels', { token });
    assert.ok([400, 401, 431].includes(reply.status), token.slice(0, 20));
  }
  const basic = await stack.ask('GET', '/unikernels',
    { headers: { authorization: 'Basic YTpi' } });
  assert.equal(basic.status, 401);
  const none = await stack.ask('GET', '/unikernels', { token: null });
  assert.equal(none.status, 401);
  assert.equal(none.json.code, 'unauthenticated');
});

test('a typing error in a token is told as such', async () => {
  const { secret } = await make({ scopes: ['unikernel:read'] });
  const wrong = secret.slice(0, -1) + (secret.endsWith('x') ? 'y' : 'x');
  const reply = await stack.ask('GET', '/unikernels', { token: wrong });
  assert.equal(reply.status, 401);
  assert.match(reply.json.detail, /mistyped/);
});

test('a token is renamed, and expires sooner, but never later', async () => {
  const { token, secret } = await make({ scopes: ['unikernel:read'],
    expires_in_days: 30 });
  assert.equal(token.expires_soon, false);
  const where = `/tokens/${token.id}`;
  const changed = await mine('PATCH', where,
    { name: 'renamed', expires_in_days: 3 });
  assert.equal(changed.status, 200, changed.text);
  assert.equal(changed.json.name, 'renamed');
  assert.equal(changed.json.expires_soon, true);
  assert.ok(Date.parse(changed.json.expires_at) < Date.now() + 4 * 86400000);
  const later = await mine('PATCH', where, { expires_in_days: 30 });
  assert.equal(later.status, 422);
  assert.equal(later.json.errors[0].field, 'expires_in_days');
  for (const json of [{ scopes: ['unikernel:destroy'] }, { project: 'x' }])
    assert.equal((await mine('PATCH', where, json)).status, 422);
  assert.equal((await mine('PATCH', where, { expires_in_days: 0 })).status, 200);
  const over = await stack.ask('GET', '/unikernels', { token: secret });
  assert.equal(over.json.code, 'credential-expired');
  assert.equal((await mine('PATCH', '/tokens/none', { name: 'x' })).status, 404);
});

test('an owner sees and ends the tokens of the project', async () => {
  const joe = await stack.person('joe');
  await stack.setRole(admin.headers, joe.email, 'deployer');
  const narrow = { scopes: ['unikernel:read'], project: stack.project };
  const secret = await stack.makeToken(joe.headers, { name: 'joes', ...narrow });
  const where = `/projects/${stack.project}/tokens`;
  assert.equal((await stack.as(joe, 'GET', where)).status, 403);
  const { items } = await stack.ok(admin, 'GET', where);
  const found = items.find((t) => t.name === 'joes');
  assert.equal(found.user, 'joe');
  assert.equal(found.secret, undefined);
  assert.equal((await stack.as(joe, 'DELETE', `${where}/${found.id}`)).status, 403);
  assert.equal((await stack.as(admin, 'DELETE', `${where}/${found.id}`)).status,
    204);
  assert.equal((await stack.ask('GET', '/unikernels', { token: secret })).status,
    401);
  assert.equal((await stack.as(admin, 'DELETE', `${where}/${found.id}`)).status,
    404);
});

test('who has a token that expires within a week is told once', async () => {
  const { token } = await make({ name: 'for a while', expires_in_days: 30,
    scopes: ['unikernel:read'] });
  stack.authSql('UPDATE token SET created = created - 25 * 86400, ' +
    `expires = expires - 25 * 86400 WHERE id = '${token.id}'`);
  const told = () => stack.mails().filter(({ text }) =>
    /^Subject: .*for a while/m.test(text));
  // It is looked for when the service starts, and then every hour.
  await stack.restart('fcgi');
  await until(() => told().length > 0, 'the mail', 30000);
  const [{ text }] = told();
  assert.match(text, new RegExp(`^To: <${stack.email}>`, 'm'));
  assert.match(text, /\/tokens/);
  assert.doesNotMatch(text, /mmk_/);
  await until(() => stack.authRow('SELECT warned IS NOT NULL FROM token ' +
    `WHERE id = '${token.id}'`) === '1', 'it is noted');
  await stack.restart('fcgi');
  await make({ scopes: ['unikernel:read'] });
  await sleep(1500);
  assert.equal(told().length, 1);
  const { items } = await stack.ok(admin, 'GET', '/tokens');
  assert.equal(items.find((t) => t.id === token.id).expires_soon, true);
});

test('the last use is shown', async () => {
  const { token, secret } = await make({ scopes: ['unikernel:read'] });
  assert.equal(token.last_used_at, null);
  await stack.ask('GET', '/unikernels', { token: secret });
  const list = await mine('GET', '/tokens');
  const used = list.json.items.find((t) => t.id === token.id);
  assert.match(used.last_used_at, /^\d{4}-/);
  assert.equal(used.last_used_from, '127.0.0.1');
});

test('bad token requests name the field', async () => {
  for (const [json, field] of [
    [{ name: '', scopes: ['unikernel:read'] }, 'name'],
    [{ name: 'x', scopes: [] }, 'scopes'],
    [{ name: 'x', scopes: ['unikernel:fly'] }, 'scopes[0]'],
    [{ name: 'x', scopes: ['unikernel:read'], expires_in_days: 400 },
      'expires_in_days'],
    [{ name: 'x', scopes: ['unikernel:read'], surprise: 1 }, 'surprise']]) {
    const reply = await mine('POST', '/tokens', json);
    assert.equal(reply.status, 422, reply.text);
    assert.ok(reply.json.errors.some((e) => e.field.startsWith(field)),
      reply.text);
  }
});

// SPDX-License-Identifier: ISC
// People come and go: registering, links in mails, invitations, forgotten
// passwords, and what administrators do with others and with names.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import path from 'node:path';
import { MB, Stack, makeDir, sleep, until } from './stack.mjs';

let stack, admin;
before(async () => {
  const dir = makeDir('disk');
  fs.writeFileSync(path.join(dir, 'albatross/blocks/left:disk'),
    Buffer.alloc(MB));
  stack = await Stack.start(dir);
  admin = await stack.signIn();
  assert.equal((await stack.deploy('web')).status, 201);
});
after(() => stack.stop());

const password = 'correct horse battery';
const anybody = (...what) => stack.nobody(...what);
const register = (name, more = {}) => anybody('POST', '/accounts',
  { email: `${name}@example.org`, name, password, ...more });
const settings = async (json) => assert.equal((await stack.as(admin, 'PUT',
  '/settings/registration', json)).status, 200);

/** The text of a mail, without what its encoding adds. */
const plain = (text) => text.replace(/=\r?\n/g, '').replace(/=3D/g, '=');
const to = (email) => stack.mails().map((mail) => plain(mail.text))
  .filter((text) => text.includes(`To: <${email}>`) ||
    text.includes(`To: ${email}`));

/** The next mail to an address; the secret of its link, if it has one. */
const seen = {};
async function mail(email) {
  const before = seen[email] ?? 0;
  const list = await until(() => {
    const all = to(email);
    return all.length > before && all;
  }, `a mail to ${email}`);
  seen[email] = before + 1;
  const text = list[before];
  return { text, secret: text.match(/#secret=(mm[li]_\w+)/)?.[1] };
}

const verify = (secret) => anybody('POST', '/accounts/verify', { secret });
const userOf = async (name) => (await stack.ok(admin, 'GET',
  `/users?q=${name}`)).items.find((user) => user.name === name);
const change = (user, json) => stack.as(admin, 'PATCH', `/users/${user.id}`,
  json);

/** One who registered, opened the link, and may sign in. */
async function person(name) {
  assert.equal((await register(name)).status, 202);
  const { secret } = await mail(`${name}@example.org`);
  assert.equal((await verify(secret)).status, 200);
  return stack.signIn(`${name}@example.org`, password);
}

test('nobody registers until administrators say so', async () => {
  assert.deepEqual((await anybody('GET', '/accounts')).json,
    { registration: 'invitation', approval: true, passkeys: true, reset: true });
  assert.equal((await register('early')).status, 403);
  const bad = await stack.as(admin, 'PUT', '/settings/registration',
    { mode: 'maybe', approval: true });
  assert.equal(bad.status, 422);
  assert.equal(bad.json.errors[0].field, 'mode');
});

test('who registers opens a link, is approved, and has a project', async () => {
  await settings({ mode: 'open', approval: true });
  const reply = await register('ada', { display_name: 'Ada L.' });
  assert.equal(reply.status, 202);
  assert.deepEqual(reply.json, { next: 'verify' });
  const { text, secret } = await mail('ada@example.org');
  assert.match(text, /Subject: Confirm your e-mail address/);
  assert.ok(text.includes(`${stack.url}/verify#secret=`), text);
  const login = (word) => anybody('POST', '/session',
    { email: 'ada@example.org', password: word });
  assert.equal((await login(password)).json.code, 'mail-not-verified');
  assert.equal((await login('wrong horse')).json.code, 'bad-login');
  assert.deepEqual((await verify(secret)).json,
    { next: 'approval', email: 'ada@example.org' });
  const again = await verify(secret);
  assert.equal(again.status, 410);
  assert.equal(again.json.code, 'link-over');
  assert.equal((await login(password)).json.code, 'not-approved');
  const asked = await mail(stack.email);
  assert.match(asked.text, /Subject: Somebody waits to be approved/);
  assert.match(asked.text, /Waiting for it now: 1\./);
  assert.ok(asked.text.includes(`${stack.url}/users?state=pending`));
  const user = await userOf('ada');
  assert.equal(user.state, 'pending');
  assert.equal(user.display_name, 'Ada L.');
  assert.equal((await change(user, { approved: true })).json.state, 'active');
  assert.match((await mail('ada@example.org')).text, /was approved/);
  const ada = await stack.signIn('ada@example.org', password);
  assert.deepEqual(ada.session.projects.map((p) => p.name), ['ada']);
  assert.equal((await stack.as(ada, 'GET', '/users')).status, 403);
});

test('administrators are told of who waits at most once an hour', async () => {
  // One more, who may not sign in, and somebody who is none.
  for (const name of ['away', 'none']) stack.addUser(name);
  stack.authSql(`UPDATE account SET admin = 1, disabled = 1
    WHERE name = 'away'`);
  const wait = async (name) => {
    assert.equal((await register(name)).status, 202);
    const { secret } = await mail(`${name}@example.org`);
    assert.equal((await verify(secret)).json.next, 'approval');
  };
  const all = to(stack.email).length;
  await wait('late');
  await sleep(2000);
  assert.equal(to(stack.email).length, all);
  stack.authSql(`UPDATE setting SET body = '{"at":1}'
    WHERE name = 'approval-told'`);
  await wait('later');
  assert.match((await mail(stack.email)).text, /Waiting for it now: 2\./);
  for (const name of ['away', 'none'])
    assert.equal(to(`${name}@example.org`).length, 0);
});

test('an address that is known gets the same answer and another mail',
  async () => {
    await settings({ mode: 'open', approval: false });
    const fresh = await register('fresh');
    const known = await anybody('POST', '/accounts',
      { email: 'ada@example.org', name: 'ada2', password });
    assert.equal(known.status, fresh.status);
    assert.deepEqual(known.json, fresh.json);
    assert.match((await mail('ada@example.org')).text,
      /has an account there already/);
    const ask = async (where, email) => {
      const { status, text, headers } = await anybody('POST', where, { email });
      return { status, text, length: headers.get('content-length') };
    };
    for (const where of ['/accounts/password-reset', '/accounts/verify/resend'])
      assert.deepEqual(await ask(where, 'nobody@example.org'),
        await ask(where, 'ada@example.org'));
    await mail('ada@example.org');
    assert.equal(to('nobody@example.org').length, 0);
  });

test('another link can be asked for', async () => {
  const first = await mail('fresh@example.org');
  assert.equal((await anybody('POST', '/accounts/verify/resend',
    { email: 'fresh@example.org' })).status, 202);
  const second = await mail('fresh@example.org');
  assert.equal((await verify(second.secret)).status, 200);
  assert.equal((await verify(first.secret)).status, 410);
});

test('nobody gets a name with something of somebody else under it', async () => {
  for (const name of ['ada', 'admin', 'ada2', 'left', 'LEFT']) {
    const reply = await anybody('POST', '/accounts',
      { email: 'eve@example.org', name, password });
    assert.equal(reply.status, 409, name);
    assert.equal(reply.json.errors[0].field, 'name');
  }
});

test('a forgotten password is replaced, and all sessions end', async () => {
  const bob = await person('bob');
  await anybody('POST', '/accounts/password-reset', { email: 'BOB@example.org' });
  const { secret } = await mail('bob@example.org');
  const confirm = (json) => anybody('POST', '/accounts/password-reset/confirm',
    { secret, ...json });
  assert.equal((await confirm({ password: 'short' })).status, 422);
  assert.equal((await confirm({ password: 'another horse' })).status, 204);
  assert.equal((await confirm({ password: 'a third horse' })).status, 410);
  assert.equal((await stack.as(bob, 'GET', '/me')).status, 401);
  await stack.signIn('bob@example.org', 'another horse');
});

test('a mail alone opens no account of an administrator', async () => {
  await anybody('POST', '/accounts/password-reset', { email: stack.email });
  const { text, secret } = await mail(stack.email);
  assert.equal(secret, undefined);
  assert.match(text, /another\s+administrator/i);
});

test('an administrator sends a link, and signs somebody out', async () => {
  const bob = await stack.signIn('bob@example.org', 'another horse');
  const user = await userOf('bob');
  const ask = (method, what) => stack.as(admin, method,
    `/users/${user.id}/${what}`);
  assert.equal((await ask('DELETE', 'sessions')).status, 204);
  assert.equal((await stack.as(bob, 'GET', '/me')).status, 401);
  assert.equal((await ask('DELETE', 'second-factor')).status, 204);
  assert.equal((await ask('POST', 'password-reset')).status, 202);
  const { secret } = await mail('bob@example.org');
  assert.equal((await anybody('POST', '/accounts/password-reset/confirm',
    { secret, password })).status, 204);
  await stack.signIn('bob@example.org', password);
});

test('a disabled person is out at once, also of open streams', async () => {
  const bob = await stack.signIn('bob@example.org', password);
  const stream = await fetch(`${stack.url}/api/v1/events?topics=states`,
    { headers: bob.headers });
  assert.equal(stream.status, 200);
  const over = (async () => {
    for await (const chunk of stream.body) void chunk;
  })().catch(() => {});
  const user = await userOf('bob');
  assert.equal((await change(user, { disabled: true })).json.state, 'disabled');
  const begun = Date.now();
  await Promise.race([over, sleep(10000).then(() => {
    throw new Error('the stream goes on');
  })]);
  assert.ok(Date.now() - begun < 10000);
  assert.equal((await stack.as(bob, 'GET', '/me')).status, 401);
  const login = await anybody('POST', '/session',
    { email: 'bob@example.org', password });
  assert.equal(login.status, 403);
  assert.match(login.json.detail, /disabled/);
  assert.equal((await change(user, { disabled: false })).status, 200);
});

test('there is always an administrator', async () => {
  const me = await userOf('admin');
  for (const json of [{ admin: false }, { disabled: true }])
    assert.equal((await change(me, json)).status, 409);
  assert.equal((await stack.as(admin, 'DELETE', `/users/${me.id}`)).status, 409);
});

test('it is asked again who it is before somebody is changed', async () => {
  const user = await userOf('bob');
  stack.forgetProofs();
  const reply = await change(user, { disabled: true });
  assert.equal(reply.status, 403);
  assert.equal(reply.json.code, 'confirmation-needed');
  admin = await stack.signIn();
  const token = await stack.makeToken(admin.headers, { scopes: ['user:admin'] });
  assert.equal((await stack.ask('GET', '/users', { token })).status, 200);
  assert.equal((await stack.ask('PATCH', `/users/${user.id}`,
    { token, json: { disabled: true } })).status, 403);
});

test('who is invited comes into the project', async () => {
  await settings({ mode: 'invitation', approval: true });
  const reply = await stack.as(admin, 'POST', '/invitations',
    { email: 'max@example.org', project: stack.project, role: 'deployer' });
  assert.equal(reply.status, 201, reply.text);
  assert.ok(!reply.text.includes('"secret"'));
  const { text, secret } = await mail('max@example.org');
  assert.ok(reply.json.link.endsWith(`/invitation#secret=${secret}`));
  assert.match(text, /admin invites you/);
  assert.equal((await anybody('POST', '/accounts/invitation', { secret }))
    .json.project, stack.project);
  assert.equal((await register('other', { invitation: secret })).status, 422);
  assert.equal((await register('max', { invitation: secret })).status, 202);
  assert.deepEqual((await verify((await mail('max@example.org')).secret)).json,
    { next: 'sign-in', email: 'max@example.org' });
  const max = await stack.signIn('max@example.org', password);
  assert.deepEqual(max.session.projects.map((p) => [p.name, p.role]),
    [['max', 'owner'], [stack.project, 'deployer']].sort());
  assert.equal((await anybody('POST', '/accounts/invitation', { secret }))
    .json.code, 'link-over');
  assert.equal((await stack.as(max, 'POST', '/invitations', {})).status, 403);
  const own = await stack.as(max, 'POST', '/invitations', { project: 'max' });
  assert.equal(own.status, 201);
  const into = await stack.ok(max, 'GET', '/invitations?project=max');
  assert.deepEqual(into.items.map((i) => i.id), [own.json.invitation.id]);
  assert.equal((await stack.as(max, 'DELETE',
    `/invitations/${own.json.invitation.id}`)).status, 204);
});

test('what somebody leaves is told, and their name is nobody\'s', async () => {
  const user = await userOf('max');
  const leaves = await stack.ok(admin, 'GET', `/users/${user.id}/leaves`);
  const project = leaves.projects.find((p) => p.name === stack.project);
  assert.deepEqual(project.unikernels,
    [{ instance: stack.instance, name: 'web' }]);
  assert.equal(project.other_owners, true);
  assert.equal(leaves.sessions, 1);
  assert.equal((await stack.as(admin, 'DELETE',
    `/users/${user.id}?give_to=nobody`)).status, 422);
  assert.equal((await stack.as(admin, 'DELETE', `/users/${user.id}`)).status,
    204);
  assert.equal((await stack.as(admin, 'GET', `/users/${user.id}`)).status, 404);
  await settings({ mode: 'open', approval: false });
  assert.equal((await register('max')).status, 409);
  const names = await stack.ok(admin, 'GET', '/names');
  assert.deepEqual(names.items.map((n) => n.name), ['max']);
});

test('a name is released when nothing is under it, as far as it is known',
  async () => {
    const release = (query = '') => stack.as(admin, 'DELETE',
      `/names/max${query}`);
    await stack.fault('refuse');
    assert.ok((await release()).status >= 500);
    await stack.fault('none');
    await until(async () => (await release()).status === 204, 'it is released');
    assert.equal((await register('max')).status, 202);
    assert.equal((await release()).status, 404);
    stack.authSql("INSERT INTO retired_name VALUES ('left', 1)");
    const held = await stack.as(admin, 'DELETE', '/names/left?force=1');
    assert.equal(held.status, 409);
    assert.match(held.json.detail, /volume left:disk/);
  });

test('nothing secret is in any answer or mail of others', async () => {
  const list = await stack.as(admin, 'GET', '/users?limit=1');
  assert.equal(list.json.items.length, 1);
  assert.ok(list.json.next);
  assert.doesNotMatch(list.text, /argon2|password/);
  const next = await stack.ok(admin, 'GET',
    `/users?limit=100&cursor=${list.json.next}`);
  assert.ok(next.items.every((u) => u.name > list.json.items[0].name));
});

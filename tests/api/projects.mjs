// SPDX-License-Identifier: ISC
// Projects: made, shared, archived, handed over and deleted; their members.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Stack, makeDir, until } from './stack.mjs';

const POLICY = { unikernels: 4, memory: 128, block: 16, cpus: [0],
  bridges: ['service'] };
let stack, admin, ada, bob, eve;

before(async () => {
  const dir = makeDir('disk');
  // Somebody's volume, of before there was a Mollymawk here.
  fs.writeFileSync(path.join(dir, 'albatross/blocks/legacy:disk'),
    Buffer.alloc(1 << 20));
  stack = await Stack.start(dir);
  admin = await stack.signIn();
  [ada, bob, eve] = await Promise.all(['ada', 'bob', 'eve'].map((name) =>
    stack.person(name)));
});
after(() => stack.stop());

/** Expects a status, and a code of the problem if told; what it says. */
async function expect(status, who, method, where, json, code) {
  const reply = await stack.as(who, method, where, json);
  assert.equal(reply.status, status, `${method} ${where}: ${reply.text}`);
  if (code) assert.equal(reply.json.code, code, reply.text);
  return reply.json;
}

const names = async (who, query = '') =>
  (await expect(200, who, 'GET', `/projects${query}`)).items.map((p) => p.name);
const unikernel = (name, rest = '') =>
  `/unikernels/${stack.instance}/shop/${name}${rest}`;
const volume = (name, rest = '') =>
  `/volumes/${stack.instance}/shop/${name}${rest}`;
const deploy = (who, name) => stack.ask('PUT',
  `${unikernel(name)}?memory=16&wait=60&grace=1`, { token: null,
    headers: who.headers, body: fs.readFileSync(stack.sample) });

test('everybody has a personal project', async () => {
  assert.deepEqual(await names(ada), ['ada']);
  const project = await expect(200, ada, 'GET', '/projects/ada');
  assert.equal(project.personal, true);
  assert.equal(project.role, 'owner');
  assert.equal(project.archived, false);
  assert.equal(project.archived_at, null);
  assert.match(project.created_at, /^\d{4}-\d\d-\d\dT/);
});

test('a new one is its maker\'s, under a free name', async () => {
  const made = await expect(201, ada, 'POST', '/projects',
    { name: 'Shop', title: 'The web shop' });
  assert.equal(made.name, 'shop');
  assert.equal(made.title, 'The web shop');
  assert.deepEqual(await names(ada), ['ada', 'shop']);
  for (const name of ['shop', 'eve', 'SHOP']) {
    const { errors } = await expect(409, ada, 'POST', '/projects', { name },
      'conflict');
    assert.equal(errors[0].field, 'name');
  }
  await expect(422, ada, 'POST', '/projects', { name: '-x' });
  await expect(422, ada, 'POST', '/projects', { name: 'x', title: '' });
});

test('a project of somebody else is not there', async () => {
  for (const [method, where, json] of [
    ['GET', '/projects/shop'], ['PATCH', '/projects/shop', { title: 'x' }],
    ['DELETE', '/projects/shop'],
    ['POST', '/projects/shop/transfer', { to: 'eve' }],
    ['GET', '/projects/shop/members'],
    ['POST', '/projects/shop/members', { name: 'eve', role: 'owner' }],
    ['PUT', '/projects/shop/members/eve', { role: 'owner' }],
    ['DELETE', '/projects/shop/members/ada'],
    ['DELETE', '/projects/shop/members/eve'],
    ['GET', '/projects/shop/usage']])
    await expect(404, eve, method, where, json, 'not-found');
  assert.deepEqual(await names(eve), ['eve']);
});

test('a token for another project sees and changes nothing of it', async () => {
  const token = await stack.makeToken(ada.headers,
    { scopes: ['project:read', 'project:admin'], project: 'ada' });
  for (const [method, where, json] of [['GET', '/projects/shop'],
    ['PATCH', '/projects/shop', { archived: true }],
    ['DELETE', '/projects/shop'], ['DELETE', '/projects/shop/members/ada'],
    ['GET', '/projects/shop/members']]) {
    const reply = await stack.ask(method, where, { token, json });
    assert.equal(reply.status, 403, `${method} ${where}: ${reply.text}`);
  }
  const { json } = await stack.ask('GET', '/projects', { token });
  assert.deepEqual(json.items.map((p) => p.name), ['ada']);
  // And to make projects is for people.
  assert.equal((await stack.ask('POST', '/projects',
    { token, json: { name: 'robot' } })).status, 403);
});

test('members are added by address or name, with a role', async () => {
  const added = await expect(201, ada, 'POST', '/projects/shop/members',
    { email: 'bob@example.org', role: 'viewer' });
  assert.deepEqual([added.name, added.role], ['bob', 'viewer']);
  assert.deepEqual(await names(bob), ['bob', 'shop']);
  await expect(403, bob, 'PUT', '/projects/shop/members/bob',
    { role: 'owner' }, 'forbidden');
  await expect(403, bob, 'POST', '/projects/shop/members',
    { name: 'eve', role: 'viewer' }, 'forbidden');
  await expect(422, ada, 'POST', '/projects/shop/members',
    { name: 'nobody', role: 'viewer' });
  await expect(422, ada, 'POST', '/projects/shop/members',
    { name: 'eve', role: 'admin' });
  await expect(200, ada, 'PUT', '/projects/shop/members/bob',
    { role: 'deployer' });
  const { items } = await expect(200, bob, 'GET', '/projects/shop/members');
  assert.deepEqual(items.map((m) => [m.name, m.role]),
    [['ada', 'owner'], ['bob', 'deployer']]);
});

test('a role acts at once, and so does its end', async () => {
  await expect(200, admin, 'PUT', `/projects/shop/policies/${stack.instance}`,
    POLICY);
  assert.equal((await deploy(bob, 'web')).status, 201);
  await expect(201, bob, 'PUT', volume('disk'), { size: 1 });
  await expect(200, ada, 'PUT', '/projects/shop/members/bob',
    { role: 'viewer' });
  await expect(403, bob, 'POST', unikernel('web', '/restart'), {}, 'forbidden');
  await expect(200, bob, 'GET', unikernel('web'));
  // An open stream of the log ends too.
  const stop = new AbortController();
  const stream = await fetch(`${stack.url}/api/v1${
    unikernel('web', '/console?follow=1')}`, { signal: stop.signal,
    headers: { ...bob.headers, accept: 'text/event-stream' } });
  assert.equal(stream.status, 200);
  const ended = (async () => { for await (const _ of stream.body); })()
    .then(() => 'ended', () => 'ended');
  await expect(204, bob, 'DELETE', '/projects/shop/members/bob');
  assert.equal(await Promise.race([ended,
    new Promise((late) => setTimeout(late, 10000, 'late'))]), 'ended');
  stop.abort();
  await expect(404, bob, 'GET', unikernel('web'));
});

test('of two owners who send each other away one stays', async () => {
  for (const name of ['bob', 'eve'])
    await expect(201, ada, 'POST', '/projects/shop/members',
      { name, role: 'owner' });
  const replies = await Promise.all([
    stack.as(bob, 'DELETE', '/projects/shop/members/eve'),
    stack.as(eve, 'DELETE', '/projects/shop/members/bob')]);
  const codes = replies.map((r) => r.status).sort();
  assert.equal(codes[0], 204, replies.map((r) => r.text).join());
  assert.equal(codes[1], 404);
  const { items } = await expect(200, ada, 'GET', '/projects/shop/members');
  assert.equal(items.length, 2);
  for (const { name } of items.filter((m) => m.name !== 'ada'))
    await expect(204, ada, 'DELETE', `/projects/shop/members/${name}`);
});

test('owners who all leave at once leave one behind', async () => {
  await expect(201, ada, 'POST', '/projects/shop/members',
    { name: 'bob', role: 'owner' });
  const replies = await Promise.all([
    stack.as(bob, 'DELETE', '/projects/shop/members/bob'),
    stack.as(ada, 'DELETE', '/projects/shop/members/ada')]);
  assert.deepEqual(replies.map((r) => r.status).sort(), [204, 409]);
  const stayed = replies[0].status === 409 ? bob : ada;
  await expect(409, stayed, 'DELETE',
    `/projects/shop/members/${stayed.session.user.name}`, undefined, 'conflict');
  if (stayed === bob) {
    await expect(204, bob, 'POST', '/projects/shop/transfer', { to: 'ada' });
  }
  assert.deepEqual((await expect(200, ada, 'GET', '/projects/shop/members'))
    .items.map((m) => m.name), ['ada']);
});

test('the title changes, the label never', async () => {
  const changed = await expect(200, ada, 'PATCH', '/projects/shop',
    { title: 'Shop of Ada' });
  assert.equal(changed.title, 'Shop of Ada');
  assert.equal(changed.name, 'shop');
  await expect(422, ada, 'PATCH', '/projects/shop', { name: 'other' });
  await expect(422, ada, 'PATCH', '/projects/shop', { title: 'a\nb' });
});

test('an archived project rests', async () => {
  await expect(200, ada, 'PUT', volume('disk', '/schedule'),
    { days: [], at: '03:00', keep: 3 });
  await expect(204, ada, 'PUT', '/projects/shop/secrets/old',
    { value: 'not for anybody' });
  const archived = await expect(200, ada, 'PATCH', '/projects/shop',
    { archived: true });
  assert.equal(archived.archived, true);
  assert.match(archived.archived_at, /^\d{4}-/);
  // Out of the way, but there.
  assert.deepEqual(await names(ada), ['ada']);
  assert.deepEqual(await names(ada, '?archived=1'), ['ada', 'shop']);
  await expect(200, ada, 'GET', '/projects/shop');
  await expect(200, ada, 'GET', unikernel('web'));
  for (const who of [ada, admin]) {
    const refused = await deploy(who, 'web2');
    assert.equal(refused.status, 409, refused.text);
    assert.equal(refused.json.code, 'project-archived');
    for (const [method, where, json] of [
      ['POST', unikernel('web', '/restart'), {}],
      ['POST', unikernel('web', '/rollback'), {}],
      ['PUT', volume('more'), { size: 1 }],
      ['PUT', unikernel('web', '/automatic-update'), { mode: 'off' }],
      ['PUT', '/projects/shop/secrets/key', { value: 'not for anybody' }],
      ['POST', '/invitations', { project: 'shop', role: 'viewer' }],
      ['POST', '/projects/shop/members', { name: 'bob', role: 'viewer' }],
      ['PUT', '/projects/shop/members/ada', { role: 'owner' }],
      ['POST', '/projects/shop/transfer', { to: 'bob' }]])
      await expect(409, who, method, where, json, 'project-archived');
  }
  await expect(409, admin, 'PUT', `/projects/shop/policies/${stack.instance}`,
    POLICY, 'project-archived');
  const data = await stack.ask('PUT', volume('disk', '/data'), { token: null,
    headers: ada.headers, body: Buffer.alloc(1 << 20) });
  assert.equal(data.status, 409, data.text);
  assert.equal(data.json.code, 'project-archived');
  await expect(204, ada, 'DELETE', '/projects/shop/secrets/old');
  // A copy only reads.
  assert.equal((await stack.as(ada, 'POST', `${volume('disk', '/copies')}?wait=60`))
    .status, 200);
  assert.match((await expect(200, ada, 'GET', volume('disk', '/schedule'))).paused,
    /archived/);
});

test('what is brought back goes on', async () => {
  await expect(200, ada, 'PATCH', '/projects/shop', { archived: false });
  const schedule = await expect(200, ada, 'GET', volume('disk', '/schedule'));
  assert.equal(schedule.paused, null);
  assert.match(schedule.next, /T03:00/);
  assert.equal((await stack.as(ada, 'POST',
    unikernel('web', '/restart?wait=60&grace=1'), {})).status, 200);
});

test('only an empty project is deleted', async () => {
  const { detail } = await expect(409, ada, 'DELETE', '/projects/shop',
    undefined, 'conflict');
  assert.match(detail, /[Cc]opies/);
  const { items } = await expect(200, ada, 'GET', '/copies?project=shop');
  for (const { id } of items)
    await expect(204, ada, 'DELETE', `/copies/${id}`);
  const refused = await expect(409, ada, 'DELETE', '/projects/shop');
  assert.match(refused.detail, /unikernel shop:web/);
  assert.match(refused.detail, /volume shop:disk/);
  // Destroying is for archived ones too.
  await expect(200, ada, 'PATCH', '/projects/shop', { archived: true });
  await expect(204, ada, 'DELETE', unikernel('web'));
  await expect(204, ada, 'DELETE', volume('disk'));
  // Is it empty? Not while nobody can tell.
  await stack.fault('refuse');
  const unknown = await stack.as(ada, 'DELETE', '/projects/shop');
  assert.ok(unknown.status >= 500 || unknown.status === 409, unknown.text);
  assert.match(unknown.json.detail, new RegExp(stack.instance));
  await stack.fault('none');
  await until(async () => (await stack.as(ada, 'DELETE', '/projects/shop'))
    .status === 204, 'it is deleted');
  await expect(404, ada, 'GET', '/projects/shop');
});

test('who gets the name later finds nothing of it', async () => {
  await expect(201, bob, 'POST', '/projects', { name: 'shop' });
  await expect(200, admin, 'PUT', `/projects/shop/policies/${stack.instance}`,
    POLICY);
  const { items } = await expect(200, bob, 'GET', unikernel('web', '/deployments'));
  assert.deepEqual(items, []);
  assert.deepEqual((await expect(200, bob, 'GET', '/images?project=shop')).items, []);
  const log = await expect(200, bob, 'GET', unikernel('web', '/log'));
  assert.deepEqual(log.items, []);
  await expect(204, bob, 'DELETE', '/projects/shop');
});

test('what albatross has under a name is not given away', async () => {
  const { detail, errors } = await expect(409, ada, 'POST', '/projects',
    { name: 'legacy' }, 'conflict');
  assert.equal(errors[0].field, 'name');
  assert.ok(!/disk/.test(detail), 'what it is, is not theirs to know');
  await expect(403, ada, 'POST', '/projects', { name: 'legacy', adopt: true },
    'forbidden');
  await expect(201, admin, 'POST', '/projects', { name: 'legacy', adopt: true });
  await expect(200, admin, 'PUT', `/projects/legacy/policies/${stack.instance}`,
    POLICY);
  await expect(200, admin, 'GET', `/volumes/${stack.instance}/legacy/disk`);
});

test('a name is retired while something may be left of it', async () => {
  await expect(201, ada, 'POST', '/projects', { name: 'gone' });
  await stack.fault('refuse');
  // It has no policy there: so it can go, but its name is not given again.
  await expect(204, ada, 'DELETE', '/projects/gone');
  await expect(409, bob, 'POST', '/projects', { name: 'gone' }, 'conflict');
  await stack.fault('none');
  await expect(409, ada, 'POST', '/projects', { name: 'gone' }, 'conflict');
  await until(async () => (await stack.as(admin, 'DELETE', '/names/gone'))
    .status === 204, 'the name is released');
  await expect(201, ada, 'POST', '/projects', { name: 'gone' });
});

test('personal projects stay with their person', async () => {
  await expect(409, ada, 'DELETE', '/projects/ada', undefined, 'conflict');
  await expect(409, admin, 'DELETE', '/projects/ada', undefined, 'conflict');
  await expect(409, ada, 'POST', '/projects/ada/transfer', { to: 'bob' },
    'conflict');
  await expect(409, ada, 'DELETE', '/projects/ada/members/ada', undefined,
    'conflict');
});

test('to hand over or delete one, one confirms who one is', async () => {
  await expect(201, ada, 'POST', '/projects', { name: 'gift' });
  stack.forgetProofs();
  await expect(403, ada, 'POST', '/projects/gift/transfer', { to: 'bob' },
    'confirmation-needed');
  await expect(403, ada, 'DELETE', '/projects/gift', undefined,
    'confirmation-needed');
  const again = await stack.signIn('admin@example.org');
  await expect(204, again, 'POST', '/projects/gift/transfer',
    { to: 'bob', stay: true });
  assert.equal((await expect(200, ada, 'GET', '/projects/gift')).role === 'owner',
    false);
  assert.equal((await expect(200, bob, 'GET', '/projects/gift')).role, 'owner');
});

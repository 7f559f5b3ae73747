// SPDX-License-Identifier: ISC
// What is under way: who sees it, waits for it, stops it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { MB, Stack, until } from './stack.mjs';

let stack, admin, bobsPassword;
before(async () => {
  stack = await Stack.start();
  admin = await stack.signIn();
});
after(() => stack.stop());

const token = (json) => stack.makeToken(admin.headers, json);

async function list(options = {}, query = '') {
  const reply = await stack.ask('GET', `/operations${query}`, options);
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
}

test('deployments are among them, as long as somebody cares', async () => {
  assert.deepEqual(await list(), { items: [], next: null });
  const begun = await stack.ask('PUT', stack.at('web') + '?memory=32&grace=1',
    { body: fs.readFileSync(stack.sample) });
  assert.equal(begun.status, 202, begun.text);
  const [running] = (await list()).items;
  assert.equal(running.kind, 'deployment');
  assert.equal(running.state, 'running');
  assert.equal(running.ended, null);
  assert.equal(running.url, `/deployments/${begun.json.id}`);
  assert.equal(running.user, 'admin');
  assert.equal((await stack.deploy('other')).status, 201);
  const failed = await stack.deploy('none', stack.sample, '?memory=9999');
  assert.equal(failed.status, 422);
  const { items } = await until(async () => {
    const all = await list();
    return all.items.every((o) => o.state !== 'running') && all;
  }, 'all have ended');
  assert.deepEqual(items.map((o) => [o.name, o.state, o.step]), [
    ['none', 'failed', 'refused'], ['other', 'succeeded', 'running'],
    ['web', 'succeeded', 'running']]);
  assert.equal(items[0].error.code, failed.json.code);
  assert.equal(items[1].cancellable, false);
  assert.ok(items.every((o) => !('key' in o)));
});

test('page by page, the newest first', async () => {
  const names = [];
  let query = '?limit=1';
  while (query) {
    const page = await list({}, query);
    assert.equal(page.items.length, 1);
    names.push(page.items[0].name);
    query = page.next && `?limit=1&cursor=${page.next}`;
  }
  assert.deepEqual(names, ['none', 'other', 'web']);
});

test('only what one may see', async () => {
  const { email, password } = stack.addUser('bob');
  bobsPassword = password;
  const bob = await stack.signIn(email, password);
  assert.deepEqual((await list({ token: null, headers: bob.headers })).items, []);
  const narrow = await token({ scopes: ['unikernel:read'], unikernels: ['w*'] });
  assert.deepEqual((await list({ token: narrow })).items.map((o) => o.name),
    ['web']);
  const volumes = await token({ scopes: ['volume:read'] });
  assert.deepEqual((await list({ token: volumes })).items, []);
  assert.equal((await stack.ask('GET', '/operations', { token: null })).status,
    401);
  assert.equal((await stack.ask('GET', '/operations',
    { token: `mmk_${'x'.repeat(38)}` })).status, 401);
});

test('stopped by whoever began it, or may write there', async () => {
  const read = await token({ scopes: ['volume:read'] });
  const write = await token({ scopes: ['volume:read', 'volume:write'] });
  const bob = await stack.signIn('bob@example.org', bobsPassword);
  const volume = stack.volume('data');
  assert.equal((await stack.ask('PUT', volume, { token: write,
    json: { size: 16 } })).status, 201);
  await stack.fault('slow-disk 20');
  try {
    const upload = stack.ask('PUT', `${volume}/data`, { token: null,
      headers: admin.headers, body: Buffer.alloc(16 * MB, 'x') });
    const { id, total } = await until(async () => (await list()).items.find(
      (o) => o.kind === 'volume-upload' && o.bytes > 0), 'bytes go');
    assert.equal(total, 16 * MB);
    const end = stack.ask('GET', `/operations/${id}?wait=30`, { token: read });
    const stop = (options) => stack.ask('DELETE', `/operations/${id}`, options);
    assert.equal((await stop({ token: read })).status, 403);
    for (const method of ['GET', 'DELETE'])
      assert.equal((await stack.ask(method, `/operations/${id}`, { token: null,
        headers: bob.headers })).status, 404);
    const asked = await stop({ token: write });
    assert.equal(asked.status, 202, asked.text);
    assert.equal(asked.json.cancellable, false);
    const { json } = await end;
    assert.deepEqual([json.state, json.error.code], ['cancelled', 'conflict']);
    assert.match(json.detail, /holds the first \d+ of 16777216 bytes/);
    const refused = await upload;
    assert.deepEqual([refused.status, refused.json.operation.id], [409, id]);
    assert.equal((await stop({ token: write })).status, 409);
  } finally {
    await stack.fault('none');
  }
});

test('what is not there, and what makes no sense', async () => {
  for (const id of ['999', '0', '-1', 'abc', '99999999999999999999'])
    for (const method of ['GET', 'DELETE'])
      assert.equal((await stack.ask(method, `/operations/${id}`)).status, 404);
  for (const query of ['?cursor=zz', '?limit=0', '?wait=1'])
    assert.equal((await stack.ask('GET', `/operations${query}`)).status, 422);
  for (const wait of ['-1', '601', 'x'])
    assert.equal((await stack.ask('GET', `/operations/1?wait=${wait}`)).status,
      422);
});

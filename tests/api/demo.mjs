// SPDX-License-Identifier: ISC
// What tools/demo has to show: an update that goes well, one that reverts
// itself, and a revert while the site of builds is away.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stack } from './stack.mjs';

let stack;
const ports = {};
before(async () => { stack = await Stack.start(undefined, { bare: false }); });
after(() => stack.stop());

const says = async (name) => {
  const reply = await fetch(`http://127.0.0.1:${ports[name]}/`);
  return `${reply.status} ${(await reply.text()).trim()}`;
};
const change = (name, what) => stack.ask('POST',
  stack.at(name, `/${what}?wait=90&grace=1`));

test('web and shop run their first builds', async () => {
  for (const name of ['web', 'shop']) {
    const { json } = await stack.ask('GET', stack.at(name));
    [, ports[name]] = json.config.arguments.join(' ').match(/--http=(\d+)/);
    assert.equal(await says(name), `200 ${name} 1`);
    const { json: found } = await stack.ask('GET',
      stack.at(name, '/update?fresh=true'));
    assert.equal(found.available, true);
    assert.equal(found.running.build.job, name);
    assert.equal(found.running.build.platform, 'debian-12');
  }
});

test('the update of web goes well', async () => {
  const reply = await change('web', 'update');
  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.json.source, 'update');
  assert.equal(await says('web'), '200 web 2');
});

test('the update of shop reverts itself and says why', async () => {
  const reply = await change('shop', 'update');
  assert.equal(reply.status, 409, reply.text);
  assert.equal(reply.json.code, 'unhealthy');
  assert.match(reply.json.detail, /answered 503.* runs again/);
  assert.equal(reply.json.deployment.state, 'rolled-back');
  assert.equal(await says('shop'), '200 shop 1');
});

test('a click reverts, though no builder answers', async () => {
  await stack.builder.stop();
  const reply = await change('web', 'rollback');
  assert.equal(reply.status, 200, reply.text);
  assert.equal(await says('web'), '200 web 1');
});

test('it is the same demo the next time', async () => {
  const { dir } = stack;
  const { url } = stack.builder;
  await stack.end();
  stack = await Stack.start(dir, { bare: false });
  assert.equal(stack.builder.url, url);
  const settings = await stack.ask('GET', '/settings/builders', { token: null,
    headers: (await stack.signIn()).headers });
  assert.deepEqual(settings.json.builders,
    [{ name: 'builds', url, redirect_hosts: [] }]);
  for (const name of ['web', 'shop'])
    assert.equal(await says(name), `200 ${name} 1`);
  assert.equal((await change('web', 'update')).status, 200);
  assert.equal(await says('web'), '200 web 2');
});

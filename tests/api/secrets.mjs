// SPDX-License-Identifier: ISC
// Secrets of a project: given to unikernels, and shown nowhere.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Stack } from './stack.mjs';

const FIRST = 'correct-horse-1', SECOND = 'battery-staple-2';

let stack, admin, viewer;
before(async () => {
  stack = await Stack.start();
  admin = await stack.signIn();
  viewer = await stack.person('eve');
  await stack.setRole(admin.headers, viewer.email, 'viewer');
});
after(() => stack.stop());

const at = (name = '') => `/projects/${stack.project}/secrets${name && `/${name}`}`;
const put = (name, value) => stack.ask('PUT', at(name), { json: { value } });

/** What the sandbox keeps of what it was told: is that argument in it? */
function wasTold(argument) {
  const dir = path.join(stack.dir, 'albatross/unikernels');
  return fs.readdirSync(dir).some((file) =>
    fs.readFileSync(path.join(dir, file)).includes(argument));
}

const deploy = (args) => stack.deploy('web', stack.sample, '?memory=32' +
  args.map((a) => `&arg=${encodeURIComponent(a)}`).join(''));

async function shown() {
  const reply = await stack.ask('GET', stack.at('web'));
  assert.equal(reply.status, 200, reply.text);
  return reply.json.config.arguments;
}

test('a value is written and never read', async () => {
  assert.equal((await put('key', FIRST)).status, 204);
  const list = await stack.ask('GET', at());
  assert.equal(list.status, 200);
  assert.deepEqual(list.json.items.map((s) => [s.name, s.by]),
    [['key', 'admin']]);
  assert.ok(!list.text.includes(FIRST));
  assert.equal((await stack.ask('GET', at('key'))).status, 405);
});

test('a unikernel gets the value, and people see the reference', async () => {
  const args = ['--key=${secret:key}', '${secret:key}', '--other=x'];
  const reply = await deploy(args);
  assert.equal(reply.status, 201, reply.text);
  assert.ok(wasTold(`--key=${FIRST}`));
  assert.ok(!wasTold('${secret:'));
  assert.deepEqual(await shown(), args);
});

test('what is sent in the clear is kept as a reference', async () => {
  assert.equal((await deploy([`--key=${FIRST}`])).status, 200);
  assert.ok(wasTold(`--key=${FIRST}`));
  assert.deepEqual(await shown(), ['--key=${secret:key}']);
});

test('a new value is used from the next start on, the old stays secret',
  async () => {
    assert.equal((await put('key', SECOND)).status, 204);
    assert.deepEqual(await shown(), ['--key=${secret:key}']);
    const reply = await stack.ask('POST',
      stack.at('web', '/restart?wait=60&grace=1'),
      { json: { arguments: ['--key=${secret:key}', '-v'] } });
    assert.equal(reply.status, 200, reply.text);
    assert.ok(wasTold(`--key=${SECOND}`) && !wasTold(FIRST));
    assert.deepEqual(await shown(), ['--key=${secret:key}', '-v']);
  });

test('going back is with references too', async () => {
  const reply = await stack.ask('POST',
    stack.at('web', '/rollback?wait=60&grace=1'));
  assert.equal(reply.status, 200, reply.text);
  assert.ok(wasTold(`--key=${SECOND}`));
  const list = await stack.ask('GET', stack.at('web', '/deployments'));
  for (const value of [FIRST, SECOND]) assert.ok(!list.text.includes(value));
});

test('what is not there, or in no place for it, is told at the argument',
  async () => {
    for (const [arg, words] of [['--a=${secret:other}', /does not have/],
      ['--a=x${secret:key}', /as a whole/], ['${secret:}', /as a whole/]]) {
      const reply = await deploy(['-v', arg]);
      assert.equal(reply.status, 422, arg);
      const error = reply.json.errors.find((e) => e.field === 'arguments[1]');
      assert.match(error.message, words);
    }
    assert.equal((await shown()).length, 1);
  });

test('values have their limits', async () => {
  for (const value of ['', 'short', 'x'.repeat(4001)]) {
    const reply = await put('key', value);
    assert.equal(reply.status, 422, value.slice(0, 9));
    assert.equal(reply.json.errors[0].field, 'value');
  }
  assert.equal((await put('-bad', FIRST)).status, 422);
});

test('who may not deploy writes none, and sees no value', async () => {
  const list = await stack.ask('GET', at(),
    { token: null, headers: viewer.headers });
  assert.equal(list.status, 200);
  for (const [method, json] of [['PUT', { value: FIRST }], ['DELETE']]) {
    const reply = await stack.ask(method, at('key'),
      { token: null, headers: viewer.headers, json });
    assert.equal(reply.status, 403, method);
  }
  const narrow = await stack.makeToken(admin.headers, { project: stack.project,
    scopes: ['unikernel:deploy'], unikernels: ['web'] });
  assert.equal((await stack.ask('PUT', at('key'),
    { token: narrow, json: { value: FIRST } })).status, 403);
});

test('one that was removed can not be referred to, and stays secret',
  async () => {
    assert.equal((await stack.ask('DELETE', at('key'))).status, 204);
    assert.equal((await stack.ask('DELETE', at('key'))).status, 404);
    assert.deepEqual(await shown(), ['--key=${secret:key}']);
    assert.equal((await deploy(['--key=${secret:key}'])).status, 422);
  });

const filesWith = (text) => stack.filesWith(text, 'auth', 'state', 'log');

test('no value is in a file of ours', () => {
  assert.ok(filesWith('${secret:key}').length > 0);
  // What a unikernel prints is its own: that of the sandbox tells arguments.
  for (const value of [FIRST, SECOND])
    assert.deepEqual(filesWith(value).filter((file) =>
      !file.includes('/state/logs/')), []);
});

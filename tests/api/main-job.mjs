// SPDX-License-Identifier: ISC
// The main job by curl and a token: deploy, watch, replace, restart, destroy.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { Stack, makeImage, until } from './stack.mjs';

let stack;
before(async () => { stack = await Stack.start(); });
after(() => stack.stop());

const sha256 = (file) =>
  crypto.createHash('sha256').update(fs.readFileSync(file)).digest('hex');

function curl(...options) {
  return execFileSync('curl', ['-fsS', '-H',
    `Authorization: Bearer ${stack.token}`, ...options], { encoding: 'utf8' });
}

test('one curl line deploys', async () => {
  const reply = JSON.parse(curl('-T', stack.sample,
    `${stack.url}/api/v1${stack.at('hello')}?memory=32&arg=--hello=w%20x&wait=60`));
  assert.equal(reply.state, 'running');
  assert.equal(reply.number, 1);
  assert.equal(reply.replaced, false);
  assert.equal(reply.image.sha256, sha256(stack.sample));
  assert.equal(reply.image.size, fs.statSync(stack.sample).size);
  assert.equal(reply.name, 'hello');
  assert.equal(reply.config.memory, 32);
  assert.deepEqual(reply.config.arguments, ['--hello=w x']);
  assert.equal(reply.config.cpus.length, 1);
  const now = (await stack.ask('GET', stack.at('hello'))).json;
  assert.equal(now.state, 'running');
  assert.equal(now.digest, sha256(stack.sample));
  assert.equal(now.deployment.number, 1);
});

test('it is listed, alone and with a filter', async () => {
  const all = await stack.ask('GET', '/unikernels');
  assert.equal(all.status, 200);
  assert.deepEqual(all.json.items.map((u) => u.name), ['hello']);
  assert.deepEqual(all.json.errors, []);
  const none = await stack.ask('GET', '/unikernels?q=nothing');
  assert.deepEqual(none.json.items, []);
  const here = await stack.ask('GET',
    `/unikernels?instance=${stack.instance}&project=${stack.project}&q=ell`);
  assert.equal(here.json.items.length, 1);
});

test('curl -N follows its log', async () => {
  const child = spawn('curl', ['-fsSN', '-H',
    `Authorization: Bearer ${stack.token}`,
    `${stack.url}/api/v1${stack.at('hello', '/console')}?lines=100`]);
  let text = '';
  child.stdout.on('data', (data) => { text += data; });
  try {
    await until(() => text.split('\n').length > 5, 'five lines of the log');
  } finally {
    child.kill();
  }
  for (const line of text.trimEnd().split('\n').slice(0, -1))
    assert.match(line, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ./);
});

test('the log without following ends by itself', () => {
  const text = curl(
    `${stack.url}/api/v1${stack.at('hello', '/console')}?follow=false&lines=2`);
  assert.equal(text.trimEnd().split('\n').length, 2);
});

test('a second deploy replaces it', async () => {
  const reply = await stack.deploy('hello', stack.sample, '?memory=64');
  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.json.replaced, true);
  assert.equal(reply.json.config.memory, 64);
});

test('If-None-Match: * on a taken name is 412 and changes nothing', async () => {
  const reply = await stack.deploy('hello', stack.sample, '?memory=16',
    { 'if-none-match': '*' });
  assert.equal(reply.status, 412);
  assert.equal(reply.json.code, 'precondition-failed');
  const now = await stack.ask('GET', stack.at('hello'));
  assert.equal(now.json.config.memory, 64);
});

test('a name is folded to lower case', async () => {
  const reply = await stack.ask('GET', stack.at('HELLO'));
  assert.equal(reply.status, 200);
  assert.equal(reply.json.name, 'hello');
});

test('JSON with the digest of an image deploys without an upload', async () => {
  const reply = await stack.change('PUT', stack.at('second'), {
    image: sha256(stack.sample),
    config: { memory: 16, arguments: ['--line=two words', ''],
      fail_behaviour: 'restart', exit_codes: [3, 2], startup: 10 },
  });
  assert.equal(reply.status, 201, reply.text);
  const { config } = reply.json;
  assert.deepEqual(config.arguments, ['--line=two words', '']);
  assert.equal(config.fail_behaviour, 'restart');
  assert.deepEqual([...config.exit_codes].sort(), [2, 3]);
  assert.equal(config.startup, 10);
});

for (const order of [['config', 'image'], ['image', 'config']]) {
  test(`multipart deploys, parts in the order ${order.join(', ')}`, async () => {
    const parts = {
      config: JSON.stringify({ memory: 20 }),
      image: new Blob([fs.readFileSync(stack.sample)]),
    };
    const body = new FormData();
    for (const name of order) body.append(name, parts[name]);
    const reply = await stack.ask('PUT', stack.at('form', '?wait=60&grace=1'),
      { body });
    assert.ok([200, 201].includes(reply.status), reply.text);
    assert.equal(reply.json.config.memory, 20);
    assert.equal(reply.json.image.sha256, sha256(stack.sample));
  });
}

test('networks of the manifest are attached', async () => {
  const image = makeImage(stack.dir, 'net.spt', '--target', 'spt',
    '--net', 'service');
  const reply = await stack.deploy('net', image,
    '?network=service:private@00:80:41:12:34:56');
  assert.equal(reply.status, 201, reply.text);
  const [net] = reply.json.config.networks;
  assert.deepEqual({ name: net.name, bridge: net.bridge, mac: net.mac },
    { name: 'service', bridge: 'private', mac: '00:80:41:12:34:56' });
});

test('an image is uploaded once and known by its digest', async () => {
  const image = makeImage(stack.dir, 'once.hvt', '--target', 'hvt',
    '--pad', '1000');
  const made = await stack.ask('POST', `/images?project=${stack.project}`,
    { body: fs.readFileSync(image) });
  assert.equal(made.status, 201, made.text);
  assert.equal(made.json.sha256, sha256(image));
  assert.equal(made.json.size, fs.statSync(image).size);
  const where = `/images/${made.json.sha256}?project=${stack.project}`;
  assert.deepEqual((await stack.ask('GET', where)).json, made.json);
  const head = await stack.ask('HEAD', where);
  assert.equal(head.status, 200);
  assert.equal(head.text, '');
  const none = await stack.ask('HEAD',
    `/images/${'0'.repeat(64)}?project=${stack.project}`);
  assert.equal(none.status, 404);
});

test('restart keeps the configuration', async () => {
  const before = await stack.ask('GET', stack.at('hello'));
  const reply = await stack.change('POST', stack.at('hello', '/restart'));
  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.json.source, 'restart');
  const now = await stack.ask('GET', stack.at('hello'));
  assert.deepEqual(now.json.config, before.json.config);
  assert.equal(now.json.digest, before.json.digest);
  assert.ok(now.json.started_at >= before.json.started_at);
});

test('restart with some keys changes those alone', async () => {
  const before = await stack.ask('GET', stack.at('second'));
  const reply = await stack.change('POST', stack.at('second', '/restart'),
    { arguments: ['--line=new'] });
  assert.equal(reply.status, 200, reply.text);
  const now = await stack.ask('GET', stack.at('second'));
  assert.deepEqual(now.json.config,
    { ...before.json.config, arguments: ['--line=new'] });
});

test('restart beyond the policy is refused and the old one runs on', async () => {
  const before = await stack.ask('GET', stack.at('second'));
  const reply = await stack.ask('POST', stack.at('second', '/restart'),
    { json: { memory: 100000 } });
  assert.equal(reply.status, 422, reply.text);
  assert.equal(reply.json.errors[0].field, 'memory');
  const now = await stack.ask('GET', stack.at('second'));
  for (const key of ['digest', 'config', 'started_at'])
    assert.deepEqual(now.json[key], before.json[key]);
});

test('destroy, and it is remembered as stopped with its log', async () => {
  for (const name of ['hello', 'second', 'form', 'net']) {
    const reply = await stack.ask('DELETE', stack.at(name));
    assert.equal(reply.status, 204, reply.text);
  }
  assert.deepEqual((await stack.ask('GET', '/unikernels')).json.items, []);
  const gone = await stack.ask('GET', stack.at('hello'));
  assert.equal(gone.status, 200, gone.text);
  assert.equal(gone.json.state, 'stopped');
  assert.equal(gone.json.config, null);
  const log = await stack.ask('GET',
    stack.at('hello', '/console') + '?follow=false&lines=3');
  assert.equal(log.status, 200);
  assert.notEqual(log.text, '');
  const again = await stack.ask('DELETE', stack.at('hello'));
  assert.equal(again.status, 404);
});

test('a unikernel that exits at once is told as such', async () => {
  const reply = await stack.deploy('short', stack.sample,
    '?memory=32&arg=--exit-after=0:7&arg=--line=last+words');
  assert.equal(reply.status, 409, reply.text);
  assert.equal(reply.json.code, 'exited');
  assert.match(reply.json.detail, /\S/);
});

test('the state of the sandbox outlives it', async () => {
  await stack.deploy('stays');
  const list = await stack.ask('GET', '/unikernels');
  assert.deepEqual(list.json.items.map((u) => u.name), ['stays']);
});

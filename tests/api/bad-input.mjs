// SPDX-License-Identifier: ISC
// Bad input is answered, never suffered: each with a clear problem document,
// and what ran before still runs.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Stack, makeImage } from './stack.mjs';

let stack, running;
before(async () => {
  stack = await Stack.start();
  assert.equal((await stack.deploy('keep')).status, 201);
  running = await asItIs();
  assert.equal(running.name, 'keep');
});
after(() => stack.stop());

/** What is there, but for what is measured of it every ten seconds. */
async function asItIs() {
  const { json } = await stack.ask('GET', stack.at('keep'));
  return { ...json, metrics: null };
}

function problem(reply, status, code, field) {
  assert.equal(reply.status, status, reply.text);
  assert.match(reply.headers.get('content-type'), /^application\/problem\+json/);
  const { json } = reply;
  assert.equal(json.status, status);
  assert.equal(json.type, `urn:mollymawk:problem:${json.code}`);
  assert.ok(json.title && json.request_id);
  assert.equal(reply.headers.get('x-request-id'), json.request_id);
  if (code) assert.equal(json.code, code, reply.text);
  if (field)
    assert.ok(json.errors.some((e) => e.field === field),
      `${field} in ${reply.text}`);
}

const keeps = async () => assert.deepEqual(await asItIs(), running);

const made = (name, ...options) =>
  fs.readFileSync(makeImage(stack.dir, name, ...options));
const put = (body, query = '?memory=32', headers = {}) =>
  stack.ask('PUT', stack.at('keep') + query, { body, headers });

test('not an ELF', async () => {
  problem(await put(Buffer.from('#!/bin/sh\necho no unikernel\n')),
    422, 'bad-image');
  problem(await put(Buffer.alloc(0)), 422, 'bad-image');
  await keeps();
});

test('a truncated ELF', async () => {
  const whole = fs.readFileSync(stack.sample);
  for (const length of [4, 63, 64, 200, 1000])
    problem(await put(whole.subarray(0, length)), 422, 'bad-image');
  await keeps();
});

test('the wrong ABI', async () => {
  const reply = await put(made('v.virtio', '--target', 'virtio'));
  problem(reply, 422, 'bad-image');
  assert.match(reply.json.detail, /virtio/);
  await keeps();
});

test('devices that do not match the manifest, all told at once', async () => {
  const image = made('d.spt', '--target', 'spt', '--net', 'service',
    '--block', 'storage');
  problem(await put(image), 422);
  const reply = await put(image, '?network=other:service&volume=wrong:data');
  problem(reply, 422);
  const said = JSON.stringify(reply.json.errors);
  for (const name of ['service', 'storage', 'other', 'wrong'])
    assert.ok(said.includes(name), `${name} in ${said}`);
  problem(await put(image, '?network=service&volume=storage:absent'), 422);
  problem(await put(image, '?network=service:nobridge&volume=storage'), 422);
  problem(await put(image, '?network=service&network=service'), 422);
  await keeps();
});

test('names that are no names', async () => {
  for (const name of ['a_b', '-a', 'a'.repeat(64), '..', 'a%2fb', 'a%00', '%ff',
    'a%20b']) {
    const reply = await stack.ask('PUT', stack.at(name),
      { body: fs.readFileSync(stack.sample) });
    assert.ok([400, 404, 405, 422].includes(reply.status),
      `${name}: ${reply.text}`);
  }
  problem(await stack.ask('PUT', stack.at('a_b'),
    { body: fs.readFileSync(stack.sample) }), 422, 'invalid-input', 'name');
});

test('memory 0, negative, no number, or beyond the policy', async () => {
  const image = fs.readFileSync(stack.sample);
  for (const memory of ['0', '-1', 'x', '1e3', '32.5', '99999999999999999999'])
    problem(await put(image, `?memory=${memory}`), 422, undefined, 'memory');
  problem(await put(image, '?memory=513'), 422, 'policy-exceeded', 'memory');
  await keeps();
});

test('beyond what is left of the policy', async () => {
  const image = fs.readFileSync(stack.sample);
  const big = await stack.deploy('big', stack.sample, '?memory=400');
  assert.equal(big.status, 201, big.text);
  problem(await stack.ask('PUT', stack.at('more') + '?memory=100',
    { body: image }), 422, 'policy-exceeded', 'memory');
  await stack.ask('DELETE', stack.at('big'));
});

test('a CPU, a bridge, a start-up and an exit code out of range', async () => {
  const image = fs.readFileSync(stack.sample);
  problem(await put(image, '?cpu=77'), 422, 'policy-exceeded');
  problem(await put(image, '?startup=101'), 422, undefined, 'startup');
  problem(await put(image, '?exit_code=256&fail_behaviour=restart'), 422);
  problem(await put(image, '?fail_behaviour=dance'), 422, undefined,
    'fail_behaviour');
  problem(await put(image, '?digest=00'), 422, undefined, 'digest');
  problem(await put(image, `?digest=${'0'.repeat(64)}`), 422,
    'digest-mismatch');
  problem(await put(image, '?colour=blue'), 422, 'invalid-input', 'colour');
  await keeps();
});

test('an unknown instance or project', async () => {
  const body = fs.readFileSync(stack.sample);
  problem(await stack.ask('PUT', `/unikernels/nowhere/${stack.project}/x`,
    { body }), 404, 'not-found');
  problem(await stack.ask('PUT', `/unikernels/${stack.instance}/nobody/x`,
    { body }), 404, 'not-found');
  problem(await stack.ask('GET', '/unikernels?instance=nowhere'), 404);
});

test('JSON that is not acceptable', async () => {
  const send = (json) => stack.ask('PUT', stack.at('keep'), { json });
  for (const text of ['', '{', "{'image': 1}", '[]', '{"image": NaN}',
    '{"image":"a","image":"b"}', '{"a":1}x', '{"image":"\\u0000"}',
    '['.repeat(100)])
    problem(await send(text), 400, 'bad-json');
  problem(await send({ image: 'zz' }), 422, undefined, 'image');
  problem(await send({ image: 5 }), 422, undefined, 'image');
  problem(await send({}), 422, undefined, 'image');
  problem(await send({ image: '0'.repeat(64), surprise: 1 }), 422, undefined,
    'surprise');
  problem(await send({ image: '0'.repeat(64), config: { memroy: 1 } }), 422,
    undefined, 'config.memroy');
  problem(await send({ image: '0'.repeat(64) }), 404);
  await keeps();
});

test('a JSON body too large', async () => {
  problem(await stack.ask('POST', '/session', { token: null,
    json: { email: 'a', password: 'x'.repeat(2000000) } }), 413, 'too-large');
  problem(await stack.ask('POST', '/session', { token: null,
    json: { email: 'a', password: 'x'.repeat(100000) } }), 413, 'too-large');
});

test('multipart that is malformed', async () => {
  const send = (body, type) => stack.ask('PUT', stack.at('keep'),
    { body: Buffer.from(body), headers: { 'content-type': type } });
  const type = 'multipart/form-data; boundary=b';
  problem(await send('', 'multipart/form-data'), 400);
  problem(await send('nothing', type), 400);
  problem(await send('--b\r\n\r\nx\r\n--b--\r\n', type), 400);
  const part = (name, text) =>
    `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`;
  problem(await send(`${part('config', '{}')}--b--\r\n`, type), 422,
    undefined, 'image');
  problem(await send(`${part('other', 'x')}--b--\r\n`, type), 422);
  problem(await send(`${part('image', 'x')}`, type), 400);
  await keeps();
});

test('unknown paths, methods and queries', async () => {
  problem(await stack.ask('GET', '/nothing'), 404, 'not-found');
  problem(await stack.ask('GET', '/unikernels/'), 404, 'not-found');
  problem(await stack.ask('GET', '/unikernels//x/y'), 400, 'bad-request');
  const method = await stack.ask('DELETE', '/unikernels');
  problem(method, 405, 'method-not-allowed');
  assert.match(method.headers.get('allow'), /GET/);
  problem(await stack.ask('OPTIONS', '/unikernels'), 405);
  problem(await stack.ask('GET', '/unikernels?bogus=1'), 422, undefined,
    'bogus');
  problem(await stack.ask('GET', '/unikernels?limit=0'), 422, undefined,
    'limit');
  problem(await stack.ask('GET', '/unikernels?cursor=%ff'), 400);
  problem(await stack.ask('GET', '/unikernels?cursor=zz'), 422, undefined,
    'cursor');
  const head = await stack.ask('HEAD', '/unikernels');
  assert.equal(head.status, 200);
  assert.equal(head.text, '');
});

test('every answer carries the headers that protect it', async () => {
  for (const where of ['/unikernels', '/nothing', '/healthz']) {
    const { headers } = await stack.ask('GET', where);
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
  }
});

test('an upload cut off leaves no trace', async () => {
  const { socket } = stack.speak([`PUT /api/v1${stack.at('keep')} HTTP/1.1`,
    'Content-Length: 9000000'], Buffer.alloc(1000000));
  await new Promise((done) => setTimeout(done, 500));
  socket.destroy();
  await new Promise((done) => setTimeout(done, 1000));
  const left = fs.readdirSync(path.join(stack.dir, 'state'),
    { recursive: true }).filter((name) => /tmp|temp|upload/.test(name) &&
    fs.statSync(path.join(stack.dir, 'state', name)).isFile());
  assert.deepEqual(left, []);
  await keeps();
});

test('the documents are there', async () => {
  const doc = await stack.ask('GET', '/openapi.json', { token: null });
  assert.equal(doc.status, 200);
  assert.match(doc.json.openapi, /^3\.1/);
  assert.ok(doc.json.paths['/unikernels/{instance}/{project}/{name}'].put);
  for (const where of ['/healthz', '/readyz'])
    assert.equal((await stack.ask('GET', where, { token: null })).status, 200);
});

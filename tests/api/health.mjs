// SPDX-License-Identifier: ISC
// Health checks: who may set them, where they may ask, what they say. That a
// check turns from healthy to failing and back is told in history.mjs.
import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { Stack, until } from './stack.mjs';

let stack, admin;
before(async () => {
  stack = await Stack.start();
  admin = await stack.signIn();
  assert.equal((await stack.deploy('web', stack.sample,
    '?memory=32&arg=--ipv4=192.0.2.7/24&arg=--ipv6=fe80::7/64')).status, 201);
  assert.equal((await stack.deploy('plain')).status, 201);
});
after(() => stack.stop());

const manage = (method, where, json) => stack.ask(method, where,
  { token: null, headers: admin.headers, json });
const at = (name) => stack.at(name, '/health-check');
const put = (json, name = 'web', how = {}) =>
  stack.ask('PUT', at(name), { json, ...how });
const allow = async (...allowed) => {
  const reply = await manage('PUT', '/settings/health-checks', { allowed });
  assert.equal(reply.status, 200, reply.text);
  return reply.json.allowed;
};
/** Is refused for this field. */
const refused = async (json, field, says, name) => {
  const reply = await put(json, name);
  assert.equal(reply.status, 422, reply.text);
  assert.equal(reply.json.errors[0].field, field, reply.text);
  assert.match(reply.json.errors[0].message, says);
};
const result = (name) => until(async () =>
  (await stack.ask('GET', at(name))).json.health.history[0], 'it was asked');

test('a check asks the unikernel itself, unless told', async () => {
  assert.equal((await stack.ask('GET', at('web'))).status, 404);
  const reply = await put({ type: 'http', timeout: 1 });
  assert.equal(reply.status, 200, reply.text);
  assert.deepEqual(reply.json.check, { type: 'http', address: null, port: 80,
    path: '/', host: null, status: [200], body: null, redirects: false,
    timeout: 1, interval: 30, retries: 3 });
  assert.equal(reply.json.health.state, 'unknown');
  assert.deepEqual((await stack.ask('GET', at('web'))).json.check,
    reply.json.check);
  // Nobody is there, or there is no way to it; that is what it says.
  const { ok, detail } = await result('web');
  assert.equal(ok, false);
  assert.match(detail, /192\.0\.2\.7:80/);
});

test('it asks nowhere else', async () => {
  const tcp = { type: 'tcp', port: 80 };
  await refused(tcp, 'address', /must be given/, 'plain');
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '0.0.0.0',
    '169.254.169.254', '224.0.0.1', '192.0.2.8', '2001:db8::1'])
    await refused({ ...tcp, address }, 'address', /not an address of this/);
  await refused({ ...tcp, address: 'fe80::7' }, 'address', /link-local/);
  for (const address of ['localhost', '127.1', '0x7f000001', ''])
    await refused({ ...tcp, address }, 'address', /must/);
});

test('what makes no sense is told by field', async () => {
  await refused({}, 'type', /http, tcp or dns/);
  await refused({ type: 'tcp' }, 'port', /missing/);
  await refused({ type: 'http', path: '/a\r\nX: y' }, 'path', /ASCII/);
  await refused({ type: 'http', interval: 1 }, 'interval', /10 to 3600/);
  await refused({ type: 'tcp', port: 1, body: 'x' }, 'body', /not known/);
  await refused({ type: 'dns', name: 'a..b' }, 'name', /www.example.org/);
});

test('administrators allow further addresses', async () => {
  const get = () => manage('GET', '/settings/health-checks');
  assert.deepEqual((await get()).json, { allowed: [] });
  assert.deepEqual(await allow('10.0.0.0/8', '2001:DB8::/32', '192.0.2.9'),
    ['10.0.0.0/8', '2001:db8::/32', '192.0.2.9/32']);
  assert.equal((await put({ type: 'tcp', port: 1, timeout: 1,
    address: '192.0.2.9' })).status, 200);
  for (const range of ['10.0.0.1/8', '10.0.0.0/33', 'x', '']) {
    const reply = await manage('PUT', '/settings/health-checks',
      { allowed: ['10.0.0.0/8', range] });
    assert.equal(reply.status, 422);
    assert.equal(reply.json.errors[0].field, 'allowed[1]');
  }
  assert.equal((await get()).json.allowed.length, 3);
  // The loopback has to be meant.
  await allow('0.0.0.0/0', '::/0');
  for (const address of ['127.0.0.1', '::1', '169.254.169.254', '0.0.0.0'])
    await refused({ type: 'tcp', port: 1, address }, 'address', /administr/);
  await allow('127.0.0.0/8');
  assert.equal((await put({ type: 'tcp', port: 1,
    address: '127.0.0.1' })).status, 200);
});

test('what is no longer allowed is no longer asked', async () => {
  let asked = 0;
  const server = net.createServer((socket) => { asked++; socket.destroy(); });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const check = { type: 'tcp', address: '127.0.0.1',
    port: server.address().port, interval: 10 };
  await allow('127.0.0.1');
  await put(check);
  assert.equal((await result('web')).ok, true);
  await allow();
  const before = asked;
  const { ok, detail } = await until(async () => {
    const [last, ...more] = (await stack.ask('GET', at('web')))
      .json.health.history;
    return more.length > 0 && last;
  }, 'it is due again', 30000);
  assert.equal(ok, false);
  assert.match(detail, /Nothing was asked: address 127\.0\.0\.1/);
  assert.equal(asked, before);
  server.close();
});

test('a name server is asked for a name', async () => {
  const server = dgram.createSocket('udp4', (query, from) => {
    const answer = Buffer.concat([query, Buffer.from(
      'c00c000100010000000100040a000035', 'hex')]);
    answer.writeUInt16BE(0x8180, 2);
    answer.writeUInt16BE(1, 6);
    server.send(answer, from.port, from.address);
  });
  await new Promise((done) => server.bind(0, '127.0.0.1', done));
  await allow('127.0.0.1');
  const check = { type: 'dns', address: '127.0.0.1',
    port: server.address().port, name: 'www.example.org', timeout: 2 };
  await put({ ...check, answer: '10.0.0.53' });
  assert.equal((await result('web')).ok, true);
  await put({ ...check, answer: '10.0.0.54' });
  const { ok, detail } = await result('web');
  assert.equal(ok, false);
  assert.match(detail, /without "10\.0\.0\.54"/);
  server.close();
});

test('a check in one word, where it does not fit, is told', async () => {
  const deploy = (check) => stack.deploy('word', stack.sample,
    `?memory=32&check=${encodeURIComponent(check)}`);
  for (const check of ['http://localhost/', 'https://192.0.2.7/', 'tcp://',
    'dns://192.0.2.7', 'http://[::1/']) {
    const reply = await deploy(check);
    assert.equal(reply.status, 422, reply.text);
    assert.equal(reply.json.errors[0].field, 'check', reply.text);
  }
  assert.equal((await stack.ask('GET', stack.at('word'))).status, 404);
});

test('who may only look may not change it', async () => {
  const user = stack.addUser('vera');
  await stack.setRole(admin.headers, user.email, 'viewer');
  const vera = await stack.signIn(user.email, user.password);
  const as = { token: null, headers: vera.headers };
  const check = { type: 'tcp', port: 1 };
  assert.equal((await stack.ask('GET', at('web'), as)).status, 200);
  assert.equal((await put(check, 'web', as)).status, 403);
  assert.equal((await stack.ask('DELETE', at('web'), as)).status, 403);
  for (const setting of ['health-checks', 'retention'])
    assert.ok([403, 404].includes((await stack.ask('GET',
      `/settings/${setting}`, as)).status), setting);
});

test('a token needs the right to deploy', async () => {
  const token = (...scopes) => stack.makeToken(admin.headers, { scopes });
  const reader = { token: await token('unikernel:read',
    'unikernel:restart') };
  const check = { type: 'tcp', port: 1 };
  assert.equal((await stack.ask('GET', at('web'), reader)).status, 200);
  assert.equal((await put(check, 'web', reader)).status, 403);
  assert.equal((await stack.ask('DELETE', at('web'), reader)).status, 403);
  const deployer = { token: await token('unikernel:deploy') };
  assert.equal((await put(check, 'web', deployer)).status, 200);
  assert.ok([403, 404].includes((await stack.ask('PUT',
    '/settings/health-checks',
    { ...deployer, json: { allowed: ['127.0.0.1'] } })).status));
});

test('a check is removed with its history', async () => {
  assert.equal((await stack.ask('DELETE', at('web'))).status, 204);
  assert.equal((await stack.ask('GET', at('web'))).status, 404);
  assert.equal((await stack.ask('GET', stack.at('web'))).json.health, null);
});

test('how many images are kept is set', async () => {
  const where = '/settings/retention';
  assert.deepEqual((await manage('GET', where)).json,
    { deployments: 10, days: 30 });
  assert.equal((await manage('PUT', where,
    { deployments: 3, days: 0 })).status, 200);
  assert.deepEqual((await manage('GET', where)).json,
    { deployments: 3, days: 0 });
  for (const wrong of [{ deployments: 0, days: 0 }, { deployments: 1 },
    { deployments: 1001, days: 1 }, { deployments: 1, days: 3651 }])
    assert.equal((await manage('PUT', where, wrong)).status, 422,
      JSON.stringify(wrong));
});

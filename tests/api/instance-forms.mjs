// SPDX-License-Identifier: ISC
// Instances as administrators add, change and forget them: what is said of each
// mistake, and that none is stored whose server did not answer.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Stack, build, sleep, until } from './stack.mjs';

let stack, admin, box, ca, key, stranger;

const read = (...parts) => fs.readFileSync(path.join(...parts), 'utf8');

/** The CA of a sandbox that never ran: {ca, key, server}. */
function otherCa(name) {
  const dir = path.join(stack.dir, name);
  execFileSync(path.join(build, 'tests/sandbox/albatross-sandbox'),
    ['--dir', dir, '--init']);
  return { ca: read(dir, 'ca.pem'), key: read(dir, 'ca.key'),
    server: read(dir, 'server.pem') };
}

before(async () => {
  stack = await Stack.start();
  admin = await stack.signIn();
  box = await stack.addSandbox('box');
  ca = read(box.dir, 'ca.pem');
  key = read(box.dir, 'ca.key');
  stranger = otherCa('stranger');
});
after(() => stack.stop());

const mine = (method, where, json) => stack.as(admin, method, where, json);
const form = (more) => ({ name: 'new', host: '127.0.0.1', port: box.port,
  certificate: ca, key, ...more });
const add = (more) => mine('POST', '/instances', form(more));
const instance = (name) => mine('GET', `/instances/${name}`);

/** Expects a fault at a field; what it says. */
async function fault(reply, field, words) {
  assert.equal(reply.status, 422, reply.text);
  const at = reply.json.errors.find((e) => e.field === field);
  assert.ok(at, reply.text);
  assert.match(at.message, words);
}

test('each mistake is told at its field', async () => {
  await fault(await add({ certificate: key, key: ca }), 'certificate', /swapped/);
  await fault(await add({ certificate: key, key: ca }), 'key', /swapped/);
  await fault(await add({ certificate: ca + key }), 'certificate',
    /holds a private key/);
  await fault(await add({ key: ca }), 'key', /is a certificate/);
  await fault(await add({ key: stranger.key }), 'key', /does not belong/);
  const locked = createPrivateKey(key).export({ type: 'pkcs8', format: 'pem',
    cipher: 'aes-256-cbc', passphrase: 'x' });
  await fault(await add({ key: locked }), 'key', /without a passphrase/);
  await fault(await add({ certificate: stranger.server }), 'certificate',
    /not a CA/);
  const der = Buffer.from(ca.replace(/-----.*-----/g, ''), 'base64')
    .toString('latin1').replaceAll('\0', '\x01');
  await fault(await add({ certificate: der }), 'certificate', /DER/);
  await fault(await add({ server_ca: stranger.server }), 'server_ca', /not a CA/);
  await fault(await add({ host: 'https://h/' }), 'host', /without a scheme/);
  await fault(await add({ host: '192.0.2' }), 'host', /whole IPv4/);
  await fault(await add({ port: 70000 }), 'port', /1 to 65535/);
  await fault(await add({ name: 'a_b' }), 'name', /./);
  // Forced or not: what can be told without the server must be right.
  await fault(await add({ key: stranger.key, force: true }), 'key',
    /does not belong/);
  const taken = await add({ name: 'box' });
  assert.equal(taken.status, 409);
  assert.equal(taken.json.errors[0].field, 'name');
  assert.equal((await instance('new')).status, 404);
});

const faults = [
  ['refuse', 'instance-unreachable', 'network'],
  ['daemon-down', 'instance-daemon-down', 'network'],
  ['wrong-cert', 'instance-certificate', 'certificate'],
  ['expired-cert', 'instance-certificate', 'certificate'],
  ['garbage-frame', 'instance-incompatible', 'incompatible'],
];

test('one that does not answer as it should is not stored', async () => {
  for (const [what, code, category] of faults) {
    await box.fault(what);
    const reply = await add();
    assert.equal(reply.json.code, code, reply.text);
    assert.equal(reply.json.category, category);
    assert.ok(reply.json.detail.length > 20, reply.text);
    assert.equal((await instance('new')).status, 404);
    await box.fault('none');
  }
  // The server is the right one, and does not take our certificate.
  const wrong = await add({ certificate: stranger.ca, key: stranger.key,
    server_ca: ca });
  assert.equal(wrong.json.code, 'instance-credentials', wrong.text);
  assert.equal(wrong.json.category, 'credentials');
  await stack.control('clock 3600', box.dir);
  const clock = await add();
  assert.equal(clock.json.code, 'instance-clock', clock.text);
  assert.equal(clock.json.category, 'credentials');
  await stack.control('clock 0', box.dir);
  const nowhere = await add({ host: 'no-such-host.invalid' });
  assert.equal(nowhere.json.category, 'network', nowhere.text);
  assert.equal((await instance('new')).status, 404);
});

test('each of them is told of one that was stored, too', async () => {
  for (const [what, code, category] of faults) {
    await box.fault(what);
    const { json } = await mine('POST', '/instances/box/probe');
    assert.equal(json.health.status, 'down', what);
    assert.equal(json.health.error.code, code);
    assert.equal(json.health.error.category, category);
    await box.fault('none');
  }
  const { json } = await mine('POST', '/instances/box/probe');
  assert.match(json.health.status, /^(up|degraded)$/);
  assert.equal(json.health.error, null);
});

test('it is stored when it answers, however its files look', async () => {
  const reply = await add({ title: 'In the cellar', host: 'localhost',
    certificate: `Bag Attributes\r\n${ca.replaceAll('\n', '\r\n')}trailing`,
    key: ca + key });
  assert.equal(reply.status, 201, reply.text);
  assert.equal(reply.json.title, 'In the cellar');
  assert.equal(reply.json.server_ca, false);
  assert.match(reply.json.health.status, /^(up|degraded)$/);
  assert.ok(!reply.text.includes('PRIVATE'));
});

const openssl = (...args) => execFileSync('openssl', args, { stdio: 'pipe' });

/** A CA below that of the box: {chain, key}. */
function lowerCa() {
  const at = (name) => path.join(stack.dir, name);
  openssl('req', '-new', '-newkey', 'ed25519', '-nodes', '-keyout', at('low.key'),
    '-out', at('low.csr'), '-subj', '/CN=low');
  fs.writeFileSync(at('low.ext'), 'basicConstraints=critical,CA:TRUE\n' +
    'keyUsage=critical,keyCertSign,digitalSignature\n');
  openssl('x509', '-req', '-in', at('low.csr'), '-CA', path.join(box.dir, 'ca.pem'),
    '-CAkey', path.join(box.dir, 'ca.key'), '-CAcreateserial', '-days', '2',
    '-extfile', at('low.ext'), '-out', at('low.pem'));
  return { chain: read(at('low.pem')) + ca, key: read(at('low.key')) };
}

test('a CA below the server\'s commands it too, with its chain', async () => {
  const low = lowerCa();
  // albatross takes none that begins in this very second.
  await sleep(1500);
  const form = { name: 'low', certificate: low.chain, key: low.key };
  await fault(await add(form), 'server_ca', /must be given/);
  const reply = await add({ ...form, server_ca: ca });
  assert.equal(reply.status, 201, reply.text);
  assert.equal(reply.json.server_ca, true);
  assert.match(reply.json.health.status, /^(up|degraded)$/);
  const left = Date.parse(reply.json.certificate_expires_at) - Date.now();
  assert.ok(left < 2 * 86400e3, 'of the first that ends');
  // The server's CA on its own can not be left out again.
  await fault(await mine('PATCH', '/instances/low', { server_ca: '' }),
    'server_ca', /must be given/);
  // As on the box, which is the same server.
  await stack.ok(admin, 'PUT', `/projects/${stack.project}/policies/low`,
    { unikernels: 8, memory: 512, block: 64, cpus: [0, 1], bridges: ['service'] });
  assert.equal((await stack.ask('PUT', `/unikernels/low/${stack.project}/x` +
    '?memory=16&wait=60&grace=1', { body: fs.readFileSync(stack.sample) })).status,
  201);
  assert.equal((await stack.ask('DELETE', `/unikernels/low/${stack.project}/x`))
    .status, 204);
  assert.equal((await mine('DELETE', '/instances/low')).status, 204);
});

test('an address may be of IPv6', async (t) => {
  const proxy = net.createServer((from) => {
    const to = net.connect(box.port, '127.0.0.1');
    from.pipe(to).pipe(from);
    for (const end of [from, to]) end.on('error', () => from.destroy());
  });
  const listens = await new Promise((done) => {
    proxy.on('error', () => done(false));
    proxy.listen(0, '::1', () => done(true));
  });
  if (!listens) {
    t.skip('this machine has no IPv6');
    return;
  }
  const reply = await add({ name: 'six', host: '::1', port: proxy.address().port });
  assert.equal(reply.status, 201, reply.text);
  assert.equal(reply.json.host, '::1');
  assert.equal((await mine('DELETE', '/instances/six')).status, 204);
  proxy.close();
});

test('forced, it is stored, and said to be down', async () => {
  await box.fault('refuse');
  const reply = await add({ name: 'forced', force: true });
  assert.equal(reply.status, 201, reply.text);
  const down = await until(async () => {
    const { json } = await instance('forced');
    return json.health.status === 'down' && json;
  }, 'it is asked');
  assert.equal(down.health.error.category, 'network');
  await box.fault('none');
  await mine('POST', '/instances/forced/probe');
  assert.match((await instance('forced')).json.health.status, /^(up|degraded)$/);
});

test('a change is tried before it is stored', async () => {
  const change = (json) => mine('PATCH', '/instances/new', json);
  await fault(await change({ certificate: ca }), 'key', /together/);
  await fault(await change({ name: 'other' }), 'name', /./);
  const gone = await change({ port: 1 });
  assert.equal(gone.json.category, 'network', gone.text);
  const wrong = await change({ certificate: stranger.ca, key: stranger.key,
    server_ca: ca });
  assert.equal(wrong.json.category, 'credentials', wrong.text);
  assert.equal((await instance('new')).json.port, box.port);
  const titled = await change({ title: '' });
  assert.equal(titled.status, 200, titled.text);
  assert.equal(titled.json.title, '');
  // To another server altogether: address, certificate and key.
  const second = await stack.addSandbox('second');
  const moved = await change({ host: '127.0.0.1', port: second.port,
    certificate: read(second.dir, 'ca.pem'), key: read(second.dir, 'ca.key') });
  assert.equal(moved.status, 200, moved.text);
  assert.equal(moved.json.port, second.port);
  assert.match(moved.json.health.status, /^(up|degraded)$/);
  // And what is not to be reached, since it is said so.
  const forced = await change({ port: 1, force: true });
  assert.equal(forced.status, 200, forced.text);
  const { json } = await mine('POST', '/instances/new/probe');
  assert.equal(json.health.status, 'down');
  assert.equal((await change({ port: second.port })).status, 200);
});

test('when its own certificate ends is told, and what time it is there',
  async () => {
    const where = `/unikernels/second/${stack.project}/clock`;
    assert.equal((await stack.ask('PUT', `${where}?wait=60&grace=1`,
      { body: fs.readFileSync(stack.sample) })).status, 201);
    const { health } = await stack.ok(admin, 'POST', '/instances/second/probe');
    const left = Date.parse(health.server_certificate_expires_at) - Date.now();
    assert.ok(left > 300 * 86400e3 && left < 400 * 86400e3, `${left}`);
    const seen = () => stack.ok(admin, 'GET', '/instances/second')
      .then((i) => i.health.clock_ms);
    const near = async (ms) => {
      const found = await seen();
      return found !== null && Math.abs(found - ms) < 10000;
    };
    // Once its console is live for ten seconds; it was right, then ahead.
    await until(() => near(0), 'its clock is seen', 40000);
    await stack.control('clock 45', path.join(stack.dir, 'second'));
    await until(() => near(45000), 'it is ahead', 20000);
    await stack.control('clock 0', path.join(stack.dir, 'second'));
    await mine('POST', '/instances/second/probe');
    await until(() => near(0), 'it was set right, and probed', 20000);
  });

test('what it leaves is told before it is forgotten', async () => {
  const where = `/unikernels/box/${stack.project}/it`;
  assert.equal((await stack.ask('PUT', `${where}?wait=60&grace=1`,
    { body: fs.readFileSync(stack.sample) })).status, 201);
  assert.equal((await stack.ask('PUT', stack.volume('data', '', 'box'),
    { json: { size: 1 } })).status, 201);
  await stack.ok(admin, 'PUT', '/settings/health-checks',
    { allowed: ['127.0.0.1'] });
  await stack.ok(admin, 'PUT', `${where}/health-check`, { type: 'tcp',
    address: '127.0.0.1', port: 9 });
  await stack.ok(admin, 'PUT', `${where}/automatic-update`, { mode: 'notify' });
  await stack.makeToken(admin.headers, { name: 'there',
    scopes: ['unikernel:read'], instances: ['box'] });
  const leaves = await stack.ok(admin, 'GET', '/instances/box/leaves');
  const thing = (name) => [{ project: stack.project, name }];
  assert.deepEqual(leaves.projects, [stack.project]);
  // As last seen: what another instance's name was used for may be there still.
  assert.deepEqual(leaves.unikernels.filter((u) => u.name === 'it'), thing('it'));
  assert.deepEqual(leaves.volumes, thing('data'));
  assert.deepEqual(leaves.tokens.map((t) => t.name), ['there']);
  assert.equal(leaves.health_checks, 1);
  assert.equal(leaves.update_rules, 1);
  assert.equal(leaves.schedules, 0);
  assert.equal(leaves.copies, 0);
  await box.fault('refuse');
  assert.equal((await stack.ok(admin, 'GET', '/instances/box/leaves')).volumes,
    null);
  await box.fault('none');
  assert.equal((await mine('DELETE', '/instances/box')).status, 204);
  assert.equal((await instance('box')).status, 404);
  // It goes on there, and is found again; the rules are not.
  await stack.addInstance('box', box.dir, box.port);
  await until(async () => (await stack.ask('GET', '/unikernels')).json.items
    .some((u) => u.instance === 'box' && u.name === 'it'), 'it still runs');
  const again = await stack.ok(admin, 'GET', '/instances/box/leaves');
  assert.equal(again.health_checks, 0);
  assert.equal(again.update_rules, 0);
});

test('nobody but administrators, who proved that it is them', async () => {
  const ann = await stack.person('ann');
  await stack.setRole(admin.headers, ann.email, 'owner');
  for (const [method, where, json] of [['POST', '/instances', form()],
    ['PATCH', '/instances/new', { title: 'mine' }],
    ['GET', '/instances/new/leaves'], ['DELETE', '/instances/new']])
    assert.equal((await stack.as(ann, method, where, json)).status, 403, where);
  stack.forgetProofs();
  for (const [method, where, json] of [['POST', '/instances', form()],
    ['PATCH', '/instances/new', { port: 1 }], ['DELETE', '/instances/new']]) {
    const reply = await mine(method, where, json);
    assert.equal(reply.json.code, 'confirmation-needed', reply.text);
  }
});

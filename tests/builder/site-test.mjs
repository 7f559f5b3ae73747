// SPDX-License-Identifier: ISC
// The stand-in is held against what is known of the real site.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

const top = process.env.top_srcdir ?? path.resolve(import.meta.dirname, '../..');
const build = process.env.top_builddir ?? path.join(top, 'build/test');
const mkimage = path.join(build, 'tests/images/mkimage');
let dir, site, port;

async function start() {
  site = spawn(process.execPath, [path.join(top, 'tests/builder/serve.mjs'),
    '--dir', dir, '--mkimage', mkimage], { stdio: 'inherit' });
  for (let i = 0; i < 300 && !fs.existsSync(path.join(dir, 'port')); i++)
    await sleep(100);
  port = Number(fs.readFileSync(path.join(dir, 'port'), 'utf8'));
}

function stop() {
  const ended = new Promise((done) => site.on('exit', done));
  site.kill();
  return ended;
}

before(async () => {
  fs.mkdirSync(path.join(build, 'tests/tmp'), { recursive: true });
  dir = fs.mkdtempSync(path.join(build, 'tests/tmp/site-'));
  await start();
});
after(async () => {
  await stop();
  fs.rmSync(dir, { recursive: true });
});

/** {status, headers, text, body}, no redirect followed. */
function get(target, headers = { accept: 'application/json' }, method = 'GET') {
  return new Promise((done, fail) => {
    const request = http.request({ host: '127.0.0.1', port, path: target,
      method, headers, agent: false, insecureHTTPParser: true }, (reply) => {
      const parts = [];
      reply.on('data', (part) => parts.push(part));
      reply.on('error', fail);
      reply.on('end', () => {
        const body = Buffer.concat(parts);
        done({ status: reply.statusCode, headers: reply.headers, body,
          raw: reply.rawHeaders, text: body.toString() });
      });
    });
    request.on('error', fail);
    request.end();
  });
}
const json = async (target) => {
  const reply = await get(target);
  assert.equal(reply.status, 200, `${target}: ${reply.text}`);
  assert.equal(reply.headers['content-type'], 'application/json');
  return JSON.parse(reply.text);
};
const control = async (what, query = {}) => {
  const reply = await get(`/control/${what}?${new URLSearchParams(query)}`, {},
    what === 'requests' ? 'GET' : 'POST');
  assert.equal(reply.status, 200, reply.text);
  return JSON.parse(reply.text);
};
const latest = async (job, query = '') =>
  (await get(`/job/${job}/build/latest${query}`)).headers.location
    .split('/').pop();
const notFound = async (target, ...how) => {
  const reply = await get(target, ...how);
  assert.equal(reply.status, 404, target);
  assert.match(reply.headers['content-type'], /^text\/html/);
};

/** All bytes that come for a request, said as it stands. */
const raw = (target) => new Promise((done) => {
  let text = '';
  net.connect(port, '127.0.0.1', function said() {
    this.on('data', (data) => { text += data.toString('latin1'); });
    this.on('close', () => done(text));
    this.on('error', () => {});
    this.write(`GET ${target} HTTP/1.1\r\nAccept: application/json\r\n\r\n`);
  });
});

test('JSON is for who asks for it, and errors are pages', async () => {
  for (const accept of ['*/*', 'application/*', 'Application/JSON', ''])
    assert.match((await get('/all-builds', { accept })).headers['content-type'],
      /^text\/html/);
  assert.equal((await get('/all-builds', { accept:
    'text/html, application/json;q=0' })).headers['content-type'],
  'application/json');
  await notFound('/all-builds', { accept: 'application/json' }, 'HEAD');
  await notFound('/all-builds', { accept: 'application/json' }, 'POST');
  const uuid = await latest('web');
  for (const target of ['/all-builds?x=1', '/?x=1', `/compare/${uuid}/${uuid}?x`,
    '/nothing', '/job/nothing', '/job/web/build/nothing', '/hash',
    `/hash?sha256=${'0'.repeat(64)}`, '/job/broken/build/latest'])
    await notFound(target);
  assert.match((await get('/failed-builds')).headers['content-type'],
    /^text\/html/);
});

test('the list has jobs of all sorts', async () => {
  const { jobs, jobs_by_section: sections } = await json('/all-builds');
  const of = (name) => jobs.find((job) => job.name === name);
  assert.equal(of('web').latest.solo5_abi.target, 'spt');
  assert.equal(of('qubes-firewall').latest.solo5_abi.target, 'xen');
  assert.equal(of('albatross').latest, undefined);
  assert.equal(of('experiment').synopsis, null);
  assert.equal(of('broken'), undefined);
  assert.equal(Object.values(sections).flat().length, jobs.length);
  assert.ok((await json('/')).jobs.every((job) => job.name !== 'steady'));
  assert.deepEqual(await json('/job/broken'), { builds: [] });
  assert.equal((await json('/job/broken/failed')).builds[0].main_binary, null);
  assert.equal((await json('/job/steady')).builds.length, 1);
});

test('names are taken as they stand', async () => {
  assert.equal((await json('/job/a+b')).builds.length, 2);
  await notFound('/job/a%2Bb');
  assert.equal((await json('/job/a+b/')).builds.length, 2);
  const uuid = await latest('web');
  assert.equal((await json(`/job/anything/build/${uuid}`)).job, 'anything');
});

test('latest and hash point to builds, by the platform', async () => {
  const [debian, freebsd] = [await latest('web', '?platform=debian-12'),
    await latest('web', '?platform=freebsd-14')];
  assert.notEqual(debian, freebsd);
  assert.equal(await latest('web'), freebsd);
  const reply = await get('/job/web/build/latest?platform=debian-12');
  assert.equal(reply.status, 307);
  assert.deepEqual(reply.raw.slice(0, 2),
    ['Location', `/job/web/build/${debian}`]);
  await notFound('/job/web/build/latest?platform=nosuch-1');
  assert.deepEqual(await json('/job/web?platform=nosuch-1'), { builds: [] });
  const [{ main_binary: { sha256 } }] =
    (await json('/job/web?platform=debian-12')).builds;
  const hash = await get(`/hash?sha256=${sha256.toUpperCase()}`);
  assert.equal(hash.status, 302);
  assert.deepEqual(hash.raw.slice(0, 2),
    ['location', `/job/web/build/${debian}`]);
  const same = (await json('/job/steady')).builds[0];
  assert.equal(same.uuid, await latest('steady'));
});

test('a download has length, chunks and an ETag', async () => {
  const start = await get('/job/web/build/latest/main-binary');
  assert.equal(start.status, 307);
  const hop = await get(start.headers.location);
  assert.equal(hop.status, 302);
  assert.match(hop.headers.location, /\/f\/bin\/web\.spt$/);
  const head = (await raw(hop.headers.location)).split('\r\n\r\n')[0];
  const { size, sha256 } = (await json('/job/web')).builds[0].main_binary;
  assert.match(head, new RegExp(`\r\ncontent-length: ${size}(\r|$)`));
  assert.match(head, /\r\ntransfer-encoding: chunked/);
  const [, etag] = head.match(/\r\netag: (\S+)/);
  assert.equal(Buffer.from(etag, 'base64').toString('hex'), sha256);
  const again = await get(hop.headers.location, { 'if-none-match': etag });
  assert.deepEqual([again.status, again.body.length], [304, 0]);
  await notFound('/job/broken/build/latest/main-binary');
});

test('a comparison has what was added on the left', async () => {
  const of = async (job, query = '') => {
    const { builds } = await json(`/job/${job}${query}`);
    return json(`/compare/${builds[1].uuid}/${builds[0].uuid}`);
  };
  const web = await of('web', '?platform=debian-12');
  assert.deepEqual(web.env_diff.left_packages,
    [{ name: 'OPAMJOBS', version: '8' }]);
  assert.deepEqual(web.package_diff.right_packages.map(({ name }) => name),
    ['libedit2']);
  assert.deepEqual(web.opam_diff.only_in_left.map(({ name }) => name),
    ['rresult']);
  assert.match(web.opam_diff.opam_diff[0].diff, /^@@ -3,6 \+3,7 @@$/m);
  assert.equal(typeof (await of('vault')).opam_diff.duniverse_diff, 'string');
  const { builds } = await json('/job/a+b');
  await notFound(`/compare/${builds[1].uuid}/${builds[0].uuid}`);
});

test('what is published is there, also after a restart', async () => {
  const [uuid] = await control('publish', { job: 'shop', kind: 'good' });
  assert.equal(await latest('shop'), uuid);
  await control('publish', { job: 'shop', kind: 'failed' });
  assert.equal(await latest('shop'), uuid);
  const [device] = await control('publish', { job: 'shop', kind: 'device' });
  assert.equal((await json(`/job/shop/build/${device}`)).solo5_manifest
    .devices.length, 2);
  const before = [port, await json('/job/shop'), await json('/all-builds')];
  await stop();
  await start();
  assert.deepEqual([port, await json('/job/shop'), await json('/all-builds')],
    before);
  assert.equal((await get('/control/publish?job=none&kind=good', {}, 'POST'))
    .status, 400);
});

test('faults befall what they are for, as often as told', async () => {
  await control('forget');
  const list = '/all-builds';
  await control('fault', { path: '/all-*', fault: 500, count: 1, after: 1 });
  assert.deepEqual([(await get(list)).status, (await get(list)).status,
    (await get(list)).status], [200, 500, 200]);
  const { counts, requests } = await control('requests');
  assert.deepEqual(counts, { [list]: 3 });
  assert.equal(requests[0].headers.accept, 'application/json');
  const fault = async (name, target = list, more = {}) => {
    await control('clear');
    await control('fault', { path: target, fault: name, ...more });
  };
  await fault('unknown-device');
  assert.match((await get(list)).text, /FRAME_BUFFER/);
  await fault('hostile');
  assert.match((await get(list)).text, /<script>.*\\u0007\\u001b/);
  await fault('job-strings');
  assert.equal(typeof (await json(list)).jobs[0], 'string');
  for (const name of ['invalid-json', 'json-cut']) {
    await fault(name);
    const { text } = await get(list);
    assert.throws(() => JSON.parse(text));
  }
  for (const [name, where] of [['redirect-loop', /^\/all-builds$/],
    ['redirect-host', /^http:\/\/localhost:\d+\/strayed$/],
    ['redirect-file', /^file:/]]) {
    await fault(name);
    assert.match((await get(list)).headers.location, where);
  }
  await fault('closed');
  assert.equal(await raw(list), '');
  await fault('truncated');
  await assert.rejects(get(list));
  await fault('slow', '/job/steady', { ms: 10 });
  const begun = Date.now();
  const slowly = get('/job/steady');
  assert.equal((await get('/job/web')).status, 200);
  await control('clear');
  assert.equal((await slowly).status, 200);
  assert.ok(Date.now() - begun > 1500);
  await fault('too-large', list, { bytes: 9 << 20 });
  assert.equal((await get(list)).body.length, 9 << 20);
});

test('a download can be spoilt', async () => {
  const { location } = (await get((await get(
    '/job/web/build/latest/main-binary')).headers.location)).headers;
  const right = await get(location);
  const digest = ({ body }) => createHash('sha256').update(body).digest('base64');
  const spoil = async (fault) => {
    await control('clear');
    await control('fault', { path: '*/f/bin/*', fault });
    return get(location);
  };
  const etag = await spoil('wrong-etag');
  assert.notEqual(etag.headers.etag, digest(etag));
  const body = await spoil('other-body');
  assert.equal(body.body.length, right.body.length);
  assert.notEqual(digest(body), digest(right));
  await assert.rejects(spoil('truncated'));
  await control('clear');
  assert.equal(digest(await get(location)), right.headers.etag);
});

test('mkimage refuses what no answer can be', () => {
  for (const answer of ['', '99:x', '200', '600:x', `200:${'x'.repeat(201)}`])
    assert.throws(() => execFileSync(mkimage, ['--http', answer,
      path.join(dir, 'bad')], { stdio: 'pipe' }));
});

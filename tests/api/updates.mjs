// SPDX-License-Identifier: ISC
// From one reproducible build to the next: found, compared, carried out, taken
// back when it is bad; one by one, many, and by themselves.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { Stack, freePort, makeDir, sleep, until } from './stack.mjs';

let stack, admin;
const ports = {};
before(async () => {
  stack = await Stack.start(makeDir(), { builder: true });
  admin = await stack.signIn();
  const kept = await manage('PUT', '/settings/health-checks',
    { allowed: ['127.0.0.0/8'] });
  assert.equal(kept.status, 200, kept.text);
});
after(() => stack.stop());

const manage = (method, where, json) => stack.ask(method, where,
  { token: null, headers: admin.headers, json });
const get = async (where) => {
  const reply = await stack.ask('GET', where);
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
};
const buildsOf = async (job) =>
  (await get(`/builders/builds/jobs/${encodeURIComponent(job)}`)).items;
const page = async (name) =>
  (await (await fetch(`http://127.0.0.1:${ports[name]}`)).text()).trim();
const history = async (name) =>
  (await get(stack.at(name, '/deployments?limit=50'))).items;
const update = (name, json, query = '') =>
  stack.change('POST', stack.at(name, `/update${query}`), json);
const fresh = (name) => get(stack.at(name, '/update?fresh=true'));

/** Deploys the oldest build of a job, with a health check unless told. */
async function deployOldest(name, job, options = {}) {
  ports[name] ??= await freePort();
  const builds = await buildsOf(job);
  const { builder, build } = builds.findLast((b) => b.platform === 'debian-12');
  const reply = await stack.change('PUT', stack.at(name), {
    build: { builder, job, build },
    config: { memory: 16, arguments: [`--http=${ports[name]}`],
      networks: [{ name: 'service', bridge: 'service' }], ...options.config },
    ...options.check !== false && { check: { type: 'http',
      address: '127.0.0.1', port: ports[name], interval: 60, timeout: 1,
      retries: 0 } } });
  assert.equal(reply.status, 201, reply.text);
  return { build, reply: reply.json };
}

test('the jobs of a builder, whatever it leaves out', async () => {
  const list = await get('/builders/builds/jobs');
  const names = list.items.map((job) => job.name);
  assert.deepEqual(names, [...names].sort());
  const job = (name) => list.items.find((j) => j.name === name);
  assert.equal(job('experiment').synopsis, '');
  assert.equal(job('experiment').deployable, false);
  assert.equal(job('web').deployable, true);
  assert.deepEqual(job('web').latest.devices,
    [{ name: 'service', type: 'net' }]);
  assert.equal(job('qubes-firewall').deployable, false);
  assert.ok(!job('steady').synopsis.includes('\u0007'));
  assert.equal(list.detail, null);
  const [one] = (await get('/builders')).items;
  assert.deepEqual([one.name, one.status], ['builds', 'up']);
});

test('the builds of a job on each platform, with their digests', async () => {
  const { platforms, items } = await get('/builders/builds/jobs/web');
  assert.deepEqual([...platforms].sort(), ['debian-12', 'freebsd-14']);
  assert.equal(items.length, 4);
  assert.ok(items.every((b) => /^[0-9a-f]{64}$/.test(b.sha256) && b.size > 0));
  assert.deepEqual(items.map((b) => b.started_at),
    items.map((b) => b.started_at).sort().reverse());
  const some = await get('/builders/builds/jobs/web?platform=freebsd-14');
  assert.ok(some.items.length === 2 &&
    some.items.every((b) => b.platform === 'freebsd-14'));
  assert.ok((await buildsOf('a+b')).length > 0);
  const none = await stack.ask('GET', '/builders/builds/jobs/nosuch');
  assert.equal(none.status, 404, none.text);
  const nobody = await stack.ask('GET', '/builders/nobody/jobs');
  assert.equal(nobody.status, 404, nobody.text);
});

test('deployed from a builder, a newer build is found and shown', async () => {
  const { build, reply } = await deployOldest('web', 'web');
  assert.equal(reply.source, 'build');
  assert.deepEqual([reply.build.job, reply.build.build], ['web', build]);
  assert.equal(await page('web'), 'web 1');
  const seen = await until(async () => (await get(stack.at('web'))).update,
    'the builder was asked');
  assert.equal(seen.available, true);
  assert.equal(seen.build, build);
  const { items } = await get('/unikernels');
  assert.equal(items[0].update.latest, seen.latest);
  const found = await get(stack.at('web', '/update'));
  assert.equal(found.available, true);
  assert.equal(found.latest.build, seen.latest);
  assert.equal(found.latest.platform, 'debian-12');
  assert.deepEqual(found.devices, { added: [], removed: [] });
  // All of that is known: no page asks the builder.
  await stack.builder.forgetRequests();
  await get('/unikernels');
  await get(stack.at('web'));
  await get(stack.at('web', '/update'));
  assert.deepEqual((await stack.builder.requests()).counts, {});
});

test('the two builds are compared, each thing on its side', async () => {
  const c = await get(stack.at('web', '/compare'));
  assert.equal(c.detail, null);
  assert.equal(c.left.digest, (await get(stack.at('web'))).digest);
  const [left, right] = [c.left.build.build, c.right.build.build];
  const said = await stack.builder.get(`/compare/${left}/${right}`);
  const names = (list) => list.map((p) => p.name);
  // What the site calls left there is what only the right one has.
  assert.deepEqual(names(c.system_packages.added),
    names(said.package_diff.left_packages));
  assert.deepEqual(names(c.system_packages.removed),
    names(said.package_diff.right_packages));
  assert.deepEqual(names(c.environment.added),
    names(said.env_diff.left_packages));
  assert.deepEqual(names(c.packages.added),
    names(said.opam_diff.only_in_right));
  assert.deepEqual(names(c.packages.removed),
    names(said.opam_diff.only_in_left));
  assert.deepEqual(c.packages.changed, said.opam_diff.version_diff.map((p) =>
    ({ name: p.name, left: p.version_left, right: p.version_right })));
  assert.ok(c.packages.changed.length > 0);
});

test('one call updates, the configuration stays', async () => {
  const before = (await get(stack.at('web'))).config;
  const reply = await update('web');
  assert.equal(reply.status, 200, reply.text);
  assert.deepEqual([reply.json.state, reply.json.source],
    ['running', 'update']);
  assert.equal(await page('web'), 'web 2');
  const now = await get(stack.at('web'));
  assert.deepEqual(now.config, before);
  assert.equal((await fresh('web')).available, false);
  const again = await update('web');
  assert.equal(again.status, 409, again.text);
  assert.match(again.json.detail, /runs the newest build/);
});

test('the same request again is not another update', async () => {
  await deployOldest('once', 'web');
  const key = { 'idempotency-key': 'the-same' };
  const where = stack.at('once', '/update?wait=60&grace=1');
  const first = await stack.ask('POST', where, { headers: key });
  assert.equal(first.status, 200, first.text);
  const second = await stack.ask('POST', where, { headers: key });
  assert.equal(second.status, 200, second.text);
  assert.equal(second.json.id, first.json.id);
  const other = await stack.ask('POST', where,
    { headers: key, json: { config: { memory: 20 } } });
  assert.equal(other.status, 422, other.text);
  await stack.ask('DELETE', stack.at('once'));
});

test('a bad build takes itself back, with the reason (peer defect C3)',
  async () => {
    await deployOldest('shop', 'shop');
    const reply = await update('shop', { grace: 1 });
    assert.equal(reply.status, 409, reply.text);
    assert.equal(reply.json.deployment.state, 'rolled-back');
    assert.match(reply.json.detail, /answered 503, not 200/);
    assert.match(reply.json.detail, /runs again/);
    assert.equal(await page('shop'), 'shop 1');
    const { tried } = await get(stack.at('shop', '/update'));
    assert.deepEqual([tried.number, tried.state], [2, 'rolled-back']);
    assert.equal((await get(stack.at('web', '/update'))).tried, null);
    const [last] = await history('shop');
    assert.equal(last.source, 'rollback');
    // What runs again is nothing to go back to.
    const revert = await stack.change('POST', stack.at('shop', '/rollback'));
    assert.equal(revert.status, 409, revert.text);
    assert.match(revert.json.detail, /is another one/);
  });

test('reverting restores the old configuration too, the builder away ' +
  '(peer defect C5)', async () => {
  const old = (await get(stack.at('web'))).config;
  await stack.builder.publish('web', 'good');
  const reply = await update('web',
    { config: { memory: 24, arguments: [...old.arguments, '--more'] } });
  assert.equal(reply.status, 200, reply.text);
  assert.equal((await get(stack.at('web'))).config.memory, 24);
  await stack.builder.stop();
  const back = await stack.change('POST', stack.at('web', '/rollback'));
  assert.equal(back.status, 200, back.text);
  assert.equal(await page('web'), 'web 2');
  assert.deepEqual((await get(stack.at('web'))).config, old);
  // Told as away, and what it said before is still there.
  const list = await until(async () => {
    const json = await get('/builders/builds/jobs');
    return json.items.length > 0 && json;
  }, 'the jobs are told');
  assert.ok(list.items.some((job) => job.name === 'web'));
  const away = await get(stack.at('web', '/update?fresh=true'));
  assert.match(away.detail, /^builds (can not be asked|broke off)/);
  await stack.builder.start();
});

/** The builder under another name: one that was never met. */
let met = 0;
async function meet(redirect_hosts = []) {
  const name = `met-${++met}`;
  const reply = await manage('PUT', '/settings/builders', { builders:
    [{ name, url: stack.builder.url, redirect_hosts }], check_minutes: 10080 });
  assert.equal(reply.status, 200, reply.text);
  return name;
}

test('what a builder must not do to us', async () => {
  for (const fault of ['html', 'invalid-json', 'json-cut', '500', 'truncated',
    'redirect-loop', 'redirect-host', 'redirect-file', 'closed', 'too-large']) {
    const name = await meet();
    await stack.builder.fault('/all-builds', fault, { count: 50,
      bytes: 9 << 20 });
    const reply = await stack.ask('GET', `/builders/${name}/jobs`);
    assert.equal(reply.status, 502, `${fault}: ${reply.text}`);
    assert.equal(reply.json.code, 'builder');
    assert.ok(reply.json.detail.includes(name), reply.json.detail);
    await stack.builder.clearFaults();
  }
  for (const fault of ['unknown-device', 'unknown-target', 'no-abi',
    'no-latest', 'job-strings', 'null-synopsis', 'hostile']) {
    const name = await meet();
    await stack.builder.fault('/all-builds', fault, { count: 1 });
    const { items } = await get(`/builders/${name}/jobs`);
    assert.ok(items.some((job) => job.name === 'web'), fault);
    // eslint-disable-next-line no-control-regex
    assert.ok(!/[\u0000-\u0008]/.test(JSON.stringify(items)), fault);
    await stack.builder.clearFaults();
  }
});

test('an image that is not what was promised is not kept, nothing is touched',
  async () => {
    const images = async () =>
      (await get(`/images?project=${stack.project}`)).items.length;
    const before = await images();
    const numbers = (await history('web')).length;
    await stack.builder.publish('web', 'good');
    for (const fault of ['wrong-etag', 'other-body', 'truncated', 'html']) {
      await meet();
      await stack.builder.fault('/job/web/build/*/f/*', fault, { count: 5 });
      const reply = await update('web');
      assert.ok([422, 502].includes(reply.status),
        `${fault}: ${reply.status} ${reply.text}`);
      await stack.builder.clearFaults();
    }
    assert.equal(await images(), before);
    assert.equal((await history('web')).length, numbers);
    assert.equal(await page('web'), 'web 2');
  });

test('one that is slow does not hold up another, nor a page', async () => {
  await manage('PUT', '/settings/builders', { builders: [
    { name: 'slow', url: stack.builder.url.replace('127.0.0.1', 'localhost') },
    { name: 'builds', url: stack.builder.url }], check_minutes: 10080 });
  await stack.builder.fault('/all-builds', 'silent', { count: 1 });
  const control = new AbortController();
  const slow = stack.ask('GET', '/builders/slow/jobs',
    { signal: control.signal }).catch(() => 'given up');
  await sleep(300);
  const start = Date.now();
  const { items } = await get('/builders/builds/jobs');
  assert.ok(items.length > 0);
  await get('/unikernels');
  assert.ok(Date.now() - start < 5000);
  control.abort();
  await slow;
  await stack.builder.clearFaults();
  await manage('PUT', '/settings/builders', { builders: [
    { name: 'builds', url: stack.builder.url }], check_minutes: 10080 });
});

test('a build that needs another device says so and asks', async () => {
  // It may still be left alone for having been away.
  await until(async () => (await stack.ask('GET',
    '/builders/builds/jobs/vault')).status === 200, 'the builder answers');
  await deployOldest('vault', 'vault');
  const found = await fresh('vault');
  assert.deepEqual(found.devices,
    { added: [{ name: 'storage', type: 'block' }], removed: [] });
  const reply = await update('vault');
  assert.equal(reply.status, 422, reply.text);
  assert.ok(reply.json.errors.some((e) => /volumes/.test(e.field) &&
    /storage/.test(e.message)), reply.text);
  assert.equal(await page('vault'), 'vault 1');
});

test('an image that was uploaded: compared as far as it is known', async () => {
  await stack.deploy('own');
  const found = await fresh('own');
  assert.equal(found.running.build, null);
  assert.match(found.detail, /No builder knows the image/);
  const none = await update('own');
  assert.equal(none.status, 409, none.text);
  const [newest] = await buildsOf('steady');
  const c = await get(stack.at('own', `/compare?builder=builds&job=steady&build=${
    newest.build}`));
  assert.ok(c.left.size > 0 && c.left.devices !== null);
  assert.match(c.detail, /no known build/);
  assert.equal(c.right.build.build, newest.build);
});

const bulk = async (json) => {
  const reply = await stack.ask('POST', '/updates', { json });
  assert.equal(reply.status, 202, reply.text);
  return reply.headers.get('location').replace('/api/v1', '');
};
const ended = (where) => until(async () => {
  const json = await get(where);
  return json.state === 'done' && json;
}, 'the update of many has ended', 60000);
const spot = (name) => ({ instance: stack.instance, project: stack.project,
  name });

test('many at once; the first that fails stops the rest', async () => {
  await stack.builder.forgetRequests();
  for (const name of ['m1', 'm2']) await deployOldest(name, 'web');
  // The image is in the store already.
  assert.ok(Object.keys((await stack.builder.requests()).counts).every((path) =>
    !path.includes('/f/')));
  const bad = await stack.ask('POST', '/updates', { json: { items:
    [spot('m1'), { ...spot('m1'), project: 'nosuch' }] } });
  assert.ok([403, 404].includes(bad.status), bad.text);
  assert.equal(bad.json.errors[0].field, 'items[1]');
  const where = await bulk({ items: ['m1', 'own', 'shop', 'm2'].map(spot),
    at_once: 1 });
  const { items } = await ended(where);
  assert.deepEqual(items.map((i) => i.state),
    ['updated', 'unchanged', 'rolled-back', 'skipped']);
  assert.match(items[2].detail, /answered 503/);
  assert.equal(await page('m2'), 'web 1');
  const [first] = (await get('/updates')).items;
  assert.equal(`/updates/${first.id}`, where);
});

test('an update of many goes on after the daemon was killed', async () => {
  await stack.builder.publish('web', 'good');
  const where = await bulk({ items: [spot('m2'), spot('web')], at_once: 1,
    stop_at_failure: false });
  await stack.restart('fcgi');
  const { items } = await ended(where);
  assert.deepEqual(items.map((i) => i.state), ['updated', 'updated'],
    JSON.stringify(items));
  assert.equal(await page('m2'), await page('web'));
});

const rule = (name, json, method = 'PUT') =>
  manage(method, stack.at(name, '/automatic-update'), json);
const last = (name, result) => until(async () => {
  const { rule: r } = await get(stack.at(name, '/update'));
  return r.last?.result === result && r;
}, `${name} by itself: ${result}`, 45000);

test('by itself only where a health check watches, and a person allows it',
  async () => {
    const none = await rule('own', { mode: 'automatic' });
    assert.equal(none.status, 422, none.text);
    assert.equal(none.json.errors[0].field, 'mode');
    const token = await stack.ask('PUT', stack.at('web', '/automatic-update'),
      { json: { mode: 'automatic' } });
    assert.equal(token.status, 403, token.text);
    const wrong = await rule('web', { mode: 'automatic',
      window: { from: '25:00', to: '03:00', days: ['mon', 'xyz'] } });
    assert.equal(wrong.status, 422);
    assert.deepEqual(wrong.json.errors.map((e) => e.field).sort(),
      ['window.days[1]', 'window.from']);
    assert.equal((await get(stack.at('own', '/automatic-update'))).mode,
      'notify');
  });

test('automatic: the good build comes by itself, the bad one goes again',
  async () => {
    const now = new Date();
    const at = (hours) => `${String((now.getUTCHours() + hours + 24) % 24)
      .padStart(2, '0')}:00`;
    const closed = await rule('m1', { mode: 'automatic',
      window: { from: at(3), to: at(5) } });
    assert.equal(closed.status, 200, closed.text);
    const open = await rule('web', { mode: 'automatic',
      window: { from: at(-1), to: at(2) } });
    assert.equal(open.status, 200, open.text);
    assert.equal(open.json.given_by, 'admin');
    assert.ok(open.json.expires_at > new Date().toISOString());
    await stack.builder.publish('web', 'good');
    await fresh('web');
    await rule('shop', { mode: 'automatic' });
    await rule('vault', { mode: 'automatic' });
    await last('web', 'running');
    const asks = await last('vault', 'refused');
    assert.match(asks.last.detail, /storage/);
    const bad = await last('shop', 'rolled-back');
    assert.match(bad.last.detail, /answered 503/);
    assert.equal(await page('shop'), 'shop 1');
    const [newest] = await history('web');
    assert.deepEqual([newest.source, newest.by.name], ['update', 'admin']);
    // Not again and again, and not out of the window.
    const tries = (await history('shop')).length;
    await rule('m2', { mode: 'notify' });
    await sleep(2000);
    assert.equal((await history('shop')).length, tries);
    assert.equal((await get(stack.at('m1', '/update'))).rule.last, null);
  });

test('without its health check, or when it is turned off, nothing goes on',
  async () => {
    await manage('DELETE', stack.at('web', '/health-check'));
    await stack.builder.publish('web', 'good');
    await fresh('web');
    await rule('m2', { mode: 'notify' });
    const paused = await until(async () => {
      const json = await get(stack.at('web', '/automatic-update'));
      return json.paused && json;
    }, 'it is paused', 45000);
    assert.match(paused.paused, /no health check/);
    const off = await rule('web', undefined, 'DELETE');
    assert.equal(off.status, 204);
    assert.equal((await get(stack.at('web', '/automatic-update'))).mode,
      'notify');
    // With what it was for, it goes.
    assert.equal((await get(stack.at('shop', '/automatic-update'))).mode,
      'automatic');
    assert.equal((await stack.ask('DELETE', stack.at('shop'))).status, 204);
    assert.equal((await get(stack.at('shop', '/automatic-update'))).mode,
      'notify');
    const log = fs.readFileSync(`${stack.dir}/log/fcgi.log`, 'utf8');
    assert.ok(!log.includes('mmg_'));
  });

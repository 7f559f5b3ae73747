// SPDX-License-Identifier: ISC
// Numbers for Prometheus: who may read them, that they can be read, and that
// they say what happened.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { parse, value } from './exposition.mjs';
import { events, Stack, until } from './stack.mjs';

let stack, admin, token;
before(async () => {
  stack = await Stack.start();
  admin = await stack.signIn();
  token = await stack.makeToken(admin.headers, { scopes: ['metrics:read'] });
});
after(() => stack.stop());

const manage = (method, where, json) => stack.ask(method, where,
  { token: null, headers: admin.headers, json });
const allow = (...allowed) => manage('PUT', '/settings/metrics', { allowed });
/** As it is scraped, at /metrics. */
const scrape = (headers = { authorization: `Bearer ${token}` }) =>
  fetch(`${stack.url}/metrics`, { headers });
const read = async () => {
  const reply = await scrape();
  assert.equal(reply.status, 200);
  return parse(await reply.text());
};
const route = (method, pattern, status) =>
  ({ method, route: pattern, status });

test('nobody reads them without a credential', async () => {
  const reply = await scrape({});
  assert.equal(reply.status, 401);
  assert.match(reply.headers.get('content-type'), /problem\+json/);
  assert.equal((await scrape({ authorization: 'Bearer mmk_x' })).status, 401);
});

test('a token that may do other things may not read them', async () => {
  assert.equal((await scrape({ authorization: `Bearer ${stack.token}` })).status,
    403);
  const user = stack.addUser('vera');
  await stack.setRole(admin.headers, user.email, 'viewer');
  const vera = await stack.signIn(user.email, user.password);
  assert.equal((await scrape({ cookie: vera.cookie })).status, 403);
});

test('a token of administrators may, and they themselves', async () => {
  const reply = await scrape();
  assert.equal(reply.status, 200);
  assert.equal(reply.headers.get('content-type'),
    'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(reply.headers.get('cache-control'), 'no-store');
  assert.equal((await scrape({ cookie: admin.cookie })).status, 200);
  assert.equal((await stack.ask('GET', '/metrics', { token })).status, 200);
});

test('an address may, if it is named', async () => {
  assert.deepEqual((await manage('GET', '/settings/metrics')).json,
    { allowed: [] });
  assert.equal((await allow('192.0.2.0/24')).status, 200);
  assert.equal((await scrape({})).status, 401);
  assert.deepEqual((await allow('192.0.2.0/24', '127.0.0.1')).json,
    { allowed: ['192.0.2.0/24', '127.0.0.1/32'] });
  assert.equal((await scrape({})).status, 200);
  assert.equal((await stack.ask('GET', '/metrics', { token: null })).status, 200);
  // What nginx was not told to believe is not believed.
  await allow('192.0.2.7');
  assert.equal((await scrape({ 'x-forwarded-for': '192.0.2.7' })).status, 401);
  await allow('127.0.0.1');
  // A bad credential is one all the same; and nothing else is open now.
  assert.equal((await scrape({ authorization: 'Bearer mmk_x' })).status, 401);
  assert.equal((await stack.ask('GET', '/unikernels',
    { token: null })).status, 401);
  await allow();
  assert.equal((await scrape({})).status, 401);
});

test('the setting is checked, and of administrators', async () => {
  const reply = await allow('192.0.2.1/24');
  assert.equal(reply.status, 422);
  assert.equal(reply.json.errors[0].field, 'allowed[0]');
  assert.ok([403, 404].includes((await stack.ask('PUT', '/settings/metrics',
    { token, json: { allowed: ['0.0.0.0/0'] } })).status));
});

test('in the newer format too, packed, and as a head', async () => {
  const reply = await scrape({ authorization: `Bearer ${token}`, accept:
    'application/openmetrics-text;version=1.0.0;q=0.75,text/plain;q=0.5' });
  assert.match(reply.headers.get('content-type'),
    /^application\/openmetrics-text; version=1\.0\.0/);
  const families = parse(await reply.text(), true);
  assert.ok(value(families, 'mollymawk_http_requests_total',
    route('GET', '/metrics', '2xx')) > 0);
  assert.equal(reply.headers.get('content-encoding'), 'gzip');
  const head = await fetch(`${stack.url}/metrics`, { method: 'HEAD',
    headers: { authorization: `Bearer ${token}` } });
  assert.equal(head.status, 200);
  assert.equal(await head.text(), '');
  for (const [method, where, status] of [['POST', '/metrics', 405],
    ['GET', '/metrics?x=1', 422], ['GET', '/metricsx', 200]]) {
    const other = await fetch(stack.url + where, { method,
      headers: { authorization: `Bearer ${token}` } });
    assert.equal(other.status, status, where);
    if (status === 200) // It is a page of the web UI.
      assert.match(other.headers.get('content-type'), /html/);
  }
});

test('requests are counted by route, not by path', async () => {
  const before = await read();
  for (const name of ['a', 'b', 'c'])
    assert.equal((await stack.ask('GET', stack.at(name))).status, 404);
  for (const where of ['/x/1', '/x/2', '/x"\\'])
    await stack.ask('GET', where);
  const now = await read();
  const grew = (labels) => value(now, 'mollymawk_http_requests_total', labels) -
    (value(before, 'mollymawk_http_requests_total', labels) ?? 0);
  assert.equal(grew(route('GET',
    '/unikernels/{instance}/{project}/{name}', '4xx')), 3);
  assert.equal(grew(route('any', 'none', '4xx')), 3);
  const routes = now.get('mollymawk_http_requests_total').samples
    .map(({ labels }) => labels.route);
  assert.ok(routes.every((one) => one === 'none' || /^\/[a-z]/.test(one)));
  assert.ok(value(now, 'mollymawk_http_request_duration_seconds_count',
    { method: 'GET', route: '/metrics' }) > 0);
  // This one, and no other.
  assert.equal(value(now, 'mollymawk_http_requests_in_progress'), 1);
});

test('commands are counted by instance, and what became of them', async () => {
  const commands = (kind, families) =>
    value(families, 'mollymawk_albatross_commands_total',
      { instance: stack.instance, kind }) ?? 0;
  const before = await read();
  assert.equal((await stack.deploy('web')).status, 201);
  const now = await read();
  assert.equal(commands('unikernel-create', now) -
    commands('unikernel-create', before), 1);
  assert.ok(value(now, 'mollymawk_mint_duration_seconds_count') >
    value(before, 'mollymawk_mint_duration_seconds_count'));
  assert.ok(value(now, 'mollymawk_albatross_command_duration_seconds_count',
    { instance: stack.instance }) > 0);
  await until(async () => value(await read(), 'mollymawk_queue_length',
    { queue: 'deployments' }) === 0, 'nothing is being deployed');
});

test('what an instance does not answer is counted by its code', async () => {
  const box = await stack.addSandbox('second');
  await box.kill();
  await stack.ask('GET', '/unikernels');
  const errors = (await read()).get('mollymawk_albatross_errors_total').samples
    .filter(({ labels }) => labels.instance === 'second');
  assert.ok(errors.some(({ labels }) => labels.code === 'instance-unreachable'),
    JSON.stringify(errors));
  assert.equal((await manage('DELETE', '/instances/second')).status, 204);
  // And forgotten with it.
  assert.ok((await read()).get('mollymawk_albatross_commands_total').samples
    .every(({ labels }) => labels.instance !== 'second'));
});

test('the process tells of itself', async () => {
  const now = await read();
  assert.equal(now.get('mollymawk_build_info').samples[0].value, 1);
  for (const name of ['process_cpu_seconds_total',
    'process_resident_memory_bytes', 'process_open_fds', 'process_max_fds'])
    assert.ok(value(now, name) > 0, name);
  assert.ok(Math.abs(value(now, 'process_start_time_seconds') -
    Date.now() / 1000) < 600);
});

test('streams are counted, and what they are sent', async () => {
  const before = await read();
  const grew = (families, name) => value(families, name) - value(before, name);
  await stack.deploy('loud', stack.sample, '?memory=32&arg=--flood=20');
  let enough = false;
  const looking = events(stack, stack.at('loud', '/console'),
    (found) => enough && found.length >= 20);
  await until(async () => value(await read(), 'mollymawk_streams') === 1,
    'somebody looks');
  await until(async () =>
    value(await read(), 'mollymawk_console_subscriptions') >= 1,
  'it is listened to');
  enough = true;
  const heard = await looking;
  const now = await read();
  assert.ok(grew(now, 'mollymawk_streams_begun_total') >= 1);
  assert.ok(grew(now, 'mollymawk_stream_events_total') >= heard.length);
  assert.ok(grew(now, 'mollymawk_console_lines_total') >= 20);
  await until(async () => value(await read(), 'mollymawk_streams') === 0,
    'nobody looks any more');
});

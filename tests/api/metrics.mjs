// SPDX-License-Identifier: ISC
// Numbers for Prometheus: who may read them, that they can be read, and that
// they say what happened.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { parse, value } from './exposition.mjs';
import { build, events, source, Stack, until } from './stack.mjs';

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
  await until(async () => value(await read(), 'mollymawk_queue_length',
    { queue: 'deployments' }) === 0, 'it is done with');
  const now = await read();
  assert.equal(value(now, 'mollymawk_deployments_total', { state: 'running' }) -
    value(before, 'mollymawk_deployments_total', { state: 'running' }), 1);
  assert.equal(commands('unikernel-create', now) -
    commands('unikernel-create', before), 1);
  assert.ok(value(now, 'mollymawk_mint_duration_seconds_count') >
    value(before, 'mollymawk_mint_duration_seconds_count'));
  assert.ok(value(now, 'mollymawk_albatross_command_duration_seconds_count',
    { instance: stack.instance }) > 0);
});

test('what an instance does not answer is counted by its code', async () => {
  const box = await stack.addSandbox('second');
  await box.kill();
  await until(async () => {
    await stack.ask('GET', '/unikernels');
    return (await read()).get('mollymawk_albatross_errors_total').samples
      .some(({ labels }) => labels.instance === 'second' &&
        labels.code === 'instance-unreachable');
  }, 'it is counted');
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

test('unikernels are told of, by what was seen last', async () => {
  const of = (name) => ({ instance: stack.instance, project: stack.project,
    name });
  const told = (families, what, name = 'web') =>
    value(families, `mollymawk_unikernel_${what}`, of(name));
  await stack.control('stats interval 600');
  const now = await until(async () => {
    const families = await read();
    return told(families, 'up') === 1 && told(families, 'cpu_ratio') >= 0 &&
      families;
  }, 'it is seen, and measured', 60000);
  assert.equal(told(now, 'memory_limit_bytes'), 32 << 20);
  assert.ok(told(now, 'memory_bytes') > 0);
  assert.ok(told(now, 'cpu_seconds_total') > 0);
  assert.ok(told(now, 'network_receive_bytes_total') >= 0);
  assert.ok(Math.abs(told(now, 'start_time_seconds') - Date.now() / 1000) < 600);
  assert.equal(told(now, 'restarts_total'), 0);
  assert.equal(told(now, 'crash_loop'), 0);
  assert.equal(told(now, 'healthy'), undefined);
  // One that ends by itself is told of still; one that was destroyed is not.
  await stack.deploy('short', stack.sample, '?memory=32&arg=--exit-after=3:0');
  await until(async () => told(await read(), 'up', 'short') === 0, 'it ended',
    60000);
  assert.equal((await stack.ask('DELETE', stack.at('short'))).status, 204);
  assert.equal(told(await read(), 'up', 'short'), undefined);
});

test('instances and policies are told of', async () => {
  const now = await read();
  const of = { instance: stack.instance };
  assert.equal(value(now, 'mollymawk_instance_up', of), 1);
  assert.ok(value(now, 'mollymawk_instance_latency_seconds', of) < 60);
  assert.ok(value(now, 'mollymawk_instance_unikernels', of) >= 1);
  assert.ok(value(now,
    'mollymawk_instance_server_certificate_expiry_timestamp_seconds',
    { instance: stack.instance }) > Date.now() / 1000 + 300 * 86400);
  assert.ok(value(now, 'mollymawk_instance_certificate_expiry_timestamp_seconds',
    of) > Date.now() / 1000);
  assert.equal(value(now, 'mollymawk_instance_stats_live', of), 1);
  const policy = (name, resource) =>
    value(now, name, { ...of, project: stack.project, resource });
  assert.equal(policy('mollymawk_policy_limit', 'unikernels'), 8);
  assert.equal(policy('mollymawk_policy_limit', 'memory_bytes'), 512 << 20);
  const running = now.get('mollymawk_unikernel_up').samples.length;
  assert.equal(policy('mollymawk_policy_used', 'unikernels'), running);
  assert.equal(policy('mollymawk_policy_used', 'memory_bytes'),
    running * 32 * (1 << 20));
});

test('an instance that is out of reach takes nothing with it', async () => {
  const of = { instance: stack.instance };
  await stack.fault('refuse');
  await until(async () =>
    value(await read(), 'mollymawk_instance_up', of) === 0, 'it is down', 90000);
  const now = await read();
  // Nobody knows whether it runs; that it is there is known.
  assert.equal(value(now, 'mollymawk_unikernel_up', { ...of, name: 'web' }),
    undefined);
  assert.equal(value(now, 'mollymawk_unikernel_restarts_total',
    { ...of, name: 'web' }), 0);
  assert.equal(value(now, 'mollymawk_policy_limit',
    { ...of, resource: 'unikernels' }), 8);
  await stack.fault('none');
  await until(async () =>
    value(await read(), 'mollymawk_instance_up', of) === 1, 'it is up', 90000);
});

const monitoring = (file) =>
  fs.readFileSync(path.join(source, 'doc/monitoring', file), 'utf8');
const LABELS = ['alertname', 'code', 'instance', 'job', 'kind', 'le', 'method',
  'name', 'project', 'queue', 'resource', 'route', 'severity', 'state',
  'status', 'version'];

/** An expression asks for families and labels that there are. */
function expressionCheck(text, families) {
  const bare = text.replace(/"[^"]*"/g, '""');
  const names = bare.match(/\b(mollymawk|process)_\w+/g) ?? [];
  for (const name of names)
    assert.ok(families.has(name) ||
      families.get(name.replace(/_(bucket|sum|count)$/, ''))?.type ===
        'histogram', `${name} in ${text}`);
  for (const [, list] of bare.matchAll(/\{([^}]*)\}/g))
    for (const [, label] of list.matchAll(/(\w+)\s*[!=]~?/g))
      assert.ok(LABELS.includes(label), `${label} in ${text}`);
  for (const [, list] of bare.matchAll(/\b(?:by|on|ignoring) \(([^)]*)\)/g))
    for (const label of list.split(/,\s*/))
      assert.ok(LABELS.includes(label), `${label} in ${text}`);
  for (const [open, close] of ['()', '{}', '[]'])
    assert.equal(bare.split(open).length, bare.split(close).length, text);
  return names.length;
}

test('the dashboard asks for what there is', async () => {
  const families = await read();
  const board = JSON.parse(monitoring('grafana.json'));
  const panels = board.panels.filter((panel) => panel.type !== 'row');
  assert.ok(panels.length > 20);
  assert.equal(new Set(board.panels.map(({ id }) => id)).size,
    board.panels.length);
  for (const panel of panels)
    for (const { expr } of panel.targets)
      assert.ok(expressionCheck(expr, families) > 0, panel.title);
  for (const { name, query } of board.templating.list.slice(1))
    assert.ok(expressionCheck(query.query, families) > 0, name);
  assert.throws(() => expressionCheck('sum(mollymawk_nothing)', families));
  assert.throws(() => expressionCheck('mollymawk_streams{color="x"}', families));
});

test('the alert rules ask for what there is', async () => {
  const families = await read();
  const { groups } = JSON.parse(execFileSync(path.join(build,
    'tools/yaml2json'), { input: monitoring('alerts.yml') }));
  const rules = groups.flatMap((group) => group.rules);
  assert.ok(rules.length > 10);
  for (const rule of rules) {
    assert.match(rule.alert, /^[A-Z]\w+$/);
    assert.ok(['warning', 'critical'].includes(rule.labels.severity));
    assert.ok(rule.annotations.summary);
    if (rule.for) assert.match(rule.for, /^\d+[mh]$/);
    if (!/^up\{/.test(rule.expr))
      assert.ok(expressionCheck(rule.expr, families) > 0, rule.alert);
  }
  const told = monitoring('README.md');
  for (const name of families.keys())
    assert.ok(told.includes(name.match(/^(process|mollymawk_[a-z]+?)(s?_|s?$)/)[1]),
      `${name} in README.md`);
});

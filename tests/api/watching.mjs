// SPDX-License-Identifier: ISC
// Everything that happens over one stream: several topics, each resumed where
// it was, over whatever breaks; and taken away with the right to it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Stack, events, freePort, sleep, until } from './stack.mjs';

let stack;
const viewers = [];
const flood = (name, rate) => stack.deploy(name, stack.sample,
  `?memory=16&arg=--flood%3d${rate}`);
before(async () => {
  stack = await Stack.start();
  assert.equal((await stack.deploy('talk')).status, 201);
  assert.equal((await flood('quick', 50)).status, 201);
});
after(() => {
  for (const viewer of viewers) viewer.control.abort();
  return stack.stop();
});

const log = (name) => `log:${stack.instance}/${stack.project}/${name}`;
const of = (found, topic) => found.filter((e) => e.data.topic === topic);

test('topics that are none are refused with what there is', async () => {
  for (const topics of ['', 'nothing', 'log:a', 'states,', 'log:a/b/c/d',
    Array(17).fill('alerts').join()]) {
    const reply = await stack.ask('GET', `/events?topics=${topics}`);
    assert.equal(reply.status, 422, topics);
    assert.equal(reply.json.errors[0].field, 'topics');
  }
  assert.equal((await stack.ask('GET', '/events')).status, 422);
});

test('what is nowhere for who asks is not found', async () => {
  const token = await stack.makeToken((await stack.signIn()).headers,
    { scopes: ['unikernel:read'] });
  for (const topic of ['log:i9/p/n', 'states:nobodys', 'metrics:i9/p/n']) {
    const reply = await stack.ask('GET', `/events?topics=${topic}`, { token });
    assert.equal(reply.status, 404, `${topic} ${reply.text}`);
  }
  const none = await stack.ask('GET', '/events?topics=instances', { token });
  assert.equal(none.status, 403);
});

test('a log of what is not there is quiet, takes no place at albatross, and ' +
  'speaks once it is', async () => {
  const viewer = new Viewer(`${log('later')},${log('talk')}`);
  await more(viewer, log('talk'), 2);
  const listeners = await stack.control('listeners');
  assert.deepEqual(viewer.found.filter((e) => e.data.topic === log('later')),
    []);
  assert.equal((await stack.deploy('later')).status, 201);
  await more(viewer, log('later'), 2);
  await viewer.stop();
  assert.equal(viewer.begun, 1);
  const lines = viewer.of(log('later')).map((l) => l.line);
  assert.match(lines[0], /boots/);
  assert.equal(Number((await stack.control('listeners')).slice(3)),
    Number(listeners.slice(3)) + 1);
});

test('HEAD tells the type and takes no place', async () => {
  const reply = await stack.ask('HEAD', '/events?topics=states');
  assert.equal(reply.status, 200);
  assert.match(reply.headers.get('content-type'), /^text\/event-stream/);
});

test('a log among other topics, with the ids of all', async () => {
  const topics = `operations,${log('talk')},states`;
  const found = await events(stack, `/events?topics=${topics}&lines=3`,
    (f) => of(f, log('talk')).length >= 5);
  for (const event of of(found, log('talk'))) {
    const ids = event.id.split(',');
    assert.equal(ids.length, 3);
    assert.match(ids[0], /^[0-9a-f]{8}\.\d+$/);
    assert.match(ids[1], /^[0-9a-f]{8}\.\d+\.\d+\.\d+$/);
    assert.equal(ids[1].split('.')[1], String(event.data.seq));
  }
});

test('a deployment is told as an operation, and stands in the log', async () => {
  const reading = events(stack, '/events?topics=operations', (found) =>
    found.some((e) => e.event === 'operation' &&
      e.data.item.state === 'succeeded'), { ms: 60000 });
  assert.equal((await stack.deploy('noted')).status, 201);
  const told = (await reading).map((e) => e.data.item);
  assert.ok(told.every((o) => o.kind === 'deployment' && o.name === 'noted'));
  const steps = told.map((o) => o.step);
  assert.equal(steps.at(-1), 'running');
  assert.equal(new Set(steps).size, steps.length, `told once: ${steps}`);
  const list = (await stack.ask('GET', '/operations')).json.items;
  assert.deepEqual(told.at(-1), list.find((o) => o.url === told.at(-1).url));

  const found = await events(stack, stack.at('noted', '/console'),
    (f) => f.filter((e) => e.event === 'note').length >= 2);
  const notes = found.filter((e) => e.event === 'note').map((e) => e.data);
  assert.deepEqual(notes.map((n) => n.note), ['deployment', 'deployment']);
  assert.match(notes[0].text, /^Deployment 1 by /);
  assert.equal(notes[1].text, 'Deployment 1 runs.');
  assert.equal(notes[1].deployment, 1);
  const text = await stack.ask('GET',
    stack.at('noted', '/console?follow=false'));
  assert.match(text.text, /^\S+Z mollymawk: Deployment 1 runs\.$/m);
});

// ---- over whatever breaks ----

/** A client as browsers are: whatever ends, it comes again where it was. */
class Viewer {
  found = [];
  begun = 0;

  constructor(topics, { ids, query = '', url = stack.url } = {}) {
    Object.assign(this, { topics, ids, query, url });
    this.control = new AbortController();
    this.ended = this.#run();
    viewers.push(this);
  }

  async #run() {
    while (!this.control.signal.aborted) {
      await this.#once().catch(() => {});
      await sleep(200);
    }
  }

  async #once() {
    const { signal } = this.control;
    const headers = { authorization: `Bearer ${stack.token}` };
    if (this.ids) headers['last-event-id'] = this.ids;
    const reply = await fetch(`${this.url}/api/v1/events?topics=` +
      `${this.topics}${this.query}`, { headers, signal });
    if (reply.status !== 200) throw new Error(await reply.text());
    this.begun++;
    let text = '';
    for await (const chunk of reply.body) {
      text += Buffer.from(chunk).toString();
      const blocks = text.split('\n\n');
      text = blocks.pop();
      for (const block of blocks) this.#take(block);
    }
  }

  #take(block) {
    const event = {};
    for (const line of block.split('\n')) {
      const [, key, value] = line.match(/^(\w+): ?(.*)$/) ?? [];
      if (key) event[key] = value;
    }
    if (event.id) this.ids = event.id;
    if (event.data)
      this.found.push({ ...event, data: JSON.parse(event.data) });
  }

  of(topic, event = 'line') {
    return this.found.filter((e) => e.event === event &&
      e.data.topic === topic).map((e) => e.data);
  }

  /** What it is to have seen by now. */
  until(check, what) {
    return until(() => check(this), what, 60000);
  }

  async stop() {
    this.control.abort();
    await this.ended;
  }
}

/** The lines that end with a number, each once, in order, with none missing. */
function whole(lines, what) {
  const ticks = lines.map((l) => l.line.match(/^(?:tick|x+) (\d+)$/)?.[1])
    .filter(Boolean).map(Number);
  ticks.forEach((n, i) => assert.equal(n, ticks[0] + i,
    `${what}: ${n} behind ${ticks[i - 1]}`));
  lines.forEach((l, i) => i && assert.ok(l.seq > lines[i - 1].seq));
  return ticks;
}

/** Lines of a topic that a viewer has beyond those it has now. */
function more(viewer, topic, n) {
  const seen = viewer.of(topic).length;
  return viewer.until((v) => v.of(topic).length >= seen + n,
    `${n} more lines of ${topic}`);
}

/** An nginx as on servers, with a master, before the same mollymawk-fcgi. */
async function nginxWithMaster() {
  const port = await freePort();
  const dir = path.join(stack.dir, 'nginx');
  const conf = fs.readFileSync(path.join(dir, 'nginx.conf'), 'utf8')
    .replace('master_process off;', 'worker_shutdown_timeout 1s;' +
      (process.getuid() === 0 ? 'user root;' : ''))
    .replace(/^pid .*$/m, `pid ${dir}/second.pid;`)
    .replaceAll(`:${stack.port};`, `:${port};`);
  fs.writeFileSync(path.join(dir, 'second.conf'), conf);
  const child = spawn('nginx', ['-p', dir, '-c', path.join(dir, 'second.conf'),
    '-e', path.join(stack.dir, 'log/nginx-error.log')], { stdio: 'ignore' });
  const ended = new Promise((done) => child.on('exit', done));
  const url = `http://127.0.0.1:${port}`;
  await until(() => fetch(`${url}/api/v1/readyz`).then(() => true, () => false),
    'the second nginx is up');
  return { url, reload: () => child.kill('SIGHUP'),
    stop: () => (child.kill('SIGTERM'), ended) };
}

test('logs go on over a reload of nginx', async () => {
  const nginx = await nginxWithMaster();
  const viewer = new Viewer(`${log('talk')},states,${log('quick')}`,
    { url: nginx.url });
  await more(viewer, log('talk'), 2);
  nginx.reload();
  await viewer.until((v) => v.begun >= 2, 'it comes again');
  await more(viewer, log('talk'), 2);
  await more(viewer, log('quick'), 50);
  await viewer.stop();
  await nginx.stop();
  for (const name of ['talk', 'quick']) whole(viewer.of(log(name)), name);
  assert.deepEqual(viewer.of('states', 'reset'), []);
});

test('and over a kill of mollymawk-fcgi, which tells what is to be loaded anew',
  async () => {
    const viewer = new Viewer(`states,${log('talk')},${log('quick')}`);
    await more(viewer, log('talk'), 2);
    await stack.restart('fcgi');
    await more(viewer, log('talk'), 3);
    await more(viewer, log('quick'), 50);
    await viewer.stop();
    for (const name of ['talk', 'quick']) whole(viewer.of(log(name)), name);
    assert.deepEqual(viewer.of('states', 'reset'), [{ topic: 'states' }]);
    assert.deepEqual(viewer.of(log('quick'), 'reset'), []);
    assert.deepEqual(viewer.of(log('quick'), 'note'), []);
  });

test('and over a cut of the connection to albatross, whatever comes first',
  async () => {
    const viewer = new Viewer(`${log('talk')},${log('quick')}`);
    await more(viewer, log('quick'), 50);
    for (let i = 0; i < 3; i++) {
      await stack.control('fault live-first console-subscribe');
      assert.equal(await stack.control('cut'), 'ok');
      await viewer.until((v) => v.of(log('quick'), 'back').length > i,
        'it is told that it goes on');
      await more(viewer, log('quick'), 50);
      await more(viewer, log('talk'), 1);
    }
    await stack.control('fault none');
    await viewer.stop();
    assert.equal(viewer.begun, 1);
    for (const name of ['talk', 'quick']) whole(viewer.of(log(name)), name);
    for (const { code } of viewer.of(log('quick'), 'end'))
      assert.match(code, /^instance-/);
    assert.deepEqual(viewer.of(log('quick'), 'note'), []);
  });

test('the tenth viewer sees what the first sees, of one subscription',
  async () => {
    const view = () => new Viewer(log('quick'), { query: '&lines=1' });
    const all = [view()];
    await more(all[0], log('quick'), 1);
    const listeners = await stack.control('listeners');
    assert.match(listeners, /^ok [1-9]$/);
    all.push(...Array.from({ length: 9 }, view));
    await Promise.all(all.map((v) => more(v, log('quick'), 50)));
    assert.equal(await stack.control('listeners'), listeners);
    await Promise.all(all.map((v) => v.stop()));
    const first = new Map(all[0].of(log('quick')).map((l) => [l.seq, l]));
    for (const viewer of all) {
      const lines = viewer.of(log('quick'));
      whole(lines, 'a viewer');
      const both = lines.filter((l) => first.has(l.seq));
      assert.ok(both.length > 30, `${both.length} lines in common`);
      for (const line of both) assert.deepEqual(line, first.get(line.seq));
    }
  });

test('who does not read is cut off, and misses nothing when it comes again',
  { timeout: 120000 }, async () => {
    assert.equal((await flood('loud', `700&arg=--line%3d${'x'.repeat(400)}`))
      .status, 201);
    const keeping = new Viewer(log('loud'), { query: '&lines=1' });
    const scraper = await stack.makeToken((await stack.signIn()).headers,
      { scopes: ['metrics:read'] });
    const where = `/events?topics=${log('loud')}&lines=1`;
    const control = new AbortController();
    const reply = await fetch(`${stack.url}/api/v1${where}`, {
      headers: { authorization: `Bearer ${stack.token}` },
      signal: control.signal });
    assert.equal(reply.status, 200);
    const cut = async () => Number((await stack.ask('GET', '/metrics',
      { token: scraper })).text
      .match(/^mollymawk_streams_cut_total (\d+)$/m)[1]);
    const before = await cut();
    await until(async () => await cut() > before, 'it is cut off', 60000);
    // What the sockets on the way held is still to be had, and its end.
    let text = '';
    try {
      for await (const chunk of reply.body) text += Buffer.from(chunk);
    } catch { /* it was broken off */ }
    const seen = [...text.matchAll(/^id: (\S+)\nevent: line\ndata: (.*)$/gm)];
    assert.ok(seen.length > 0);
    const viewer = new Viewer(log('loud'), { ids: seen.at(-1)[1] });
    await more(viewer, log('loud'), 3000);
    await viewer.stop();
    await keeping.stop();
    whole([...seen.map((m) => JSON.parse(m[2])), ...viewer.of(log('loud'))],
      'loud');
    assert.deepEqual(viewer.of(log('loud'), 'reset'), []);
    await stack.ask('DELETE', stack.at('loud'));
  });

// ---- taken away ----

test('the 21st stream of one person is refused for now', async () => {
  const control = new AbortController();
  const open = await Promise.all(Array.from({ length: 20 }, () =>
    fetch(`${stack.url}/api/v1/events?topics=states`, {
      headers: { authorization: `Bearer ${stack.token}` },
      signal: control.signal })));
  for (const reply of open) assert.equal(reply.status, 200);
  const reply = await stack.ask('GET', '/events?topics=alerts');
  assert.equal(reply.status, 503, reply.text);
  assert.ok(reply.headers.get('retry-after'));
  control.abort();
  await until(async () => {
    const found = await events(stack, '/events?topics=' + log('talk'),
      (f) => f.length > 0).catch(() => []);
    return found.length > 0;
  }, 'room again');
});

/** Reads to the end of a stream: what it said last, and when. */
async function toEnd(topics, { token, headers }) {
  const reply = await fetch(`${stack.url}/api/v1/events?topics=${topics}`, {
    headers: token ? { authorization: `Bearer ${token}` } : headers });
  assert.equal(reply.status, 200);
  let text = '';
  for await (const chunk of reply.body) text += Buffer.from(chunk);
  return { at: Date.now(), bye: text.match(/event: bye\ndata: (.*)\n/)?.[1] };
}

test('a session that ends, and a token that is deleted, end their streams ' +
  'at once', async () => {
  const admin = await stack.signIn();
  const person = await stack.signIn();
  const { token, secret } = (await stack.ask('POST', '/tokens', {
    token: null, headers: admin.headers, json: { name: 'viewer',
      expires_in_days: 1, scopes: ['unikernel:read'] } })).json;
  const streams = [toEnd(`states,${log('talk')}`, { token: secret }),
    toEnd('operations,alerts', { headers: person.headers })];
  await sleep(1500);
  const since = Date.now();
  await stack.ask('DELETE', `/tokens/${token.id}`,
    { token: null, headers: admin.headers });
  await stack.ask('DELETE', '/session',
    { token: null, headers: person.headers });
  for (const { at, bye } of await Promise.all(streams)) {
    assert.deepEqual(JSON.parse(bye), { reason: 'revoked' });
    assert.ok(at - since < 3000, `${at - since} ms`);
    console.log(`ended ${at - since} ms after it was revoked`);
  }
});

test('who is taken out of a project sees no more of it', async () => {
  const admin = await stack.signIn();
  const person = stack.addUser('mary');
  const mary = await stack.signIn(person.email, person.password);
  const ask = (topics) => stack.ask('HEAD', `/events?topics=${topics}`,
    { token: null, headers: mary.headers });
  assert.equal((await ask(log('talk'))).status, 404);
  await stack.setRole(admin.headers, person.email, 'viewer');
  assert.equal((await ask(log('talk'))).status, 200);

  const here = [];
  const all = fetch(`${stack.url}/api/v1/events?topics=operations`, {
    headers: mary.headers }).then(async (reply) => {
    for await (const chunk of reply.body) {
      here.push(Buffer.from(chunk).toString());
      if (/event: reset/.test(here.join(''))) return;
    }
  });
  const one = toEnd(log('talk'), { headers: mary.headers });
  await sleep(1500);
  await stack.setRole(admin.headers, person.email, null);
  assert.deepEqual(JSON.parse((await one).bye), { reason: 'revoked' });
  await all;
  assert.equal((await ask(log('talk'))).status, 404);
});

test('a token narrowed to names is told of those alone', async () => {
  const { headers } = await stack.signIn();
  const token = await stack.makeToken(headers, { unikernels: ['web-*'],
    scopes: ['unikernel:read', 'unikernel:deploy', 'unikernel:destroy'] });
  assert.equal((await stack.ask('HEAD', `/events?topics=${log('talk')}`,
    { token })).status, 404);
  const reading = events(stack, '/events?topics=operations', (f) =>
    f.some((e) => e.data.item?.state === 'succeeded'), { token, ms: 60000 });
  await sleep(500);
  assert.equal((await stack.deploy('other')).status, 201);
  assert.equal((await stack.deploy('web-one')).status, 201);
  for (const event of await reading)
    assert.equal(event.data.item.name, 'web-one');
});

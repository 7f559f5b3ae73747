// SPDX-License-Identifier: ISC
// Transfers of volumes that are cut, on the way to albatross, on the way to
// the client, by a kill: what is said of the volume then is true, and nothing
// stays behind. A relay in front of albatross does the cutting.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Stack, until } from './stack.mjs';

const MB = 1 << 20;
const SIZE = MB;
const POINTS = 20;
const sha256 = (data) => createHash('sha256').update(data).digest('hex');

/** Passes bytes on, of the next connection only so many, or then drop by drop. */
class Relay {
  open = new Set();
  cut = null;

  async start(to) {
    this.server = net.createServer((from) => this.#pair(from, to));
    await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    this.port = this.server.address().port;
  }

  #pair(from, to) {
    const onward = net.connect(to, '127.0.0.1');
    const cut = this.cut;
    this.cut = null;
    let left = cut?.bytes ?? Infinity, late = Buffer.alloc(0);
    const drops = cut?.drip && setInterval(() => {
      from.write(late.subarray(0, 1));
      late = late.subarray(1);
    }, 100);
    const end = () => {
      clearInterval(drops);
      from.destroy();
      onward.destroy();
      this.open.delete(from);
    };
    const pass = (way, a, b) => a.on('data', (data) => {
      if (cut?.way !== way) return void b.write(data);
      const some = data.subarray(0, left);
      left -= some.length;
      late = Buffer.concat([late, data.subarray(some.length)]);
      if (drops && late.length > 1000) a.pause(); // its end is not to be seen
      b.write(some, left === 0 && !drops ? end : undefined);
    });
    this.open.add(from);
    pass('up', from, onward);
    pass('down', onward, from);
    for (const socket of [from, onward])
      for (const event of ['error', 'close']) socket.on(event, end);
    if (left === 0) end();
  }

  /** Every connection is over. */
  idle() {
    return until(() => this.open.size === 0, 'no connection is left', 40000);
  }
}

let stack, admin, relay, old;
before(async () => {
  stack = await Stack.start();
  admin = await stack.signIn();
  relay = new Relay();
  const dir = path.join(stack.dir, 'albatross');
  await relay.start(Number(fs.readFileSync(path.join(dir, 'port'), 'utf8')));
  const set = async (method, where, json) => {
    const reply = await stack.ask(method, where, { token: null,
      headers: admin.headers, json });
    assert.ok(reply.status < 300, reply.text);
  };
  await set('POST', '/instances', { name: 'cut', host: '127.0.0.1',
    port: relay.port, certificate: fs.readFileSync(path.join(dir, 'ca.pem'), 'utf8'),
    key: fs.readFileSync(path.join(dir, 'ca.key'), 'utf8') });
  await set('PUT', `/projects/${stack.project}/policies/cut`, { unikernels: 8,
    memory: 512, block: 64, cpus: [0, 1], bridges: ['service'] });
  assert.equal((await stack.ask('PUT', at(''), { json: { size: 1 } })).status,
    201);
});
after(async () => {
  relay.server.close();
  await stack.stop();
});

const at = (rest) => `/volumes/cut/${stack.project}/vol${rest}`;
const look = async () => (await stack.ask('GET', at(''))).json;
const device = () => fs.readFileSync(path.join(stack.dir, 'albatross/blocks',
  `${stack.project}:vol`));

/** Fills it with what it will lose, or not. */
async function begin() {
  old = randomBytes(SIZE);
  const reply = await stack.ask('PUT', at('/data'), { body: old });
  assert.equal(reply.status, 200, reply.text);
  await relay.idle();
}

/** What was begun has ended, also where its client was told before. */
const ended = async () => {
  await until(async () => (await look()).operation === null,
    'nothing is under way');
  await relay.idle();
};

const prefix = (data, n) => Buffer.concat([data.subarray(0, n),
  Buffer.alloc(SIZE - n)]);

/** What is said of the volume is what it holds; data was to come. */
async function truth(data, where) {
  await ended();
  const { content } = await look();
  const { state, bytes, sha256: digest, detail } = content;
  // What broke off may not have reached the disk yet.
  const have = await until(() => device().length === SIZE && device(), where);
  if (state === 'zeroes')
    assert.ok(have.equals(Buffer.alloc(SIZE)), where);
  else if (state === 'partial')
    assert.ok(have.equals(prefix(data, bytes)), `${where}: ${bytes}`);
  else if (state === 'whole')
    assert.equal(sha256(have.subarray(0, bytes)), digest, where);
  else {
    assert.equal(state, 'unknown', where);
    const n = data.findLastIndex((byte, i) => have[i] === byte &&
      have.subarray(0, i + 1).equals(data.subarray(0, i + 1))) + 1;
    assert.ok(have.equals(old) || have.equals(prefix(data, n)), where);
    assert.match(detail, /before|old/);
  }
  return content;
}

test('an upload cut off by albatross at any point ends with the truth',
  async (t) => {
    const seen = {};
    await begin();
    for (let i = 0; i < POINTS; i++) {
      old = device();
      const data = randomBytes(SIZE);
      const bytes = Math.floor(i * (SIZE + 8000) / POINTS);
      // The first one is the question whether it is there.
      let passed = 0;
      relay.server.once('connection', () => {
        passed++;
        relay.cut = { way: 'up', bytes };
      });
      const reply = await stack.ask('PUT', at('/data'), { body: data });
      assert.equal(passed, 1);
      relay.cut = null;
      const where = `cut after ${bytes}: ${reply.text}`;
      const content = await truth(data, where);
      seen[content.state] = (seen[content.state] ?? 0) + 1;
      if (reply.status === 200) {
        assert.equal(content.sha256, sha256(data), where);
        continue;
      }
      assert.ok(reply.status >= 500, where);
      if (reply.json.content.state === 'untouched')
        assert.ok(device().equals(old), where);
      else
        assert.equal(reply.json.content.state, content.state, where);
      const operation = (await stack.ask('GET',
        `/operations/${reply.json.operation.id}`)).json;
      assert.equal(operation.state, 'failed', where);
      assert.ok(operation.error.detail, where);
    }
    t.diagnostic(JSON.stringify(seen));
  });

/** Sends a request by hand: {socket, said}. */
function speak(lines, body) {
  const socket = net.connect(stack.port, '127.0.0.1');
  const said = { text: '', bytes: 0, socket, closed: false };
  socket.on('data', (data) => {
    said.text += data.toString('latin1');
    said.bytes += data.length;
  });
  socket.on('error', () => {});
  socket.on('close', () => { said.closed = true; });
  socket.write([...lines, 'Host: x', `Authorization: Bearer ${stack.token}`, '',
    ''].join('\r\n'));
  if (body !== undefined) socket.write(body);
  return said;
}

test('an upload whose client goes away at any point ends with the truth',
  async (t) => {
    const seen = {};
    await begin();
    for (let i = 0; i < POINTS; i++) {
      old = device();
      const data = randomBytes(SIZE);
      const sent = Math.floor(i * SIZE / POINTS);
      const operations = (await stack.ask('GET', '/operations')).json.items
        .filter((o) => o.kind === 'volume-upload').length;
      const { socket } = speak([`PUT /api/v1${at('/data')} HTTP/1.1`,
        `Content-Length: ${SIZE}`], data.subarray(0, sent));
      await until(async () => (await stack.ask('GET', '/operations')).json.items
        .filter((o) => o.kind === 'volume-upload').length > operations,
      'it began');
      socket.destroy();
      const content = await truth(data, `client gone after ${sent}`);
      assert.ok(content.bytes <= sent || content.state === 'whole',
        JSON.stringify(content));
      assert.notEqual(content.state, 'unknown');
      seen[content.state] = (seen[content.state] ?? 0) + 1;
    }
    t.diagnostic(JSON.stringify(seen));
  });

test('a download cut off by albatross at any point is seen to be broken',
  async () => {
    await begin();
    for (const format of ['raw', 'gzip']) {
      for (let i = 0; i < POINTS; i++) {
        const bytes = Math.floor(i * SIZE / POINTS);
        relay.server.once('connection', () => {
          relay.cut = { way: 'down', bytes };
        });
        let whole = false, reply;
        try {
          reply = await fetch(
            `${stack.url}/api/v1${at('/data')}?format=${format}`,
            { headers: { authorization: `Bearer ${stack.token}` } });
          await reply.arrayBuffer();
          whole = reply.status === 200;
        } catch {
          // Ended before its end, as it should be seen.
        }
        relay.cut = null;
        assert.ok(!whole, `${format} cut after ${bytes}`);
        if (reply !== undefined && reply.status !== 200)
          assert.ok(reply.status >= 500, `${bytes}: ${reply.status}`);
        await ended();
      }
    }
    const { items } = (await stack.ask('GET', '/operations?limit=100')).json;
    assert.ok(items.filter((o) => o.kind === 'volume-download')
      .every((o) => o.state === 'failed' && o.error.detail));
  });

test('a download that comes drop by drop can be stopped', async () => {
  relay.server.once('connection', () => {
    relay.cut = { way: 'down', bytes: SIZE / 2, drip: true };
  });
  const reading = fetch(`${stack.url}/api/v1${at('/data')}`,
    { headers: { authorization: `Bearer ${stack.token}` } })
    .then((reply) => reply.arrayBuffer());
  reading.catch(() => {});
  // Nothing else is asked of albatross meanwhile.
  const { id } = await until(async () => (await stack.ask('GET',
    '/operations?limit=1')).json.items.find((o) => o.state === 'running' &&
      o.bytes > SIZE / 4), 'bytes came');
  assert.equal((await stack.ask('DELETE', `/operations/${id}`)).status, 202);
  const { json } = await stack.ask('GET', `/operations/${id}?wait=10`);
  assert.equal(json.state, 'cancelled');
  await assert.rejects(reading);
  await ended();
});

test('a download whose client goes away at any point lets albatross go',
  async () => {
    for (let i = 0; i < POINTS; i++) {
      const want = Math.floor(i * SIZE / POINTS);
      const said = speak([`GET /api/v1${at('/data')} HTTP/1.1`]);
      await until(() => said.bytes > want, 'so many came');
      said.socket.destroy();
      await ended();
    }
    const reply = await stack.ask('GET', at('/data?format=zlib'));
    assert.equal(reply.status, 200);
    assert.ok(device().equals(old));
  });

test('killed in the middle of an upload: the next start says so', async () => {
  await begin();
  const data = randomBytes(SIZE);
  const said = speak([`PUT /api/v1${at('/data')} HTTP/1.1`,
    `Content-Length: ${SIZE}`], data.subarray(0, SIZE / 2));
  const id = await until(async () => (await look()).operation, 'it began');
  await until(async () => (await stack.ask('GET', `/operations/${id}`)).json
    .bytes > 0, 'bytes went');
  await stack.restart('fcgi');
  said.socket.destroy();
  const operation = (await stack.ask('GET', `/operations/${id}`)).json;
  assert.equal(operation.state, 'failed', JSON.stringify(operation));
  await truth(data, JSON.stringify(operation));
  await begin();
});

test('killed in the middle of a safe one: what was there is put back',
  async () => {
    await begin();
    const data = randomBytes(SIZE);
    const said = speak([`PUT /api/v1${at('/data?safe=true')} HTTP/1.1`,
      `Content-Length: ${SIZE}`], data.subarray(0, SIZE / 2));
    const id = await until(async () => (await look()).operation, 'it began');
    await until(async () => {
      const { json } = await stack.ask('GET', `/operations/${id}`);
      return json.step === 'sending' && json.bytes > 0;
    }, 'bytes went');
    await stack.restart('fcgi');
    said.socket.destroy();
    await until(async () => (await stack.ask('GET', `/operations/${id}`)).json
      .ended !== null, 'it ended');
    const content = await truth(data, 'put back');
    assert.equal(content.state, 'whole');
    assert.ok(device().equals(old));
  });

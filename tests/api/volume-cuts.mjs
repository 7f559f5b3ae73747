// SPDX-License-Identifier: ISC
// Transfers of volumes that are cut, on the way to albatross, on the way to
// the client, by a kill: what is said of the volume then is true, and nothing
// stays behind. A relay in front of albatross does the cutting.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { MB, Stack, sha256, until } from './stack.mjs';

const SIZE = MB;
/** More than anything moves, either way, but what has the content. */
const SMALL = 16384;
/** Where something of so many bytes is cut: 20 points. */
const points = (bytes, first = 0) => Array.from({ length: 20 }, (_, i) =>
  Math.floor(first + i * (bytes - first) / 20));

/**
 * Passes bytes on: all of them, or, of the connection that has the content, so
 * many and then none, or drop by drop; or nothing of the one so many before.
 */
class Relay {
  open = new Set();
  cut = null;
  refuse = 0;

  async start(to) {
    this.server = net.createServer((from) => this.#pair(from, to));
    await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    this.port = this.server.address().port;
  }

  #pair(from, to) {
    if (this.refuse > 0 && --this.refuse === 0) return void from.destroy();
    const onward = net.connect(to, '127.0.0.1');
    const cut = this.cut;
    let moved = 0, late = Buffer.alloc(0), drops;
    const drip = () => {
      drops ??= setInterval(() => {
        from.write(late.subarray(0, 1));
        late = late.subarray(1);
      }, 100);
    };
    const end = () => {
      clearInterval(drops);
      from.destroy();
      onward.destroy();
      this.open.delete(from);
    };
    const pass = (way, a, b) => a.on('data', (data) => {
      if (cut?.way !== way) return void b.write(data);
      const some = data.subarray(0, Math.max(cut.bytes - moved, 0));
      moved += data.length;
      cut.met ||= moved > SMALL;
      b.write(some, moved >= cut.bytes && !cut.drip ? end : undefined);
      if (!cut.drip) return;
      late = Buffer.concat([late, data.subarray(some.length)]);
      if (late.length > 0) drip();
      if (late.length > 1000) a.pause(); // its end is not to be seen
    });
    this.open.add(from);
    pass('up', from, onward);
    pass('down', onward, from);
    for (const socket of [from, onward])
      for (const event of ['error', 'close']) socket.on(event, end);
  }

  /**
   * Cuts what has the content while something is done: what that says. Others
   * stay below the bytes: policies are looked at before, and the volume.
   */
  async cutting(cut, act) {
    assert.ok(cut.bytes >= SMALL);
    this.cut = cut;
    try {
      return await act();
    } finally {
      this.cut = null;
      assert.ok(cut.met, 'something was cut');
    }
  }

  /** Every connection is over. */
  idle() {
    return until(() => this.open.size === 0, 'no connection is left', 40000);
  }
}

let stack, relay, old;
before(async () => {
  stack = await Stack.start();
  // Else its statistics are subscribed, under one name or the other.
  await stack.fault('daemon-down stats-subscribe');
  relay = new Relay();
  const dir = path.join(stack.dir, 'albatross');
  await relay.start(Number(fs.readFileSync(path.join(dir, 'port'), 'utf8')));
  await stack.addInstance('cut', dir, relay.port);
  assert.equal((await stack.ask('PUT', at(), { json: { size: 1 } })).status, 201);
});
after(async () => {
  relay.server.close();
  await stack.stop();
});

const at = (rest) => stack.volume('vol', rest, 'cut');
const get = async (where) => (await stack.ask('GET', where)).json;
const look = () => get(at());
const operations = async (kind) =>
  (await get('/operations?limit=100')).items.filter((o) => o.kind === kind);
const device = () => fs.readFileSync(stack.device('vol'));

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

/** Uploads something anew for each point; cut gives what the volume holds then. */
async function cutUploads(t, where, cut) {
  const seen = {};
  await begin();
  for (const point of where) {
    old = device();
    const { state } = await cut(point, randomBytes(SIZE));
    seen[state] = (seen[state] ?? 0) + 1;
  }
  t.diagnostic(JSON.stringify(seen));
}

/** What an upload that failed says is so. */
async function failed(reply, content, where) {
  assert.ok(reply.status >= 500, where);
  if (reply.json.content.state === 'untouched')
    assert.ok(device().equals(old), where);
  else
    assert.equal(reply.json.content.state, content.state, where);
  const operation = await get(`/operations/${reply.json.operation.id}`);
  assert.equal(operation.state, 'failed', where);
  assert.ok(operation.error.detail, where);
}

test('an upload cut off by albatross at any point ends with the truth', (t) =>
  cutUploads(t, points(SIZE + 8000, SMALL), async (bytes, data) => {
    const reply = await relay.cutting({ way: 'up', bytes }, () =>
      stack.ask('PUT', at('/data'), { body: data }));
    const where = `cut after ${bytes}: ${reply.text}`;
    const content = await truth(data, where);
    if (reply.status === 200)
      assert.equal(content.sha256, sha256(data), where);
    else
      await failed(reply, content, where);
    return content;
  }));

test('an upload that albatross does not let in at any time changes nothing',
  async () => {
    await begin();
    let reply, began = 0, n = 1;
    for (; ; n++) {
      const data = randomBytes(SIZE);
      relay.refuse = n;
      reply = await stack.ask('PUT', at('/data'), { body: data });
      relay.refuse = 0;
      const where = `refused at ${n}: ${reply.text}`;
      const content = await truth(data, where);
      if (reply.status === 200) break;
      assert.ok(device().equals(old), where);
      assert.equal(content.sha256, sha256(old), where);
      if (reply.json.operation === undefined)
        assert.ok(reply.status >= 500, where);
      else
        await failed(reply, content, where), began++;
    }
    // Whether it is there is asked before, and what policies are there.
    assert.ok(began > 0 && n > 2, `${began} of ${n}`);
  });

/** The beginning of an upload; the rest does not come. */
const send = (some, query = '') => stack.speak(
  [`PUT /api/v1${at(`/data${query}`)} HTTP/1.1`, `Content-Length: ${SIZE}`], some);

test('an upload whose client goes away at any point ends with the truth', (t) =>
  cutUploads(t, points(SIZE), async (sent, data) => {
    const before = (await operations('volume-upload')).length;
    const { socket } = send(data.subarray(0, sent));
    await until(async () => (await operations('volume-upload')).length > before,
      'it began');
    socket.destroy();
    const content = await truth(data, `client gone after ${sent}`);
    assert.ok(content.bytes <= sent || content.state === 'whole',
      JSON.stringify(content));
    assert.notEqual(content.state, 'unknown');
    return content;
  }));

test('a download cut off by albatross at any point is seen to be broken',
  async () => {
    await begin();
    for (const format of ['raw', 'gzip']) {
      for (const bytes of points(SIZE, SMALL)) {
        // Mostly it ends before its end, as it should be seen.
        const reply = await relay.cutting({ way: 'down', bytes }, () =>
          stack.read(at(`/data?format=${format}`)).catch(() => null));
        if (reply)
          assert.ok(reply.status >= 500, `${format} cut after ${bytes}: ` +
            reply.status);
        await ended();
      }
    }
    assert.ok((await operations('volume-download'))
      .every((o) => o.state === 'failed' && o.error.detail));
  });

test('a download that comes drop by drop can be stopped', async () => {
  const reading = relay.cutting({ way: 'down', bytes: SIZE / 2, drip: true },
    () => stack.read(at('/data')));
  reading.catch(() => {});
  const { id } = await until(async () => (await get('/operations?limit=1')).items
    .find((o) => o.state === 'running' && o.bytes > SIZE / 4), 'bytes came');
  assert.equal((await stack.ask('DELETE', `/operations/${id}`)).status, 202);
  assert.equal((await get(`/operations/${id}?wait=10`)).state, 'cancelled');
  await assert.rejects(reading);
  await ended();
});

test('a download whose client goes away at any point lets albatross go',
  async () => {
    for (const want of points(SIZE)) {
      const said = stack.speak([`GET /api/v1${at('/data')} HTTP/1.1`]);
      await until(() => said.bytes > want, 'so many came');
      said.socket.destroy();
      await ended();
    }
    const reply = await stack.ask('GET', at('/data?format=zlib'));
    assert.equal(reply.status, 200);
    assert.ok(device().equals(old));
  });

/** Kills the daemon while bytes of an upload go: the operation that was. */
async function kill(data, query) {
  const { socket } = send(data.subarray(0, SIZE / 2), query);
  const id = await until(async () => (await look()).operation, 'it began');
  await until(async () => {
    const { step, bytes } = await get(`/operations/${id}`);
    return step === 'sending' && bytes > 0;
  }, 'bytes went');
  await stack.restart('fcgi');
  socket.destroy();
  return `/operations/${id}`;
}

test('killed in the middle of an upload: the next start says so', async () => {
  await begin();
  const data = randomBytes(SIZE);
  const operation = await get(await kill(data));
  assert.equal(operation.state, 'failed', JSON.stringify(operation));
  await truth(data, JSON.stringify(operation));
  await begin();
});

test('killed in the middle of a safe one: what was there is put back',
  async () => {
    await begin();
    const data = randomBytes(SIZE);
    const where = await kill(data, '?safe=true');
    await until(async () => (await get(where)).ended !== null, 'it ended');
    const content = await truth(data, 'put back');
    assert.equal(content.state, 'whole');
    assert.ok(device().equals(old));
  });

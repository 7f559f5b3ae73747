// SPDX-License-Identifier: ISC
// Volumes: made, filled, read, removed; what albatross gets wrong, and what
// the peer does (its defects C7 and C12), does not come about.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { MB, Stack, makeImage, sha256, until } from './stack.mjs';

const zeroes = (n) => Buffer.alloc(n);

let stack, admin;
before(async () => {
  stack = await Stack.start();
  admin = await stack.signIn();
});
after(() => stack.stop());

const at = (...what) => stack.volume(...what);
const make = (name, size, headers) =>
  stack.ask('PUT', at(name), { json: { size }, headers });
const fill = (name, body, query = '', headers = {}) =>
  stack.ask('PUT', at(name, '/data') + query, { body, headers });
const get = async (where) => {
  const reply = await stack.ask('GET', where);
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
};

const read = (name, query = '', options) =>
  stack.read(at(name, `/data${query}`), options);
/** What albatross has of a volume. */
const device = (name) => fs.readFileSync(stack.device(name));
/** The operation which a volume is busy with, once there is one. */
const begun = (name) => until(async () => (await get(at(name))).operation,
  `something began with ${name}`);

function refused(reply, status, code) {
  assert.equal(reply.status, status, reply.text);
  assert.equal(reply.json.code, code, reply.text);
  return reply.json;
}

test('one is made, and is empty (peer defect C7)', async () => {
  const reply = await make('one', 2);
  assert.equal(reply.status, 201, reply.text);
  assert.equal(reply.headers.get('location'), `/api/v1${at('one')}`);
  assert.equal(reply.json.size, 2);
  assert.equal(reply.json.in_use, false);
  assert.deepEqual(reply.json.used_by, []);
  assert.equal(reply.json.content.state, 'zeroes');
  assert.ok(device('one').equals(zeroes(2 * MB)));
  assert.ok((await read('one')).body.equals(zeroes(2 * MB)));
});

test('the same again is no change; another size is refused', async () => {
  assert.equal((await make('one', 2)).status, 200);
  assert.equal((await make('ONE', 2)).json.name, 'one');
  const other = refused(await make('one', 3), 409, 'conflict');
  assert.match(other.detail, /2 MB/);
  assert.equal((await make('one', 2, { 'if-none-match': '*' })).status, 412);
  assert.equal((await get(at('one'))).size, 2);
});

test('a size that albatross would choke on is not sent', async () => {
  for (const size of [0, -1, 1.5, 2 ** 31, '2', null])
    refused(await make('odd', size), 422, 'invalid-input');
  // The name was not spoilt by one of them (protocol 4.3).
  assert.equal((await make('odd', 1)).status, 201);
  assert.equal((await stack.ask('DELETE', at('odd'))).status, 204);
});

test('beyond the policy says what is left', async () => {
  const { quotas } = await get('/volumes');
  const quota = quotas.find((q) => q.instance === stack.instance &&
    q.project === stack.project);
  assert.equal(quota.used, 2);
  const left = quota.allowed - quota.used;
  const reply = refused(await make('big', left + 1), 422, 'policy-exceeded');
  assert.equal(reply.errors[0].field, 'size');
  assert.match(JSON.stringify(reply), new RegExp(`${left} MB`));
});

test('no name, no label: nothing is asked of albatross', async () => {
  for (const name of ['.', '-a', 'a_b', 'a'.repeat(64)])
    assert.ok([404, 422].includes((await make(encodeURIComponent(name), 1))
      .status), name);
});

test('the list has all that one may see, with who uses them', async () => {
  const image = makeImage(stack.dir, 'blk.hvt', '--block', 'data');
  const deployed = await stack.deploy('user', image,
    '?memory=32&volume=data:one');
  assert.equal(deployed.status, 201, deployed.text);
  const { items, errors } = await get('/volumes');
  assert.deepEqual(errors, []);
  const one = items.find((v) => v.name === 'one');
  assert.equal(one.in_use, true);
  assert.deepEqual(one.used_by, [{ name: 'user', device: 'data' }]);
  assert.deepEqual((await get('/volumes?q=on')).items.map((v) => v.name),
    ['one']);
  // Not to those who may not see unikernels, whoever asked just before.
  const only = await stack.makeToken(admin.headers, { scopes: ['volume:read'] });
  const list = async (token) => (await stack.ask('GET', '/volumes', { token }))
    .json.items.find((v) => v.name === 'one').used_by.length;
  assert.deepEqual([await list(stack.token), await list(only),
    await list(stack.token)], [1, 0, 1]);
  assert.deepEqual((await get('/volumes?project=nobody')
    .catch(() => ({ items: [] }))).items, []);
});

test('one in use is neither removed, filled nor read, and says by whom',
  async () => {
    const before = sha256(device('one'));
    for (const reply of [await stack.ask('DELETE', at('one')),
      await fill('one', 'x'), await stack.ask('GET', at('one', '/data'))])
      assert.match(refused(reply, 409, 'conflict').detail, /user/);
    assert.equal(sha256(device('one')), before);
    assert.equal((await stack.ask('DELETE', stack.at('user'))).status, 204);
    await until(async () => !(await get(at('one'))).in_use, 'one is free');
  });

test('what is not there is not found, before anything is sent (C12)',
  async () => {
    for (const reply of [await stack.ask('GET', at('none')),
      await stack.ask('DELETE', at('none')), await fill('none', 'x'),
      await stack.ask('GET', at('none', '/data'))]) {
      refused(reply, 404, 'not-found');
      assert.equal(reply.headers.get('content-type'),
        'application/problem+json');
    }
  });

test('raw content arrives as it is, with zeroes behind', async () => {
  const data = randomBytes(MB + 12345);
  const reply = await fill('one', data);
  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.json.content.state, 'whole');
  assert.equal(reply.json.content.bytes, data.length);
  assert.equal(reply.json.content.sha256, sha256(data));
  assert.ok(device('one').equals(Buffer.concat([data,
    zeroes(2 * MB - data.length)])));
  const operation = await get(
    `/operations/${reply.headers.get('x-mollymawk-operation')}`);
  assert.equal(operation.state, 'succeeded');
  assert.equal(operation.kind, 'volume-upload');
  assert.equal(operation.bytes, data.length);
});

test('gzip of several members and zlib are inflated on the way', async () => {
  const data = Buffer.concat([randomBytes(70000), zeroes(MB),
    randomBytes(70000)]);
  const packed = {
    gzip: Buffer.concat([gzipSync(data.subarray(0, 65537)),
      gzipSync(data.subarray(65537), { level: 9 })]),
    deflate: deflateSync(data),
  };
  for (const [encoding, body] of Object.entries(packed)) {
    assert.equal((await fill('one', 'x')).status, 200);
    const reply = await fill('one', body, `?size=${data.length}&digest=` +
      sha256(data), { 'content-encoding': encoding });
    assert.equal(reply.status, 200, reply.text);
    assert.equal(reply.json.content.sha256, sha256(data));
    assert.ok(device('one').subarray(0, data.length).equals(data));
  }
});

test('exactly the size fits; one byte more is refused and nothing touched',
  async () => {
    const full = randomBytes(2 * MB);
    assert.equal((await fill('one', full)).status, 200);
    assert.ok(device('one').equals(full));
    const more = Buffer.concat([full, Buffer.from('x')]);
    const large = refused(await fill('one', more), 413, 'too-large');
    assert.match(large.detail, /2097152|2 MB/);
    refused(await fill('one', gzipSync(more), `?size=${more.length}`,
      { 'content-encoding': 'gzip' }), 413, 'too-large');
    assert.ok(device('one').equals(full));
  });

test('a length that is not told is asked for', async () => {
  refused(await fill('one', gzipSync('x'), '',
    { 'content-encoding': 'gzip' }), 411, 'length-required');
  const chunked = (query) => JSON.parse(execFileSync('curl', ['-sS', '-T', '-',
    '-H', `Authorization: Bearer ${stack.token}`,
    `${stack.url}/api/v1${at('one', '/data')}${query}`],
  { input: 'abc', encoding: 'utf8' }));
  assert.equal(chunked('').code, 'length-required');
  for (const size of [2, 4]) {
    const { code, errors } = chunked(`?size=${size}`);
    assert.equal(code, 'invalid-input');
    assert.equal(errors[0].field, 'body');
  }
  assert.equal(chunked('?size=3').content.sha256, sha256('abc'));
  refused(await fill('one', 'abc', '?size=4'), 422, 'invalid-input');
  refused(await fill('one', 'x', '', { 'content-encoding': 'br' }), 415,
    'unsupported-media-type');
});

test('what inflates to something else than was said ends with the truth',
  async () => {
    const data = randomBytes(300000);
    const cases = [
      [gzipSync(data), data.length - 1, 'invalid-input'],
      [gzipSync(data), data.length + 1, 'invalid-input'],
      [gzipSync(data).subarray(0, 200000), data.length, 'invalid-input'],
      [Buffer.concat([gzipSync(data), Buffer.from('more')]), data.length,
        'invalid-input'],
      [Buffer.from('no gzip at all'), data.length, 'invalid-input'],
    ];
    for (const [body, size, code] of cases) {
      const old = randomBytes(2 * MB);
      assert.equal((await fill('one', old)).status, 200);
      const reply = refused(await fill('one', body, `?size=${size}`,
        { 'content-encoding': 'gzip' }), 422, code);
      assert.ok(reply.operation.id > 0);
      const n = reply.content.bytes;
      if (body.length < 20) { // known before anything was erased
        assert.equal(reply.content.state, 'untouched');
        assert.ok(device('one').equals(old));
        continue;
      }
      assert.equal(reply.content.state, 'partial');
      assert.ok(device('one').equals(Buffer.concat([data.subarray(0, n),
        zeroes(2 * MB - n)])), JSON.stringify(reply.content));
    }
  });

test('another digest than was promised is told, and what is there', async () => {
  const reply = refused(await fill('one', 'content', `?digest=${sha256('x')}`),
    422, 'digest-mismatch');
  assert.equal(reply.content.sha256, sha256('content'));
  assert.ok(device('one').subarray(0, 8).equals(Buffer.from('content\0')));
});

test('safe: what was there is put back when the upload fails', async () => {
  const old = randomBytes(2 * MB);
  assert.equal((await fill('one', old)).status, 200);
  const reply = refused(await fill('one', 'new',
    `?safe=true&digest=${sha256('other')}`), 422, 'digest-mismatch');
  assert.equal(reply.content.state, 'whole');
  assert.equal(reply.content.sha256, sha256(old));
  assert.ok(device('one').equals(old));
  const good = await fill('one', 'new', '?safe=true');
  assert.equal(good.status, 200, good.text);
  assert.ok(device('one').subarray(0, 4).equals(Buffer.from('new\0')));
});

test('made with its content at once, or not at all', async () => {
  const data = randomBytes(MB);
  const reply = await fill('two', data, '?create=1');
  assert.equal(reply.status, 201, reply.text);
  assert.ok(device('two').equals(data));
  refused(await fill('two', data, '?create=1'), 409, 'conflict');
  refused(await fill('three', randomBytes(MB + 1), '?create=1'), 413,
    'too-large');
  refused(await stack.ask('GET', at('three')), 404, 'not-found');
  refused(await fill('three', data, `?create=1&digest=${sha256('x')}`), 422,
    'digest-mismatch');
  refused(await stack.ask('GET', at('three')), 404, 'not-found');
  await stack.fault('break-after-command block-add 1');
  const lost = await fill('three', 'x', '?create=1');
  await stack.fault('none');
  assert.equal(lost.json.content.state, 'unknown', lost.text);
  assert.equal((await stack.ask('DELETE', at('three'))).status, 204);
});

test('a download is whole: raw, gzip, zlib, at every level', async () => {
  const data = Buffer.concat([randomBytes(500000), zeroes(2 * MB - 500000)]);
  assert.equal((await fill('one', data.subarray(0, 500000))).status, 200);
  const raw = await read('one');
  assert.equal(raw.status, 200);
  assert.equal(raw.headers.get('content-length'), String(2 * MB));
  assert.match(raw.headers.get('content-disposition'), /attachment.*one/);
  assert.ok(raw.body.equals(data));
  const head = await read('one', '', { method: 'HEAD' });
  assert.equal(head.headers.get('content-length'), String(2 * MB));
  const zipped = await read('one', '?format=gzip');
  assert.ok(gunzipSync(zipped.body).equals(data));
  assert.ok(inflateSync((await read('one', '?format=zlib')).body).equals(data));
  for (let level = 0; level <= 9; level++)
    assert.ok((await read('one', `?compression=${level}`)).body.equals(data),
      `level ${level}`);
  // Anything else ends albatrossd (protocol section 8).
  for (const level of [-1, 10, 'x'])
    assert.equal((await read('one', `?compression=${level}`)).status, 422);
  const operation = await get(
    `/operations/${raw.headers.get('x-mollymawk-operation')}`);
  assert.equal(operation.state, 'succeeded');
  assert.equal(operation.result.sha256, sha256(data));
  assert.equal(operation.result.bytes, 2 * MB);
});

test('zeroes at the end need no room, and those before it arrive',
  async () => {
    const data = Buffer.concat([zeroes(200000), Buffer.from('end'),
      zeroes(MB)]);
    await stack.fault('full-disk block-set 262144 1');
    const reply = await fill('one', data, `?digest=${sha256(data)}`);
    assert.equal(reply.status, 200, reply.text);
    assert.equal(reply.json.content.bytes, data.length);
    assert.deepEqual(device('one'),
      Buffer.concat([data, zeroes(2 * MB - data.length)]));
  });

test('a full disk is said, and leaves a volume that is whole', async () => {
  await stack.fault('full-disk block-set 200002 1');
  const said = refused(await fill('one', randomBytes(MB)), 409,
    'albatross-refused');
  assert.match(said.detail, /disk may be full/);
  assert.equal(said.content.state, 'zeroes');
  assert.deepEqual(device('one'), zeroes(2 * MB));
});

test('one at a time: who comes second is told', async () => {
  await stack.fault('slow-disk 100');
  try {
    const first = fill('one', randomBytes(2 * MB));
    await begun('one');
    for (const reply of [await fill('one', 'x'),
      await stack.ask('GET', at('one', '/data')),
      await stack.ask('DELETE', at('one'))])
      assert.match(refused(reply, 409, 'conflict').detail, /under way/);
    const running = await stack.deploy('user',
      path.join(stack.dir, 'blk.hvt'), '?memory=32&volume=data:one');
    assert.equal(running.status, 409, running.text);
    assert.equal((await first).status, 200);
  } finally {
    await stack.fault('none');
  }
});

test('an upload can be stopped, and says what is there then', async () => {
  const data = randomBytes(2 * MB);
  const said = stack.speak([`PUT /api/v1${at('one', '/data')} HTTP/1.1`,
    `Content-Length: ${2 * MB}`], data.subarray(0, MB));
  const operation = await begun('one');
  await until(async () => (await get(`/operations/${operation}`)).bytes > 0,
    'bytes went');
  const { content: meanwhile } = await get(at('one'));
  assert.equal(meanwhile.state, 'unknown');
  assert.match(meanwhile.detail, new RegExp(`Operation ${operation} is writing`));
  assert.equal((await stack.ask('DELETE', `/operations/${operation}`)).status,
    202);
  // Whoever sends next to nothing holds nothing up.
  said.socket.write(data.subarray(MB, MB + 1));
  await until(() => /"request_id"/.test(said.text), 'the answer');
  said.socket.destroy();
  assert.match(said.text, /^HTTP\/1.1 409 /);
  assert.match(said.text, /"content":\{"state":"partial"/);
  assert.equal((await get(`/operations/${operation}`)).state, 'cancelled');
  const { content } = await get(at('one'));
  assert.equal(content.state, 'partial');
  assert.ok(content.bytes > 0 && content.bytes <= MB + 1);
  assert.ok(device('one').equals(Buffer.concat([data.subarray(0, content.bytes),
    zeroes(2 * MB - content.bytes)])));
});

test('what albatross fails to write is made whole again, and empty',
  async () => {
    assert.equal((await fill('one', randomBytes(2 * MB))).status, 200);
    await stack.fault('full-disk block-set 500000 1');
    const reply = refused(await fill('one', randomBytes(2 * MB)), 409,
      'albatross-refused');
    assert.match(reply.albatross, /error writing/);
    assert.equal(reply.content.state, 'zeroes');
    assert.equal(reply.operation.state, 'failed');
    assert.equal((await get(at('one'))).content.state, 'zeroes');
    // As short as it was left, it would be no volume after a restart.
    assert.ok(device('one').equals(zeroes(2 * MB)));
  });

test('a download that is not whole is seen to be broken', async () => {
  for (const fault of ['break-after-bytes block-dump 700000 1',
    'end-after-bytes block-dump 700000 1',
    'empty-frames block-dump 700000 1']) {
    for (const format of ['raw', 'gzip', 'zlib']) {
      await stack.fault(fault);
      await assert.rejects(read('one', `?format=${format}`),
        `${fault} ${format}`);
      const [operation] = (await get('/operations?limit=1')).items;
      assert.equal(operation.kind, 'volume-download');
      assert.equal(operation.state, 'failed');
      assert.ok(operation.bytes <= 700000);
      assert.ok(operation.error.detail);
      assert.equal(operation.result, null);
    }
  }
  await stack.fault('none');
  assert.equal((await read('one')).body.length, 2 * MB);
});

test('a download that stands still ends when it is not wanted', async () => {
  const begin = async (signal) => {
    await stack.fault('stall-after-bytes block-dump 700000 1');
    const reading = read('one', '', { signal });
    reading.catch(() => {});
    const operation = await begun('one');
    // Before anything came, an answer could still say what became of it.
    await until(async () => (await get(`/operations/${operation}`)).bytes > 0,
      'bytes came');
    return { operation, reading };
  };
  const client = new AbortController();
  const gone = await begin(client.signal);
  client.abort();
  const stopped = async (id) =>
    (await get(`/operations/${id}?wait=20`)).state;
  assert.equal(await stopped(gone.operation), 'failed');
  const asked = await begin();
  assert.equal((await stack.ask('DELETE', `/operations/${asked.operation}`))
    .status, 202);
  assert.equal(await stopped(asked.operation), 'cancelled');
  await assert.rejects(asked.reading);
});

test('a download that nobody takes can be stopped', async () => {
  assert.equal((await make('wide', 24)).status, 201);
  const socket = net.connect(stack.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(`GET /api/v1${at('wide', '/data')} HTTP/1.1\r\nHost: x\r\n` +
    `Authorization: Bearer ${stack.token}\r\n\r\n`);
  let last = -1;
  const { id } = await until(async () => {
    const { operation } = await get(at('wide'));
    if (operation === null) return false;
    const o = await get(`/operations/${operation}`);
    const still = o.bytes > 0 && o.bytes === last;
    last = o.bytes;
    return still && o;
  }, 'it stands still');
  assert.equal((await stack.ask('DELETE', `/operations/${id}`)).status, 202);
  assert.equal((await get(`/operations/${id}?wait=20`)).state, 'cancelled');
  socket.destroy();
  assert.equal((await stack.ask('DELETE', at('wide'))).status, 204);
});

test('a file in the way of a new volume is told of', async () => {
  fs.writeFileSync(stack.device('stale'), '');
  const reply = refused(await make('stale', 1), 409, 'albatross-refused');
  assert.match(reply.detail, /stale file/);
  assert.match(reply.albatross, /file already exists/);
});

test('a token sees, fills and removes what it was made for', async () => {
  const reader = { token: await stack.makeToken(admin.headers,
    { scopes: ['volume:read'], unikernels: ['two*'] }) };
  const list = await stack.ask('GET', '/volumes', reader);
  assert.deepEqual(list.json.items.map((v) => v.name), ['two']);
  assert.equal((await stack.ask('GET', at('two'), reader)).status, 200);
  assert.ok([403, 404].includes((await stack.ask('GET', at('one'), reader))
    .status));
  refused(await stack.ask('PUT', at('two', '/data'), { ...reader, body: 'x' }),
    403, 'forbidden');
  refused(await stack.ask('DELETE', at('two'), reader), 403, 'forbidden');
  refused(await stack.ask('GET', at('two', '/data'), { token: null }), 401,
    'unauthenticated');
  const other = stack.addUser('other');
  const stranger = await stack.signIn(other.email, other.password);
  assert.equal((await stack.ask('GET', at('two'), { token: null,
    headers: stranger.headers })).status, 404);
});

test('removed is gone; the name can be taken again', async () => {
  assert.equal((await stack.ask('DELETE', at('two'))).status, 204);
  refused(await stack.ask('GET', at('two')), 404, 'not-found');
  const again = await make('two', 1);
  assert.equal(again.status, 201);
  assert.equal(again.json.content.state, 'zeroes');
});

test('an instance that is down is told of, and the others are listed',
  async () => {
    const box = await stack.addSandbox('second');
    const far = at('far', '', 'second');
    const allow = async (block) => assert.equal((await stack.ask('PUT',
      `/projects/${stack.project}/policies/second`, { token: null,
        headers: admin.headers, json: { unikernels: 8, memory: 512, cpus: [0],
          bridges: [], ...block } })).status, 200);
    await allow({});
    assert.match(refused(await stack.ask('PUT', far, { json: { size: 1 } }), 422,
      'policy-exceeded').detail, /no volumes/);
    await allow({ block: 64 });
    assert.equal((await stack.ask('PUT', far, { json: { size: 1 } })).status,
      201);
    assert.ok((await get('/volumes')).items.some((v) => v.name === 'far'));
    await box.kill();
    const { items, errors } = await until(async () => {
      const list = await get('/volumes');
      return list.errors.length > 0 && list;
    }, 'its error');
    assert.equal(errors[0].instance, 'second');
    assert.ok(items.some((v) => v.name === 'one'));
  });

// SPDX-License-Identifier: ISC
// Logs that are kept: in pages, searched, as text, and within their bounds.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import zlib from 'node:zlib';
import { MB, Stack, events, until } from './stack.mjs';

const KINDS = ['line', 'deployment', 'stopped', 'started', 'restarted',
  'dropped', 'gap'];
const START = Date.parse('2026-03-04T05:06:07Z');

let stack, admin, viewer;
before(async () => {
  stack = await Stack.start();
  admin = await stack.signIn();
  viewer = await stack.makeToken(admin.headers, { scopes: ['unikernel:read'] });
});
after(() => stack.stop());

const log = (name, query = {}, options) => stack.ask('GET', stack.at(name,
  `/log?${new URLSearchParams(query)}`), options);
/** One that is there. */
const page = async (name, query) => {
  const reply = await log(name, query);
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
};
const seqs = (page) => page.items.map((item) => item.seq);

// ---- as it lies on the disk; fcgi/log_file.h ----

const u32 = (value) => { const b = Buffer.alloc(4); b.writeUInt32BE(value); return b; };
const u64 = (value) => { const b = Buffer.alloc(8); b.writeBigInt64BE(BigInt(value)); return b; };

function entryBytes({ seq, ms = START + seq * 1000, kind = 'line', text,
  deployment = 0 }) {
  const bytes = Buffer.from(text);
  const rest = Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255,
    KINDS.indexOf(kind), 0]), u64(seq), u64(ms), u64(deployment), bytes]);
  return Buffer.concat([u32(zlib.crc32(rest)), rest]);
}

const folder = (name) => path.join(stack.dir, 'state/logs', stack.instance,
  stack.project, name);

/** A segment as it is kept of a unikernel that is no more. */
function keep(name, entries, packed) {
  const dir = folder(name);
  const head = Buffer.concat([Buffer.from('MOLLYMAWK-LOG-1\n'), u32(0xabcd1234)]);
  const plain = Buffer.concat([head, u32(zlib.crc32(head)),
    ...entries.map(entryBytes)]);
  const first = entries[0].seq.toString(16).padStart(16, '0');
  fs.mkdirSync(dir, { recursive: true });
  if (!packed) {
    fs.writeFileSync(path.join(dir, `${first}.log`), plain);
    return;
  }
  const times = entries.map(({ seq, ms = START + seq * 1000 }) => ms);
  const info = Buffer.concat([u32(0xabcd1234), ...[entries[0].seq,
    entries.at(-1).seq, Math.min(...times), Math.max(...times), entries.length,
    plain.length].map(u64), u32(entries.reduce((mask, { kind = 'line' }) =>
    mask | 1 << KINDS.indexOf(kind), 0))]);
  const extra = Buffer.concat([Buffer.from([0x4d, 0x57, info.length + 4, 0]), info,
    u32(zlib.crc32(info))]);
  const gzip = zlib.gzipSync(plain);
  fs.writeFileSync(path.join(dir, `${first}.gz`), Buffer.concat([
    Buffer.from([...gzip.subarray(0, 3), 4, ...gzip.subarray(4, 10), extra.length,
      0]), extra, gzip.subarray(10)]));
}

const range = (from, to) => Array.from({ length: to - from + 1 },
  (_, i) => from + i);
const numbered = (from, to) => range(from, to).map((seq) =>
  ({ seq, text: `line ${seq}` }));

// ---- pages ----

test('the log of one that is no more, in pages either way', async () => {
  keep('old', numbered(1, 700), true);
  keep('old', [...numbered(701, 1199),
    { seq: 1200, kind: 'deployment', text: 'deployed', deployment: 7 }]);
  const newest = await log('old');
  assert.equal(newest.status, 200, newest.text);
  assert.equal(newest.json.epoch, 'abcd1234');
  assert.deepEqual(seqs(newest.json), range(701, 1200));
  assert.deepEqual(newest.json.items.at(-1), { seq: 1200,
    time: new Date(START + 1200000).toISOString(), kind: 'deployment',
    text: 'deployed', deployment: 7 });
  assert.equal(newest.json.before, 701);
  assert.equal(newest.json.after, null);
  assert.equal(newest.json.kept.entries, 1200);
  assert.equal(newest.json.kept.first_at, new Date(START + 1000).toISOString());
  assert.ok(newest.json.kept.bytes > 1000);

  const backwards = [];
  for (let cursor = 1201; cursor !== null;) {
    const json = await page('old', { before: cursor, limit: 333 });
    backwards.unshift(...seqs(json));
    assert.equal(json.after, cursor === 1201 ? null : cursor - 1);
    cursor = json.before;
  }
  assert.deepEqual(backwards, range(1, 1200));
  const forwards = [];
  for (let cursor = 0; cursor !== null;) {
    const json = await page('old', { after: cursor, limit: 333 });
    forwards.push(...seqs(json));
    assert.equal(json.before, cursor === 0 ? null : cursor + 1);
    cursor = json.after;
  }
  assert.deepEqual(forwards, range(1, 1200));
  assert.deepEqual(seqs((await log('old', { after: 698, before: 703 })).json),
    range(699, 702));
});

test('search, times and kinds', async () => {
  const found = await log('old', { q: 'LINE 11' });
  assert.deepEqual(seqs(found.json), [11, ...range(110, 119), ...range(1100, 1199)]);
  assert.equal(found.json.before, null);
  const nothing = await log('old', { q: 'nowhere' });
  assert.equal(nothing.status, 200);
  assert.deepEqual([nothing.json.items, nothing.json.before, nothing.json.after],
    [[], null, null]);
  const at = (seq) => new Date(START + seq * 1000).toISOString();
  assert.deepEqual(seqs((await log('old', { from: at(698), to: at(703) })).json),
    range(698, 703));
  assert.deepEqual(seqs((await log('old', { from: at(1199), q: 'line' })).json),
    [1199]);
  assert.deepEqual(seqs((await log('old', { kind: 'deployment' })).json), [1200]);
  const two = await stack.ask('GET', stack.at('old',
    '/log?kind=deployment&kind=line&limit=2'));
  assert.deepEqual(seqs(two.json), [1199, 1200]);
  assert.deepEqual(seqs((await log('old', { kind: 'stopped,deployment' })).json),
    [1200]);
});

test('a search is bounded, and goes on with its cursor', async () => {
  const filler = 'x'.repeat(4000);
  for (let part = 0; part < 20; part++)
    keep('large', range(part * 250 + 1, part * 250 + 250).map((seq) =>
      ({ seq, text: seq === 17 ? 'a Needle' : filler })), true);
  const pages = [];
  for (let cursor; cursor !== null; cursor = pages.at(-1).before)
    pages.push(await page('large', { q: 'needle',
      ...cursor === undefined ? {} : { before: cursor } }));
  assert.ok(pages.length > 1, `${pages.length} pages`);
  assert.deepEqual(pages[0].items, []);
  assert.deepEqual(seqs(pages.at(-1)), [17]);
  // So is a page of long lines, whatever its limit.
  const long = await log('large', { limit: 5000 });
  assert.ok(long.text.length < 2 * MB);
  assert.deepEqual(seqs(long.json), range(long.json.before, 5000));
  const text = await stack.ask('GET', stack.at('large', '/log?format=text'));
  assert.equal(text.text.trimEnd().split('\n').length, 5000);
  assert.ok(text.text.length > 19 * MB);
});

test('control bytes and what is no UTF-8 are harmless', async () => {
  keep('bytes', [{ seq: 1, text: Buffer.from('a\x1b[31mb\x00\r\n\xff\xc3(', 'latin1') },
    { seq: 2, text: 'π "quoted" \u0085 <b>' },
    { seq: 3, kind: 'stopped', text: 'exited' }]);
  const shown = await log('bytes');
  assert.deepEqual(shown.json.items.map((item) => item.text),
    ['a\x1b[31mb\x00\r\n\ufffd\ufffd(', 'π "quoted" \u0085 <b>', 'exited']);
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(shown.text, /[\x00-\x1f\x7f-\x9f]/);
  const text = await log('bytes', {}, { headers: { accept: 'text/plain' } });
  assert.match(text.headers.get('content-type'), /^text\/plain/);
  assert.match(text.headers.get('content-disposition'),
    new RegExp(`filename="${stack.instance}-${stack.project}-bytes.log"`));
  const lines = text.text.split('\n');
  assert.equal(lines.length, 4);
  assert.match(lines[0], /^2026-03-04T05:06:08.000Z a␛\[31mb␀␍␊\ufffd\ufffd\($/);
  assert.match(lines[2], /Z mollymawk: exited$/);
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(text.text, /[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
});

test('as text, all that is asked for', async () => {
  const all = await log('old', { format: 'text' });
  assert.equal(all.status, 200);
  const lines = all.text.trimEnd().split('\n');
  assert.equal(lines.length, 1200);
  assert.match(lines[0], /^2026-03-04T05:06:08.000Z line 1$/);
  assert.match(lines[1199], / mollymawk: deployed$/);
  const some = await log('old', { format: 'text', q: 'line 119', after: 500 });
  assert.equal(some.text.trimEnd().split('\n').length, 10);
  const head = await stack.ask('HEAD', stack.at('old', '/log?format=text'));
  assert.equal(head.status, 200);
  assert.equal(head.text, '');
});

test('what can not be asked for', async () => {
  for (const [query, field] of [[{ from: 'yesterday' }, 'from'],
    [{ to: '2026' }, 'to'], [{ before: 0 }, 'before'], [{ after: -1 }, 'after'],
    [{ limit: 5001 }, 'limit'], [{ kind: 'line,word' }, 'kind'],
    [{ format: 'xml' }, 'format'], [{ q: 'x'.repeat(256) }, 'q'],
    [{ more: 1 }, 'more']]) {
    const reply = await log('old', query);
    assert.equal(reply.status, 422, JSON.stringify(query));
    assert.deepEqual(reply.json.errors.map((error) => error.field), [field]);
  }
  const reply = await log('never');
  assert.equal(reply.status, 404, reply.text);
  assert.equal((await log('never', { format: 'text' })).status, 404);
});

test('who may read may not forget', async () => {
  assert.equal((await log('old', {}, { token: viewer })).status, 200);
  assert.equal((await log('old', {}, { token: null })).status, 401);
  const where = stack.at('old', '/log');
  assert.equal((await stack.ask('DELETE', where, { token: viewer })).status, 403);
  const other = await stack.makeToken(admin.headers, { scopes: ['project:read'] });
  assert.equal((await log('old', {}, { token: other })).status, 403);
  assert.equal((await stack.ask('DELETE', where)).status, 204);
  assert.equal((await log('old')).status, 404);
  assert.equal((await stack.ask('DELETE', where)).status, 204);
  assert.ok(!fs.existsSync(folder('old')));
});

test('how much is kept is for administrators to set', async () => {
  const set = (json, token = null) => stack.ask('PUT', '/settings/logs',
    { token, headers: token === null ? admin.headers : {}, json });
  const get = await stack.ask('GET', '/settings/logs',
    { token: null, headers: admin.headers });
  assert.deepEqual(get.json,
    { keep: true, megabytes: 8, total_megabytes: 4096, days: 90 });
  assert.equal((await set({}, viewer)).status, 403);
  for (const [json, field] of [[{ megabytes: 0 }, 'megabytes'],
    [{ megabytes: 1025 }, 'megabytes'], [{ days: 0 }, 'days'],
    [{ megabytes: 8, total_megabytes: 7 }, 'total_megabytes'],
    [{ keep: 1 }, 'keep'], [{ hours: 1 }, 'hours']]) {
    const reply = await set(json);
    assert.equal(reply.status, 422, JSON.stringify(json));
    assert.deepEqual(reply.json.errors.map((error) => error.field), [field]);
  }
  const put = await set({ megabytes: 4, total_megabytes: 5 });
  assert.deepEqual(put.json,
    { keep: true, megabytes: 4, total_megabytes: 5, days: 90 });
});

test('all together stay within their bound', async () => {
  const noise = (seq) => ({ seq, text: randomBytes(150).toString('base64') });
  const size = () => ['one', 'two', 'large', 'bytes'].map(folder)
    .filter((dir) => fs.existsSync(dir))
    .flatMap((dir) => fs.readdirSync(dir).map((file) => path.join(dir, file)))
    // One that is listed may be removed by now.
    .reduce((sum, file) => sum +
      (fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
  for (const name of ['one', 'two'])
    for (let part = 0; part < 4; part++)
      keep(name, range(part * 2000 + 1, part * 2000 + 2000).map(noise), part < 3);
  assert.ok(size() > 2 * MB);
  const reply = await stack.ask('PUT', '/settings/logs', { token: null,
    headers: admin.headers, json: { megabytes: 1, total_megabytes: 1 } });
  assert.equal(reply.status, 200, reply.text);
  await until(() => size() <= MB, 'there is room again');
  await stack.ask('PUT', '/settings/logs', { token: null,
    headers: admin.headers, json: {} });
});

// ---- what is said now ----

const ticks = (items) => items.filter((item) => item.kind === 'line' &&
  /^tick \d+$/.test(item.text)).map((item) => Number(item.text.slice(5)));

/** Waits for a page of which that is true; who looks has states asked for often. */
const waitFor = (name, check, what) => until(async () => {
  await stack.ask('GET', '/unikernels');
  const reply = await log(name, { limit: 5000 });
  return reply.status === 200 && check(reply.json.items) ? reply.json : null;
}, what, 30000);

test('lines are kept though nobody looks, over kills, and when it is gone',
  async () => {
    assert.equal((await stack.deploy('live')).status, 201);
    const early = await waitFor('live', (items) => ticks(items).length >= 3,
      'three lines');
    // What is said meanwhile is heard later.
    await stack.restart('fcgi', () => new Promise((done) =>
      setTimeout(done, 2000)));
    const late = await waitFor('live', (items) => ticks(items).length >=
      ticks(early.items).length + 5, 'five more');
    assert.equal(late.epoch, early.epoch);
    assert.deepEqual(late.items.slice(0, early.items.length), early.items);
    assert.deepEqual(seqs(late), range(1, late.items.length));
    assert.deepEqual(ticks(late.items), range(1, ticks(late.items).length));
    assert.ok(late.items.some((item) => item.kind === 'deployment'));

    const gone = await stack.ask('DELETE', stack.at('live'));
    assert.equal(gone.status, 204, gone.text);
    const end = await waitFor('live', (items) =>
      items.some((item) => item.kind === 'stopped'), 'its end');
    assert.deepEqual(end.items.slice(0, late.items.length), late.items);
    await stack.restart('fcgi');
    assert.deepEqual((await page('live', {})).items.slice(0, end.items.length),
      end.items);
    const { text } = await log('live', { format: 'text', q: 'TICK' });
    assert.equal(text.trimEnd().split('\n').length, ticks(end.items).length);
  });

test('its events have the numbers of what is kept', async () => {
  assert.equal((await stack.deploy('told')).status, 201);
  const told = (await events(stack, stack.at('told', '/console?lines=100'),
    (all) => all.filter((one) => one.event === 'line').length >= 4))
    .filter((one) => one.event === 'line');
  const kept = await waitFor('told', (items) => items.some((item) =>
    item.seq === Number(told.at(-1).id.split('.')[1])), 'the last one');
  for (const one of told) {
    const [epoch, seq] = one.id.split('.');
    const item = kept.items.find(({ seq: kept }) => kept === Number(seq));
    assert.equal(epoch, kept.epoch);
    assert.deepEqual([item.text, item.time], [one.data.line, one.data.time]);
  }
});

test('a flood is told, and costs so many lines a second', async () => {
  assert.equal((await stack.deploy('flood', stack.sample,
    '?memory=16&arg=--flood=10000')).status, 201);
  const dropped = async () => (await page('flood', { kind: 'dropped' })).items
    .filter((item) => /^[1-9]\d* lines dropped$/.test(item.text));
  await until(async () => (await dropped()).length >= 4, 'four times', 30000);
  assert.equal((await stack.ask('DELETE', stack.at('flood'))).status, 204);
  const { kept } = await page('flood', {});
  const seconds = (Date.parse(kept.last_at) - Date.parse(kept.first_at)) / 1000;
  assert.ok(kept.entries < 4096 + 1100 * (seconds + 5),
    `${kept.entries} in ${seconds} s`);
  assert.ok(fs.readdirSync(folder('flood')).some((file) => file.endsWith('.gz')) ||
    kept.bytes < MB);
});

test('a full disk costs lines only', async (t) => {
  const dir = folder('full');
  const mount = (...args) => spawnSync('mount', args).status === 0;
  fs.mkdirSync(dir, { recursive: true });
  if (!mount('-t', 'tmpfs', '-o', 'size=64k', 'none', dir)) {
    fs.rmdirSync(dir);
    t.skip('nothing can be mounted here');
    return;
  }
  try {
    assert.equal((await stack.deploy('full', stack.sample,
      '?memory=16&arg=--flood=300')).status, 201);
    await until(() => /event=log-not-kept/.test(stack.log('fcgi')), 'no room',
      30000);
    // The stream goes on, and so does the rest.
    await events(stack, stack.at('full', '/console?lines=1'),
      (all) => all.length >= 400);
    assert.equal((await log('full')).status, 200);
    assert.ok(mount('-o', 'remount,size=16m', dir));
    const found = await until(async () => {
      const items = (await page('full', { kind: 'dropped' })).items;
      return items.find((item) => /^\d+ entries were not kept$/.test(item.text));
    }, 'what is missing is told', 30000);
    const around = await page('full', { after: found.seq, limit: 1 });
    assert.equal(around.items[0].seq, found.seq + 1);
  } finally {
    await stack.ask('DELETE', stack.at('full'));
    assert.equal((await stack.ask('DELETE', stack.at('full', '/log'))).status,
      204);
    assert.equal(spawnSync('umount', [dir]).status, 0);
  }
});

test('a quiet log is kept while its unikernel is there', async () => {
  assert.equal((await stack.deploy('quiet', stack.sample,
    '?memory=16&arg=--silent')).status, 201);
  await waitFor('quiet', (items) => items.length >= 2, 'what was deployed');
  keep('gone', numbered(1, 3));
  const days = (n) => Date.now() / 1000 - n * 24 * 60 * 60;
  for (const dir of [folder('quiet'), folder('gone')])
    for (const file of fs.readdirSync(dir))
      fs.utimesSync(path.join(dir, file), days(3), days(3));
  const set = (json) => stack.ask('PUT', '/settings/logs', { token: null,
    headers: admin.headers, json });
  assert.equal((await set({ days: 1 })).status, 200);
  await until(() => !fs.existsSync(folder('gone')), 'what is gone is forgotten');
  assert.ok((await page('quiet', {})).items.length >= 2);
  assert.equal((await set({})).status, 200);
});

test('a log that is forgotten begins anew', async () => {
  await waitFor('told', (items) => items.length >= 4, 'some lines');
  const where = stack.at('told', '/log');
  const last = (await page('told', {})).items.at(-1).seq;
  assert.equal((await stack.ask('DELETE', where)).status, 204);
  const json = await waitFor('told', (items) => items.length >= 2, 'new lines');
  assert.ok(json.items[0].seq >= last, `${json.items[0].seq} after ${last}`);
  const { text } = await stack.ask('GET',
    stack.at('told', '/console?follow=false&lines=1000'));
  assert.ok(text.trimEnd().split('\n').length <= json.items.length + 5, text);
});

// SPDX-License-Identifier: ISC
// The parts of the SPA that need no browser.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import zlib from 'node:zlib';

const build = process.env.top_builddir;
const work = path.join(build, 'web/work/web');
const esbuild = createRequire(path.join(work, 'package.json'))('esbuild');
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mollymawk-web-'));
process.on('exit', () => fs.rmSync(dir, { recursive: true }));

async function load(name, room = 'lib') {
  const outfile = path.join(dir, `${room}-${name}.mjs`);
  esbuild.buildSync({ entryPoints: [path.join(work, 'src', room, name)],
    outfile, bundle: true, format: 'esm' });
  return import(pathToFileURL(outfile).href);
}

const { readManifest } = await load('image');
const { parseAnsi, plain } = await load('ansi');
const { contrast, indexed } = await load('colour');
const { walked } = await load('walk');
const { filtered, filterUnikernels, sortUnikernels, suggest, unikernelFilter,
  wrongKey } = await load('filter');
const { find, markedPieces } = await load('fuzzy');
const { deployLine, downloadLine, getLine, queryOf, quote, sampleLine,
  uploadLine } = await load('curl');
const { ciNames, ciText } = await load('ci');
const { age, ago, bytes, percent } = await load('format');
const { fieldMessage, otherErrors } = await load('problem');
const { layOut, lineAt } = await load('rows');
const { countTexts, diffLines, jump } = await load('compare');
const { fit, fitted } = await load('devices');
const { beginForm, isName, leftOf, leftWith } = await load('form');
const { localText, windowText } = await load('window');
const { aboutSeconds, duration, Rate } = await load('rate');
const { filterVolumes, holdsText, isWritten, keepLast, measured, stopText,
  whenHere, whenText } = await load('volume');
const { countUnpacked, isGzip } = await load('gzip');
const { asText, entryOf, indexOf, isNote, join, nearest, rangeOf, spotOf, spotText,
  within } = await load('log');
const { doing } = await load('state');
const { withNews } = await load('news');
const { sparkPath } = await load('spark');
const { areaPath, linePath, strideOf, thinned, tickText, timeTicks, valueTicks } =
  await load('series');
const { faultsText, gathered, rateText, tableOf, told, trimmed } = await load('metrics');
const { byWeight, pageOf: alertPage, subjectOf } = await load('alert');
const { availabilityText, categoryText, clockText, expiryOf, latencyText,
  levelMeans } = await load('instance');
const { certificatePem, isDer, readPem } = await load('pem');
const { auditQuery } = await load('audit');
const { credential } = await load('audit', 'text');
const { deviceOf } = await load('device');
const { orphans, userFilter } = await load('user');
const { held } = await load('users', 'text');
const { beyond, differences, leftFor } = await load('policy');

function image(...options) {
  const file = path.join(dir, 'image');
  execFileSync(path.join(build, 'tests/images/mkimage'), [...options, file]);
  return new Blob([fs.readFileSync(file)]);
}

test('the manifest of an image is read', async () => {
  const found = await readManifest(image('--target', 'spt', '--net', 'service',
    '--block', 'storage', '--net', 'private'));
  assert.equal(found.target, 'spt');
  assert.deepEqual(found.devices, [{ name: 'service', type: 'net' },
    { name: 'storage', type: 'block' }, { name: 'private', type: 'net' }]);
  assert.deepEqual((await readManifest(image('--target', 'hvt'))).devices, []);
});

test('no cut of an image is taken for a whole one, or throws', async () => {
  const whole = image('--target', 'hvt', '--net', 'service');
  const end = (await whole.arrayBuffer()).byteLength;
  let bad = 0;
  for (let n = 0; n < Math.min(end, 6000); n += 7)
    bad += typeof await readManifest(whole.slice(0, n)) === 'string';
  assert.ok(bad > 0);
  assert.match(await readManifest(new Blob(['#!/bin/sh\n'.repeat(20)])), /no ELF/);
});

test('random bytes behind an ELF head do no harm', async () => {
  const head = new Uint8Array(await image('--target', 'hvt').slice(0, 64)
    .arrayBuffer());
  for (let i = 0; i < 200; i++) {
    const body = crypto.getRandomValues(new Uint8Array(512));
    const found = await readManifest(new Blob([head, body]));
    assert.equal(typeof found, 'string');
  }
});

test('colours become classes, other sequences go', () => {
  assert.deepEqual(parseAnsi('a\u001b[31;1mb\u001b[0mc\u001b[2K\u0007'), [
    { text: 'a', classes: '' }, { text: 'b', classes: 'ansi-red ansi-bold' },
    { text: 'c', classes: '' }]);
  assert.equal(plain('\u001b[32mok\u001b[39m <b>'), 'ok <b>');
  assert.equal(plain('\u241b]0;a title\u2407in \u001b]8;;x\u001b\\sight'), 'in sight');
  assert.equal(plain('\u241b]never ended'), '\u241b]never ended');
});

test('all styles are known, and end where they are ended', () => {
  const classes = (line) => parseAnsi(line).map((span) => span.classes);
  assert.deepEqual(classes('\u001b[1;2;3;4;9mx\u001b[22;24my\u001b[mz'), [
    'ansi-bold ansi-dim ansi-italic ansi-underline ansi-struck',
    'ansi-italic ansi-struck', '']);
  assert.deepEqual(classes('\u001b[4:3mx\u001b[4:0my'), ['ansi-underline', '']);
  assert.deepEqual(classes('\u001b[?25mx\u001b[38;5mx'), ['', '']);
});

const rgbOf = (css) => css.match(/\d+/g).map(Number);

test('any colour can be read on any ground', () => {
  const [marked, own] = [[36, 56, 61], [12, 23, 25]];
  for (let n = 0; n < 256; n++) {
    const [{ colour, ground }] = parseAnsi(`\u001b[38;5;${n}mx`);
    assert.equal(ground, undefined);
    for (const behind of [marked, own])
      assert.ok(contrast(rgbOf(colour), behind) >= 4.5, `${n}`);
    for (const style of [`48;5;${n}`, `7;38;5;${n}`, `2;48;5;${n};38;5;${n}`,
      `37;48:2::${n}:80:${255 - n}`]) {
      const [span] = parseAnsi(`\u001b[${style}mx`);
      assert.ok(contrast(rgbOf(span.colour), rgbOf(span.ground)) >= 4.5, style);
    }
  }
});

test('a colour that can be read stays as it is', () => {
  const [a] = parseAnsi('\u001b[38;2;255;135;0mx');
  const [b] = parseAnsi('\u001b[38:2:255:135:0mx');
  const [c] = parseAnsi('\u001b[38;5;208mx');
  assert.deepEqual([a.colour, b.colour, c.colour], Array(3).fill('rgb(255 135 0)'));
  const [d] = parseAnsi('\u001b[44;38;5;15;7mx');
  assert.deepEqual([d.colour, d.ground].map(rgbOf), [[36, 114, 200], [255, 255, 255]]);
  assert.deepEqual([indexed(16), indexed(231), indexed(232), indexed(256)],
    [[0, 0, 0], [255, 255, 255], [8, 8, 8], null]);
});

test('the filter asks words and columns', () => {
  const items = ['web-1', 'web-2', 'dns'].map((name, i) => ({ name,
    instance: i ? 'b' : 'a', project: 'ada', state: 'running', digest: 'ff' }));
  const names = (text) => filterUnikernels(items, text).map((u) => u.name);
  assert.deepEqual(names('web'), ['web-1', 'web-2']);
  assert.deepEqual(names('WEB instance:b'), ['web-2']);
  assert.deepEqual(names('state:stopped'), []);
  items[1].update = { job: 'Site', available: true };
  items[2].update = { job: 'dns', available: false };
  assert.deepEqual(names('update:available'), ['web-2']);
  assert.deepEqual(names('update:unknown'), ['web-1']);
  assert.deepEqual(names('site'), ['web-2']);
  items[0].crash_loop = true;
  items[2].health = { state: 'failing' };
  assert.deepEqual(names('state:crash-loop'), ['web-1']);
  assert.deepEqual(names('state:failing'), ['dns']);
  assert.deepEqual(names('health:none'), ['web-1', 'web-2']);
  assert.deepEqual(names(''), ['web-1', 'web-2', 'dns']);
});

test('the filter knows globs, quotes, alternatives and what is not', () => {
  const items = ['web-1', 'web-2', 'my-web', 'dns'].map((name, i) => ({ name,
    instance: i ? 'b' : 'a', project: 'ada', state: i > 2 ? 'stopped' : 'running',
    digest: 'ff' }));
  const names = (text) => filterUnikernels(items, text).map((u) => u.name).join();
  assert.equal(names('web*'), 'web-1,web-2');
  assert.equal(names('*web'), 'my-web');
  assert.equal(names('name:*-1'), 'web-1');
  assert.equal(names('w*2'), 'web-2');
  assert.equal(names('*e*-*2'), 'web-2');
  assert.equal(names('web*eb-1'), '');
  assert.equal(names('"web*"'), '');
  items[3].digest = 'f'.repeat(64);
  assert.equal(names(`${'f*'.repeat(30)}z`), '');
  assert.equal(names('-web'), 'dns');
  assert.equal(names('-instance:b'), 'web-1');
  assert.equal(names('-'), 'web-1,web-2,my-web,dns');
  assert.equal(names('name:dns,my'), 'my-web,dns');
  assert.equal(names('name:dns,'), 'dns');
  assert.equal(names('"web-1 a"'), 'web-1');
  assert.equal(names('"web-1 b"'), '');
  assert.equal(names('-"b ada"'), 'web-1');
  assert.equal(names('state:'), 'web-1,web-2,my-web,dns');
  assert.equal(names('stat:running'), '');
  assert.equal(names('(web'), '');
});

test('what could come next in a filter is known', () => {
  const { columns } = unikernelFilter;
  const keys = columns.map(([key]) => key);
  const items = ['a', 'b', 'b'].map((instance) => ({ name: 'web', instance,
    project: 'ada', state: 'running' }));
  const next = (text, wide = false) => suggest(text, text.length, items, columns,
    wide).map((s) => s.text);
  assert.deepEqual(next(''), []);
  assert.deepEqual(next('', true), keys.map((key) => `${key}:`));
  assert.deepEqual(next('inst'), ['instance:']);
  assert.deepEqual(next('web -st'), ['-state:']);
  assert.deepEqual(next('instance:'), ['instance:b ', 'instance:a ']);
  assert.deepEqual(next('instance:b'), []);
  assert.deepEqual(next('instance:a,'), ['instance:a,b ']);
  assert.deepEqual(next('nothing'), []);
  assert.equal(wrongKey('web stat:x', keys), 'stat');
  assert.equal(wrongKey('web state:x', keys), '');
});

test('a few letters find what was meant', () => {
  const of = (title, note = '') => ({ title, note });
  const items = [of('Restart web', 'a / ada'), of('web', 'a / ada'),
    of('cobweb', 'host / ada'), of('Restart with changes')];
  const titles = (typed) => find(items, typed).map((hit) => hit.item.title);
  assert.deepEqual(titles('web'), ['web', 'Restart web', 'cobweb']);
  assert.deepEqual(titles('rw'), ['Restart web', 'Restart with changes']);
  assert.deepEqual(titles('web host'), ['cobweb']);
  assert.deepEqual(titles('rest web'), ['Restart web']);
  assert.deepEqual(titles('zebra'), []);
  const [hit] = find(items, 'rw');
  assert.deepEqual(markedPieces(hit.item.title, hit.marks), ['', 'R', 'estart ', 'w',
    'eb']);
});

test('entries of a log are in order, and each once', () => {
  const of = (...seqs) => seqs.map((seq) => entryOf({ seq, time: '', kind: 'line',
    text: `line ${seq}` }));
  const seqs = (entries) => entries.map((e) => e.seq).join();
  assert.equal(seqs(join(of(1, 2, 3), of(2, 3, 4))), '1,2,3,4');
  assert.equal(seqs(join(of(1, 2), of(1, 2))), '1,2');
  assert.equal(seqs(join([], of(7))), '7');
  assert.equal(seqs(join(of(7), [])), '7');
  assert.equal(indexOf(of(2, 4, 6), 4), 1);
  assert.equal(indexOf(of(2, 4, 6), 5), 2);
  assert.equal(indexOf([], 5), 0);
});

test('the nearest entry that fits is found, both ways', () => {
  const entries = [1, 2, 3, 4].map((seq) => entryOf({ seq, time: '',
    kind: seq % 2 ? 'line' : 'restarted', text: 'Ä\u001b[1mB\u001b[0m' }));
  const find = (seq, by) => nearest(entries, seq, by, isNote)?.seq;
  assert.equal(find(Infinity, -1), 4);
  assert.equal(find(4, -1), 2);
  assert.equal(find(2, -1), undefined);
  assert.equal(find(2, 1), 4);
  assert.equal(find(4, 1), undefined);
  assert.equal(entries[0].lower, 'äb');
  assert.match(asText(entries), /^ ÄB\n mollymawk: ÄB\n/);
});

test('keys walk through lines, and pick them', () => {
  const shown = [3, 4, 6, 7, 9].map((seq) => ({ seq }));
  const sight = { first: 1, last: 3, page: 2 };
  const to = (key, spot, shift = false) => walked(key, shift, spot, shown, sight);
  const at = (seq, anchor = seq, on = false) => ({ anchor, end: seq, on });
  assert.deepEqual(to('ArrowDown', null), at(4));
  assert.deepEqual(to('ArrowUp', null), at(7));
  assert.deepEqual(to('ArrowDown', at(4)), at(6));
  assert.deepEqual(to('ArrowUp', at(9)), at(7), 'it was out of sight');
  assert.deepEqual(to('PageUp', at(7)), at(4));
  assert.deepEqual([to('Home', at(6)), to('End', null)], [at(3), at(9)]);
  assert.deepEqual(to('ArrowDown', at(6), true), at(7, 6, true));
  assert.deepEqual(to('End', at(7, 3, true), true), at(9, 3, true));
  assert.deepEqual(to('ArrowUp', at(9, 3, true), true), at(7, 3, true));
  assert.deepEqual(to('ArrowUp', at(6, 3, true)), at(4), 'without it, none is picked');
  assert.deepEqual([to('x', at(6)), walked('Home', false, null, [], sight)],
    [null, null]);
});

test('lines that are picked, and their place in an address', () => {
  assert.deepEqual(rangeOf({ anchor: 9, end: 4, on: true }), [4, 9]);
  assert.deepEqual(spotOf('12'), { anchor: 12, end: 12, on: false });
  assert.deepEqual(spotOf('12-40'), { anchor: 12, end: 40, on: true });
  assert.deepEqual([null, '', 'x', '1-', '-1', '1-2-3'].map(spotOf),
    Array(6).fill(null));
  assert.equal(spotText({ anchor: 40, end: 12, on: true }), '12-40');
  const all = [1, 2, 4].map((seq) => ({ seq }));
  assert.deepEqual(within(all, 2, 4), all.slice(1));
  assert.deepEqual([within(all, 0, 2), within(all, 2, 5), within([], 1, 1)],
    [null, null, null]);
});

test('the list is ordered by a column, both ways', () => {
  const items = [['b', 64], ['a', 32], ['c', null]].map(([name, memory]) => ({
    name, config: memory && { memory } }));
  const names = (by) => sortUnikernels(items, by).map((u) => u.name).join('');
  assert.equal(names('name'), 'abc');
  assert.equal(names('-name'), 'cba');
  assert.equal(names('-memory'), 'bac');
  assert.equal(names(''), 'bac');
  assert.equal(names('nonsense'), 'bac');
});

test('what is wrong with a unikernel is said before what is right', () => {
  const word = (facts) => doing({ state: 'running', health: null, ...facts }).word;
  assert.equal(word({}), 'running');
  assert.equal(word({ health: { state: 'failing' } }), 'failing');
  assert.equal(word({ health: { state: 'failing' }, crash_loop: true }),
    'crash loop');
  assert.equal(word({ state: 'stopped', crash_loop: true }), 'crash loop');
  assert.equal(word({ state: 'unknown', crash_loop: true }), 'unknown');
  assert.match(doing({ state: 'running', crash_loop: true, restarts: 3 }).why,
    /3 times/);
});

test('what is told changes one of the list', () => {
  const of = (name, n) => ({ instance: 'a', project: 'p', name, n });
  const items = [of('b', 1), of('d', 1)];
  const told = (news) => withNews(items, news).map((u) => u.name + u.n).join();
  assert.equal(told({ item: of('d', 2) }), 'b1,d2');
  assert.equal(told({ item: of('c', 1) }), 'b1,c1,d1');
  assert.equal(told({ item: of('e', 1) }), 'b1,d1,e1');
  assert.equal(told({ item: null, ...of('b') }), 'd1');
  assert.equal(told({ item: null, ...of('never') }), 'b1,d1');
  assert.equal(items.length, 2);
});

test('the line of a small chart has gaps where nothing is known', () => {
  assert.equal(sparkPath([0, 10], 10), 'M0.0 17.0h.5L64.0 1.0');
  assert.equal(sparkPath([null, 5, null], 10), 'M32.0 9.0h.5');
  assert.equal(sparkPath([20], 10), 'M0.0 1.0h.5');
  assert.equal(sparkPath([], 10), '');
});

test('a problem finds its field', () => {
  const errors = [{ field: 'config.memory', message: 'too much' },
    { field: 'networks[1].bridge', message: 'no such bridge' },
    { field: 'arg', message: 'must be UTF-8' },
    { field: 'cpus[2]', message: 'not allowed' },
    { field: 'digest', message: 'is another' },
    { field: 'type', message: 'is unknown' }];
  assert.equal(fieldMessage(errors, 'memory'), 'too much');
  assert.equal(fieldMessage(errors, 'networks[1]'), 'no such bridge');
  assert.equal(fieldMessage(errors, 'networks[0]'), undefined);
  assert.equal(fieldMessage(errors, 'networks[10]'), undefined);
  assert.equal(fieldMessage(errors, 'arguments'), 'must be UTF-8');
  assert.equal(fieldMessage(errors, 'cpus'), '3: not allowed');
  assert.equal(fieldMessage(errors, 'image'), 'is another');
  assert.equal(fieldMessage(undefined, 'memory'), undefined);
  assert.deepEqual(otherErrors(errors, ['memory', 'networks', 'arguments',
    'cpus', 'image']).map((e) => e.field), ['type']);
  assert.deepEqual(otherErrors(undefined, []), []);
});

test('wrapped lines have their rows', () => {
  const lines = ['', 'x'.repeat(10), 'x'.repeat(11), 'x'].map((plain) =>
    ({ plain }));
  const offsets = layOut(lines, 10);
  assert.deepEqual([...offsets], [0, 1, 2, 4, 5]);
  assert.deepEqual([0, 1, 2, 3, 4, 99].map((row) => lineAt(offsets, row)),
    [0, 1, 2, 2, 3, 3]);
  assert.deepEqual([...layOut(lines, 0)], [0, 1, 2, 3, 4]);
  assert.deepEqual([...layOut([{ plain: 'x'.repeat(25), kind: 'gap' }], 10)],
    [0, 1]);
  assert.equal(lineAt(layOut([], 10), 5), 0);
});

test('the curl line survives a shell', () => {
  const form = { project: 'ada', instance: 'i1', name: 'hello', memory: '32',
    cpus: [1], args: ["--hello=it's $HOME", ''], restart: true, startup: '',
    exits: '2, 3', addName: false, check: 'tcp://:53', autoRollback: false,
    hosts: { service: 'br0' } };
  const manifest = { target: 'spt', version: 1,
    devices: [{ name: 'service', type: 'net' }, { name: 'data', type: 'block' }] };
  const line = deployLine('http://h', form, "my 'file", manifest)
    .replace(/^curl/, 'printf "%s\\n"');
  const words = execFileSync('sh', ['-c', line], { encoding: 'utf8',
    env: { MOLLYMAWK_TOKEN: 'tok' } }).trimEnd().split('\n');
  assert.deepEqual(words.slice(0, 5),
    ['-fsS', '-T', "my 'file", '-H', 'Authorization: Bearer tok']);
  const url = new URL(words[5]);
  assert.deepEqual(url.searchParams.getAll('arg'), form.args);
  // And that it is waited for.
  assert.deepEqual([...url.searchParams].length,
    queryOf(form, manifest).length + 1);
  assert.deepEqual(url.searchParams.getAll('exit_code'), ['2', '3']);
  assert.equal(url.searchParams.get('check'), 'tcp://:53');
  assert.equal(url.searchParams.get('network'), 'service:br0');
  assert.equal(url.searchParams.get('volume'), 'data');
  assert.equal(quote('plain-1.0'), 'plain-1.0');
  assert.match(deployLine('http://h', form, '-o', manifest), /-T .\/-o /);
  assert.match(sampleLine('http://h', ''), /INSTANCE\/PROJECT\/NAME\?memory=32/);
  assert.match(getLine('http://h', '/unikernels'), / http:.*\/unikernels$/);
});

test('sizes and ages read well', () => {
  assert.equal(bytes(999), '999 B');
  assert.equal(bytes(1536), '1.5 kB');
  assert.equal(bytes(200 * 1024 * 1024), '200 MB');
  const now = Date.parse('2026-01-02T00:00:00Z');
  assert.equal(age('2026-01-01T23:58:59Z', now), '1 min');
  assert.equal(age('2026-01-02T00:00:00Z', now), '0 s');
  assert.equal(age('2026-01-02T00:00:01Z', now), '0 s');
  assert.equal(age('2025-12-30T00:00:00Z', now), '3 d');
  assert.equal(ago('2026-01-01T23:59:58Z', now), 'just now');
  assert.equal(ago('2026-01-01T20:00:00Z', now), '4 h ago');
});

test('how far a version goes', () => {
  for (const [left, right, far] of [['2.0.2', '2.1.0', 'minor'],
    ['9.1.0', '10.0.2', 'major'], ['1.1', '1.1.1', 'patch'],
    ['v1.2', 'v1.3', 'minor'], ['1.1.0', '1.0.9', 'older'],
    ['4.4.1', '4.4.1_1', null], ['', '1.0', null], ['dev', '2.0', null]])
    assert.equal(jump(left, right), far, `${left} to ${right}`);
});

test('a comparison in a line of counts', () => {
  const none = { added: [], removed: [], changed: [] };
  const c = { devices: { added: [{ name: 'private', type: 'net' }], removed: [] },
    packages: { ...none, added: [{}], changed: [{}, {}, {}] }, opam: [{}],
    system_packages: none, environment: null,
    sources: { ...none, changed: ['a', 'b'] } };
  assert.deepEqual(countTexts(c), ['1 device added',
    '3 packages changed, 1 added', '1 opam file changed', '2 sources changed']);
  assert.deepEqual(countTexts({ devices: null, packages: none, opam: [],
    system_packages: null, environment: none, sources: null }), []);
});

test('the lines of a diff have their kinds', () => {
  assert.deepEqual(diffLines('--- left/a\n+++ right/a\n@@ -1 +1 @@\n-a\n--- b\n' +
    '+c\n same\n').map(({ kind, text }) => `${kind} ${text}`),
  ['place @@ -1 +1 @@', 'removed -a', 'removed --- b', 'added +c', 'same  same']);
});

test('only what an image needs and has not is asked for', () => {
  const config = { networks: [{ name: 'service', bridge: 'br0', mac: 'm' }],
    volumes: [{ name: 'old', volume: 'v', size: 2 }] };
  const devices = [{ name: 'service', type: 'net' }, { name: 'old', type: 'net' },
    { name: 'data', type: 'block' }];
  assert.deepEqual(fit(devices, config), { asked: devices.slice(1),
    dropped: [{ name: 'old', type: 'block' }] });
  assert.deepEqual(fitted(devices, config, { old: 'br1', service: 'br9' }), {
    networks: [config.networks[0], { name: 'old', bridge: 'br1' }],
    volumes: [{ name: 'data' }] });
  assert.deepEqual(fitted([{ name: 'old', type: 'block' }], config, {}).volumes,
    [{ name: 'old', volume: 'v' }]);
  assert.deepEqual(fit([], null), { asked: [], dropped: [] });
});

test('a window in UTC and here', () => {
  const window = { days: ['tue', 'wed'], from: '23:00', to: '01:30' };
  assert.equal(windowText(window), 'Tue, Wed, 23:00 to 01:30 UTC');
  assert.equal(windowText({ from: '02:00', to: '04:00' }),
    'every day, 02:00 to 04:00 UTC');
  const now = new Date('2026-11-24T12:00:00Z');
  for (const [zone, text] of [['UTC', '23:00 to 01:30 where you are'],
    ['Asia/Tokyo', '08:00 to 10:30 where you are, a day later'],
    ['America/New_York', '18:00 to 20:30 where you are']]) {
    process.env.TZ = zone;
    assert.equal(localText(window, now), text);
  }
  assert.equal(localText({ from: '2', to: '04:00' }, now), '');
});

test('how fast it goes and how long it takes', () => {
  const rate = new Rate();
  rate.add(0, 0);
  assert.equal(rate.perSecond(), null);
  rate.add(1000, 1000);
  assert.equal(rate.perSecond(), 1000);
  assert.equal(rate.left(3000), 2);
  assert.equal(rate.left(null), null);
  // What was long ago does not count.
  for (let at = 2000; at <= 20000; at += 1000) rate.add(1000 + at * 2, at);
  assert.equal(rate.perSecond(), 2000);
  rate.add(5, 21000);
  assert.equal(rate.perSecond(), null);
  assert.equal(duration(0.2), '1 s');
  assert.equal(duration(61), '2 min');
  assert.equal(duration(3600), '1 h');
  assert.equal(duration(4200), '1 h 10 min');
  assert.equal(aboutSeconds(400, null), 15);
  assert.equal(aboutSeconds(400, 4 * 2 ** 20), 105);
});

test('volumes and their copies in words', () => {
  assert.equal(holdsText(null), '\u2013');
  const held = { state: 'whole', bytes: 3 * 2 ** 20 };
  assert.equal(holdsText(held), '3.0 MB, whole');
  assert.equal(holdsText({ ...held, state: 'partial' }), 'the first 3.0 MB only');
  assert.equal(holdsText({ ...held, state: 'unknown' }), 'not known');
  const content = { ...held, state: 'unknown', operation: 7 };
  assert.ok(isWritten({ content, operation: 7 }));
  assert.ok(!isWritten({ content, operation: 8 }));
  assert.ok(!isWritten({ content: { ...content, operation: null },
    operation: null }));
  assert.ok(!isWritten({ content: null, operation: 7 }));
  assert.equal(whenText({ days: [], at: '03:00' }), 'every day at 03:00 UTC');
  assert.equal(whenText({ days: ['tue', 'sat'], at: '03:00' }),
    'Tue, Sat at 03:00 UTC');
  const now = new Date('2026-11-24T12:00:00Z');
  process.env.TZ = 'Asia/Tokyo';
  assert.equal(whenHere('23:00', now), '08:00, a day later, where you are');
  assert.equal(whenHere('23', now), '');
  assert.equal(stopText([{ name: 'web' }], 400, null),
    'web is stopped first and started again after, and away for about 15 s.');
  assert.match(stopText([{ name: 'a' }, { name: 'b' }, { name: 'c' }], 1, null),
    /^a, b and c are stopped/);
  assert.match(stopText([], 1, null), /^Who uses it is stopped/);
});

test('the pace is that of what went well there last', () => {
  const o = { kind: 'volume-save', state: 'succeeded', instance: 'i',
    bytes: 64 * 2 ** 20, created: '2026-01-01T00:00:00Z',
    ended: '2026-01-01T00:00:04Z' };
  assert.equal(measured([o], 'i'), 16 * 2 ** 20);
  for (const other of [{ instance: 'j' }, { state: 'failed' }, { ended: null },
    { kind: 'deployment' }, { bytes: 5 }])
    assert.equal(measured([{ ...o, ...other }], 'i'), null);
});

test('volumes of an instance that does not answer are kept', () => {
  const item = (instance, name) => ({ instance, project: 'p', name });
  const quota = (instance) => ({ instance, project: 'p', used: 1 });
  const silent = { instance: 'b', detail: 'away' };
  const list = (as_of, items, errors = []) => ({ as_of, items, errors,
    quotas: [...new Set(items.map((v) => v.instance))].map(quota) });
  const first = keepLast(list('1', [item('a', 'x'), item('b', 'y')]), null);
  assert.equal(first.told.size, 0);
  let now = keepLast(list('2', [item('a', 'z')], [silent]), first);
  now = keepLast(list('3', [item('a', 'z'), item('c', 'w')], [silent]), now);
  assert.deepEqual(now.items.map((v) => v.name), ['z', 'y', 'w']);
  assert.deepEqual(now.quotas.map((q) => q.instance), ['a', 'b', 'c']);
  assert.deepEqual([...now.told], [['b', '1']]);
  now = keepLast(list('4', [item('a', 'z')]), now);
  assert.deepEqual(now.items.map((v) => v.name), ['z']);
  assert.deepEqual(keepLast(list('5', [], [silent]), now).items, []);
});

test('the filter of volumes asks who uses them', () => {
  const of = (name, ...users) => ({ name, instance: 'i1', project: 'ada',
    in_use: users.length > 0, used_by: users.map((u) => ({ name: u })) });
  const items = [of('data', 'web'), of('mail'), of('spare')];
  const names = (text) => filterVolumes(items, text).map((v) => v.name).join();
  assert.equal(names(''), 'data,mail,spare');
  assert.equal(names('used:no'), 'mail,spare');
  assert.equal(names('used:web'), 'data');
  assert.equal(names('used:no name:MA'), 'mail');
  assert.equal(names('project:ada instance:i2'), '');
});

test('what a gzip file holds is counted', async () => {
  const none = new AbortController().signal;
  const whole = zlib.gzipSync(Buffer.alloc(3 << 20, 'abc'));
  const read = [];
  assert.ok(await isGzip(new Blob([whole])));
  assert.ok(!await isGzip(new Blob(['no'])));
  assert.ok(!await isGzip(new Blob([])));
  assert.equal(await countUnpacked(new Blob([whole]), (n) => read.push(n), none),
    3 << 20);
  assert.equal(read.at(-1), whole.length);
  await assert.rejects(countUnpacked(new Blob([whole.subarray(0, 100)]),
    () => {}, none));
  await assert.rejects(countUnpacked(new Blob([whole]), () => {},
    AbortSignal.abort()), { name: 'AbortError' });
});

test('curl lines for volumes', () => {
  const where = '/volumes/i/p/data';
  assert.match(uploadLine('http://h', where, '-x y', 12, [['safe', 'true']]),
    /-H 'Content-Encoding: gzip' -T '.\/-x y' .* 'http:.*data\/data\?size=12&safe=true'$/);
  assert.match(uploadLine('http://h', where), /-T disk.img .*\/data\/data$/);
  assert.match(downloadLine('http://h', where, 'a.img'), /-o a.img http:/);
});

test('a scale is round, and reaches what there is', () => {
  assert.deepEqual(valueTicks(37, 10), [0, 10, 20, 30, 40]);
  assert.deepEqual(valueTicks(1, 10), [0, 0.5, 1]);
  assert.deepEqual(valueTicks(32 * 2 ** 20, 1024),
    [0, 8, 16, 24, 32].map((n) => n * 2 ** 20));
  for (const base of [10, 1024])
    for (let most = 0.07; most < 1e13; most *= 1.37) {
      const ticks = valueTicks(most, base);
      assert.ok(ticks.at(-1) >= most * (1 - 1e-6), `${most} in ${ticks}`);
      assert.ok(ticks.at(-1) <= most * 2.6, `${most} in ${ticks}`);
      assert.ok(ticks.length >= 2 && ticks.length <= 6, `${most}: ${ticks}`);
    }
});

test('times stand at round ones of where one is, and not too many', () => {
  const to = Date.parse('2026-07-06T12:34:56Z');
  for (const hours of [2, 6, 48, 168, 2160]) {
    const from = to - hours * 3600e3;
    const { times, span } = timeTicks(from, to, 6);
    assert.ok(times.length >= 2 && times.length <= 7, `${hours}: ${times.length}`);
    assert.ok(times[0] >= from && times.at(-1) <= to);
    const minutes = new Date(times[0]).getHours() * 60 +
      new Date(times[0]).getMinutes();
    if (span <= 86400e3) assert.equal(minutes % (span / 60e3), 0);
  }
  assert.match(tickText(to, 3600e3), /^\d\d:\d\d$/);
  assert.equal(tickText(new Date(2026, 6, 1, 0, 5).getTime(), 3600e3), '00:05');
  assert.doesNotMatch(tickText(to, 86400e3), /:/);
});

test('a line ends at a gap, and a lone value is seen', () => {
  const same = (v) => v;
  assert.equal(linePath([1, 2, null, null, 3, null, 4, 5], same, same),
    'M0 1L1 2M4 3m-1.5 0h3M6 4L7 5');
  assert.equal(areaPath([1, 2, null], same, same), 'M0 0L0 1L1 2L1 0Z');
  assert.equal(linePath([null, null], same, same), '');
  assert.equal(linePath([], same, same), '');
});

test('many values are drawn as few, and a peak is not lost', () => {
  assert.equal(strideOf(8640, 500), 18);
  assert.equal(strideOf(5, 500), 1);
  assert.deepEqual(thinned([1, 3, null, null, null, 8, 9], 2, 'mean'),
    [2, null, 8, 9]);
  assert.deepEqual(thinned([1, 3, null, 90], 2, 'most'), [3, 90]);
  assert.deepEqual(thinned([null, 4], 1, 'mean'), [null, 4]);
});

test('what is measured is told, and what is not too', () => {
  assert.equal(percent(0), '0 %');
  assert.equal(percent(3.14159), '3.1 %');
  assert.equal(percent(240.4), '240 %');
  assert.equal(rateText(2048), '2.0 kB/s');
  assert.equal(faultsText(0.26), '0.3/s');
  assert.equal(told(null, percent), 'not measured');
  const rows = tableOf({ from: '2026-07-06T12:00:00Z', step: 60 },
    [{ name: 'CPU', values: [1, 3, null, null, 7], text: percent },
      { name: 'highest', values: [1, 9, null, null, 8], text: percent, most: true }],
    3);
  assert.deepEqual(rows.map((row) => row.cells), [['7.0 %', '8.0 %'],
    ['not measured', 'not measured'], ['2.0 %', '9.0 %']]);
  assert.equal(rows.at(-1).time, Date.parse('2026-07-06T12:00:00Z'));
  assert.equal(rows[0].time, Date.parse('2026-07-06T12:04:00Z'));
});

test('the time before there was anything is left out', () => {
  const values = (first) => Array.from({ length: 720 }, (_, i) =>
    (i < first ? null : i));
  const of = (first, time) => ({ range: '2h', step: 10, from: '2026-07-06T12:00:00Z',
    to: '', cpu: values(first), cpu_max: values(first), memory: values(first),
    faults: values(first), networks: [{ name: 'a', rx: values(first),
      tx: values(first) }], markers: time ? [{ time, kind: 'deployment', text: '' }] :
      [] });
  assert.equal(trimmed(of(0)).cpu.length, 720);
  assert.equal(trimmed(of(720)).cpu.length, 720);
  const late = trimmed(of(710));
  assert.deepEqual([late.cpu.length, late.networks[0].tx.length, late.cpu[20]],
    [30, 30, 710]);
  assert.equal(late.from, '2026-07-06T13:55:00.000Z');
  assert.equal(trimmed(of(500)).cpu[2], 500);
  assert.equal(trimmed(of(500, '2026-07-06T12:10:00Z')).cpu.length, 720 - 58);
});

test('what happened again and again is told once', () => {
  const at = (minute, kind, text = kind) => ({ kind, text,
    time: `2026-07-06T12:0${minute}:00Z` });
  assert.deepEqual(gathered([at(1, 'deployment'), at(2, 'restarted'),
    at(4, 'restarted'), at(3, 'restarted'), at(5, 'restarted', 'other')])
    .map((g) => [g.text, g.times, g.first.slice(14, 16)]),
  [['other', 1, '05'], ['restarted', 3, '02'], ['deployment', 1, '01']]);
});

test('alerts are told in words, the worst first, with where to look', () => {
  const alert = (id, kind, severity, since, more = {}) => ({ id, kind, severity,
    since, instance: 'i1', project: null, name: null, ...more });
  const down = alert(1, 'instance-down', 'critical', '2026-07-06T10:00:00Z');
  const check = alert(2, 'check-failing', 'warning', '2026-07-06T12:00:00Z',
    { project: 'team', name: 'web' });
  const full = alert(3, 'policy-full', 'warning', '2026-07-06T13:00:00Z',
    { project: 'team' });
  assert.deepEqual([check, full, down].sort(byWeight).map((a) => a.id), [1, 3, 2]);
  assert.deepEqual([down, check, full].map(subjectOf), ['i1', 'web', 'team on i1']);
  assert.equal(alertPage(check, false), '/unikernels/i1/team/web?tab=health');
  assert.equal(alertPage(down, true), '/instances/i1');
  assert.equal(alertPage(down, false), null);
  assert.equal(alertPage(full, false), '/unikernels?q=project:team');
});

test('files of certificates and keys', () => {
  const text = (...parts) => new TextEncoder().encode(parts.join('\n'));
  const pem = text('-----BEGIN CERTIFICATE-----', 'MIIB');
  assert.deepEqual(readPem(pem, false), { text: '-----BEGIN CERTIFICATE-----\nMIIB' });
  const der = new Uint8Array([0x30, 0x82, 0, 1, ...new Array(60).fill(7)]);
  assert.ok(isDer(der) && isDer(new Uint8Array([0x30, 2, 1, 2])));
  assert.ok(!isDer(pem) && !isDer(text('0hello')));
  assert.equal(readPem(der, false).text, certificatePem(der));
  const lines = certificatePem(der).split('\n');
  assert.equal(lines[0], '-----BEGIN CERTIFICATE-----');
  assert.equal(lines[1].length, 64);
  assert.equal(lines.at(-2), '-----END CERTIFICATE-----');
  assert.match(readPem(der, true).why, /DER/);
});

test('an instance: its clock, certificates, and what it speaks', () => {
  assert.deepEqual(clockText(null), { text: 'not seen lately', warn: false });
  assert.deepEqual(clockText(-4000), { text: 'as here', warn: false });
  assert.deepEqual(clockText(45000), { text: '45 s ahead', warn: true });
  assert.deepEqual(clockText(-3600e3), { text: '60 min behind', warn: true });
  const now = Date.parse('2026-07-01T00:00:00Z');
  const left = (days) => expiryOf(new Date(now + days * 86400e3).toISOString(), now);
  assert.deepEqual(left(31), { text: '31 days left', kind: 'good' });
  assert.deepEqual(left(29), { text: '29 days left', kind: 'warn' });
  assert.deepEqual(left(1), { text: '1 day left', kind: 'bad' });
  assert.deepEqual(left(0.5), { text: 'less than a day left', kind: 'bad' });
  assert.deepEqual(left(-1), { text: 'expired', kind: 'bad' });
  assert.match(levelMeans('2.7'), /^All/);
  assert.match(levelMeans('2.6'), /one CPU/);
  assert.match(levelMeans('2.5'), /name/);
  assert.match(levelMeans('2.1'), /nothing can be deployed/);
  assert.match(levelMeans(null), /not known/);
});

test('how an instance is in words', () => {
  assert.equal(latencyText(11.6), '12 ms');
  assert.equal(latencyText(null), '–');
  assert.equal(availabilityText(1), '100 %');
  assert.equal(availabilityText(0.99999), '99.9 %');
  assert.equal(availabilityText(null), '–');
  assert.match(categoryText('credentials'), /certificate/);
  assert.match(categoryText(undefined), /does not answer/);
});

test('what an instance has left to give, and what differs', () => {
  const policy = (memory, block) => ({ unikernels: 4, memory, block,
    cpus: [0, 1], bridges: [] });
  const capacity = { root: { ...policy(1000, 100), unikernels: 2 ** 62 },
    given: { unikernels: 8, memory: 600, block: 200 } };
  assert.equal(leftFor(capacity, undefined, 'memory'), 400);
  assert.equal(leftFor(capacity, policy(300, null), 'memory'), 700);
  assert.equal(leftFor(capacity, undefined, 'block'), 0);
  assert.equal(leftFor(capacity, undefined, 'unikernels'), null);
  assert.deepEqual(beyond(capacity, undefined, policy(400, null)), []);
  assert.deepEqual(beyond(capacity, undefined, policy(401, 1)),
    ['memory', 'block']);
  // Who raises nothing gives no more than was given.
  assert.deepEqual(beyond(capacity, policy(300, 150), policy(300, 150)), []);
  assert.deepEqual(beyond(capacity, policy(300, 150), policy(300, 151)),
    ['block']);
  assert.deepEqual(differences(policy(300, null), { ...policy(300, 5),
    cpus: [0], bridges: ['br0'] }), [
    { name: 'Volumes', ours: 'none', theirs: '5 MB' },
    { name: 'CPUs', ours: '0, 1', theirs: '0' },
    { name: 'Bridges', ours: 'none', theirs: 'br0' }]);
  assert.deepEqual(differences(policy(1, 2), policy(1, 2)), []);
});

test('a browser is known by what it says about itself', () => {
  const like = 'AppleWebKit/605.1.15 (KHTML, like Gecko)';
  for (const [agent, device] of [
    ['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
      'Firefox 128 on Linux'],
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${like} Chrome/130.0.0.0 ` +
      'Safari/537.36 Edg/130.0.0.0', 'Edge 130 on Windows'],
    [`Mozilla/5.0 (Linux; Android 14) ${like} Chrome/130.0.0.0 Mobile ` +
      'Safari/537.36', 'Chrome 130 on Android'],
    [`Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) ${like} ` +
      'Version/17.5 Mobile/15E148 Safari/604.1', 'Safari 17 on iPhone'],
    [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${like} Version/17.4 ` +
      'Safari/605.1.15', 'Safari 17 on macOS'],
    ['curl/8.5.0', 'curl 8.5'], ['node', 'node'],
    ['x'.repeat(400), 'x'.repeat(40)],
    ['', 'Unknown device'], [null, 'Unknown device'],
    ['/ strange', 'Unknown device']])
    assert.equal(deviceOf(agent), device, agent);
});

test('what of the record is asked for stands in the address', () => {
  const asked = auditQuery(new URLSearchParams(
    'actor=ada&action=&live=0&from=2026-11-29T10:00Z&to=whenever&x=y'));
  assert.deepEqual([...asked], [['actor', 'ada'],
    ['from', '2026-11-29T10:00:00.000Z'], ['to', 'whenever']]);
  assert.equal(credential({ kind: 'token', id: '3f' }), 'token 3f');
  assert.equal(credential(null), 'nothing');
});

test('people are found by what they are and where they work', () => {
  const users = [['ada', 'active', true, 'team'], ['bob', 'pending', false, 'web']]
    .map(([name, state, admin, project]) => ({ name, state, admin, email:
      `${name}@example.org`, display_name: '', projects: [{ name: project }] }));
  const found = (typed) => filtered(users, typed, userFilter).map((u) => u.name);
  assert.deepEqual(found('state:waits'), ['bob']);
  assert.deepEqual(found('project:team -is:administrator'), []);
  assert.deepEqual(found('example is:admin*'), ['ada']);
});

test('what somebody leaves with nobody is told', () => {
  const project = (name, more) => ({ name, personal: false, role: 'owner',
    other_owners: false, unikernels: [], volumes: [], ...more });
  const web = { instance: 'i1', name: 'web' };
  const leaves = { tokens: 0, sessions: 0, rules: 0, projects: [
    project('own', { personal: true }),
    project('own-full', { personal: true, unikernels: [web, web], volumes: [web] }),
    project('team'), project('shared', { other_owners: true }),
    project('guest', { role: 'viewer' })] };
  assert.deepEqual(orphans(leaves).map((p) => p.name), ['own-full', 'team']);
  assert.equal(held(leaves.projects[1]), '2 unikernels and 1 volume');
  assert.equal(held(leaves.projects[2]), 'empty');
});

test('a pipeline takes the secret from where secrets are kept', () => {
  const deploy = { origin: 'https://m.example', project: 'team', instance: 'box' };
  for (const [ci] of ciNames) {
    const text = ciText(ci, deploy);
    assert.match(text, /-T dist\/app\.hvt/);
    assert.match(text, /Bearer \$MOLLYMAWK_TOKEN/);
    assert.match(text, /https:\/\/m\.example\/api\/v1\/unikernels\/box\/team\/NAME/);
    assert.doesNotMatch(text, /mmk_|\t/);
  }
  assert.match(ciText('github', deploy), /\$\{\{ secrets\.MOLLYMAWK_TOKEN \}\}/);
});

test('what is left makes room for what is replaced', () => {
  const usage = { policy: { unikernels: 2, memory: 64, block: null, cpus: [0],
    bridges: [] }, used: { unikernels: 2, memory: 48, block: 0 } };
  assert.deepEqual(leftOf(usage, null), { policy: usage.policy, unikernels: 0,
    memory: 16, block: null });
  const left = leftOf(usage, { state: 'running', config: { memory: 32 } });
  assert.equal(left.unikernels, 1);
  assert.equal(left.memory, 48);
  assert.equal(leftWith(left, '50'), -2);
  assert.equal(leftWith(left, 'many'), null);
  assert.equal(leftOf(usage, { state: 'stopped', config: null }).memory, 16);
});

test('a deploy form begins like what is named', () => {
  const projects = [{ name: 'idle', policies: [] },
    { name: 'shop', policies: [{ instance: 'a' }] }];
  const fresh = beginForm(projects, { query: new URLSearchParams(), config: null,
    same: false });
  assert.deepEqual([fresh.project, fresh.instance, fresh.memory],
    ['shop', 'a', '32']);
  const config = { memory: 48, startup: 50, networks: [{ name: 'service',
    bridge: 'service', mac: '02:00:00:00:00:01' }],
  volumes: [{ name: 'data', volume: 'disk', sector_size: 4096 }] };
  const begin = (same) => beginForm(projects, { config, same,
    query: new URLSearchParams('project=idle&instance=b&name=web') });
  assert.deepEqual(begin(false).hosts, { service: '', data: 'disk@4096' });
  assert.equal(begin(true).hosts.service, '@02:00:00:00:00:01');
  assert.equal(begin(true).startup, '');
});

test('names as albatross takes them', () => {
  assert.deepEqual(['web', 'a.b-1', '-a', '..', 'a_b', '', 'x'.repeat(64)]
    .filter(isName), ['web', 'a.b-1']);
});

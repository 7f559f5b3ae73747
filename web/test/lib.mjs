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

const build = process.env.top_builddir;
const work = path.join(build, 'web/work/web');
const esbuild = createRequire(path.join(work, 'package.json'))('esbuild');
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mollymawk-web-'));
process.on('exit', () => fs.rmSync(dir, { recursive: true }));

async function load(name) {
  const outfile = path.join(dir, `${name}.mjs`);
  esbuild.buildSync({ entryPoints: [path.join(work, `src/lib/${name}.ts`)],
    outfile, bundle: true, format: 'esm' });
  return import(pathToFileURL(outfile).href);
}

const { readManifest } = await load('image');
const { parseAnsi, plain } = await load('ansi');
const { filterUnikernels } = await load('filter');
const { deployLine, queryOf, quote } = await load('curl');
const { age, bytes } = await load('format');

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
});

test('the filter asks words and columns', () => {
  const items = ['web-1', 'web-2', 'dns'].map((name, i) => ({ name,
    instance: i ? 'b' : 'a', project: 'ada', state: 'running', digest: 'ff' }));
  const names = (text) => filterUnikernels(items, text).map((u) => u.name);
  assert.deepEqual(names('web'), ['web-1', 'web-2']);
  assert.deepEqual(names('WEB instance:b'), ['web-2']);
  assert.deepEqual(names('state:stopped'), []);
  assert.deepEqual(names(''), ['web-1', 'web-2', 'dns']);
});

test('the curl line survives a shell', () => {
  const form = { project: 'ada', instance: 'i1', name: 'hello', memory: '32',
    cpus: [1], args: ["--hello=it's $HOME", ''], restart: true, startup: '',
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
  assert.deepEqual([...url.searchParams].length, queryOf(form, manifest).length);
  assert.equal(url.searchParams.get('network'), 'service:br0');
  assert.equal(url.searchParams.get('volume'), 'data');
  assert.equal(quote('plain-1.0'), 'plain-1.0');
});

test('sizes and ages read well', () => {
  assert.equal(bytes(999), '999 B');
  assert.equal(bytes(1536), '1.5 kB');
  assert.equal(bytes(200 * 1024 * 1024), '200 MB');
  const now = Date.parse('2026-01-02T00:00:00Z');
  assert.equal(age('2026-01-01T23:58:59Z', now), '1 min');
  assert.equal(age('2026-01-02T00:00:00Z', now), 'just now');
});

// SPDX-License-Identifier: ISC
// What strings.mjs takes for words people read, and what not.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

const { words } = await import(pathToFileURL(
  path.resolve(process.env.top_builddir, 'web/work/web/strings.mjs')).href);
const found = (source, name = 'x.tsx') =>
  words(name, source).map(({ text }) => text);

test('words between tags and in attributes that are read are found', () => {
  assert.deepEqual(found('<p>none <b>3</b></p>'), ['none']);
  assert.deepEqual(found('<a title="gone">{n}</a>'), ['gone']);
  assert.deepEqual(found('<Fact name="Memory" kind="bad" />'), ['Memory']);
  assert.deepEqual(found('<p>{on ? "yes" : `no ${why}`}</p>'), ['yes', 'no …']);
  assert.deepEqual(found('<p>{gone && "gone"}</p>'), ['gone']);
  assert.deepEqual(found('const a = { title: "gone", class: "is gone" };'),
    ['gone']);
});

test('words in code are found by their look', () => {
  assert.deepEqual(found('const a = ["Last week", "It ended."];'),
    ['Last week', 'It ended.']);
  assert.deepEqual(found('throw new Error(`no answer from ${host}`);'),
    ['no answer from …']);
  assert.deepEqual(found('const close = "Close";'), ['Close']);
  assert.deepEqual(found('toast("done");'), ['done']);
});

test('names, keys, paths, classes and drawings are no words', () => {
  for (const source of ['<p class={on ? "field bad" : `row ${x} end`}>{n}</p>',
    '<path d={`M${x} ${y}L${z} 0`} />', '<Icon name="plus" />', '<p>{" "}–</p>',
    'import { a } from "../lib/two words";', 'get("/api/v1/users?a=b c");',
    'if (e.key === "Enter" || kind === "New Kind") go("/tokens");',
    'type A = "One" | "Two words";', 'switch (a) { case "Two words": }',
    'box.querySelector("ul > li a");', 'const a = "ul.bad :is(input, select)";', '// not prose: a header\nset("Last Modified");'])
    assert.deepEqual(found(source), [], source);
});

test('words in a stylesheet are found', () => {
  assert.deepEqual(found('a::before { content: "Used by "; }\n' +
    'b::after { content: ""; }', 'x.css'), ['Used by ']);
});

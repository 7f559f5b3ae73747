// SPDX-License-Identifier: ISC
// Colours, spaces, sizes and weights of type come from the tokens alone.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const source = path.join(process.env.top_srcdir, 'web/src');
const spaces = /^(padding|margin|gap|row-gap|column-gap)(-\w+)*$/;

/** What a stylesheet says itself that a token should say. */
function raw(css) {
  const found = [];
  const bare = css.replace(/\/\*[^]*?\*\//g, (c) => c.replace(/[^\n]/g, ' '));
  for (const m of bare.matchAll(/(?<=[{;]\s*)([\w-]+):\s*([^;{}]+)/g)) {
    const [, name, value] = m;
    if (name.startsWith('--')) continue;
    const wrong = /#[0-9a-f]{3,8}\b|\brgb\(/i.test(value) ||
      (name === 'font-size' && /\d(rem|px)/.test(value)) ||
      (name === 'font-weight' && /\d/.test(value)) ||
      // A hair of one pixel is no space.
      (spaces.test(name) && /(?<![\w.])(?!1px)[\d.]*\d(rem|px)/.test(value));
    if (wrong) found.push(`${name}: ${value}`.replace(/\s+/g, ' '));
  }
  return found;
}

test('every stylesheet takes its values from the tokens', () => {
  const wrong = fs.readdirSync(source, { recursive: true })
    .filter((name) => name.endsWith('.css'))
    .flatMap((name) => raw(fs.readFileSync(path.join(source, name), 'utf8'))
      .map((what) => `${name}: ${what}`));
  assert.deepEqual(wrong, []);
});

test('what is no token is found', () => {
  assert.deepEqual(raw('a { color: #fff; padding: 0 .3rem; gap: var(--s1); }' +
    'b { font-size: 12px; font-weight: 600; margin: -1px auto 0; }'),
  ['color: #fff', 'padding: 0 .3rem', 'font-size: 12px', 'font-weight: 600']);
});

// SPDX-License-Identifier: ISC
// Fails when the first load of the built pages outgrows its budget.
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

const dist = process.argv[2];
const budget = { js: 35 * 1024, css: 10 * 1024 };
const html = fs.readFileSync(path.join(dist, 'index.html'), 'utf8');
const sums = { js: 0, css: 0 };
for (const [, file] of html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)) {
  const kind = path.extname(file).slice(1);
  if (kind in sums)
    sums[kind] += zlib.gzipSync(fs.readFileSync(path.join(dist, file)),
      { level: 9 }).length;
}
let over = false;
for (const [kind, sum] of Object.entries(sums)) {
  console.log(`first load, ${kind}: ${sum} of ${budget[kind]} bytes (gzip)`);
  over ||= sum > budget[kind] || sum === 0;
}
process.exit(over ? 1 : 0);

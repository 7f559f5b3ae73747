// SPDX-License-Identifier: ISC
// The pages there are, as web/src/routes.tsx has them: for walks over all.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';

const table = fs.readFileSync(path.join(process.env.top_srcdir ?? '.',
  'web/src/routes.tsx'), 'utf8');

/** [{pattern: '/volumes/*', who: 'anyone' | 'member' | 'admin'}, ...] */
export const routes = [...table.matchAll(
  /\{ pattern: '([^']+)',.*?\bwho: '(\w+)'/gs)].map(([, pattern, who]) =>
  ({ pattern, who }));

assert.equal(routes.length, table.split("{ pattern: '").length - 1);
assert.ok(routes.length > 20);

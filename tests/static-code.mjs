// SPDX-License-Identifier: ISC
// The house rules a machine can check. Each rule is a function from a file's
// path and text to what it finds, and each is shown here to bite.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const top = process.env.top_srcdir ?? '.';

function* walk(dir) {
  for (const entry of fs.readdirSync(path.join(top, dir), { withFileTypes: true })) {
    const name = path.join(dir, entry.name);
    if (entry.isDirectory()) {
      if (!/^(build.*|\.git|node_modules|autom4te\.cache|work|dist)$/.test(entry.name))
        yield* walk(name);
    } else if (entry.isFile() && entry.name !== '.git') yield name;
  }
}

const files = [...walk('.')].filter((name) =>
  !/^(configure|aclocal\.m4|Makefile\.in|config\.h)|schema\.d\.ts$|~$/.test(name));
const isC = (name) => /\.[ch]$/.test(name);
const head = (name) => {
  const file = path.join(top, name);
  return fs.existsSync(file) ? fs.readFileSync(file, 'latin1').slice(0, 100) : '';
};
/** A shell script of ours; build-aux/ is automake's. */
const isScript = (name) => !name.startsWith('build-aux/') &&
  /^#!.*\b(ba)?sh\b/.test(head(name));
const lines = (text, find) => text.split('\n').flatMap((line, i) => {
  const what = find(line);
  return what ? [`${i + 1}: ${what}`] : [];
});
/** C without comments and the contents of strings. */
const bare = (text) => text
  .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
  .replace(/"(?:\\.|[^"\\\n])*"/g, '""');

/** Which folders each folder's sources may include from. */
const arrows = {
  base: ['base'],
  albatross: ['base', 'albatross'],
  auth: ['base', 'albatross', 'auth'],
  fcgi: ['base', 'albatross', 'fcgi'],
};

const rules = {
  'includes follow the arrows': {
    of: (name) => isC(name) && name.split('/')[0] in arrows,
    find: (name, text) => lines(text, (line) => {
      const [, file] = line.match(/^#\s*include "([^"]+)"/) ?? [];
      const room = file?.split('/')[0];
      if (!file || !(room in arrows) || file === 'auth/client.h' &&
        name.startsWith('fcgi/')) return null;
      return arrows[name.split('/')[0]].includes(room) ? null :
        `includes ${file}`;
    }),
    bad: [['albatross/x.c', '#include "auth/store.h"'],
      ['fcgi/x.c', '#include "auth/store.h"'],
      ['auth/x.c', '#include "fcgi/app.h"'],
      ['base/x.c', '#include "albatross/name.h"']],
  },
  'each library stays in its room': {
    of: (name) => isC(name) && name.split('/')[0] in arrows,
    find: (name, text) => lines(text, (line) => {
      const [, file] = line.match(/^#\s*include <([^>]+)>/) ?? [];
      const only = { 'jwt.h': 'auth', 'argon2.h': 'auth', 'sqlite3.h': 'base',
        'seccomp.h': 'auth', 'fcgiapp.h': 'fcgi', 'curl/curl.h': 'fcgi',
        'ares.h': 'fcgi' }[file];
      if (only && !name.startsWith(`${only}/`)) return `${file} outside ${only}/`;
      if (/^arpa|^netdb|^netinet/.test(file ?? '') && name.startsWith('auth/'))
        return `${file} in auth/: the authority has no network`;
      return null;
    }),
    bad: [['fcgi/x.c', '#include <jwt.h>'], ['auth/x.c', '#include <netdb.h>']],
  },
  'no TLS session outside albatross/': {
    of: (name) => /^(base|auth|fcgi)\/.*\.[ch]$/.test(name),
    find: (_, text) => lines(bare(text), (line) =>
      /\bgnutls_(handshake|init|record_\w+|transport_\w+)\s*\(/.test(line) &&
      line.trim()),
    bad: [['fcgi/x.c', 'gnutls_handshake(s);']],
  },
  'fcgi/ uses GnuTLS for digests only': {
    of: (name) => /^fcgi\/.*\.[ch]$/.test(name),
    find: (_, text) => lines(text, (line) =>
      /^#\s*include <gnutls\/(?!gnutls\.h|crypto\.h)/.test(line) && line),
    bad: [['fcgi/x.c', '#include <gnutls/x509.h>']],
  },
  'every source says its licence': {
    of: (name) => /\.(c|h|mjs|ts|tsx|css|asn|sh|yaml|conf|conf\.in|lds)$/
      .test(name) || /(^|\/)(Makefile\.am|configure\.ac)$/.test(name) ||
      isScript(name),
    find: (_, text) => /SPDX-License-Identifier: ISC/.test(text.slice(0, 300)) ?
      [] : ['no SPDX line at the top'],
    bad: [['base/x.c', 'int x;'], ['tools/demo', '#!/bin/bash\n']],
  },
  'no function that invites overflow': {
    of: isC,
    find: (_, text) => lines(bare(text), (line) =>
      /(^|[^\w.>])(strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|alloca|strtok)\s*\(/
        .exec(line)?.[2]),
    bad: [['base/x.c', 'strcpy(a, b);'], ['base/x.c', 'n = atoi(s);']],
  },
  'no promise to do it later': {
    of: (name) => !name.endsWith('static-code.mjs'),
    find: (_, text) => lines(text, (line) =>
      /\b(TODO|FIXME|XXX|HACK)\b/.exec(line)?.[0]),
    bad: [['web/src/x.ts', '// TODO: later']],
  },
  'C lines fit in 80 columns': {
    of: isC,
    find: (_, text) => lines(text, (line) => {
      let column = 0;
      if (/^\s*"[^ ]*",?;?$/.test(line)) return null; // one long word
      for (const c of line)
        column = c === '\t' ? (Math.floor(column / 8) + 1) * 8 : column + 1;
      return column > 80 ? `${column} columns` : null;
    }),
    bad: [['base/x.c', `\t${'x'.repeat(73)}`]],
  },
  'no trailing blanks': {
    of: (name) => isC(name) || /\.(mjs|ts|tsx|css|am|yaml)$/.test(name),
    find: (_, text) => lines(text, (line) => /[ \t]$/.test(line) && 'blank'),
    bad: [['base/x.c', 'int x; ']],
  },
  'no function beyond 100 lines': {
    of: (name) => name.endsWith('.c'),
    find: (_, text) => {
      const found = [];
      let start = 0;
      text.split('\n').forEach((line, i) => {
        if (line === '{') start = i;
        if (line === '}' && i - start > 100)
          found.push(`${start + 1}: ${i - start} lines`);
      });
      return found;
    },
    bad: [['base/x.c', `int\nf(void)\n{\n${'x;\n'.repeat(101)}}\n`]],
  },
  'a definition has its type on a line of its own': {
    of: (name) => name.endsWith('.c'),
    find: (_, text) => {
      const all = bare(text).split('\n');
      return all.flatMap((line, i) => /^[a-z_][\w ]* \**\w+\([^;]*$/.test(line) &&
        !/^(struct|enum|union) \w+ \w+\[|^__|=/.test(line) &&
        all.slice(i, i + 6).findIndex((l) => l === '{') > 0 &&
        !all.slice(i, i + 6).join('\n').split('\n{')[0].includes(';') ?
        [`${i + 1}: ${line}`] : []);
    },
    bad: [['base/x.c', 'static int x(int y)\n{\n}\n'],
      ['base/x.c', 'char *x(int y,\n\tint z)\n{\n}\n']],
  },
  'no path of one machine': {
    of: (name) => !name.endsWith('static-code.mjs'),
    find: (_, text) => lines(text, (line) =>
      /(^|[\s"'`(=:])\/(work|root|home)\/\w+/.exec(line)?.[0]),
    bad: [['README.md', 'see /work/x']],
  },
  'main.c starts things and nothing else': {
    of: (name) => /^(auth|fcgi)\/main\.c$/.test(name),
    find: (_, text) => text.split('\n').length > 250 ? ['too long'] : [],
    bad: [['fcgi/main.c', '\n'.repeat(260)]],
  },
  'the SPA writes no HTML and asks no other host': {
    of: (name) => /^web\/(src|index\.html)/.test(name),
    find: (_, text) => lines(text, (line) =>
      /dangerouslySetInnerHTML|innerHTML|outerHTML|document\.write|\beval\(|https?:\/\/(?!www\.w3\.org)/
        .exec(line)?.[0]),
    bad: [['web/src/x.tsx', '<p dangerouslySetInnerHTML={x} />'],
      ['web/src/x.ts', "import 'https://cdn.example/x.js'"]],
  },
  'only api.ts fetches': {
    of: (name) => /^web\/src\/.*\.tsx?$/.test(name) && name !== 'web/src/api.ts',
    find: (_, text) => lines(text, (line) =>
      /\b(fetch\(|XMLHttpRequest)/.exec(line)?.[0]),
    bad: [['web/src/pages/x.tsx', 'await fetch("/api")']],
  },
  'lock files name no registry': {
    of: (name) => name.endsWith('package-lock.json'),
    find: (_, text) => lines(text, (line) => /"resolved"/.test(line) && line.trim()),
    bad: [['web/package-lock.json', '"resolved": "x"']],
  },
};

for (const [name, rule] of Object.entries(rules)) {
  test(name, () => {
    for (const [file, text] of rule.bad)
      assert.ok(rule.of(file) && rule.find(file, text).length > 0,
        `the rule does not bite: ${file}: ${text.slice(0, 60)}`);
    const found = files.filter(rule.of).flatMap((file) =>
      rule.find(file, fs.readFileSync(path.join(top, file), 'utf8'))
        .map((what) => `${file}:${what}`));
    assert.deepEqual(found, []);
  });
}

/** Pictures that a text names, and those of a list that it does not. */
const named = (text) => [...text.matchAll(/[\w/-]+\.(?:webp|png)/g)]
  .map(([name]) => path.basename(name));
const pictureFaults = (text, pictures) => [
  ...named(text).filter((name) => !pictures.includes(name))
    .map((name) => `${name} is not there`),
  ...pictures.filter((name) => !named(text).includes(name))
    .map((name) => `${name} is not named`)];

test('the handbook and its pictures are of one mind', () => {
  assert.deepEqual(pictureFaults('![x](pictures/a.webp)', ['b.webp']),
    ['a.webp is not there', 'b.webp is not named'], 'the rule does not bite');
  const text = ['README.md', 'doc/handbook.md'].map((file) =>
    fs.readFileSync(path.join(top, file), 'utf8')).join('\n');
  assert.deepEqual(pictureFaults(text, fs.readdirSync(
    path.join(top, 'doc/pictures'))), []);
});

test('shell scripts parse', () => {
  const scripts = files.filter(isScript);
  assert.ok(scripts.length >= 4);
  for (const script of scripts)
    execFileSync('bash', ['-n', path.join(top, script)]);
  const bad = spawnSync('bash', ['-n'], { input: 'if true; then\n' });
  assert.notEqual(bad.status, 0, 'the rule does not bite');
});

// SPDX-License-Identifier: ISC
// Every element in all its states: built as for developers, served by itself,
// and held against axe, widths, sizes of targets, colours that are forced, more
// contrast, and paper.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { build } from '../api/stack.mjs';
import { visit } from './browser.mjs';
import { hasFocus } from './reach.mjs';

const policy = fs.readFileSync(path.join(process.env.top_srcdir,
  'nginx/mollymawk-locations.conf'), 'utf8')
  .match(/Content-Security-Policy "([^"]+)"/)[1];
const types = { '.html': 'text/html', '.js': 'text/javascript',
  '.css': 'text/css', '.svg': 'image/svg+xml' };

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mollymawk-gallery-'));
let server, v;

/** The built files, as nginx serves them; nobody is signed in. */
function serve(request, response) {
  const { pathname } = new URL(request.url, 'http://gallery');
  if (pathname.startsWith('/api/')) return response.writeHead(401).end();
  const kind = path.extname(pathname) || '.html';
  const file = path.join(dir, kind === '.html' ? 'index.html' : pathname);
  if (!fs.existsSync(file)) return response.writeHead(404).end();
  response.writeHead(200, { 'Content-Type': types[kind],
    'Content-Security-Policy': policy });
  return response.end(fs.readFileSync(file));
}

before(async () => {
  const work = path.join(build, 'web/work/web');
  execFileSync(path.join(work, 'node_modules/.bin/vite'), ['build', '--mode',
    'development', '--logLevel', 'warn', '--emptyOutDir', '--outDir', dir],
  { cwd: work });
  server = http.createServer(serve);
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  v = await visit({ url: `http://127.0.0.1:${server.address().port}` });
  await open();
});
after(async () => {
  await v?.close();
  server?.close();
  fs.rmSync(dir, { recursive: true });
});

async function open() {
  await v.page.goto(`http://127.0.0.1:${server.address().port}/gallery`);
  await v.heading('Gallery').waitFor();
}

test('the product has no gallery', () => {
  const names = fs.readdirSync(path.join(build, 'web/dist/assets'));
  assert.deepEqual(names.filter((name) => /gallery/i.test(name)), []);
});

test('axe finds nothing, in both themes, and it fits a phone', async () => {
  await v.look('gallery');
  await v.fits('gallery', 320);
  await v.page.emulateMedia({ contrast: 'more' });
  await v.audit('gallery with more contrast', 'light');
  await v.audit('gallery with more contrast', 'dark');
  await v.page.emulateMedia({ contrast: null, colorScheme: 'light' });
});

test('all that is pressed is at least 24 pixels high and wide', async () => {
  for (const width of [1280, 390]) {
    await v.page.setViewportSize({ width, height: 844 });
    // Links within a sentence are as high as its lines.
    const small = await v.page.evaluate(() => [...document.querySelectorAll(
      'button, a.button, [role=tab], select, summary, label:has(input), ' +
      'input:not([type=radio], [type=checkbox], [type=file]), [role=slider]')]
      .map((e) => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
      .filter(([, r]) => r.width > 0 && (r.width < 23.9 || r.height < 23.9))
      .map(([html, r]) => `${html}: ${r.width} x ${r.height}`));
    assert.deepEqual(small, [], `at ${width}`);
  }
});

test('where colours are forced, states are told by lines', async () => {
  await v.page.emulateMedia({ forcedColors: 'active' });
  const said = await v.page.evaluate(() => {
    const of = (selector) => getComputedStyle(document.querySelector(selector));
    return { badge: of('.badge').borderTopStyle,
      tab: of('[role=tab][aria-selected=true]').outlineStyle,
      other: of('[role=tab][aria-selected=false]').outlineStyle,
      pressed: of('button[aria-pressed=true]').outlineStyle,
      chosen: of('.segments label:has(:checked)').outlineStyle,
      meter: of('progress').borderTopStyle };
  });
  assert.deepEqual(said, { badge: 'solid', tab: 'solid', other: 'none',
    pressed: 'solid', chosen: 'solid', meter: 'solid' });
  await v.page.screenshot({ fullPage: true,
    path: path.join(build, 'tests/e2e/pictures/gallery-forced.png') });
  await v.page.emulateMedia({ forcedColors: null });
});

test('on paper nothing is cut off, and there is nothing to press', async () => {
  await v.page.emulateMedia({ media: 'print' });
  const seen = await v.page.evaluate(() => ({
    buttons: [...document.querySelectorAll('button:not(.digest, .sort)')]
      .filter((e) => e.checkVisibility()).length,
    cut: [...document.querySelectorAll('.table, .diff')]
      .filter((e) => getComputedStyle(e).overflowX !== 'visible').length }));
  await v.page.emulateMedia({ media: null });
  assert.deepEqual(seen, { buttons: 0, cut: 0 });
});

test('type that is twice as large still fits', async () => {
  await v.onScreen();
  const wide = await v.page.evaluate(() => {
    document.documentElement.style.fontSize = '175%';
    const root = document.documentElement;
    return root.scrollWidth - root.clientWidth;
  });
  await v.page.evaluate(() => { document.documentElement.style.fontSize = ''; });
  assert.ok(wide <= 0, `${wide} pixels too wide`);
});

test('the arrow keys walk over tabs, Enter shows one, back returns', async () => {
  const tab = (name) => v.page.getByRole('tab', { name });
  await tab('log').focus();
  await v.press('ArrowRight');
  assert.equal(await tab('log').getAttribute('aria-selected'), 'true');
  await v.press('Enter');
  await v.page.getByText('What metrics shows.').waitFor();
  assert.equal(await tab('metrics').getAttribute('tabindex'), '0');
  await v.press('End', ' ');
  await v.page.getByText('What update shows.').waitFor();
  await v.press('ArrowRight');
  assert.ok(await hasFocus(tab('log')));
  await v.page.goBack();
  await v.page.getByText('What metrics shows.').waitFor();
});

test('only a table that is too large is a stop, and scrolls by keys', async () => {
  const wide = v.page.getByRole('region', { name: 'Wide' });
  await wide.focus();
  await v.press('ArrowRight');
  await v.page.waitForFunction(() => document.querySelector(
    '[role=region][aria-label=Wide]').scrollLeft > 0);
  assert.equal(await v.page.getByRole('region', { name: 'Small' }).count(), 0);
  await v.page.getByRole('table', { name: 'Small' }).waitFor();
});

test('a click beside a dialog closes it, but not what was typed', async () => {
  const beside = async () => {
    // So soon, a click was meant for what lay there before.
    await v.page.waitForTimeout(600);
    await v.page.mouse.click(5, 5);
  };
  await v.button('Dialog').click();
  await beside();
  await v.dialog().waitFor({ state: 'detached' });
  await v.button('Dialog').click();
  await v.type('data');
  await beside();
  assert.equal(await v.dialog().getByLabel('Name').inputValue(), 'data');
  await v.audit('a dialog', 'light');
  await v.press('Escape');
  await v.dialog().waitFor({ state: 'detached' });
});

test('what is out of date says since when, and why', async () => {
  await v.page.getByText(/^As it was 12 min ago\. The server can not be reached\./)
    .waitFor();
  await v.button('Ask again').click();
  await v.page.getByText('Asked again').waitFor();
});

test('no page broke a policy', () => assert.deepEqual(v.complaints, []));

// SPDX-License-Identifier: ISC
// Watching in a browser: the list changes while one looks at it; a long log is
// scrolled, searched and followed, over all that may end a stream.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Stack, makeDir, until } from '../api/stack.mjs';
import { visit } from './browser.mjs';
import { keepLog } from './history.mjs';

const LINES = 100_000, NEEDLE = 1234, MARK = 40_000;
/** Lines as other terminals colour them, in place of some. */
const COLOURED = 2000;
const coloured = ['\x1b[31mred\x1b[0m \x1b[1;92mbold green\x1b[m \x1b[2;36mdim cyan',
  '\x1b[3;4;35mitalic and underlined\x1b[23;24m, \x1b[9mstruck\x1b[29;39m, ' +
    '\x1b[7minverse\x1b[27m, \x1b[33;7minverse yellow',
  ...[16, 52, 88, 124, 160, 196].map((n) => `256: ${Array.from({ length: 36 },
    (_, i) => `\x1b[38;5;${n + i}m${n + i} `).join('')}`),
  `grounds: ${Array.from({ length: 16 }, (_, i) =>
    `\x1b[48;5;${i}m ${i} \x1b[0m`).join(' ')}`,
  `true colours: ${Array.from({ length: 64 }, (_, i) =>
    `\x1b[38;2;${4 * i};${255 - 4 * i};160m#`).join('')}`,
  '\x1b[41;97mERROR\x1b[0m \x1b[43;30mWARNING\x1b[0m \x1b[48;2;0;0;128;34mblue in blue'];
/** Longer than that the page may not be busy at once, however slow it runs. */
const BUSY_MS = 1000;

let stack, visitor, page, look, button, within, signIn;

/** Lines that were kept before: of a second each, up to a while ago. */
function keepLines(dir, place) {
  const begin = Date.now() - (LINES + 3600) * 1000;
  const entries = Array.from({ length: LINES }, (_, i) => {
    const seq = i + 1, ms = begin + seq * 1000;
    if (seq === MARK)
      return { seq, ms, kind: 'deployment', text: 'deployment 1 by ada',
        deployment: 1 };
    return { seq, ms, text: seq === NEEDLE ? 'a needle in it' :
      coloured[seq - COLOURED] ?? `line ${seq} of an earlier day` };
  });
  keepLog(path.join(dir, 'state'), place, entries,
    (seq) => seq === LINES / 2 + 1);
}

before(async () => {
  const dir = makeDir();
  keepLines(dir, 'sandbox/admin/talker');
  stack = await Stack.start(dir);
  assert.deepEqual([stack.instance, stack.project], ['sandbox', 'admin']);
  await stack.control('stats interval 1000');
  assert.equal((await stack.deploy('talker')).status, 201);
  visitor = await visit(stack);
  ({ page, look, button, within, signIn } = visitor);
  await page.goto(`${stack.url}/unikernels`);
  await signIn();
  await page.evaluate(() => { globalThis.stillHere = true; });
});
after(async () => {
  await visitor?.close();
  await stack?.stop();
});

const row = (name) => page.getByRole('row').filter({ has:
  page.getByRole('link', { name, exact: true }) });
const rows = () => page.getByRole('log').locator('.log-row');
const search = () => page.getByLabel('Search the log');
const box = () => page.getByRole('log');

/** What the lines in sight say. */
const texts = () => rows().evaluateAll((all) => all.map((r) =>
  r.lastElementChild.textContent));

/** The numbers of its own lines in sight. */
const ticks = async () => (await texts()).filter((t) => t.startsWith('tick '))
  .map((t) => Number(t.slice(5)));

/** The newest lines in sight follow each other, each once. */
async function assertWhole(numbers) {
  assert.ok(numbers.length > 1, 'nothing is in sight');
  assert.deepEqual(numbers, numbers.map((_, i) => numbers[0] + i));
}

/** Waits until so many lines more are there. */
async function moreTicks(n) {
  const last = (await ticks()).at(-1) ?? 0;
  await until(async () => (await ticks()).at(-1) >= last + n, `${n} more lines`,
    30000);
}

test('what begins to run appears', async () => {
  await row('talker').getByText('running').waitFor();
  await page.locator('.asof').getByText('live').waitFor();
  assert.equal((await stack.deploy('brief', stack.sample, '?memory=32&' +
    'fail_behaviour=quit&arg=--exit-after=10:1')).status, 201);
  await row('brief').getByText('running').waitFor();
});

test('what ends by itself is shown as stopped, since when', async () => {
  await row('brief').getByText('stopped', { exact: true }).waitFor();
  await row('brief').getByText('ago').waitFor();
});

test('what is started again and again is told as a crash loop', async () => {
  assert.equal((await stack.deploy('loop', stack.sample, '?memory=32&' +
    'fail_behaviour=restart&arg=--exit-after=5:2')).status, 201);
  await row('loop').getByText('crash loop').waitFor({ timeout: 120000 });
  await row('loop').getByText('×').waitFor();
  await page.getByText('in trouble').waitFor();
});

test('what it uses is drawn and told', async () => {
  await row('talker').locator('.cpu').getByText('%').waitFor({ timeout: 60000 });
  await row('talker').locator('.memory').getByText('/ 32 MB').waitFor();
  await row('talker').locator('.spark.cpu path').waitFor({ state: 'attached',
    timeout: 120000 });
});

test('all of it without a reload', async () => {
  assert.ok(await page.evaluate(() => globalThis.stillHere));
});

test('a log is followed to its end', async () => {
  await row('talker').getByRole('link', { name: 'talker' }).click();
  await page.locator('.stream.live').waitFor();
  await moreTicks(2);
  await assertWhole((await ticks()).slice(-5));
  assert.ok(await page.evaluate(() => globalThis.stillHere));
});

test('scrolling up stops following, and all of it can be had', async () => {
  await box().evaluate((el) => { el.scrollTop -= 600; });
  await button('To the end').waitFor();
  const [top] = await texts();
  await moreLoaded(2);
  assert.equal((await texts())[0], top, 'the lines stay where they are');
  await until(async () => {
    await box().evaluate((el) => { el.scrollTop = 0; });
    return (await texts())[0] === 'line 1 of an earlier day';
  }, 'the first line', 60000);
  await page.getByText('The first line that is kept').waitFor();
});

/** Waits until lines came that are out of sight. */
async function moreLoaded(n) {
  await until(async () => Number((await page.getByRole('button',
    { name: 'To the end' }).textContent()).match(/(\d+) new/)?.[1] ?? 0) >= n,
  `${n} new lines, out of sight`);
}

/** Scrolls through all of it; the time from each frame to the next, in ms. */
const scrollThrough = () => box().evaluate((el) => new Promise((done) => {
  const times = [], frames = 240, from = el.scrollHeight;
  let before = performance.now();
  const frame = () => {
    const now = performance.now();
    times.push(now - before);
    before = now;
    // In long strides, and in the short ones of a wheel.
    el.scrollTop = times.length % 8 ? el.scrollTop + 120 :
      from * times.length / frames;
    if (times.length < frames) requestAnimationFrame(frame);
    else done(times.slice(1).sort((a, b) => a - b));
  };
  requestAnimationFrame(frame);
}));

test('scrolling through 100,000 lines blocks nothing', async () => {
  const loaded = await page.locator('.log-bar').textContent();
  const count = Number(loaded.match(/(\d+) lines/)[1]);
  assert.ok(count >= LINES - 1, `${count} lines are loaded`);
  const times = await scrollThrough();
  const at = (part) => times[Math.floor(part * (times.length - 1))].toFixed(1);
  console.log(`# scrolling through ${count} lines, ms from frame to frame: ` +
    `median ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, most ${at(1)}`);
  assert.ok(times.at(-1) < BUSY_MS, `it was busy for ${times.at(-1)} ms`);
  assert.ok(await rows().count() < 200, 'only what is in sight is drawn');
});

test('a search goes back as far as the log is kept', async () => {
  await page.reload();
  await page.locator('.stream.live').waitFor();
  await search().fill('a needle');
  await page.getByText('0 found here').waitFor();
  await search().press('Enter');
  await page.locator('.log-row.found').getByText('a needle in it').waitFor();
  assert.match(page.url(), new RegExp(`at=${NEEDLE}`));
  await search().press('Enter');
  await page.getByText('There is none before it').waitFor();
});

test('the address leads back to the line', async () => {
  await page.goto(page.url());
  await page.locator('.log-row.found').getByText('a needle in it').waitFor();
  const shown = await texts();
  const at = shown.indexOf('a needle in it');
  assert.equal(shown[at - 1], `line ${NEEDLE - 1} of an earlier day`);
  assert.equal(shown[at + 1], `line ${NEEDLE + 1} of an earlier day`);
});

/** Goes to a line, as a link to it does. */
async function open(at) {
  await page.goto(`${stack.url}${stack.at('talker')}?at=${at}`);
  await page.locator('.log-row.found').waitFor();
}

test('colours are as they were meant, and can be read', async () => {
  await open(COLOURED);
  const parts = (text) => page.locator('.log-row span span').getByText(text,
    { exact: true });
  const css = (text, name) => parts(text).evaluate((el, key) =>
    getComputedStyle(el)[key], name);
  assert.equal(await parts('red').getAttribute('class'), 'ansi-red');
  assert.equal(await css('bold green', 'fontWeight'), '700');
  assert.match(await css('struck', 'textDecorationLine'), /line-through/);
  assert.equal(await css('inverse', 'backgroundColor'), 'rgb(213, 224, 225)');
  assert.equal(await css('ERROR', 'backgroundColor'), 'rgb(205, 49, 49)');
  await look('watching-log-colours');
});

const line = (seq) => page.locator(`[data-seq="${seq}"]`);
const clipboard = () => page.evaluate(() => navigator.clipboard.readText());

/** What was copied is all lines from one to another, each with its time. */
async function assertCopied(first, last) {
  await page.getByText(`${last - first + 1} lines copied`).first().waitFor();
  const lines = (await clipboard()).trimEnd().split('\n');
  assert.equal(lines.length, last - first + 1);
  for (const [i, text] of lines.entries())
    assert.match(text, first + i === MARK ?
      /^\d{4}-\d\d-\d\dT[\d:.]+Z mollymawk: deployment 1 by ada$/ :
      new RegExp(`^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z line ${first + i} of an`));
}

test('from a line to another out of sight is copied, with the times', async () => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(5000);
  await line(5000).click({ position: { x: 300, y: 8 } });
  await box().evaluate((el) => { el.scrollTop += 8000; });
  await line(5400).click({ position: { x: 300, y: 8 }, modifiers: ['Shift'] });
  await page.getByText('401 lines picked').waitFor();
  await page.keyboard.press('Control+c');
  await assertCopied(5000, 5400);
  await look('watching-log-picked');
  await button('Copy a link').click();
  await page.goto(await clipboard());
  await page.getByText('401 lines picked').waitFor();
  assert.match(page.url(), /at=5000-5400$/);
});

test('what is drawn over with the mouse is copied whole', async () => {
  await open(5000);
  const from = await line(4998).boundingBox(), to = await line(5003).boundingBox();
  await page.mouse.move(from.x + 320, from.y + 9);
  await page.mouse.down();
  await page.mouse.move(to.x + 260, to.y + 9, { steps: 5 });
  await page.mouse.up();
  await page.getByText('6 lines picked').waitFor();
  await page.keyboard.press('Control+c');
  await assertCopied(4998, 5003);
  await line(5001).dblclick({ position: { x: 190, y: 8 } });
  await page.getByText('lines picked').waitFor({ state: 'detached' });
  await page.keyboard.press('Control+c');
  await until(async () => await clipboard() === 'line', 'a word is copied alone');
});

test('lines are walked through and picked by keys, loaded or not', async () => {
  await open(MARK - 2);
  await box().focus();
  await line(MARK - 2).locator('time').click();
  await page.keyboard.press('ArrowDown');
  await page.getByRole('status').getByText(`line ${MARK - 1} of an`).waitFor();
  for (let i = 0; i < 3; i++) await page.keyboard.press('Shift+ArrowDown');
  await page.getByText('4 lines picked').waitFor();
  await page.keyboard.press('Control+c');
  await assertCopied(MARK - 1, MARK + 2);
  // To one that was reached by a search: what lies between was never loaded.
  await search().fill(`line ${MARK + 20000} of`);
  await search().press('Shift+Enter');
  await line(MARK + 20000).waitFor();
  await line(MARK + 20000).locator('time').click({ modifiers: ['Shift'] });
  await page.getByText('20002 lines picked').waitFor();
  await button('Copy').click();
  await assertCopied(MARK - 1, MARK + 20000);
  await box().focus();
  await page.keyboard.press('Escape');
  await page.getByText('lines picked').waitFor({ state: 'detached' });
  await page.keyboard.press('e');
  await search().fill('');
});

test('only what was found is shown, and a click shows where it stands', async () => {
  await search().fill('99 of an EARLIER');
  await button('Only these').click();
  await until(async () => (await texts()).every((t) => /99 of an e/.test(t)) &&
    (await texts()).length > 10, 'only these');
  await look('watching-log-only');
  await rows().first().click();
  await until(async () => (await texts()).some((t) => /98 of an e/.test(t)),
    'those around it');
  assert.match(await page.locator('.log-row.found').textContent(), /99 of an e/);
  await search().fill('');
});

test('by keyboard from one event to the one before, and to the end', async () => {
  await box().focus();
  await page.keyboard.press('e');
  await until(async () => await button('To the end').count() === 0, 'the end');
  let notes = 0;
  await until(async () => {
    await page.keyboard.press('[');
    const found = await page.locator('.log-row.found.told').allTextContents();
    notes++;
    return found.some((t) => t.includes('deployment 1 by ada'));
  }, 'the deployment of an earlier day');
  assert.ok(notes > 1, 'the newer deployment first');
  await page.locator('.log-row.found').getByRole('link').waitFor();
  await look('watching-log-event');
  await page.keyboard.press(']');
  await until(async () => !(await page.locator('.log-row.found').textContent())
    .includes('deployment 1 by ada'), 'the one after');
  await page.keyboard.press('e');
  await moreTicks(1);
  await assertWhole((await ticks()).slice(-3));
});

test('pausing loses nothing', async () => {
  await box().focus();
  await page.keyboard.press('p');
  const last = (await ticks()).at(-1);
  await page.getByText(/paused, [2-9] new/).waitFor();
  assert.equal((await ticks()).at(-1), last);
  await page.keyboard.press('p');
  await until(async () => (await ticks()).at(-1) >= last + 2, 'what came meanwhile');
  await assertWhole((await ticks()).slice(-10));
});

test('a long line can be wrapped', async () => {
  await box().focus();
  await page.keyboard.press('w');
  await page.locator('.log-box.wrap').waitFor();
  await page.keyboard.press('w');
});

test('the daemon that is killed is missed, and the log goes on whole', async () => {
  const before = (await ticks()).at(-1);
  await stack.restart('fcgi', async () => {
    await page.locator('.stream.broken').waitFor();
    await look('watching-broken');
  });
  await page.locator('.stream.live').waitFor();
  await until(async () => (await ticks()).at(-1) > before + 5, 'it goes on', 60000);
  await assertWhole((await ticks()).slice(-15));
});

test('a server out of reach is told, in the log and in the list', async () => {
  await stack.fault('refuse');
  await stack.control('cut');
  await page.locator('.log-end').waitFor();
  await page.getByRole('link', { name: 'Unikernels', exact: true }).click();
  await row('talker').getByText('unknown', { exact: true }).waitFor();
  await page.getByText(`${stack.instance} does not answer`).waitFor();
  await page.getByText('What it last told is shown').waitFor();
  await stack.fault('none');
  await row('talker').getByText('running', { exact: true }).waitFor();
  await row('talker').getByRole('link', { name: 'talker' }).click();
  await moreTicks(2);
  await assertWhole((await ticks()).slice(-15));
});

test('a session that is ended asks again, and the log goes on whole', async () => {
  const cookie = (await page.context().cookies()).map(({ name, value }) =>
    `${name}=${value}`).join('; ');
  assert.equal((await stack.ask('DELETE', '/session', { token: null,
    headers: { cookie, ...stack.origin() } })).status, 204);
  await visitor.ended().waitFor();
  const before = (await ticks()).at(-1);
  await visitor.signInAgain();
  await until(async () => (await ticks()).at(-1) > before + 3, 'it goes on', 60000);
  await assertWhole((await ticks()).slice(-15));
});

test('the log of what stopped is shown, with why it is still', async () => {
  await page.goto(stack.url + stack.at('brief'));
  await page.getByText('it does not run').waitFor();
  await until(async () => (await ticks()).length > 0, 'its lines');
  await page.locator('.log-row.told.stopped').waitFor();
  await look('watching-log-stopped');
});

test('what is kept is downloaded, and forgotten', async () => {
  const [saved] = await Promise.all([page.waitForEvent('download'),
    button('Download').click()]);
  const text = fs.readFileSync(await saved.path(), 'utf8');
  assert.match(text, /^\d{4}-\S+Z tick 1$/m);
  await page.getByLabel('More').click();
  await page.getByText(/entries kept/).waitFor();
  await button('Forget what is kept…').click();
  await page.getByLabel('Type brief to confirm').fill('brief');
  await within('Forget').click();
  await page.getByText('is gone').waitFor();
  await until(async () => (await ticks()).length === 0, 'nothing is left');
});

test('nothing broke a policy, asked another host, or threw', () => {
  assert.deepEqual(visitor.complaints, []);
});

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
      `line ${seq} of an earlier day` };
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
    'fail_behaviour=quit&arg=--exit-after=5:1')).status, 201);
  await row('brief').getByText('running').waitFor();
});

test('what ends by itself is shown as stopped, since when', async () => {
  await row('brief').getByText('stopped', { exact: true }).waitFor();
  await row('brief').getByText('ago').waitFor();
});

test('what is started again and again is told as a crash loop', async () => {
  assert.equal((await stack.deploy('loop', stack.sample, '?memory=32&' +
    'fail_behaviour=restart&arg=--exit-after=2:2')).status, 201);
  await row('loop').getByText('crash loop').waitFor({ timeout: 60000 });
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
  await look('watching-list');
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
  await look('watching-log-search');
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
  await look('watching-unknown');
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
  await page.getByRole('dialog', { name: 'Your session ended' }).waitFor();
  const before = (await ticks()).at(-1);
  await page.getByRole('dialog').getByLabel('Password').fill(stack.password);
  await within('Sign in').click();
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

// SPDX-License-Identifier: ISC
// What stands around every page: going back, what is not saved, the palette,
// filters, what is told for a moment, and the pages on a phone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stack, until } from '../api/stack.mjs';
import { visit } from './browser.mjs';

let stack, user, page;
/** The streams of the page that are open, and the most there were at a time. */
const streams = { open: new Set(), most: 0, all: 0 };

before(async () => {
  stack = await Stack.start();
  user = await visit(stack);
  ({ page } = user);
  page.on('request', (request) => {
    if (!request.url().includes('/api/v1/events?')) return;
    streams.open.add(request);
    streams.all++;
    streams.most = Math.max(streams.most, streams.open.size);
  });
  for (const end of ['requestfinished', 'requestfailed'])
    page.on(end, (request) => streams.open.delete(request));
  await page.goto(`${stack.url}/projects`);
  await user.signIn();
  await page.getByRole('navigation').first().waitFor();
});
after(async () => {
  await user?.close();
  await stack?.stop();
});

const at = () => page.evaluate(() => location.pathname + location.search);
const filter = () => page.getByLabel('Filter the projects');
const palette = async (typed) => {
  await page.keyboard.press('Control+k');
  // Before the palette is there, too.
  await page.keyboard.type(typed);
};

test('a dialog has an address, and going back closes it', async () => {
  await user.button('New project').click();
  await user.dialog().waitFor();
  assert.equal(await at(), '/projects?new');
  await page.goBack();
  await user.dialog().waitFor({ state: 'detached' });
  assert.equal(await at(), '/projects');
  await page.goForward();
  await user.dialog().waitFor();
  await user.within('Cancel').click();
  await user.dialog().waitFor({ state: 'detached' });
  await page.waitForURL('**/projects');
});

test('what was made takes the place of its dialog', async () => {
  for (const name of ['north', 'south']) {
    await page.goto(`${stack.url}/projects?new`);
    await user.dialog().getByRole('textbox', { name: 'Name' }).fill(name);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/projects/${name}`);
  }
  await page.getByRole('link', { name: 'Projects', exact: true }).first().click();
  await page.getByRole('row').filter({ hasText: 'north' }).waitFor();
});

test('a filter is one entry of the history, and says what is wrong', async () => {
  await page.keyboard.press('/');
  await page.keyboard.type('nor* -south');
  await page.waitForURL('**q=*south');
  await page.getByRole('row').filter({ hasText: 'north' }).waitFor();
  await page.getByRole('row').filter({ hasText: 'south' })
    .waitFor({ state: 'detached' });
  await page.goBack();
  await page.getByRole('row').filter({ hasText: 'south' }).waitFor();
  assert.equal(await at(), '/projects');
  await filter().fill('rule:owner');
  await page.getByText('There is no rule: here.').waitFor();
  await filter().fill('');
  await filter().pressSequentially('rol');
  await page.getByRole('option', { name: 'role:' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('option', { name: /^role:owner/ }).waitFor();
  await user.look('filter');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  assert.equal(await filter().inputValue(), 'role:owner ');
  await filter().fill('');
  await filter().blur();
});

test('one who comes back is where they were', async () => {
  await page.setViewportSize({ width: 1280, height: 240 });
  const link = page.getByRole('link', { name: 'south' });
  await link.scrollIntoViewIfNeeded();
  const y = await page.evaluate(() => scrollY);
  assert.ok(y > 0);
  await link.click();
  await page.waitForURL('**/projects/south');
  await page.waitForFunction(() => scrollY === 0);
  await page.goBack();
  await page.waitForFunction((there) => scrollY === there, y);
  await page.waitForFunction(() => document.activeElement.textContent === 'south');
  await user.onScreen();
});

test('the palette goes and does, and knows where one was', async () => {
  await palette('new vol');
  await page.getByRole('option', { name: 'New volume' }).waitFor();
  await user.look('palette');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/volumes?new');
  await user.dialog().getByText('New volume').waitFor();
  await page.keyboard.press('Escape');
  await page.waitForURL('**/volumes');
  await palette('soth');
  await page.getByText('Nothing has that name.').waitFor();
  await page.getByRole('combobox').fill('');
  await page.getByRole('group', { name: 'Lately' })
    .getByRole('option', { name: 'south' }).waitFor();
  await page.getByRole('combobox').fill('dark th');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() =>
    document.documentElement.dataset.theme === 'dark');
  await palette('theme as');
  await page.getByRole('option').first().waitFor();
  await page.keyboard.press('Enter');
});

test('the palette opens though one was where no name can be', async () => {
  await page.goto(`${stack.url}/projects/%ff`);
  await user.heading('%ff').waitFor();
  await page.getByRole('link', { name: 'Overview', exact: true }).click();
  await user.heading('Overview').waitFor();
  await palette('');
  await page.getByRole('option', { name: 'Overview' }).first().waitFor();
  await page.keyboard.press('Escape');
});

test('all keys and the grammar of filters are told', async () => {
  await page.keyboard.press('?');
  await user.dialog().getByText('In a filter').waitFor();
  await user.look('keys');
  await user.within('Close').click();
});

test('what is not saved is not lost by leaving', async () => {
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await page.getByRole('tab', { name: 'Images' }).click();
  await page.getByLabel('Deployments of each unikernel').fill('7');
  await page.getByRole('link', { name: 'Overview', exact: true }).click();
  await user.dialog().getByText('Leave without saving?').waitFor();
  await user.look('leaving');
  await user.within('Stay here').click();
  assert.equal(await page.getByLabel('Deployments of each unikernel').inputValue(),
    '7');
  await page.goBack();
  await user.within('Stay here').click();
  assert.equal(await at(), '/settings?tab=images');
  await page.getByRole('link', { name: 'Overview', exact: true }).click();
  await user.within('Leave').click();
  await page.waitForURL('**/overview');
});

test('a page that is not says so', async () => {
  await page.goto(`${stack.url}/nowhere/at/all`);
  await user.heading('There is no such page').waitFor();
  assert.match(await page.title(), /no such page/);
});

test('on a phone the pages are behind one button', async () => {
  await user.onPhone();
  await page.goto(`${stack.url}/overview`);
  await user.button(/^Menu/).click();
  await page.getByRole('link', { name: 'Volumes', exact: true }).click();
  await page.waitForURL('**/volumes');
  await page.getByRole('link', { name: 'Images', exact: true })
    .waitFor({ state: 'hidden' });
  await user.onScreen();
});

test('that nothing is live is said, since when and why', async () => {
  await page.getByText('Live', { exact: true }).waitFor();
  await stack.restart('fcgi', async () => {
    await page.getByText('Not live: asking again and again.').waitFor();
    await page.getByText(/^Since .*ago|^Since \d+ s/).waitFor();
    await user.look('not-live');
  });
  await user.button('Ask now').click({ timeout: 1000 }).catch(() => {});
  await page.getByText('Live', { exact: true }).waitFor();
});

test('a part that does not load is asked for again', async () => {
  await page.goto(`${stack.url}/overview`);
  // It is asked for by itself when the server answers again.
  await page.getByText('Live', { exact: true }).waitFor();
  const files = /\/assets\/Audit-.*\.js/;
  await page.route(files, (route) => route.abort());
  await page.getByRole('link', { name: 'Audit', exact: true }).click();
  await page.getByText('This part did not load.').waitFor();
  await page.unroute(files);
  await user.button('Try again').click();
  await page.getByRole('heading', { name: 'Audit', level: 1 }).waitFor();
});

test('what just happened is told for long enough to be read', async () => {
  const context = await page.context().browser().newContext({
    storageState: await page.context().storageState() });
  const slow = await context.newPage();
  await slow.clock.install();
  await slow.goto(`${stack.url}/projects/south`);
  await slow.getByRole('button', { name: 'Change title…' }).click();
  await slow.getByRole('dialog').getByLabel('Title').fill('The south');
  await slow.keyboard.press('Enter');
  const told = slow.locator('.toast');
  await told.waitFor();
  await told.hover();
  await slow.clock.runFor(60_000);
  assert.equal(await told.count(), 1, 'it stays under the pointer');
  await slow.mouse.move(1, 1);
  await slow.clock.runFor(60_000);
  await told.waitFor({ state: 'detached' });
  await context.close();
});

test('what has the focus stays in sight when the page grows', async () => {
  await page.goto(`${stack.url}/projects/south`);
  const end = user.button('Delete…');
  await end.focus();
  await page.evaluate(() => {
    const more = document.createElement('div');
    more.style.height = `${innerHeight}px`;
    document.activeElement.closest('section').before(more);
  });
  await until(() => end.evaluate((at) => {
    const { left, top, width, height } = at.getBoundingClientRect();
    return at.contains(document.elementFromPoint(left + width / 2,
      top + height / 2));
  }), 'it is seen', 3000);
});

test('opened while nobody answers, a page goes on by itself', async () => {
  await stack.restart('fcgi', async () => {
    await page.goto(`${stack.url}/images`);
    await user.heading('Mollymawk does not answer').waitFor();
  });
  await page.getByRole('heading', { name: 'Images', level: 1 }).waitFor();
});

test('there was one stream at a time, whatever was shown', () => {
  assert.ok(streams.all > 3, 'they were seen');
  assert.equal(streams.most, 1);
});

test('nothing broke a policy, asked another host, or threw', () => {
  assert.deepEqual(user.complaints, []);
});

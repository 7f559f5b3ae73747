// SPDX-License-Identifier: ISC
// The record of what was done in a browser: live, filtered by what stands in the
// address, a row with all it says, and exported.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { Stack, sleep, until } from '../api/stack.mjs';
import { visit } from './browser.mjs';

let stack, visitor, page, look, button, field, heading, admin;

before(async () => {
  stack = await Stack.start();
  admin = await stack.signIn();
  visitor = await visit(stack);
  ({ page, look, button, field, heading } = visitor);
});
after(async () => {
  await visitor?.close();
  await stack?.stop();
});

const rows = () => page.locator('.audit tbody tr:not(.details)');
const row = (...texts) => texts.reduce((all, text) =>
  all.filter({ hasText: text }), rows());

test('what happens comes in live', async () => {
  await page.goto(`${stack.url}/overview`);
  await visitor.signIn();
  await heading('Overview').waitFor();
  await page.locator('#main').focus();
  await page.keyboard.press('g');
  await page.keyboard.press('h');
  await heading('Audit').waitFor();
  await row('login').first().waitFor();
  const before = await row('token-create').count();
  await stack.makeToken(admin.headers, { name: 'told', scopes: ['project:read'] });
  await until(async () => await row('token-create').count() > before,
    'the row of the token');
});

test('what was refused is there, and can be asked for alone', async () => {
  const vera = await stack.person('vera');
  const refused = await stack.as(vera, 'PUT', '/settings/retention',
    { deployments: 1, days: 1 });
  assert.equal(refused.status, 403, refused.text);
  await field('Result').fill('refused');
  await page.waitForURL('**result=refused**');
  await row('vera', 'forbidden').first().waitFor();
  await until(async () => await row('login').filter({ hasText: /\bok\b/ })
    .count() === 0, 'what went well is left out');
  await look('audit-refused');
});

test('a row opens by keyboard and says it all', async () => {
  const when = row('vera', 'forbidden').first().getByRole('button',
    { expanded: false }).first();
  await when.focus();
  await page.keyboard.press('Enter');
  const details = page.locator('.audit .details');
  await details.getByText(/^session /).waitFor();
  await details.getByText('Request', { exact: true }).waitFor();
  await look('audit-row');
});

test('a value is a filter, which is in the address', async () => {
  await row('vera').first().getByRole('button', { name: 'vera' }).click();
  await page.waitForURL('**actor=vera**');
  await until(async () => await rows().count() > 0 && await rows().count() ===
    await row('vera').count(), 'only hers');
  await page.reload();
  assert.equal(await field('Who').inputValue(), 'vera');
  await field('Who').fill('nobody-of-that-name');
  await heading('Nothing fits the filter').waitFor();
  await look('audit-empty');
  await page.getByRole('link', { name: 'Show all' }).click();
  await row('login').first().waitFor();
});

test('not live, it is loaded again when one says so', async () => {
  const last = page.waitForResponse('**/api/v1/audit?*');
  await page.getByLabel('Live').uncheck();
  await page.waitForURL('**live=0');
  await last;
  const before = await row('token-create').count();
  await stack.makeToken(admin.headers, { name: 'later', scopes: ['project:read'] });
  // Longer than it takes while it is live.
  await sleep(5000);
  assert.equal(await row('token-create').count(), before);
  await button('Reload').click();
  await until(async () => await row('token-create').count() > before,
    'the row of the second token');
});

test('it is exported as JSON lines, as filtered', async () => {
  await field('What').fill('token-create');
  await page.waitForURL('**action=token-create**');
  const [download] = await Promise.all([page.waitForEvent('download'),
    button('Export as JSON lines').click()]);
  const lines = fs.readFileSync(await download.path(), 'utf8').trim().split('\n')
    .map((line) => JSON.parse(line));
  assert.ok(lines.length >= 2);
  assert.ok(lines.every((line) => line.action === 'token-create'));
});

test('earlier ones are shown when asked for', async () => {
  for (let i = 0; i < 60; i++)
    await stack.ok(admin, 'PUT', '/settings/retention',
      { deployments: 5, days: 30 + i });
  await page.goto(`${stack.url}/audit`);
  await until(async () => await rows().count() === 50, 'a page of them');
  await button('Show earlier ones').click();
  await until(async () => await rows().count() > 50, 'more of them');
});

test('a session that ends is renewed by a sign-in, filters and all', async () => {
  await page.goto(`${stack.url}/audit?action=login`);
  await row('login').first().waitFor();
  await page.context().clearCookies();
  await visitor.signInAgain();
  assert.equal(await field('What').inputValue(), 'login');
});

test('a server that does not answer is told, and what was known stays', async () => {
  await row('login').first().waitFor();
  await page.route('**/api/v1/audit?*', (route) => route.abort());
  await page.getByText('Not up to date.').waitFor();
  await row('login').first().waitFor();
  await look('audit-server-down');
  await page.unroute('**/api/v1/audit?*');
  await page.getByText('Not up to date.').waitFor({ state: 'detached' });
});

test('who may not is told so', async () => {
  const will = stack.addUser('will');
  const his = await visit(stack);
  await his.page.goto(`${stack.url}/audit`);
  await his.signIn(will);
  await his.heading('Only administrators see this').waitFor();
  await his.look('audit-forbidden');
  await his.close();
});

test('nothing broke a policy, asked another host, or threw', () => {
  assert.deepEqual(visitor.complaints, []);
});

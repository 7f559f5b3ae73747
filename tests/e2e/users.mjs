// SPDX-License-Identifier: ISC
// Administration of people in a browser: who may register, approving, disabling,
// making administrators, what somebody leaves; invitations; names that are not
// given again. And who may do none of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stack, until } from '../api/stack.mjs';
import { visit } from './browser.mjs';

let stack, visitor, page, look, button, field, link, heading, dialog, within;
let admin;

const dora = { email: 'dora@example.org', password: 'correct horse battery' };

before(async () => {
  stack = await Stack.start();
  admin = await stack.signIn();
  visitor = await visit(stack);
  ({ page, look, button, field, link, heading, dialog, within } = visitor);
});
after(async () => {
  await visitor?.close();
  await stack?.stop();
});

const row = (name) => page.getByRole('row').filter({ has:
  page.getByRole('rowheader', { name: new RegExp(`^${name}`) }) });

test('who may register is set, and what is wrong told at its field', async () => {
  await page.goto(`${stack.url}/settings`);
  await visitor.signIn();
  await page.getByRole('radio', { name: /^Anybody/ }).check();
  await page.getByLabel('An administrator approves').check();
  const domains = page.getByRole('group', { name: 'Only domains' });
  await domains.getByRole('button', { name: 'Add' }).click();
  await domains.getByRole('textbox').fill('no domain');
  await button('Save registration').click();
  await page.locator('.field.bad').filter({ hasText: 'Only domains' }).waitFor();
  await look('settings-registration');
  await domains.getByRole('textbox').fill('example.org');
  await button('Save registration').click();
  await page.getByText('Saved').waitFor();
  const rules = await stack.ok(admin, 'GET', '/accounts');
  assert.equal(rules.registration, 'open');
});

test('who is not approved yet is told so', async () => {
  await stack.register({ ...dora, name: 'dora' });
  const hers = await visit(stack);
  await hers.page.goto(stack.url);
  await hers.signIn(dora);
  await hers.page.getByRole('alert').filter({ hasText: 'approve' }).waitFor();
  await hers.close();
});

test('that somebody waits is told on the first page', async () => {
  await page.goto(`${stack.url}/overview`);
  await page.getByText('1 account waits to be approved.').waitFor();
  await link('Look at them').click();
  await page.waitForURL('**state=pending');
  await row('dora').waitFor();
});

test('who waits is found and approved', async () => {
  await page.keyboard.press('Escape');
  await page.locator('#main').focus();
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await heading('Users').waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('dor');
  await row('admin').waitFor({ state: 'detached' });
  await row('dora').getByText('waits').waitFor();
  await field('Filter the users').fill('');
  await page.getByRole('radio', { name: 'Waiting' }).check();
  await page.waitForURL('**state=pending');
  await link('dora').click();
  await page.getByText('This account waits to be approved.').waitFor();
  await button('Approve').click();
  await page.getByText('dora is approved').waitFor();
  await page.getByText('active', { exact: true }).waitFor();
  await stack.signIn(dora.email, dora.password);
});

test('who is disabled is signed out, and let in again', async () => {
  const hers = await stack.signIn(dora.email, dora.password);
  await button('Disable…').click();
  await look('user-disable');
  await within('Disable').click();
  await page.getByText('dora: disabled').waitFor();
  await page.getByText('disabled', { exact: true }).waitFor();
  assert.equal((await stack.as(hers, 'GET', '/session')).status, 401);
  await button('Let them in again…').click();
  await within('Let them in again').click();
  await page.getByText('active', { exact: true }).waitFor();
});

test('power is given after one confirmed who one is, and taken', async () => {
  await button('Make administrator…').click();
  stack.forgetProofs();
  await within('Make administrator').click();
  const sure = page.getByRole('dialog', { name: 'Confirm that it is you' });
  await sure.getByLabel('Password').fill(stack.password);
  await sure.getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('administrator', { exact: true }).waitFor();
  await look('user-administrator');
  await button('Take administration away…').click();
  await within('Take administration away').click();
  await button('Make administrator…').waitFor();
});

test('nobody takes power from themselves', async () => {
  await page.goto(`${stack.url}/users?q=admin`);
  await link('admin').click();
  await heading('What you can do').waitFor();
  await button('Sign out everywhere…').waitFor();
  for (const verb of ['Disable…', 'Take administration away…',
    'Delete the account…'])
    assert.equal(await button(verb).count(), 0, verb);
});

test('sessions end, and a link for a password is mailed', async () => {
  const hers = await stack.signIn(dora.email, dora.password);
  await page.goto(`${stack.url}/users?q=dora`);
  await link('dora').click();
  await button('Sign out everywhere…').click();
  await within('Sign out everywhere').click();
  await page.getByText('dora: signed out everywhere').waitFor();
  assert.equal((await stack.as(hers, 'GET', '/session')).status, 401);
  const before = stack.mails().length;
  await button('Send a link for a new password…').click();
  await within('Send a link for a new password').click();
  await page.getByText('dora: told by mail').waitFor();
  await until(() => stack.mails().length > before, 'a mail');
});

test('what a failure leaves is the dialog and its reason', async () => {
  await page.route('**/api/v1/users/*/sessions', (route) => route.abort());
  await button('Sign out everywhere…').click();
  await within('Sign out everywhere').click();
  await dialog().getByText('The server can not be reached').waitFor();
  await page.unroute('**/api/v1/users/*/sessions');
  await page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'detached' });
});

test('invitations are made, copied and withdrawn', async () => {
  await link('Users').first().click();
  await link('Invite somebody').click();
  await dialog().getByLabel('E-mail (optional)').fill('gil@example.org');
  await dialog().getByLabel('Into project').selectOption(stack.project);
  await dialog().getByLabel('As').selectOption('viewer');
  await within('Make the invitation').click();
  await dialog().getByText('/invitation#secret=').waitFor();
  await look('invited');
  await within('I have it').click();
  await row('gil@example.org').getByText(`${stack.project}, as viewer`).waitFor();
  await look('invitations');
  await button('Withdraw: gil@example.org').press('Enter');
  await button('Keep').and(page.locator(':focus')).waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await heading('Nobody is invited').waitFor();
});

test('a session that ends in the middle loses no invitation', async () => {
  await link('Invite somebody').click();
  await dialog().getByLabel('E-mail (optional)').fill('hal@example.org');
  await visitor.pressUnsigned(within('Make the invitation'));
  await visitor.signInAgain();
  await page.getByText('Copy the link now').waitFor();
  await button('I have it').click();
  await row('hal@example.org').waitFor();
});

test('what somebody leaves is told before it is done', async () => {
  const hers = await stack.signIn(dora.email, dora.password);
  const made = await stack.as(hers, 'POST', '/projects', { name: 'doras-team' });
  assert.equal(made.status, 201, made.text);
  await page.goto(`${stack.url}/users?q=dora`);
  await link('dora').click();
  await button('Delete the account…').click();
  await dialog().getByText('can not be brought back').waitFor();
  await dialog().getByText('dora', { exact: true }).first().waitFor();
  await dialog().getByText('has no other owner').waitFor();
  await look('user-delete');
  await dialog().getByLabel('Projects without another owner go to')
    .selectOption('admin');
  assert.ok(await within('Delete the account').isDisabled());
  await dialog().getByLabel('Type dora to confirm').fill('dora');
  await within('Delete the account').click();
  await page.getByText('The account dora is deleted').waitFor();
  await page.waitForURL('**/users');
  assert.equal((await stack.nobody('POST', '/session', dora)).status, 401);
  const { items } = await stack.ok(admin, 'GET', '/projects/doras-team/members');
  assert.deepEqual(items.map((m) => [m.name, m.role]), [['admin', 'owner']]);
});

test('a name is not given again until it is released', async () => {
  await page.getByRole('tab', { name: 'Retired names' }).click();
  await row('dora').waitFor();
  await look('names');
  await button('Release dora…').click();
  await look('name-release');
  await within('Release it').click();
  await page.getByText('dora may be given again').waitFor();
  await heading('No name is retired').waitFor();
});

test('who may not is told so', async () => {
  const vera = stack.addUser('vera');
  const hers = await visit(stack);
  await hers.page.goto(`${stack.url}/users`);
  await hers.signIn(vera);
  await hers.heading('Only administrators see this').waitFor();
  assert.equal(await hers.page.getByRole('navigation')
    .getByRole('link', { name: 'Users' }).count(), 0);
  await hers.look('users-forbidden');
  assert.deepEqual(hers.complaints, []);
  await hers.close();
});

test('a server that does not answer is told, and what was known stays', async () => {
  await page.goto(`${stack.url}/users`);
  await row('admin').waitFor();
  await page.route('**/api/v1/users?*', (route) => route.abort());
  await page.getByText('Not up to date.').waitFor();
  await row('admin').waitFor();
  await look('users-server-down');
  await page.unroute('**/api/v1/users?*');
  await page.getByText('Not up to date.').waitFor({ state: 'detached' });
});

test('nothing broke a policy, asked another host, or threw', () => {
  assert.deepEqual(visitor.complaints, []);
});

// SPDX-License-Identifier: ISC
// One's own account in a browser: changed, and where one is signed in. And what
// one meets when nothing answers, or the session ended in the middle of a form.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stack, until } from '../api/stack.mjs';
import { visit } from './browser.mjs';

let stack, visitor, page, look, button, heading, eve;

before(async () => {
  stack = await Stack.start();
  eve = stack.addUser('eve');
  visitor = await visit(stack);
  ({ page, look, button, heading } = visitor);
});
after(async () => {
  await visitor?.close();
  await stack?.stop();
});

const field = (label) => page.getByLabel(label, { exact: true });
const link = (name) => page.getByRole('link', { name, exact: true });
const wrong = (label) => page.locator('.field.bad').filter({ hasText: label });

/** Signs in on the first page, as nobody yet. */
async function signInAs(who) {
  await page.context().clearCookies();
  await page.goto(stack.url);
  await visitor.signIn(who);
}

test('one comes in', async () => {
  await signInAs(eve);
  await heading('Overview').waitFor();
});

test('the account is reached by its menu, and by keys', async () => {
  await button('Account of eve').click();
  await link('Account').click();
  await heading('Account').first().waitFor();
  await link('Overview').click();
  await page.locator('#main').focus();
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await heading('Profile').waitFor();
  await page.getByText('this one').waitFor();
  await look('account');
});

test('a session that ends in the middle loses nothing', async () => {
  await field('Your name').fill('Eve of the Evening');
  await page.context().clearCookies();
  await button('Save the name').click();
  const again = page.getByRole('dialog', { name: 'Your session ended' });
  await again.waitFor();
  await look('account-session-ended');
  await again.getByLabel('Password').fill(eve.password);
  await again.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Saved').waitFor();
  assert.equal(await field('Your name').inputValue(), 'Eve of the Evening');
  await page.reload();
  await until(async () => await field('Your name').inputValue() ===
    'Eve of the Evening', 'the name is kept');
});

test('sessions are told apart and ended', async () => {
  const there = await stack.signIn(eve.email, eve.password);
  const sessions = page.getByRole('region', { name: 'Sessions' });
  await page.reload();
  await sessions.getByText(/^Chrome \d+ on Linux$/).first().waitFor();
  await button('End node').click();
  await page.getByText('The session has ended').waitFor();
  assert.equal((await stack.as(there, 'GET', '/me')).status, 401);
  const other = await stack.signIn(eve.email, eve.password);
  await page.reload();
  await look('account-sessions');
  await button('End all others').click();
  await page.getByText('All other sessions have ended').waitFor();
  assert.equal((await stack.as(other, 'GET', '/me')).status, 401);
  await button('End all others').waitFor({ state: 'detached' });
});

test('the password is changed by who knows it', async () => {
  const other = await stack.signIn(eve.email, eve.password);
  await field('Current password').fill('not this one');
  await field('New password').fill('a longer horse than that');
  await button('Change the password').click();
  await wrong('Current password').waitFor();
  await look('account-password-wrong');
  await field('Current password').fill(eve.password);
  await button('Change the password').click();
  await page.getByText('Your password is changed').waitFor();
  eve.password = 'a longer horse than that';
  assert.equal((await stack.as(other, 'GET', '/me')).status, 401);
  await page.reload();
  await page.getByText('this one').waitFor();
});

test('a server that does not answer is told on the page', async () => {
  await page.route('**/api/v1/me', (route) => route.abort());
  await page.route('**/api/v1/me/sessions', (route) => route.abort());
  await page.reload();
  await page.getByText('Your account could not be loaded.').waitFor();
  await page.getByText('Not up to date.').waitFor();
  await look('account-server-down');
  await page.unroute('**/api/v1/me');
  await page.unroute('**/api/v1/me/sessions');
  await button('Try again').click();
  await heading('Profile').waitFor();
});

test('nothing broke a policy, asked another host, or threw', () => {
  assert.deepEqual(visitor.complaints, []);
});

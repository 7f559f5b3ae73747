// SPDX-License-Identifier: ISC
// Tokens in a browser: made after the person confirmed who they are.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stack } from '../api/stack.mjs';
import { visit } from './browser.mjs';

let stack, visitor, page, look, button;

before(async () => {
  stack = await Stack.start();
  visitor = await visit(stack);
  ({ page, look, button } = visitor);
});
after(async () => {
  await visitor?.close();
  await stack?.stop();
});

const confirmation = () =>
  page.getByRole('dialog', { name: 'Confirm that it is you' });
const confirm = async (password) => {
  await confirmation().getByLabel('Password').fill(password);
  await confirmation().getByRole('button', { name: 'Confirm' }).click();
};

test('making a token asks who it is, and goes on where it was', async () => {
  await page.goto(`${stack.url}/tokens`);
  await visitor.signIn();
  await button('New token').click();
  await page.getByLabel('Name', { exact: true }).fill('ci');
  stack.forgetProofs();
  await button('Make it').click();
  await confirmation().waitFor();
  await look('confirm');
  await confirm('not the password');
  await confirmation().getByText('is wrong').waitFor();
  await confirm(stack.password);
  await page.getByText('Copy it now').waitFor();
  await button('I have it').click();
  await button('Revoke ci').waitFor();
});

test('who does not confirm does nothing', async () => {
  await button('New token').click();
  await page.getByLabel('Name', { exact: true }).fill('never');
  stack.forgetProofs();
  await button('Make it').click();
  await confirmation().waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('No token was made.').waitFor();
  const { headers } = await stack.signIn();
  const { items } = await stack.ok({ headers }, 'GET', '/tokens');
  assert.ok(!items.some((t) => t.name === 'never'));
});

test('nothing broke a policy, asked another host, or threw', () => {
  assert.deepEqual(visitor.complaints, []);
});

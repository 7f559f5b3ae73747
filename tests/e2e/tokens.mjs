// SPDX-License-Identifier: ISC
// Tokens in a browser: made after the person confirmed who they are, shown once
// with what CI systems need, changed, revoked; and what goes wrong on the way.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stack } from '../api/stack.mjs';
import { visit } from './browser.mjs';

let stack, visitor, page, look, button, heading, within, dialog, secret;

before(async () => {
  stack = await Stack.start();
  visitor = await visit(stack);
  ({ page, look, button, heading, within, dialog } = visitor);
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

test('with none there the next step is said', async () => {
  await page.goto(`${stack.url}/tokens`);
  await visitor.signIn();
  await page.getByText('A token lets a script').or(
    page.getByRole('table')).first().waitFor();
});

test('making a token asks who it is, and goes on where it was', async () => {
  await button('New token').click();
  await page.getByLabel('Name', { exact: true }).fill('ci');
  await page.getByLabel('make, fill and restore').check();
  await page.getByLabel('In project').selectOption(stack.project);
  await page.getByLabel('It expires after').selectOption('90');
  stack.forgetProofs();
  await button('Make it').click();
  await confirmation().waitFor();
  await look('confirm');
  await confirm('not the password');
  await confirmation().getByText('is wrong').waitFor();
  await confirm(stack.password);
  await page.getByText('Copy it now').waitFor();
});

test('the secret is shown with what each CI system needs', async () => {
  secret = await page.getByText(/^mmk_/).textContent();
  await dialog().getByText('jobs:').waitFor();
  for (const [ci, text] of [['GitLab', 'CI_COMMIT_BRANCH'],
    ['Forgejo', 'runs-on: docker'], ['curl', /^curl -fsS -T/],
    ['GitHub', 'secrets.MOLLYMAWK_TOKEN']]) {
    await page.getByRole('radio', { name: ci }).check();
    await dialog().getByText(text).waitFor();
  }
  await button('I have it').click();
  await button('Revoke ci').waitFor();
  assert.equal(await page.getByText(secret).count(), 0);
});

const row = (name) => page.getByRole('row').filter({ has: page.getByRole(
  'rowheader', { name }) });

test('its use is shown: what it may, when and from where', async () => {
  const use = (where) => stack.ask('GET', where, { token: secret });
  assert.equal((await use('/unikernels')).status, 200);
  assert.equal((await use('/audit')).status, 403);
  await page.reload();
  await row('ci').getByText('127.0.0.1').waitFor();
  await row('ci').getByText(`only project ${stack.project}`).waitFor();
  await row('ci').getByText('volume:write').waitFor();
  await page.getByLabel('Filter the tokens').fill('used:no');
  await row('ci').waitFor({ state: 'detached' });
  await page.getByLabel('Filter the tokens').fill(
    `may:volume:write project:${stack.project} used:yes`);
  await row('ci').waitFor();
  await page.getByLabel('Filter the tokens').fill('');
});

test('it gets another name and a sooner end, and is said to end soon', async () => {
  await button('Change ci').click();
  await dialog().getByLabel('Days from now').fill('200');
  await within('Save').click();
  await dialog().getByText('can not be later').waitFor();
  await look('token-change');
  await dialog().getByLabel('Name').fill('ci of web');
  await dialog().getByLabel('Days from now').fill('3');
  await within('Save').click();
  await page.getByText('ci of web was changed').waitFor();
  await row('ci of web').getByText('soon').waitFor();
  await page.getByText('A token of yours expires soon').waitFor();
  await look('tokens-soon');
  await page.goto(`${stack.url}/overview`);
  await page.getByText('A token of yours expires soon').waitFor();
  await page.getByRole('link', { name: 'Make what replaces it' }).click();
  await heading('Tokens').waitFor();
});

test('who owns the project sees it there, and whose it is', async () => {
  await page.goto(`${stack.url}/projects/${stack.project}`);
  const card = page.getByRole('region', { name: 'Tokens' });
  await card.getByRole('row').filter({ hasText: 'ci of web' })
    .getByText('of admin').waitFor();
  await look('project-tokens');
  await page.goto(`${stack.url}/tokens`);
});

test('revoking asks once more and acts at once', async () => {
  await button('Revoke ci of web').click();
  await button('Keep').click();
  await button('Revoke ci of web').click();
  await button('Revoke now').click();
  await page.getByText('ci of web was revoked').waitFor();
  assert.equal((await stack.ask('GET', '/unikernels',
    { token: secret })).status, 401);
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

test('what is wrong is marked, and nothing typed is lost', async () => {
  await button('Cancel').click();
  await button('New token').click();
  await page.getByLabel('Name', { exact: true }).fill('typed');
  await page.getByLabel('It expires after').selectOption('');
  await page.getByLabel('Days', { exact: true }).fill('20');
  await page.getByRole('group', { name: 'Only unikernels' })
    .getByRole('button', { name: 'Add' }).click();
  const glob = page.getByLabel('Only unikernels and volumes named 1',
    { exact: true });
  await glob.fill('a b');
  await button('Make it').click();
  await confirm(stack.password);
  await page.getByText('Please check the marked fields').waitFor();
  await glob.fill('a*');
  await visitor.pressUnsigned(button('Make it'));
  await visitor.signInAgain();
  await page.getByText('Copy it now').waitFor();
  await button('I have it').click();
  await row('typed').getByText('named a*').waitFor();
});

test('without the server it says so, and asks again', async () => {
  await page.route('**/api/v1/tokens*', (route) => route.abort());
  await page.goto(`${stack.url}/tokens`);
  await page.getByText('Not up to date.').waitFor();
  await page.unroute('**/api/v1/tokens*');
  await row('typed').waitFor();
  await page.getByText('Not up to date.').waitFor({ state: 'detached' });
  await page.route('**/api/v1/tokens*', (route) => route.abort());
  await page.getByText('Not up to date.').waitFor();
  assert.equal(await row('typed').count(), 1, 'what was known stays');
  await page.unroute('**/api/v1/tokens*');
});

test('who is no administrator is offered what they may', async () => {
  const ada = stack.addUser('ada');
  await page.getByRole('button', { name: 'Account of' }).click();
  await button('Sign out').click();
  await visitor.signIn(ada);
  await page.getByRole('link', { name: 'Tokens', exact: true }).click();
  await button('New token').click();
  await page.getByLabel('deploy and replace').waitFor();
  assert.equal(await page.getByLabel('administer people').count(), 0);
});

test('nothing broke a policy, asked another host, or threw', () => {
  assert.deepEqual(visitor.complaints, []);
});

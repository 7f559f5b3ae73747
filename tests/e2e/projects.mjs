// SPDX-License-Identifier: ISC
// Projects in a browser: made, shared, archived, handed over, deleted; and what
// a person meets who may not, or when something is wrong.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { Stack, until } from '../api/stack.mjs';
import { visit } from './browser.mjs';

const POLICY = { unikernels: 4, memory: 128, block: 16, cpus: [0],
  bridges: ['service'] };
let stack, visitor, page, look, button, heading, dialog, within, admin, ada;

before(async () => {
  stack = await Stack.start();
  ada = stack.addUser('ada');
  stack.addUser('grace');
  admin = await stack.signIn();
  visitor = await visit(stack);
  ({ page, look, button, heading, dialog, within } = visitor);
});
after(async () => {
  await visitor?.close();
  await stack?.stop();
});

const members = () => page.locator('.members tbody tr');
const toast = (text) => page.getByText(text).first().waitFor();
const confirmName = async (name, verb) => {
  await page.getByLabel(`Type ${name} to confirm`).fill(name);
  await within(verb).click();
};

test('one has a project of one\'s own, and the next step is said', async () => {
  await page.goto(`${stack.url}/projects`);
  await visitor.signIn(ada);
  await heading('Projects').waitFor();
  await page.getByRole('link', { name: 'ada', exact: true }).waitFor();
  await heading('A project for what you do together').waitFor();
  await look('projects-first');
});

test('a new one needs a name that is free', async () => {
  await button('New project').click();
  await page.getByLabel('Name', { exact: true }).fill('grace');
  await within('Make it').click();
  await dialog().getByText(/is taken/).first().waitFor();
  await look('project-new');
  await page.getByLabel('Name', { exact: true }).fill('Shop');
  await page.getByLabel('Title', { exact: true }).fill('The web shop');
  await within('Make it').click();
  await page.waitForURL('**/projects/shop');
  await heading('The web shop').waitFor();
  await page.getByText('It has no policy on any instance yet').waitFor();
});

test('a policy shows with what is used of it', async () => {
  await stack.ok(admin, 'PUT', `/projects/shop/policies/${stack.instance}`, POLICY);
  await page.reload();
  await page.locator('.meter').first().waitFor();
  assert.equal(await button('New policy…').count(), 0);
  await heading('Nothing runs in it yet').waitFor();
  await page.getByText('curl -fsS -T').waitFor();
  await look('project');
});

test('members are added, changed, and sent away', async () => {
  await page.getByLabel('Add somebody').fill('nobody@example.org');
  await button('Add').click();
  await page.getByText('belongs to no account').waitFor();
  assert.equal(await page.getByLabel('Add somebody').inputValue(),
    'nobody@example.org');
  await page.getByLabel('Add somebody').fill('grace@example.org');
  await button('Add').click();
  await toast('grace is deployer now');
  await page.getByLabel('Role of grace').selectOption('viewer');
  await toast('grace is viewer now');
  await button('Remove grace').click();
  await confirmName('grace', 'Remove them');
  await until(async () => await members().count() === 1, 'grace is gone');
});

test('the last owner does not leave', async () => {
  await button('Leave').click();
  await page.getByLabel('Type ada to confirm').fill('ada');
  await within('Leave it').click();
  await dialog().getByText(/keeps at least one owner/).waitFor();
  await page.keyboard.press('Escape');
});

test('a session that ends in the middle of a form costs nothing', async () => {
  await page.getByLabel('Add somebody').fill('grace');
  await visitor.pressUnsigned(button('Add'), () => stack.authSql('DELETE FROM ' +
    "session WHERE user_id = (SELECT id FROM account WHERE name = 'ada')"));
  await visitor.signInAgain(ada.password);
  await toast('grace is deployer now');
});

test('the title changes', async () => {
  await button('Change title…').click();
  await page.waitForURL('**/projects/shop?do=title');
  await page.goBack();
  await dialog().waitFor({ state: 'detached' });
  await page.goForward();
  await page.getByLabel('Title', { exact: true }).fill('Shop of Ada');
  await within('Save').click();
  await heading('Shop of Ada').waitFor();
});

test('secrets of it are kept, and shown as references', async () => {
  await button('New secret').click();
  await page.getByLabel('Name', { exact: true }).fill('tls-key');
  await page.getByLabel('Value', { exact: true }).fill('not for anybody');
  await within('Store it').click();
  await page.getByText('${secret:tls-key}').waitFor();
  await button('Remove tls-key').click();
  await confirmName('tls-key', 'Remove it');
  await page.getByText('There are none yet.').waitFor();
});

test('its owners see and revoke the tokens that are for it', async () => {
  const { headers } = await stack.signIn(ada.email, ada.password);
  await stack.makeToken(headers, { name: 'ci', project: 'shop',
    scopes: ['unikernel:read'] });
  await page.reload();
  await page.getByRole('row').filter({ has: button('Revoke ci') })
    .getByText('of ada').waitFor();
  await button('Revoke ci').click();
  await button('Revoke now').click();
  await page.getByText('No token is narrowed to this').waitFor();
});

test('what runs in it is shown', async () => {
  const reply = await stack.ask('PUT', `/unikernels/${stack.instance}/shop/web` +
    '?memory=16&wait=60&grace=1', { token: null, headers: admin.headers,
    body: fs.readFileSync(stack.sample) });
  assert.equal(reply.status, 201, reply.text);
  await page.getByRole('link', { name: 'web', exact: true }).waitFor();
  await page.goto(`${stack.url}/unikernels`);
  await page.getByRole('link', { name: 'shop', exact: true }).click();
  await page.waitForURL('**/projects/shop');
  await page.getByRole('link', { name: 'web', exact: true }).waitFor();
});

test('an archived one rests, and is out of the way', async () => {
  await button('Archive…').click();
  assert.ok(await within('Archive it').isDisabled());
  await confirmName('shop', 'Archive it');
  await page.getByText('This project is archived.').waitFor();
  assert.equal(await page.getByLabel('Add somebody').count(), 0);
  await look('project-archived');
  // What runs in it goes on, and is not to be changed.
  await page.getByRole('link', { name: 'web', exact: true }).click();
  await page.getByText('Its project is archived.').waitFor();
  await button('Destroy').waitFor();
  assert.equal(await button('Restart').count(), 0);
  await look('unikernel-archived');
  await page.goto(`${stack.url}/projects`);
  await page.getByLabel('With 1 archived').waitFor();
  assert.equal(await page.getByRole('link', { name: 'shop' }).count(), 0);
  await page.getByLabel('With 1 archived').check();
  await page.getByRole('link', { name: 'shop', exact: true }).waitFor();
  await look('projects');
  assert.match(page.url(), /archived=1/);
  await page.getByRole('link', { name: 'shop', exact: true }).click();
  await button('Bring it back').click();
  await toast('shop is back');
});

test('it is not deleted while something is left', async () => {
  const { status } = await stack.as(admin, 'PUT',
    `/volumes/${stack.instance}/shop/disk`, { size: 1 });
  assert.equal(status, 201);
  await button('Delete…').click();
  await confirmName('shop', 'Delete it');
  await dialog().getByText(/unikernel shop:web .*volume shop:disk/).waitFor();
  await look('project-not-empty');
  await page.keyboard.press('Escape');
});

test('handing it over asks for the name, and who one is', async () => {
  stack.forgetProofs();
  await button('Hand over…').click();
  await page.getByLabel('To', { exact: true }).fill('nobody');
  await page.getByLabel('Type shop to confirm').fill('shop');
  await within('Hand it over').click();
  const asked = page.getByRole('dialog', { name: 'Confirm that it is you' });
  await asked.getByLabel('Password').fill(ada.password);
  await asked.getByRole('button', { name: 'Confirm', exact: true }).click();
  await dialog().getByText('belongs to no account').waitFor();
  await page.getByLabel('To', { exact: true }).fill('grace');
  await within('Hand it over').click();
  await toast('shop belongs to grace now');
  await page.getByText('deployer').first().waitFor();
  // Who does not own it decides nothing any more.
  await until(async () => await button('Delete…').count() === 0,
    'the end of it is not mine');
  assert.equal(await page.getByLabel('Add somebody').count(), 0);
});

test('a project that is not mine is not there', async () => {
  await page.goto(`${stack.url}/projects/admin`);
  await page.getByText('There is no such project.').waitFor();
  await look('project-missing');
});

test('when the server is down it is said, and what was there stays', async () => {
  await page.goto(`${stack.url}/projects`);
  await page.getByRole('link', { name: 'shop', exact: true }).waitFor();
  await page.route('**/api/v1/projects**', (route) => route.abort());
  await page.getByText('Not up to date.').waitFor();
  assert.equal(await page.getByRole('link', { name: 'shop', exact: true })
    .count(), 1);
  await button('New project').click();
  await page.getByLabel('Name', { exact: true }).fill('lost');
  await within('Make it').click();
  await dialog().getByText('can not be reached').waitFor();
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'lost');
  await page.unroute('**/api/v1/projects**');
  await within('Make it').click();
  await page.waitForURL('**/projects/lost');
});

test('an empty one is deleted', async () => {
  await button('Delete…').click();
  await confirmName('lost', 'Delete it');
  await page.waitForURL('**/projects');
  await toast('lost was deleted');
});

test('one leaves a project, and sees it no more', async () => {
  await page.getByRole('link', { name: 'shop', exact: true }).click();
  await button('Leave').click();
  await confirmName('ada', 'Leave it');
  await page.waitForURL('**/projects');
  await toast('You left shop');
  await until(async () => await page.getByRole('link', { name: 'shop',
    exact: true }).count() === 0, 'it is gone');
});

test('an administrator changes a policy where it is shown', async () => {
  await page.context().clearCookies();
  await page.goto(`${stack.url}/projects/${stack.project}`);
  await visitor.signIn();
  await button(`Change the policy on ${stack.instance}`).click();
  await dialog().getByLabel(/^Memory/).waitFor();
  await page.keyboard.press('Escape');
  await page.waitForURL(`**/projects/${stack.project}`);
  // Theirs without a role in it.
  await page.goto(`${stack.url}/projects/ada?do=policy`);
  await dialog().getByLabel('Instance', { exact: true }).waitFor();
  await page.keyboard.press('Escape');
});

test('nothing broke a policy, asked another host, or threw', () => {
  assert.deepEqual(visitor.complaints, []);
});

// SPDX-License-Identifier: ISC
// The first run: nothing is set up, and an administrator is led through what
// there is to do. Each step is done by the command that stands beside it, as it
// stands, undone, and done by its form, by keyboard alone; what is ticked is what
// the server has.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Stack, until } from '../api/stack.mjs';
import { visit } from './browser.mjs';
import { hasFocus } from './reach.mjs';

let stack, visitor, page, look, button, dialog, within, admin, terminal;
let use, write, give;

before(async () => {
  stack = await Stack.start(undefined, { empty: true });
  admin = await stack.signIn();
  visitor = await visit(stack);
  ({ page, look, button, dialog, within, use, write, give } = visitor);
  terminal = { cwd: path.join(stack.dir, 'terminal'), env: { ...process.env,
    MOLLYMAWK_PASSWORD: stack.password, ALBATROSS_HOST: '127.0.0.1',
    ALBATROSS_PORT: fs.readFileSync(box('port'), 'utf8').trim() } };
  fs.mkdirSync(terminal.cwd);
  for (const file of ['ca.pem', 'ca.key'])
    fs.copyFileSync(box(file), path.join(terminal.cwd, file));
});
after(async () => {
  await visitor?.close();
  await stack?.stop();
});

const box = (file) => path.join(stack.dir, 'albatross', file);
const steps = () => page.getByRole('region', { name: 'First steps' });
const step = (title) => steps().getByRole('listitem').filter({
  has: page.getByRole('heading', { name: title }) });
const command = (title) => steps().getByRole('group',
  { name: `${title}: command` }).locator('pre');
const ticked = (title) => step(title).getByText('done', { exact: true });
const far = (n) => steps().getByText(`${n} of 4 done`).waitFor();

/** In a shell, as it stands on the page; what it printed. */
async function run(title) {
  const line = await command(title).innerText();
  assert.doesNotMatch(line, /INSTANCE|PROJECT|NAME/, 'all is known');
  const { stdout } = await promisify(execFile)('bash', ['-euc', line], terminal);
  return stdout;
}

/** By its command: it is ticked without a reload; and undone, no more. */
async function there(title, undo) {
  const said = await run(title);
  await ticked(title).waitFor();
  await undo(said);
  await ticked(title).waitFor({ state: 'detached' });
}

/** As the admin with a session; fails unless it went well. */
const manage = (...what) => stack.well(admin, ...what);

test('with nothing set up, all steps are shown, and what each is for', async () => {
  await page.goto(stack.url);
  await visitor.signIn();
  await far(0);
  for (const title of ['Add an instance', 'Set a policy', 'Deploy the sample',
    'Make a token'])
    await step(title).waitFor();
  await step('Deploy the sample').getByText('A policy comes first.').waitFor();
  assert.equal(await steps().getByRole('link', { name: 'Deploy the sample' })
    .count(), 0, 'nothing is offered that can not be done');
});

test('a token is made by its command, which signs in and out', async () => {
  await there('Make a token', async (secret) => {
    assert.match(secret, /^mmk_\S+\n$/);
    const { items: [token] } = await manage('GET', '/tokens');
    assert.deepEqual(token.scopes.sort(), ['unikernel:deploy', 'unikernel:read']);
    await manage('DELETE', `/tokens/${token.id}`);
  });
  assert.deepEqual(fs.readdirSync(terminal.cwd).sort(), ['ca.key', 'ca.pem']);
  // The scopes that the other steps name.
  const { secret } = await manage('POST', '/tokens', { name: 'steps',
    scopes: ['instance:admin', 'project:admin', 'unikernel:deploy'] });
  terminal.env.MOLLYMAWK_TOKEN = secret;
  await far(1);
});

test('an instance is added by its command, and by its form', async () => {
  await there('Add an instance', () => manage('DELETE', '/instances/albatross'));
  await use(step('Add an instance').getByRole('button').first());
  await write(dialog().getByLabel('Name', { exact: true }), 'attic');
  await write(dialog().getByLabel('Host'), '127.0.0.1');
  await write(dialog().getByLabel('Port'), terminal.env.ALBATROSS_PORT);
  await give(dialog().getByLabel('CA certificate from a file'), box('ca.pem'));
  await give(dialog().getByLabel('Its private key from a file'), box('ca.key'));
  // That it is there is told before the answer is here.
  const attic = step('Add an instance').getByRole('link', { name: 'attic' });
  await page.route('**/api/v1/instances', async (route) => {
    if (route.request().method() !== 'POST') return route.fallback();
    const response = await route.fetch();
    await attic.waitFor();
    return route.fulfill({ response });
  });
  await use(within('Add and connect'));
  await page.getByText('attic answers').waitFor();
  await page.unroute('**/api/v1/instances');
  await attic.waitFor();
  await far(2);
});

test('the keyboard goes on with the next step: a policy', async () => {
  const next = step('Set a policy').getByRole('button', { name: 'Set a policy' });
  await next.waitFor();
  await until(() => hasFocus(next), 'it has the focus');
  await command('Set a policy').getByText('/policies/attic').waitFor();
  await look('first-steps-some');
  await there('Set a policy', () =>
    manage('DELETE', '/projects/admin/policies/attic'));
  await use(next);
  assert.equal(await dialog().getByLabel('Project').inputValue(), 'admin');
  await use(within('Set it'));
  await ticked('Set a policy').waitFor();
  await step('Set a policy').getByText('admin may use attic.').waitFor();
});

test('the sample is deployed by its command, and by its form', async () => {
  await there('Deploy the sample', () =>
    manage('DELETE', '/unikernels/attic/admin/hello'));
  await use(step('Deploy the sample').getByRole('link',
    { name: 'Deploy the sample' }));
  await page.waitForURL('**/deploy?sample=1**');
  await page.getByText('hello.spt').first().waitFor();
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(),
    'hello');
  await use(page.locator('main').getByRole('button',
    { name: 'Deploy', exact: true }));
  await page.waitForURL('**/unikernels/attic/admin/hello**');
  await page.goto(`${stack.url}/overview?first=1`);
  await step('Deploy the sample').getByRole('link', { name: 'hello' }).waitFor();
});

test('the steps are put away, found again, and stay without the server',
  async () => {
  const { items: [{ id }] } = await manage('GET', '/tokens');
  await manage('DELETE', `/tokens/${id}`);
  await page.goto(`${stack.url}/overview`);
  await step('Make a token').getByRole('button', { name: 'Make a token' })
    .waitFor();
  await use(button('Put away'));
  await steps().waitFor({ state: 'detached' });
  await page.reload();
  await page.getByRole('region', { name: 'Instances' }).getByText('attic')
    .waitFor();
  assert.equal(await steps().count(), 0);
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('first steps');
  await page.getByRole('option', { name: 'First steps' }).waitFor();
  await page.keyboard.press('Enter');
  await far(3);
  await page.route('**/api/v1/**', (route) => route.abort());
  await page.getByText('Not up to date.').waitFor();
  await far(3);
  await page.unroute('**/api/v1/**');
  await page.getByText('Not up to date.').waitFor({ state: 'detached' });
});

test('with the last one done, all of it is', async () => {
  await use(step('Make a token').getByRole('button', { name: 'Make a token' }));
  await write(dialog().getByLabel('Name', { exact: true }), 'ci');
  await use(within('Make it'));
  await dialog().getByText('MOLLYMAWK_TOKEN').first().waitFor();
  await use(within('I have it'));
  await steps().getByText('All of this is set up.').waitFor();
  await look('first-steps-done');
  await page.goto(`${stack.url}/overview`);
  await page.getByRole('region', { name: 'Instances' }).getByText('attic')
    .waitFor();
  assert.equal(await steps().count(), 0, 'it does not stay in the way');
});

test('who is no administrator is told whom to ask, and goes on then', async () => {
  const ann = stack.addUser('ann');
  const hers = await visit(stack);
  await hers.page.goto(stack.url);
  await hers.signIn(ann);
  const mine = hers.page.getByRole('region', { name: 'First steps' });
  await mine.getByText(`Please give the project ann a policy on an instance: ${
    stack.url}/projects/ann`).waitFor();
  assert.equal(await mine.getByText('Add an instance').count(), 0);
  await mine.getByText('A policy comes first.').waitFor();
  await hers.look('first-steps-member');
  await manage('PUT', '/projects/ann/policies/attic', { unikernels: 1,
    memory: 64, cpus: [0], bridges: [] });
  await mine.getByText('ann may use attic.').waitFor();
  await mine.getByRole('link', { name: 'Deploy the sample' }).waitFor();
  assert.deepEqual(hers.complaints, []);
  await hers.close();
});

test('nothing broke a policy, asked another host, or threw', () => {
  assert.deepEqual(visitor.complaints, []);
});

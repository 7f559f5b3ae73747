// SPDX-License-Identifier: ISC
// The main job in a browser: sign in, drop an image, watch its log, restart,
// replace, destroy; and what a person meets when something is wrong. Each page
// is held against axe in both themes, and its picture is taken.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stack, makeImage, until } from '../api/stack.mjs';
import { visit } from './browser.mjs';

let stack, visitor, page, look, button, heading, dialog, signIn;

before(async () => {
  stack = await Stack.start();
  visitor = await visit(stack);
  ({ page, look, button, heading, dialog, signIn } = visitor);
});
after(async () => {
  await visitor?.close();
  await stack?.stop();
});

const pathOf = (name) => stack.at(name);

test('signing in, with a wrong password first', async () => {
  await page.goto(`${stack.url}/unikernels`);
  await page.getByLabel('E-mail').fill(stack.email);
  await page.getByLabel('Password').fill('not the password');
  await button('Sign in').click();
  await page.getByRole('alert').filter({ hasText: /wrong/i }).waitFor();
  await look('sign-in');
  await signIn();
  await heading('Unikernels').waitFor();
});

test('with nothing there the next step is said', async () => {
  await heading('No unikernel runs yet').waitFor();
  await look('unikernels-empty');
});

test('an image that is none is refused before it is sent', async () => {
  await page.getByRole('link', { name: 'Deploy the first' }).click();
  await page.setInputFiles('input[type=file]', { name: 'notes.txt',
    mimeType: 'text/plain', buffer: Buffer.from('no image at all'.repeat(20)) });
  await page.getByText(/no ELF file/).waitFor();
  assert.ok(await button('Deploy').isDisabled());
});

test('the manifest asks for exactly its devices', async () => {
  const image = makeImage(stack.dir, 'devices.spt', '--target', 'spt',
    '--net', 'service', '--block', 'storage');
  await page.setInputFiles('input[type=file]', image);
  await page.getByLabel('Network service', { exact: true }).waitFor();
  await page.getByLabel('Volume storage', { exact: true }).waitFor();
  await page.getByLabel('Name', { exact: true }).fill('devices');
  await page.getByText(`Used in ${stack.project} on`).waitFor();
  await button('Deploy').click();
  await page.getByText('Please check the marked fields').waitFor();
  await page.locator('.field.bad').filter({ hasText: 'Volume storage' }).waitFor();
  await look('deploy-refused');
});

test('what was filled in outlives a reload, and can be begun anew', async () => {
  const name = page.getByLabel('Name', { exact: true });
  await name.fill('typed');
  await page.setInputFiles('input[type=file]', stack.sample);
  await page.getByText('no devices').waitFor();
  await page.reload();
  await page.getByText('This is what you filled in before.').waitFor();
  assert.equal(await name.inputValue(), 'typed');
  await page.getByText('Choose hello.spt again').waitFor();
  await look('deploy-kept');
  await button('Begin anew').click();
  assert.equal(await name.inputValue(), '');
});

test('what is left is said as one types', async () => {
  const memory = page.getByLabel('Memory (MB)');
  await page.getByText(/MB are left with it/).waitFor();
  await memory.fill('999999');
  await page.locator('.field.bad').getByText(/^Only \d+ MB of/).waitFor();
  await memory.fill('32');
  await page.getByLabel('Name', { exact: true }).fill('-no');
  await page.locator('.field.bad').getByText('Lower case letters').waitFor();
});

test('dropping the sample deploys it, and its log comes in live', async () => {
  await page.setInputFiles('input[type=file]', stack.sample);
  await page.getByText('no devices').waitFor();
  await page.getByLabel('Name', { exact: true }).fill('hello');
  await page.getByRole('group', { name: 'Arguments' })
    .getByRole('button', { name: 'Add' }).click();
  await page.getByLabel('Arguments 1', { exact: true }).fill('--hello=a b');
  await page.getByText('curl -fsS -T hello.spt').waitFor();
  await button('Deploy').click();
  await page.waitForURL(`**${pathOf('hello')}`);
  const log = page.getByRole('log');
  await until(async () => await log.locator('.log-row').count() > 4,
    'some lines');
  const count = await log.locator('.log-row').count();
  await until(async () => await log.locator('.log-row').count() > count,
    'more lines, live');
  await page.locator('.stream.live').waitFor();
});

test('pausing the log loses nothing', async () => {
  await button('Pause').click();
  const rows = page.getByRole('log').locator('.log-row');
  const before = await rows.count();
  await new Promise((done) => setTimeout(done, 2500));
  assert.equal(await rows.count(), before);
  await button('Pause').click();
  await until(async () => await rows.count() >= before + 2, 'what came meanwhile');
});

test('the configuration is shown', async () => {
  await page.getByRole('tab', { name: 'Configuration' }).click();
  await page.getByText('--hello=a b', { exact: true }).waitFor();
});

test('restart', async () => {
  await button('Restart').click();
  await page.getByText('hello was restarted').waitFor();
});

test('the drawer tells what ended, by keyboard', async () => {
  const bar = page.getByRole('button', { name: /^Operations/ });
  await bar.getByText('Deployment of hello: done').waitFor();
  await page.locator('#main').focus();
  await page.keyboard.press('o');
  const drawer = page.getByRole('region', { name: 'Operations' });
  await drawer.getByRole('link', { name: 'Deployment of hello' }).first().waitFor();
  assert.equal(await drawer.getByText('failed').count(), 1);
  await page.keyboard.press('Enter');
  assert.equal(await drawer.getByRole('list').count(), 0);
});

test('replacing asks first', async () => {
  await page.getByRole('link', { name: 'Replace' }).click();
  await page.setInputFiles('input[type=file]', stack.sample);
  await page.getByLabel('Memory (MB)').fill('48');
  await page.getByText('hello runs there now: it is replaced.').waitFor();
  await button('Deploy').click();
  await page.getByRole('dialog', { name: 'Replace hello?' }).waitFor();
  await button('Replace it').click();
  await page.getByText('hello was replaced').waitFor();
  await page.locator('.strip').getByText('48 MB').waitFor();
});

test('the history tells what changed, and a click goes back', async () => {
  await page.getByRole('tab', { name: 'Deployments' }).click();
  const row = (number) => page.getByRole('row').filter({ has: page.getByRole(
    'rowheader', { name: String(number), exact: true }) });
  await row(3).getByText('running').waitFor();
  await row(3).getByText('memory').waitFor();
  await button('Revert to this: deployment 1').click();
  await dialog().waitFor();
  await dialog().getByRole('button', { name: 'Revert',
    exact: true }).click();
  await page.getByText('hello was reverted').waitFor();
  await button('Close').click();
  await row(4).getByText('roll-back to 1').waitFor();
  await page.locator('.strip').getByText('32 MB').waitFor();
});

test('a deploy that fails its health check takes itself back', async () => {
  await page.getByRole('tab', { name: 'Health check' }).click();
  await page.getByText('Without a health check').waitFor();
  await look('health-empty');
  await page.goto(`${stack.url}/settings?tab=watching`);
  await page.getByRole('group', { name: 'Ranges' })
    .getByRole('button', { name: 'Add' }).click();
  await page.getByLabel('Ranges 1', { exact: true }).fill('127.0.0.1');
  await button('Save ranges').click();
  await page.getByText('Saved').waitFor();
  await page.goto(`${stack.url}/deploy?instance=${stack.instance}&project=` +
    `${stack.project}&name=hello&deployment=1`);
  await page.getByText('Stored image').waitFor();
  await page.getByLabel('Health check').fill('tcp://127.0.0.1:1');
  await page.getByLabel('Memory (MB)').fill('50');
  await button('Deploy').click();
  await button('Replace it').click();
  await page.getByText('It did not work; what ran before runs again.')
    .waitFor({ timeout: 60000 });
  await look('deploy-rolled-back');
});

test('restart with a change', async () => {
  await page.goto(stack.url + pathOf('hello'));
  await button('Restart with…').click();
  await dialog().getByLabel('Memory (MB)').fill('999999');
  await dialog().locator('.field.bad').getByText(/^Only \d+ MB of/).waitFor();
  await dialog().getByLabel('Memory (MB)').fill('33');
  await dialog().getByRole('button', { name: 'Restart',
    exact: true }).click();
  await page.locator('.strip').getByText('33 MB').waitFor();
});

test('one more like it', async () => {
  await page.goto(`${stack.url}/deploy`);
  await page.getByRole('radio', { name: 'Like another' }).check();
  await page.getByLabel('Which one').selectOption({ label:
    `hello (${stack.instance} / ${stack.project})` });
  await button('Fill it in').click();
  await page.getByText('Stored image').waitFor();
  assert.equal(await page.getByLabel('Memory (MB)').inputValue(), '33');
  assert.equal(await page.getByLabel('Arguments 1', { exact: true }).inputValue(),
    '--hello=a b');
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), '');
});

test('images are listed with who uses them', async () => {
  await page.getByRole('link', { name: 'Images' }).click();
  await page.getByRole('row').filter({ hasText: 'runs it' }).waitFor();
  await page.goto(stack.url + pathOf('hello'));
});

test('the list shows it, filters it, and goes to it by keyboard', async () => {
  for (const [name, memory] of [['dns-primary', 24], ['dns-secondary', 24],
    ['git-mirror', 96], ['tlstunnel', 64], ['website', 48]])
    assert.equal((await stack.deploy(name, stack.sample,
      `?memory=${memory}&fail_behaviour=restart`)).status, 201);
  await page.getByRole('link', { name: 'Unikernels', exact: true }).click();
  await page.getByRole('row').filter({ hasText: 'hello' }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('nothing-has-this');
  await heading('Nothing fits the filter').waitFor();
  assert.match(page.url(), /q=nothing/);
  await button('Show all').click();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('hello');
  await page.keyboard.press('Enter');
  await page.waitForURL(`**${pathOf('hello')}`);
});

test('what there is to do with one, from its row, by keyboard', async () => {
  await page.goto(`${stack.url}/unikernels?q=website`);
  await button('Actions of website').focus();
  await page.keyboard.press('ArrowDown');
  await page.getByRole('menuitem', { name: 'Log' }).and(page.locator(':focus'))
    .waitFor();
  await look('unikernels-menu');
  await page.keyboard.press('r');
  await page.keyboard.press('Enter');
  await page.getByText('website was restarted').waitFor();
  await button('Actions of website').click();
  await page.getByRole('menuitem', { name: 'Destroy…' }).click();
  await page.getByRole('dialog', { name: 'Destroy website?' }).waitFor();
  await page.keyboard.press('Escape');
  await page.waitForURL(`**${pathOf('website')}`);
});

test('many are restarted', async () => {
  await page.goto(`${stack.url}/unikernels?q=dns`);
  await page.getByLabel('Choose dns-primary').check();
  await button('Choose all 2').click();
  await button('Restart…').click();
  await look('restarts-dialog');
  await dialog().getByRole('button', { name: 'Restart', exact: true }).click();
  await page.getByText('2 unikernels restarted').waitFor();
  assert.equal(await dialog().getByText('restarted', { exact: true }).count(), 2);
  await dialog().getByRole('button', { name: 'Close' }).click();
});

test('a link asks before it restarts', async () => {
  await page.goto(`${stack.url + pathOf('website')}?do=restart`);
  await page.getByRole('dialog', { name: 'Restart website?' }).waitFor();
  await look('restart-ask');
  await dialog().getByRole('button', { name: 'Restart', exact: true }).click();
  await page.getByText('website was restarted').waitFor();
  assert.ok(!page.url().includes('do='));
});

test('an instance that is down is shown as down', async () => {
  await stack.fault('refuse');
  await page.goto(`${stack.url}/unikernels`);
  await page.getByText(`${stack.instance} does not answer`).waitFor();
  await page.goto(`${stack.url}/deploy`);
  await page.getByText('What is left is not known.').waitFor();
  await stack.fault('none');
  await page.getByRole('heading', { name: /^Used in/ }).waitFor();
  await page.goto(`${stack.url}/unikernels`);
  await page.getByRole('row').filter({ hasText: 'hello' }).waitFor();
});

test('a session that ended asks again and goes on', async () => {
  await page.goto(`${stack.url}/deploy`);
  await page.getByLabel('Name', { exact: true }).fill('typed');
  await page.setInputFiles('input[type=file]', stack.sample);
  await visitor.pressUnsigned(button('Deploy'));
  await visitor.ended().waitFor();
  await look('session-ended');
  await visitor.signInAgain();
  await page.waitForURL(`**${pathOf('typed')}`);
  await page.getByText('typed runs').waitFor();
});

test('a token is made, shown once, works, and is revoked', async () => {
  await page.getByRole('link', { name: 'Tokens', exact: true }).click();
  await button('New token').click();
  await page.getByLabel('Name', { exact: true }).fill('ci');
  await button('Make it').click();
  const secret = await page.getByText(/^mmk_/).textContent();
  await page.getByText('Copy it now').waitFor();
  await button('I have it').click();
  assert.equal((await stack.ask('GET', '/unikernels',
    { token: secret })).status, 200);
  await button('Revoke ci').click();
  await button('Revoke now').click();
  await page.getByText('ci was revoked').waitFor();
  assert.equal((await stack.ask('GET', '/unikernels',
    { token: secret })).status, 401);
});

test('instances and their health', async () => {
  await page.getByRole('link', { name: 'Instances', exact: true }).click();
  await button('Check now').click();
  await page.getByText('up', { exact: true }).waitFor();
  await button('Add an instance').click();
  await page.getByLabel('Name', { exact: true }).fill('wrong');
  await page.getByLabel('Host').fill('127.0.0.1');
  await page.getByLabel('CA certificate', { exact: true }).fill('no PEM');
  await page.getByLabel('Its private key', { exact: true }).fill('no PEM');
  await button('Add and connect').click();
  await page.locator('.field.bad').filter({ hasText: 'CA certificate' }).waitFor();
  await look('instance-new');
  await button('Cancel').click();
});

test('destroying wants the name typed', async () => {
  await page.goto(stack.url + pathOf('hello'));
  await button('Destroy').click();
  const dialog = page.getByRole('dialog', { name: 'Destroy hello?' });
  const destroy = dialog.getByRole('button', { name: 'Destroy' });
  assert.ok(await destroy.isDisabled());
  await dialog.getByLabel('Type hello to confirm').fill('hello');
  await destroy.click();
  await page.getByText('hello was destroyed').waitFor();
  await until(async () => {
    const { json } = await stack.ask('GET', '/unikernels');
    return !json.items.some((u) => u.name === 'hello');
  }, 'it is gone');
});

test('its last log stays', async () => {
  await page.goto(stack.url + pathOf('hello'));
  await page.getByText('stopped', { exact: true }).waitFor();
  await until(async () => await page.getByRole('log').locator('.log-row')
    .count() > 0, 'the last lines');
});

test('what does not exist is said to', async () => {
  await page.goto(stack.url + pathOf('never'));
  await heading('There is no such unikernel').waitFor();
  await page.goto(`${stack.url}/nowhere`);
  await heading('There is no such page').waitFor();
});

const kept = () => page.evaluate(() => Object.keys(sessionStorage).filter((key) =>
  key.startsWith('deploy')));

test('signing out', async () => {
  await page.goto(`${stack.url}/deploy`);
  await page.getByLabel('Name', { exact: true }).fill('mine');
  await until(async () => (await kept()).includes('deploy '),
    'what was typed is kept');
  await page.getByRole('button', { name: 'Account of' }).click();
  await look('account');
  await button('Sign out').click();
  await page.getByLabel('E-mail').waitFor();
  assert.deepEqual(await kept(), []);
  await page.goto(`${stack.url}/tokens`);
  await page.getByLabel('E-mail').waitFor();
});

test('nothing broke a policy, asked another host, or threw', () => {
  assert.deepEqual(visitor.complaints, []);
});

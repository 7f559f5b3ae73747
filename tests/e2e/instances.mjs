// SPDX-License-Identifier: ISC
// Instances, in a browser: added with each mistake, tried, forced, changed and
// forgotten; how one is shown; who may not; and when the server or the session is
// away in the middle of it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Stack, build } from '../api/stack.mjs';
import { visit } from './browser.mjs';

let stack, visitor, page, look, button, part, heading, dialog, within, asked;
let box, stranger;

before(async () => {
  stack = await Stack.start();
  box = await stack.addSandbox('box');
  const dir = path.join(stack.dir, 'stranger');
  execFileSync(path.join(build, 'tests/sandbox/albatross-sandbox'),
    ['--dir', dir, '--init']);
  stranger = dir;
  visitor = await visit(stack);
  ({ page, look, button, part, heading, dialog, within, asked } = visitor);
});
after(async () => {
  await visitor?.close();
  await stack?.stop();
});

const file = (label, ...parts) =>
  dialog().getByLabel(`${label} from a file`).setInputFiles(path.join(...parts));
const told = (label, words) => page.locator('.field.bad')
  .filter({ hasText: label }).filter({ hasText: words }).waitFor();

test('the list tells how each does', async () => {
  await page.goto(`${stack.url}/instances`);
  await visitor.signIn();
  await heading('Instances').waitFor();
  await part('box').getByText('up', { exact: true }).waitFor();
  await part('box').getByText('albatross 2.7 or newer').waitFor();
  await page.getByLabel('Filter the instances').fill('state:up box*');
  await part(stack.instance).waitFor({ state: 'detached' });
  await part('box').waitFor();
  await page.getByLabel('Filter the instances').fill('state:down');
  await heading('Nothing fits the filter').waitFor();
  await button('Show all').click();
  await part(stack.instance).waitFor();
});

test('each mistake is told at its field', async () => {
  await button('Add an instance').click();
  await asked('Name').fill('Cellar');
  assert.equal(await asked('Name').inputValue(), 'cellar');
  await asked('Host').fill('https://h');
  await file('CA certificate', box.dir, 'ca.key');
  await file('Its private key', box.dir, 'ca.pem');
  await within('Add and connect').click();
  await told('Host', 'without a scheme');
  await asked('Host').fill('127.0.0.1');
  await asked('Port').fill(String(box.port));
  await within('Add and connect').click();
  await told('CA certificate', 'swapped');
  await told('Its private key', 'swapped');
  await look('instance-swapped');
  // A leaf, and what is no text.
  await file('CA certificate', stranger, 'server.pem');
  await file('Its private key', stranger, 'server.key');
  await within('Add and connect').click();
  await told('CA certificate', 'not a CA');
  const der = path.join(stack.dir, 'key.der');
  execFileSync('openssl', ['pkey', '-in', path.join(box.dir, 'ca.key'),
    '-outform', 'der', '-out', der]);
  await file('Its private key', der);
  await told('Its private key', 'DER');
  const locked = path.join(stack.dir, 'locked.pem');
  execFileSync('openssl', ['pkey', '-in', path.join(box.dir, 'ca.key'),
    '-aes256', '-passout', 'pass:x', '-out', locked]);
  await file('CA certificate', box.dir, 'ca.pem');
  await file('Its private key', locked);
  await within('Add and connect').click();
  await told('Its private key', 'without a passphrase');
});

test('what the server said is told, and what was typed stays', async () => {
  await file('CA certificate', stranger, 'ca.pem');
  await file('Its private key', stranger, 'ca.key');
  await file('Server CA (optional)', box.dir, 'ca.pem');
  await within('Add and connect').click();
  await dialog().getByText('It does not take our certificate.').waitFor();
  await look('instance-refused');
  await file('CA certificate', box.dir, 'ca.pem');
  await file('Its private key', box.dir, 'ca.key');
  await asked('Server CA (optional)').fill('');
  for (const [fault, words] of [
    ['wrong-cert', 'Its certificate is not as expected.'],
    ['garbage-frame', 'It speaks another version.'],
    ['refuse', 'It can not be reached.']]) {
    await box.fault(fault);
    await within('Add and connect').click();
    await dialog().getByText(words).waitFor();
  }
  assert.equal(await asked('Name').inputValue(), 'cellar');
  assert.match(await asked('CA certificate').inputValue(), /BEGIN CERTIFICATE/);
  assert.equal((await stack.ask('GET', '/instances/cellar')).status, 404);
});

test('it is saved nevertheless, and shown as down', async () => {
  await within('Save it nevertheless').click();
  await page.waitForURL('**/instances/cellar');
  await page.getByText('cellar was saved; it does not answer yet').waitFor();
  await heading('cellar').waitFor();
  await page.locator('.page-head').getByText('down', { exact: true }).waitFor();
  await page.getByText('It can not be reached.').first().waitFor();
  await box.fault('none');
  await button('Check now').click();
  await page.getByText('cellar answers').waitFor();
  await page.locator('.page-head').getByText(/^(up|degraded)$/).waitFor();
  await part('Certificates').getByText('days left').first().waitFor();
  await part('Health').getByText(/^Error log \(\d+\)$/).click();
  await part('Health').getByRole('cell', { name: 'instance-unreachable' }).first()
    .waitFor();
});

test('a certificate in DER is taken as it is', async () => {
  const der = path.join(stack.dir, 'ca.der');
  execFileSync('openssl', ['x509', '-in', path.join(box.dir, 'ca.pem'),
    '-outform', 'der', '-out', der]);
  await button('Change…').click();
  await file('CA certificate', der);
  await file('Its private key', box.dir, 'ca.key');
  await asked('Title (optional)').fill('In the cellar');
  await look('instance-change');
  await within('Save').click();
  await heading('In the cellar').waitFor();
});

test('a change that does not work is told, and changes nothing', async () => {
  await button('Change…').click();
  await asked('Port').fill('1');
  await within('Save').click();
  await dialog().getByText('It can not be reached.').waitFor();
  await file('Its private key', box.dir, 'ca.key');
  await within('Save').click();
  await told('CA certificate', 'changed together');
  await within('Cancel').click();
  const { headers } = await stack.signIn();
  const { json } = await stack.ask('GET', '/instances/cellar',
    { token: null, headers });
  assert.equal(json.port, box.port);
});

test('the session and the server are away in the middle of it', async () => {
  await button('Change…').click();
  await asked('Title (optional)').fill('Beneath');
  await page.route('**/api/v1/instances/cellar', (route) =>
    (route.request().method() === 'PATCH' ? route.abort() : route.continue()));
  await within('Save').click();
  await dialog().getByText('The server can not be reached.').first().waitFor();
  await page.unroute('**/api/v1/instances/cellar');
  await visitor.pressUnsigned(within('Save'));
  await visitor.signInAgain();
  await heading('Beneath').waitFor();
});

test('who proved long ago that it is them does so again', async () => {
  stack.forgetProofs();
  await button('Change…').click();
  await asked('Title (optional)').fill('Beneath it');
  await within('Save').click();
  const confirm = page.getByRole('dialog', { name: 'Confirm that it is you' });
  await confirm.getByLabel('Password').fill(stack.password);
  await confirm.getByRole('button', { name: 'Confirm' }).click();
  await heading('Beneath it').waitFor();
});

test('a clock that is wrong is warned of', async () => {
  assert.equal((await stack.ask('PUT',
    `/unikernels/box/${stack.project}/it?wait=60&grace=1`,
    { body: fs.readFileSync(stack.sample) })).status, 201);
  await stack.control('clock 50', box.dir);
  await page.goto(`${stack.url}/instances/box`);
  await page.getByText(/^Its clock is \d+ s ahead\.$/).waitFor({ timeout: 60000 });
  await look('instance-clock');
  await stack.control('clock 0', box.dir);
});

test('what it leaves is told before it is forgotten', async () => {
  await part('What projects may use').getByRole('rowheader',
    { name: stack.project }).waitFor();
  await button('Forget…').click();
  await dialog().getByText('1 unikernel goes on running').waitFor();
  await dialog().getByText(`${stack.project}/it`).waitFor();
  await dialog().getByText('without the policy there').waitFor();
  assert.ok(await within('Forget').isDisabled());
  await dialog().getByLabel('Type box to confirm').fill('box');
  await within('Forget').click();
  await page.getByText('box is forgotten').waitFor();
  await page.waitForURL('**/instances');
  await part('cellar').waitFor();
  await part('box').waitFor({ state: 'detached' });
});

test('one that is not there, and one who may only look', async () => {
  await page.goto(`${stack.url}/instances/never`);
  await page.getByText('There is no such instance.').waitFor();
  const { email, password } = stack.addUser('ann');
  await stack.setRole((await stack.signIn()).headers, email, 'viewer');
  await page.context().clearCookies();
  await page.goto(`${stack.url}/instances/${stack.instance}`);
  await visitor.signIn({ email, password });
  await heading(stack.instance).waitFor();
  await part('Health').getByText('Speaks').waitFor();
  assert.equal(await button('Change…').count(), 0);
  assert.equal(await button('Forget…').count(), 0);
  assert.equal(await part('Certificates').count(), 0);
  await look('instance-member');
});

test('nothing broke a policy, asked another host, or threw', () => {
  assert.deepEqual(visitor.complaints, []);
});

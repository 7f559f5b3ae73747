// SPDX-License-Identifier: ISC
// Second factors in a browser: codes, recovery codes, passkeys (of Chromium's
// virtual authenticator), over pages too, and who must have one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { STEP, totp } from '../api/authenticator.mjs';
import { Stack, until } from '../api/stack.mjs';
import { visit } from './browser.mjs';
import { hasFocus } from './reach.mjs';

let stack, visitor, page, look, button, within, dialog, cdp, authenticator;
/** Of the one who signed in: the secret of their codes, and recovery codes. */
let secret, step, codes;

before(async () => {
  stack = await Stack.start();
  visitor = await visit(stack);
  ({ page, look, button, within, dialog } = visitor);
  ({ cdp, id: authenticator } = await visitor.authenticator());
});
after(async () => {
  await visitor?.close();
  await stack?.stop();
});

const card = (name) => page.getByRole('region', { name });
const codeOf = (part) => part.getByRole('textbox',
  { name: 'Code', exact: true });
const textOf = async () => (await dialog().locator('pre').textContent());

async function enter() {
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}

async function signOut() {
  stack.authSql('UPDATE session SET revoked = 1');
  await page.context().clearCookies();
  await page.goto(`${stack.url}/`);
  await button('Sign in').waitFor();
}

/** From the dialog to scan a secret on: until its codes are stored. */
async function turnOn() {
  await dialog().getByRole('img', { name: /QR code/ }).waitFor();
  secret = (await textOf()).replaceAll(' ', '');
  assert.match(secret, /^[A-Z2-7]{32}$/);
  await within('Turn it on').waitFor();
  // It came in place of what was shown: one types on.
  await until(() => hasFocus(codeOf(dialog())), 'the code is typed at once');
  step = Math.floor(Date.now() / 1000 / STEP);
  await codeOf(dialog()).fill(totp(secret, step));
  await page.keyboard.press('Enter');
  await within('I have stored them').waitFor();
  await until(() => hasFocus(within('I have stored them')), 'the next step');
  codes = (await textOf()).split('\n');
  assert.equal(codes.length, 10);
}

test('codes are scanned or typed, and in force once one was given', async () => {
  await page.goto(`${stack.url}/account`);
  await visitor.signIn();
  await card('Second factor').waitFor();
  await button('Set up codes').click();
  await dialog().getByRole('img', { name: /QR code/ }).waitFor();
  await codeOf(dialog()).fill('no code');
  await within('Turn it on').click();
  await dialog().getByText('is not the one that is due').waitFor();
  await turnOn();
  await look('recovery-codes');
  await within('I have stored them').click();
  await card('Second factor').getByText('on', { exact: true }).waitFor();
  await card('Second factor').getByText('10 recovery codes left').waitFor();
  await visitor.fits('account-codes', 320);
});

test('signing in asks for a code, wrong ones are told', async () => {
  await signOut();
  await visitor.signIn();
  await codeOf(page).waitFor();
  await codeOf(page).fill('000000');
  await page.keyboard.press('Enter');
  await page.getByText('The code is wrong').waitFor();
  await codeOf(page).fill(totp(secret, step + 1));
  await page.keyboard.press('Enter');
  await enter();
});

test('a recovery code does too, by keyboard alone', async () => {
  await signOut();
  await page.getByLabel('E-mail').focus();
  await page.keyboard.type(stack.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(stack.password);
  await page.keyboard.press('Enter');
  await codeOf(page).waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByLabel('Recovery code').waitFor();
  await page.keyboard.type(codes[0].toUpperCase());
  await page.keyboard.press('Enter');
  await enter();
});

test('what changes is confirmed with the code too', async () => {
  await page.goto(`${stack.url}/account`);
  await card('Second factor').getByText('9 recovery codes left').waitFor();
  stack.forgetProofs();
  await button('New recovery codes').click();
  await within('Make new ones').click();
  const confirm = page.getByRole('dialog', { name: 'Confirm that it is you' });
  await confirm.getByLabel('Password').fill(stack.password);
  await page.keyboard.press('Enter');
  await codeOf(confirm).waitFor();
  await confirm.getByRole('button', { name: 'Use a recovery code' }).click();
  await confirm.getByLabel('Recovery code').fill(codes[1]);
  await page.keyboard.press('Enter');
  await within('I have stored them').click();
  await card('Second factor').getByText('10 recovery codes left').waitFor();
  await card('Second factor').getByRole('button', { name: 'Remove' }).click();
  await within('Remove').click();
  await button('Set up codes').waitFor();
});

test('a passkey is made and named', async () => {
  await button('Add a passkey').click();
  await dialog().getByLabel('Name').fill('my laptop');
  await page.keyboard.press('Enter');
  await within('I have stored them').click();
  await card('Passkeys').getByText('my laptop').waitFor();
  await look('passkeys');
  // The same device has one already, and says so.
  await button('Add a passkey').click();
  await dialog().getByLabel('Name').fill('again');
  await page.keyboard.press('Enter');
  await dialog().getByText('has a passkey for this account already').waitFor();
  await page.keyboard.press('Escape');
});

test('it signs in without a word, and confirms', async () => {
  await signOut();
  await button('Sign in with a passkey').click();
  await enter();
  await page.goto(`${stack.url}/account`);
  await card('Passkeys').getByText(/used /).waitFor();
  stack.forgetProofs();
  await button('Rename my laptop').click();
  await dialog().getByLabel('Name').fill('old laptop');
  await page.keyboard.press('Enter');
  await button('Use a passkey').click();
  await button('Rename old laptop').waitFor();
});

/** New codes are asked for in a session that ended. */
async function askForCodes() {
  await button('New recovery codes').click();
  await visitor.pressUnsigned(within('Make new ones'), () =>
    stack.authSql('UPDATE session SET revoked = 1'));
}

test('over a page, too, when the session ended', async () => {
  await askForCodes();
  const ended = visitor.ended();
  await ended.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await within('I have stored them').waitFor();
  codes = (await textOf()).split('\n');
  await within('I have stored them').click();
  // And with the password and a code, in the dialog.
  await askForCodes();
  await ended.getByLabel('Password').fill(stack.password);
  await page.keyboard.press('Enter');
  await codeOf(ended).waitFor();
  await ended.getByRole('button', { name: 'Use a recovery code' }).click();
  await ended.getByLabel('Recovery code').fill(codes[0]);
  await page.keyboard.press('Enter');
  await within('I have stored them').click();
});

test('what is not known any more does not sign in', async () => {
  await button('Remove old laptop').click();
  await within('Remove').click();
  await button('Remove old laptop').waitFor({ state: 'detached' });
  await signOut();
  await button('Sign in with a passkey').click();
  await page.getByText('This passkey is not known here').waitFor();
  await cdp.send('WebAuthn.clearCredentials', { authenticatorId: authenticator });
  await visitor.signIn();
  await enter();
});

test('a server that does not answer is told, and asked again', async () => {
  await page.route('**/api/v1/me/passkeys*', (route) => route.abort());
  await page.goto(`${stack.url}/account`);
  await card('Passkeys').getByText('Not up to date.').waitFor();
  await page.unroute('**/api/v1/me/passkeys*');
  await card('Passkeys').getByRole('button', { name: 'Ask again' }).click();
  await card('Passkeys').getByText('Not up to date.').waitFor(
    { state: 'detached' });
});

test('administrators who must have one are led to it', async () => {
  await page.goto(`${stack.url}/settings`);
  const form = page.locator('form', { has: page.getByRole('heading',
    { name: 'Second factor' }) });
  await form.getByLabel('Administrators must have one').check();
  await form.getByRole('button', { name: 'Save second factor' }).click();
  await form.getByText('Set up a second factor of your own').waitFor();
  stack.authSql(`INSERT OR REPLACE INTO setting VALUES ('second-factor',
    '{"required_for_admins":true}')`);
  // In the middle of work, whatever is asked next.
  await form.getByRole('button', { name: 'Save second factor' }).click();
  await page.getByRole('heading', { name: 'Set up a second factor' }).waitFor();
  await look('enrol');
  await signOut();
  await visitor.signIn();
  await page.getByRole('heading', { name: 'Set up a second factor' }).waitFor();
  stack.forgetProofs();
  await button('Set up codes').click();
  const confirm = page.getByRole('dialog', { name: 'Confirm that it is you' });
  await confirm.getByLabel('Password').fill(stack.password);
  await page.keyboard.press('Enter');
  await turnOn();
  await within('I have stored them').click();
  await page.getByRole('navigation').first().waitFor();
  await page.goto(`${stack.url}/account`);
  await card('Second factor').getByText('Administrators must have').waitFor();
  await card('Second factor').getByRole('button', { name: 'Remove' }).click();
  await within('Remove').click();
  await dialog().getByText('set up another one first').waitFor();
});

test('nothing broke a policy, asked another host, or threw', () => {
  assert.deepEqual(visitor.complaints, []);
});

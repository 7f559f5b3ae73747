// SPDX-License-Identifier: ISC
// One's own account in a browser: registered and confirmed; changed; where one
// is signed in; a forgotten password; an invitation. And what one meets when a
// name is taken, a link is over, nothing answers, or the session ended in the
// middle of a form.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stack, until } from '../api/stack.mjs';
import { visit } from './browser.mjs';
import { hasFocus } from './reach.mjs';

let stack, visitor, page, look, button, field, link, heading, admin;

const eve = { email: 'eve@example.org', password: 'correct horse battery' };

before(async () => {
  stack = await Stack.start();
  admin = await stack.signIn();
  visitor = await visit(stack);
  ({ page, look, button, field, link, heading } = visitor);
});
after(async () => {
  await visitor?.close();
  await stack?.stop();
});

const wrong = (label) => page.locator('.field.bad').filter({ hasText: label });
const register = (json) => stack.ok(admin, 'PUT', '/settings/registration', json);

/** The link of the newest mail to an address; each is given once. */
const opened = new Set();
function mailed(email, where) {
  return until(() => {
    for (const { file, text } of stack.mails().reverse()) {
      const [found] = text.match(new RegExp(`http\\S+/${where}#secret=\\S+`)) ?? [];
      if (opened.has(file) || !text.includes(`To: <${email}>`) || !found) continue;
      opened.add(file);
      return found;
    }
  }, `a mail to ${email} with a link to ${where}`);
}

/** Opens a link afresh, as from a mail. */
async function open(url) {
  await page.goto('about:blank');
  await page.goto(url);
}

/** Signs in on the first page, as nobody yet. */
async function signInAs(who) {
  await page.context().clearCookies();
  await open(stack.url);
  await visitor.signIn(who);
}

test('without an invitation nobody registers, unless it is open', async () => {
  await register({ mode: 'closed', approval: true, domains: [] });
  await page.goto(stack.url);
  await link('Forgot the password?').waitFor();
  assert.equal(await link('Make an account').count(), 0);
  await page.goto(`${stack.url}/register`);
  await page.getByText('made by administrators here').waitFor();
  await look('register-closed');
  await register({ mode: 'open', approval: false, domains: ['example.org'] });
});

test('nobody signs in by a wrong password, or where nothing answers', async () => {
  await page.goto(stack.url);
  await visitor.signIn({ email: stack.email, password: 'not this one' });
  await wrong('Password').waitFor();
  await until(() => hasFocus(field('Password')), 'one types on at once');
  await page.route('**/api/v1/session', (route) => route.abort());
  await button('Sign in').click();
  await page.getByText('The server can not be reached').waitFor();
  assert.equal(await wrong('Password').count(), 0);
  await until(() => hasFocus(button('Sign in')), 'one tries again at once');
  await page.unroute('**/api/v1/session');
});

test('what is asked for while nothing answers is asked for again', async () => {
  await page.route('**/api/v1/accounts', (route) => route.abort());
  await open(`${stack.url}/register`);
  await page.getByText('Mollymawk does not answer.').waitFor();
  await page.unroute('**/api/v1/accounts');
  await button('Try again').click();
  await field('E-mail').waitFor();
});

test('an account is made, by keyboard', async () => {
  await page.goto(stack.url);
  await link('Make an account').press('Enter');
  await heading('Make an account').waitFor();
  await field('E-mail').focus();
  for (const text of ['eve@elsewhere.example', stack.project, 'Eve', 'too short']) {
    await page.keyboard.type(text);
    await page.keyboard.press('Tab');
  }
  await page.getByText('9 of 12 characters').waitFor();
  await field('Password').fill(eve.password);
  await page.getByText('21 characters', { exact: true }).waitFor();
  await button('Show password').press('Enter');
  assert.equal(await field('Password').getAttribute('type'), 'text');
  await button('Hide password').click();
  await field('Password').press('Enter');
  await wrong('E-mail').waitFor();
  await until(() => hasFocus(field('E-mail')), 'the first wrong field is gone to');
  await look('register-refused');
  await field('E-mail').fill(eve.email);
  await button('Make the account').click();
  await wrong('User name').waitFor();
  assert.equal(await field('Password').inputValue(), eve.password);
});

test('nothing typed is lost while the server does not answer', async () => {
  await field('User name').fill('eve');
  await page.route('**/api/v1/accounts', (route) => route.abort());
  await button('Make the account').click();
  await page.getByText('The server can not be reached').waitFor();
  await page.unroute('**/api/v1/accounts');
  await button('Make the account').click();
  await heading('Look into your mail').waitFor();
  await look('register-mailed');
});

test('who did not confirm the address is told so, and mailed again', async () => {
  await link('Sign in').click();
  await visitor.signIn(eve);
  await page.getByRole('alert').filter({ hasText: /mailed to this address/ })
    .waitFor();
  await look('sign-in-unconfirmed');
  await mailed(eve.email, 'verify');
  await button('Send the mail again').click();
  await page.getByText('It was sent again').waitFor();
});

test('an address is confirmed by the link, once', async () => {
  const url = await mailed(eve.email, 'verify');
  await open(url);
  await button('Confirm it').waitFor();
  await look('verify');
  await page.keyboard.press('Enter');
  await heading('Thank you').waitFor();
  await link('Sign in').waitFor();
  await look('verified');
  await open(url);
  await button('Confirm it').click();
  await heading('This link is over').waitFor();
  await look('verify-over');
  await field('E-mail').fill(eve.email);
  await button('Send another link').click();
  await heading('Look into your mail').waitFor();
});

test('then one comes in', async () => {
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
});

test('a session that ends in the middle loses nothing', async () => {
  await field('Your name').fill('Eve of the Evening');
  await visitor.pressUnsigned(button('Save the name'));
  await visitor.ended().waitFor();
  await look('account-session-ended');
  await visitor.signInAgain(eve.password);
  await page.getByText('Saved').waitFor();
  assert.equal(await field('Your name').inputValue(), 'Eve of the Evening');
  await page.reload();
  await until(async () => await field('Your name').inputValue() ===
    'Eve of the Evening', 'the name is kept');
});

test('another address is mine once its link is opened', async () => {
  await field('Another e-mail address').fill('eve@evening.example');
  await button('Change the address').click();
  await page.getByText('eve@evening.example is not confirmed yet').waitFor();
  await look('account-address');
  await open(await mailed('eve@evening.example', 'verify'));
  await button('Confirm it').click();
  await link('To your account').click();
  eve.email = 'eve@evening.example';
  await page.getByRole('definition').filter({ hasText: eve.email }).waitFor();
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
  await page.getByText('Not up to date.').first().waitFor();
  const sessions = page.getByRole('region', { name: 'Sessions' });
  await sessions.getByText('Not up to date.').waitFor();
  await look('account-server-down');
  await page.unroute('**/api/v1/me');
  await button('Ask again').first().click();
  await heading('Profile').waitFor();
  await page.unroute('**/api/v1/me/sessions');
  // By itself.
  await sessions.getByText('this one').waitFor();
});

test('a forgotten password is replaced by a link, once', async () => {
  const { headers } = await stack.signIn(eve.email, eve.password);
  const token = await stack.makeToken(headers, { scopes: ['project:read'] });
  await page.context().clearCookies();
  await open(stack.url);
  await link('Forgot the password?').click();
  await field('E-mail').fill(eve.email);
  await button('Send the link').click();
  await heading('Look into your mail').waitFor();
  const url = await mailed(eve.email, 'reset');
  await open(url);
  await field('New password').fill('short');
  await button('Change the password').click();
  assert.ok(await field('New password').evaluate((i) => i.validity.tooShort));
  eve.password = 'the third horse of them';
  await field('New password').fill(eve.password);
  await look('reset');
  await button('Change the password').click();
  await heading('It is changed').waitFor();
  assert.equal((await stack.ask('GET', '/projects', { token })).status, 401);
  await open(url);
  await field('New password').fill('yet another horse');
  await button('Change the password').click();
  await heading('This link is over').waitFor();
  await look('reset-over');
  await signInAs(eve);
  await heading('Overview').waitFor();
});

test('a second factor is asked for with the new password', async () => {
  let sent;
  const refuse = (code, title) => ({ status: 401, json: { type: 'about:blank',
    title, status: 401, code, detail: title, request_id: '1' } });
  await page.route('**/password-reset/confirm', (route) => {
    sent = route.request().postDataJSON();
    return route.fulfill(sent.otp === undefined ?
      refuse('second-factor', 'A second factor is needed') : sent.otp === '000000' ?
        refuse('bad-second-factor', 'The second factor is wrong') :
        { status: 204 });
  });
  await open(`${stack.url}/reset#secret=x`);
  await field('New password').fill('a horse with a code');
  await button('Change the password').click();
  await field('Code').waitFor();
  await page.keyboard.type('000000');
  await page.keyboard.press('Enter');
  await wrong('Code').waitFor();
  await look('reset-code');
  await field('Code').fill('123456');
  await button('Change the password').click();
  await heading('It is changed').waitFor();
  assert.deepEqual(sent, { secret: 'x', password: 'a horse with a code',
    revoke_tokens: true, otp: '123456' });
  await page.unroute('**/password-reset/confirm');
});

test('an invitation makes an account, once', async () => {
  await register({ mode: 'invitation', approval: true, domains: [] });
  const made = await stack.as(admin, 'POST', '/invitations',
    { email: 'ivy@example.org', project: stack.project, role: 'deployer' });
  assert.equal(made.status, 201, made.text);
  await page.context().clearCookies();
  await open(made.json.link);
  await page.getByText('invites you to the project').waitFor();
  assert.equal(await field('E-mail').inputValue(), 'ivy@example.org');
  await look('invitation');
  await field('User name').fill('ivy');
  await field('Password').fill('poison ivy in the garden');
  await button('Make the account').click();
  await heading('Look into your mail').waitFor();
  await open(await mailed('ivy@example.org', 'verify'));
  await button('Confirm it').click();
  await link('Sign in').click();
  await visitor.signIn({ email: 'ivy@example.org',
    password: 'poison ivy in the garden' });
  await button('Account of ivy').waitFor();
  await open(made.json.link);
  await heading('This invitation is over').waitFor();
  await look('invitation-over');
});

test('nothing broke a policy, asked another host, or threw', () => {
  assert.deepEqual(visitor.complaints, []);
});

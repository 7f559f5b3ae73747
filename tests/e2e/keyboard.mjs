// SPDX-License-Identifier: ISC
// All that is done here, by keyboard alone: no pointer is used. What is reached
// is seen to have the focus, and not to lie under something else.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { STEP, totp } from '../api/authenticator.mjs';
import { MB, Stack, makeImage, until } from '../api/stack.mjs';
import { visit } from './browser.mjs';
import { hasFocus } from './reach.mjs';

let stack, visitor, page, button, heading, dialog, within, admin, grace;
let asked, field, link, closed;
let reach, use, write, check, choose, give, press, type;

before(async () => {
  stack = await Stack.start(undefined, { bare: false });
  grace = stack.addUser('grace');
  stack.addUser('vera');
  admin = await stack.signIn();
  await stack.ok(admin, 'PUT', '/settings/alerts', { instance_down_minutes: 0 });
  visitor = await visit(stack);
  ({ page, button, heading, dialog, within, asked, field, link } = visitor);
  ({ reach, use, write, check, choose, give, press, type, closed } = visitor);
});
after(async () => {
  await visitor?.close();
  await stack?.stop();
});

const at = (name) => stack.at(name);
const begins = (name) => page.getByRole('button', { name }).first();
const tab = (name) => page.getByRole('tab', { name });
const said = (text) => page.getByText(text).first().waitFor();
const toasted = (text) =>
  page.locator('.toast').filter({ hasText: text }).first().waitFor();
const arrive = (name) => page.waitForURL(`**${name}`);

/** To a page by the two keys for it. */
async function to(key, title) {
  if (await page.evaluate(() => document.activeElement !== document.body))
    await page.keyboard.press('Escape');
  await press('g', key);
  await heading(title).first().waitFor();
}

/** To what has such a name. */
async function find(text, where) {
  await press('Control+k');
  await dialog().getByRole('combobox').waitFor();
  await type(text);
  await dialog().getByRole('option').first().waitFor();
  await press('Enter');
  await page.waitForURL(`**${where}`);
}

/** The name of what goes, and the button that does it. */
async function confirm(name, verb) {
  await write(asked(`Type ${name} to confirm`), name);
  await use(within(verb));
}

test('signing in', async () => {
  await page.goto(`${stack.url}/unikernels`);
  await field('E-mail').waitFor();
  await write(field('E-mail'), stack.email);
  await press('Tab');
  await type(stack.password);
  await press('Enter');
  await heading('Unikernels').waitFor();
});

test('the navigation is skipped', async () => {
  await page.reload();
  await heading('Unikernels').waitFor();
  await use(link('Skip to the content'));
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
});

test('places, pages and keys', async () => {
  await find('web', at('web'));
  await to('o', 'Overview');
  await press('?');
  await dialog().getByText('Filter the list').waitFor();
  await press('Escape');
  await closed();
  await use(link('Alerts'));
  await heading('Alerts').waitFor();
});

test('another theme, from the menu of the account', async () => {
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  const before = await theme();
  await use(button(/^Account of/));
  await check(page.getByRole('radio', { name: 'dark' }));
  assert.notEqual(await theme(), before);
  await check(page.getByRole('radio', { name: 'light' }));
  await press('Escape');
});

test('a project is made, shared, and given a policy', async () => {
  await to('p', 'Projects');
  await use(button('New project'));
  await write(asked('Name'), 'shop');
  await use(within('Make it'));
  await arrive('/projects/shop');
  await use(button('New policy…'));
  await choose(asked('Instance'), stack.instance);
  await write(asked('Memory (MB)'), '128');
  await use(within('Set it'));
  await closed();
  await write(field('Add somebody'), 'grace');
  await use(button('Add'));
  await said('grace is deployer now');
  await choose(field('Role of grace'), 'viewer');
  await said('grace is viewer now');
  await use(button('Remove grace'));
  await confirm('grace', 'Remove them');
  await closed();
});

test('it keeps a secret, rests, comes back, and goes', async () => {
  await use(button('New secret'));
  await write(asked('Name'), 'tls-key');
  await write(asked('Value'), 'not for anybody');
  await use(within('Store it'));
  await closed();
  await said('${secret:tls-key}');
  await use(button('Archive…'));
  await confirm('shop', 'Archive it');
  await said('This project is archived.');
  await use(button('Bring it back'));
  await said('shop is back');
  await use(button('Delete…'));
  await confirm('shop', 'Delete it');
  await arrive('/projects');
});

test('an image is chosen and deployed', async () => {
  await to('d', 'Deploy');
  await give(field('Image'), stack.sample);
  await write(field('Name'), 'hello');
  await write(field('Memory (MB)'), '32');
  await use(page.getByRole('group', { name: 'Arguments' })
    .getByRole('button', { name: 'Add' }));
  await type('--hello=keys');
  await use(button('Deploy'));
  await arrive(at('hello'));
});

const rows = () => page.getByRole('log').locator('.log-row');

test('its log is followed, paused, searched, copied and saved', async () => {
  await until(async () => await rows().count() > 3, 'some lines', 30000);
  await reach(page.getByRole('log'));
  await press('p');
  await page.locator('.stream.paused').waitFor();
  await press('p', 'w');
  await page.locator('.log-box.wrap').waitFor();
  await press('w', '[');
  await page.locator('.log-row.found').waitFor();
  await press('e', '/');
  await type('tick 2');
  await press('Enter');
  await page.locator('.log-row.found mark').first().waitFor();
  await press('Escape');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await reach(page.getByRole('log'));
  await press('e', 'ArrowUp', 'Shift+ArrowUp', 'Shift+ArrowUp');
  await said('3 lines picked');
  await press('Control+c');
  await said('3 lines copied');
  assert.match(await copied(), /^(\d{4}-\S+ .+\n?){3}$/);
  await use(field('More'));
  await use(button('Copy what is shown'));
  await said('Log copied');
  assert.match(await copied(), /^\d{4}-\S+Z? .*tick 2/m);
  const coming = page.waitForEvent('download');
  await use(button('Download'));
  assert.match(fs.readFileSync(await (await coming).path(), 'utf8'), /tick 2/);
});

test('it is restarted, as it is and with a change', async () => {
  await use(button('Restart'));
  await said('hello was restarted');
  await use(button('Restart with…'));
  await write(asked('Memory (MB)'), '33');
  await use(within('Restart'));
  await page.locator('.strip').getByText('33 MB').waitFor();
  await press('Escape');
});

test('it goes back to what it was', async () => {
  await until(async () => (await stack.ask('GET', stack.at('hello',
    '/deployments'))).json.items[0].state === 'running', 'it went well', 60000);
  await use(tab('Deployments'));
  await use(button('Revert to this: deployment 1'));
  await use(within('Revert'));
  await said('hello was reverted');
  await press('Escape');
  await closed();
  await page.locator('.strip').getByText('32 MB').waitFor();
});

test('it is destroyed', async () => {
  await use(button('Destroy'));
  await confirm('hello', 'Destroy');
  await said('hello was destroyed');
});

test('an image is asked about before it goes', async () => {
  const { json } = await stack.ask('POST', `/images?project=${stack.project}`,
    { body: fs.readFileSync(makeImage(stack.dir, 'unused.spt',
      '--net', 'nowhere')) });
  await to('m', 'Images');
  await press('/');
  await type(`digest:${json.sha256.slice(0, 12)}`);
  const remove = button(`Delete ${json.sha256.slice(0, 12)}`);
  await use(remove);
  await use(within('Keep it'));
  await closed();
  await use(remove);
  await use(within('Delete'));
  await closed();
  await remove.waitFor({ state: 'detached' });
});

test('one is updated', async () => {
  await stack.ok(admin, 'GET', stack.at('web', '/update?fresh=true'));
  await find('web', at('web'));
  await use(tab('Update'));
  await use(button('Update to this build'));
  await use(within('Update'));
  await said('web runs the build of');
  await press('Escape');
});

test('a build of a builder is deployed, on a network that is chosen', async () => {
  await to('d', 'Deploy');
  await check(page.getByRole('radio', { name: 'From a builder' }));
  await write(page.getByLabel('Filter the jobs'), 'server');
  await use(page.getByRole('button', { name: 'web A web server' }));
  await write(field('Name'), 'site');
  const network = field('Network service');
  await network.waitFor();
  await choose(network, 'private');
  await use(button('Deploy'));
  await arrive(at('site'));
  await use(tab('Configuration'));
  await said('private');
});

test('its health is checked, and it is updated by itself', async () => {
  await use(tab('Health check'));
  await write(field('Address'), '127.0.0.1');
  await write(field('Port'), '1');
  await use(button('Keep it'));
  await said('The health check is kept');
  await use(tab('Update'));
  await check(page.getByRole('radio', { name: 'Automatic' }));
  await check(page.getByLabel('Tue'));
  await use(button('Save'));
  await said('In the right of');
});

test('what it uses is read from its charts', async () => {
  await use(tab('Metrics'));
  const cpu = page.getByRole('slider', { name: 'CPU' });
  await reach(cpu);
  await press('End');
  await until(async () => /%|measured/.test(
    await cpu.getAttribute('aria-valuetext')), 'a value is told');
  await use(page.getByText('The same as a table'));
  await page.getByRole('region', { name: 'Values' }).waitFor();
});

test('one like it is deployed', async () => {
  await to('d', 'Deploy');
  await check(page.getByRole('radio', { name: 'Like another' }));
  await choose(field('Which one'), 'site');
  await use(button('Fill it in'));
  await said('Stored image');
  await write(field('Name'), 'twin');
  await use(button('Deploy'));
  await arrive(at('twin'));
});

test('many are chosen of a list, and updated', async () => {
  await stack.ok(admin, 'GET', stack.at('shop', '/update?fresh=true'));
  await to('u', 'Unikernels');
  await press('/');
  await type('update:available');
  await check(page.getByLabel('Choose shop'));
  await use(button('Update…'));
  await write(asked('At once'), '1');
  await use(within('Update'));
  await page.waitForURL('**/updates/*');
  await page.getByRole('row', { name: 'shop' }).waitFor();
});

test('many are restarted, and one by the menu of its row', async () => {
  await to('u', 'Unikernels');
  await check(page.getByLabel('Choose web'));
  await use(button('Restart…'));
  await use(within('Restart'));
  await said('1 unikernel restarted');
  await press('Escape');
  await closed();
  await use(page.getByRole('button', { name: /^Actions.* web$/ }));
  await use(page.getByRole('menuitem', { name: 'Restart with…' }));
  await dialog().getByLabel('Memory (MB)').waitFor();
  await press('Escape');
  await closed();
});

test('something is begun from anywhere', async () => {
  await to('o', 'Overview');
  await press('Control+k');
  await type('new token');
  await dialog().getByRole('option', { name: /new token/i }).first().waitFor();
  await press('Enter');
  await page.getByLabel('It expires after').waitFor();
  await page.goBack();
  await heading('Overview').waitFor();
});

test('a volume is made and filled', async () => {
  await to('v', 'Volumes');
  await use(button('New volume'));
  await write(asked('Name'), 'disk');
  await write(asked('Size (MB)'), '2');
  await use(within('Make it'));
  await arrive(stack.volume('disk'));
  const file = path.join(stack.dir, 'disk.img');
  fs.writeFileSync(file, Buffer.alloc(MB, 7));
  await use(button('Upload…'));
  await give(asked('Data'), file);
  await write(asked('Type disk to confirm'), 'disk');
  await use(within('Upload'));
  await said('disk was filled');
});

test('it is downloaded, saved, also by itself, restored and deleted', async () => {
  const coming = page.waitForEvent('download');
  await use(button('Download…'));
  await use(within('Download'));
  assert.equal(fs.statSync(await (await coming).path()).size, 2 * MB);
  await use(button('Set a schedule…'));
  await check(asked('Tue'));
  await use(within('Save'));
  await said('Tue at 03:00 UTC');
  await use(button('Save a copy…'));
  await write(asked('Note'), 'by keys');
  await use(within('Save it'));
  const copy = page.getByRole('row').filter({ hasText: 'by keys' });
  await copy.waitFor();
  await use(copy.getByRole('button', { name: 'Restore' }));
  await write(asked('Type disk to confirm'), 'disk');
  await use(within('Restore it'));
  await closed();
  await said('before a restore');
  await use(copy.getByRole('button', { name: 'Delete' }));
  await confirm('disk', 'Delete');
  await copy.waitFor({ state: 'detached' });
  await use(button('Delete…'));
  await confirm('disk', 'Delete');
  await said('disk was deleted');
});

test('what is under way is shown, and put away', async () => {
  await until(async () => (await stack.ok(admin, 'GET', '/operations')).items
    .every((o) => o.state !== 'running'), 'nothing is under way', 60000);
  await reach(page.locator('#main').getByRole('link').first());
  // What opened itself is one line again.
  await page.getByRole('button', { name: /^Operations/, expanded: false })
    .waitFor();
  await press('o');
  const drawer = page.getByRole('region', { name: 'Operations' });
  await drawer.getByRole('listitem').first().waitFor();
  await use(button('Dismiss what ended'));
  await drawer.waitFor({ state: 'detached' });
});

test('a token is made, changed and revoked', async () => {
  await to('t', 'Tokens');
  await use(button('New token'));
  await write(field('Name'), 'ci');
  await check(field('make, fill and restore'));
  await use(button('Make it'));
  await said('Copy it now');
  await use(button('I have it'));
  await use(button('Change ci'));
  await write(asked('Name'), 'ci of web');
  await use(within('Save'));
  await said('ci of web was changed');
  await use(button('Revoke ci of web'));
  await use(button('Revoke now'));
  await said('ci of web was revoked');
});

test('an instance is added', async () => {
  const dir = path.join(stack.dir, 'albatross');
  await to('i', 'Instances');
  await use(button('Add an instance'));
  await write(asked('Name'), 'cellar');
  await write(asked('Host'), '127.0.0.1');
  await write(asked('Port'), '1');
  await give(dialog().getByLabel('CA certificate from a file'),
    path.join(dir, 'ca.pem'));
  await give(dialog().getByLabel('Its private key from a file'),
    path.join(dir, 'ca.key'));
  await use(within('Add and connect'));
  await use(within('Save it nevertheless'));
  await arrive('/instances/cellar');
});

test('an alert is silenced, and told again', async () => {
  await to('a', 'Alerts');
  const silence = page.getByRole('button', { name: /^Silence….*Does not answer/ });
  await silence.waitFor({ timeout: 90000 });
  await use(silence);
  await check(dialog().getByRole('radio', { name: '4 hours' }));
  await use(within('Silence'));
  await said('silent until');
  await use(begins(/^Tell again/));
  await page.getByText('silent until').waitFor({ state: 'detached' });
});

test('an instance is changed, and forgotten', async () => {
  await to('i', 'Instances');
  await use(link('cellar'));
  await use(button('Change…'));
  await write(asked('Port'), fs.readFileSync(
    path.join(stack.dir, 'albatross/port'), 'utf8').trim());
  await write(asked('Title (optional)'), 'In the cellar');
  await use(within('Save'));
  await heading('In the cellar').waitFor();
  await use(button('Forget…'));
  await confirm('cellar', 'Forget');
  await said('cellar is forgotten');
});

test('somebody is disabled, let in, invited, and deleted', async () => {
  await to('r', 'Users');
  await press('/');
  await type('vera');
  await use(link('vera'));
  await use(button('Disable…'));
  await use(within('Disable'));
  await said('vera: disabled');
  await use(button('Let them in again…'));
  await use(within('Let them in again'));
  await page.getByText('active', { exact: true }).waitFor();
  await use(button('Delete the account…'));
  await confirm('vera', 'Delete the account');
  await arrive('/users');
  await use(link('Invite somebody'));
  await write(asked('E-mail (optional)'), 'gil@example.org');
  await choose(asked('Into project'), stack.project);
  await use(within('Make the invitation'));
  await use(within('I have it'));
  await use(button('Withdraw: gil@example.org'));
  await use(button('Withdraw now'));
  await heading('Nobody is invited').waitFor();
});

test('who waits is approved', async () => {
  await stack.ok(admin, 'PUT', '/settings/registration',
    { mode: 'open', approval: true, domains: [] });
  stack.authSql("UPDATE account SET approved = 0 WHERE name = 'grace'");
  await to('r', 'Users');
  await check(page.getByRole('radio', { name: 'Waiting' }));
  await use(link('grace'));
  await use(button('Approve'));
  await said('grace is approved');
});

test('the record is filtered, and a row opened', async () => {
  await to('h', 'Audit');
  await write(field('What'), 'token-create');
  await page.waitForURL('**action=token-create**');
  await use(page.getByRole('row').filter({ hasText: 'token-create' })
    .getByRole('button', { expanded: false }).first());
  await page.getByText('Request', { exact: true }).waitFor();
});

test('one chooses what one is told of', async () => {
  await to('n', 'Notifications');
  await check(page.getByRole('group', { name: 'When to tell alerts' })
    .getByRole('radio', { name: 'Once a day' }));
  await use(button('Save alerts'));
  await toasted('Saved');
});

test('a setting is saved', async () => {
  // What was told of another form.
  await page.locator('.toast').first().waitFor({ state: 'detached' });
  await to('s', 'Settings');
  await reach(tab('People'));
  await press('ArrowRight', 'ArrowRight', 'ArrowRight', 'Enter');
  await write(page.getByLabel('Per cent of a policy'), '88');
  await use(button('Save alerts'));
  await toasted('Saved');
});

test('one\'s name, password, sessions and second factor', async () => {
  await to('c', 'Account');
  await stack.signIn();
  await write(field('Your name'), 'Ada');
  await use(button('Save the name'));
  await toasted('Saved');
  await use(button('Set up codes'));
  await dialog().getByRole('img', { name: /QR code/ }).waitFor();
  const secret = (await dialog().locator('pre').textContent())
    .replaceAll(' ', '');
  await write(dialog().getByRole('textbox', { name: 'Code', exact: true }),
    totp(secret, Math.floor(Date.now() / 1000 / STEP)));
  await press('Enter');
  await use(within('I have stored them'));
  const card = page.getByRole('region', { name: 'Second factor' });
  await use(card.getByRole('button', { name: 'Remove' }));
  await use(within('Remove'));
  await button('Set up codes').waitFor();
  await use(button('End all others'));
  await said('All other sessions have ended');
  await write(field('Current password'), stack.password);
  await write(field('New password'), 'a longer horse than that');
  await use(button('Change the password'));
  await said('Your password is changed');
});

test('a passkey is made, and signs in', async () => {
  await visitor.authenticator();
  await use(button('Add a passkey'));
  await write(asked('Name'), 'laptop');
  await press('Enter');
  await use(within('I have stored them'));
  await said('laptop');
  await use(button(/^Account of/));
  await use(button('Sign out'));
  await use(button('Sign in with a passkey'));
  await heading('Overview').waitFor();
});

test('on a phone, the menu leads to the pages and is put away', async () => {
  await visitor.onPhone();
  await use(button(/^Menu/));
  await use(link('Volumes'));
  await heading('Volumes').first().waitFor();
  await use(button(/^Menu/));
  await link('Images').waitFor();
  await press('Escape');
  await link('Images').waitFor({ state: 'hidden' });
  assert.ok(await hasFocus(button(/^Menu/)), 'one is where one was');
  await visitor.onScreen();
});

test('signing out', async () => {
  await use(button(/^Account of/));
  await use(button('Sign out'));
  await field('E-mail').waitFor();
});

test('an account is made, and its address confirmed', async () => {
  await use(link('Make an account'));
  await write(field('E-mail'), 'eve@example.org');
  await write(field('User name'), 'eve');
  await write(field('Password'), 'correct horse battery');
  await use(button('Show password'));
  await use(button('Make the account'));
  await heading('Look into your mail').waitFor();
  await page.goto(await stack.mailed('eve@example.org', 'verify'));
  await use(button('Confirm it'));
  await heading('Thank you').or(heading('Nearly there')).waitFor();
});

test('a forgotten password is replaced', async () => {
  await page.goto(stack.url);
  await use(link('Forgot the password?'));
  await write(field('E-mail'), grace.email);
  await use(button('Send the link'));
  await heading('Look into your mail').waitFor();
  await page.goto(await stack.mailed(grace.email, 'reset'));
  await write(field('New password'), 'the third horse of them');
  await use(button('Change the password'));
  await heading('It is changed').waitFor();
});

test('nothing broke a policy, asked another host, or threw', () => {
  assert.deepEqual(visitor.complaints, []);
});

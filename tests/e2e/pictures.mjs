// SPDX-License-Identifier: ISC
// Every page, its tabs and main dialogs, in a world where something happens:
// each is held against axe in both themes and has to fit into 320 pixels.
// `make pictures` has their pictures put into doc/pictures, for doc/handbook.md.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { totp } from '../api/authenticator.mjs';
import { makeImage, until } from '../api/stack.mjs';
import { visit } from './browser.mjs';
import { World } from './world.mjs';

let world, stack, visitor, page, pose, failed, button, part, heading, dialog;
let filled;

before(async () => {
  if (process.env.PICTURES) fs.mkdirSync(process.env.PICTURES, { recursive: true });
  world = await World.begin();
  ({ stack } = world);
  visitor = await visit(stack, { locale: 'en-GB', timezoneId: 'UTC' });
  ({ page, pose, failed, button, part, heading, dialog } = visitor);
  page.setDefaultTimeout(60000);
});
after(async () => {
  await visitor?.close();
  await filled?.catch(() => {});
  await world?.stop();
});

const WWW = '/unikernels/frankfurt/website/www';
const UPLOADS = '/volumes/frankfurt/website/uploads';

const open = async (where) => {
  await page.goto('about:blank');
  await page.goto(stack.url + where);
};
const text = (words) => page.getByText(words).first().waitFor();
const row = (name) => page.getByRole('row').filter({ hasText: name }).first();
const close = async () => {
  await page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'detached' });
};

/** Nothing is still on its way. */
const calm = () => !/Loading…|Connecting…|Still looking…/.test(document.body.innerText);

/** A test that goes somewhere, waits for what is to be seen, and looks. */
const shot = (name, where, ready, inHandbook = true) => test(name, async () => {
  if (where) await open(where);
  try {
    await ready();
    await page.waitForFunction(calm);
  } catch (error) {
    await failed(name);
    throw error;
  }
  await pose(name, inHandbook);
});

/** The same without a picture in the handbook. */
const look = (name, where, ready) => shot(name, where, ready, false);

// ---- nothing is set up yet ----

shot('first-run', '/overview', async () => {
  await visitor.signIn();
  await heading('Overview').waitFor();
});

// ---- who is not signed in; the world comes about meanwhile ----

test('the world begins', async () => {
  await page.context().clearCookies();
  filled = world.fill();
  filled.catch(() => {});
  await until(async () => (await stack.nobody('GET', '/accounts')).json
    .registration === 'open', 'one can make an account');
});

shot('sign-in', '/overview', () => visitor.link('Make an account').waitFor());

shot('setup', null, async () => {
  await page.route('**/api/v1/setup', (route) =>
    route.fulfill({ json: { needed: true } }));
  await open('/setup#secret=Zq3v0bT8s1KdYw6pRxJm2u');
  await page.getByLabel('E-mail').waitFor();
});

shot('forgot', '/forgot', () => page.getByLabel('E-mail').waitFor());

shot('reset', '/reset#secret=Zq3v0bT8s1KdYw6pRxJm2u', () =>
  page.getByLabel('New password').waitFor());

shot('verify', '/verify#secret=Zq3v0bT8s1KdYw6pRxJm2u', () =>
  heading('Confirm').waitFor());

test('the world is there', async () => {
  await page.unroute('**/api/v1/setup');
  await filled;
});

shot('register', '/register', async () => {
  await page.getByLabel('User name').fill('sami');
  await page.getByLabel('Password', { exact: true }).fill('tide tables at noon');
});

shot('invitation', null, async () => {
  const { link } = await world.ask('mira', 'POST', '/invitations',
    { email: 'ines@example.org', project: 'website', role: 'deployer' });
  const { pathname, hash } = new URL(link);
  await open(pathname + hash);
  await page.getByLabel('User name').waitFor();
});

// ---- the pages ----

let release;

shot('overview', '/overview', async () => {
  release = await world.occupy();
  await visitor.signIn(world.people.mira);
  await heading('Overview').waitFor();
  await part('Instances').getByText('down', { exact: true }).waitFor();
  await part('Alerts').getByText('Crashes again and again').waitFor(
    { timeout: 90000 });
  await part('Alerts').getByText('Policy is nearly used up').waitFor();
  await part('Under way').getByRole('progressbar').waitFor();
});

test('what was under way ends', () => release?.());

shot('unikernels', '/unikernels', async () => {
  await row('tls-proxy').locator('.spark.cpu path').waitFor(
    { state: 'attached', timeout: 60000 });
  await row('greylist').getByText('crash loop').waitFor({ timeout: 60000 });
  await text('lisbon does not answer');
});

shot('unikernels-chosen', '/unikernels?q=update:available', async () => {
  await page.getByLabel('Choose all that are shown').check();
  await button('Update…').waitFor();
});

shot('log', WWW, async () => {
  await page.locator('.stream.live').waitFor();
  await page.locator('.log-row').nth(10).waitFor();
});

shot('log-search', `${WWW}?q=wp-login`, async () => {
  await page.locator('.stream.live').waitFor();
  await page.getByLabel('Search the log').fill('wp-login');
  await page.getByLabel('Search the log').press('Enter');
  await page.locator('.log-row mark').first().waitFor();
});

shot('metrics', `${WWW}?tab=metrics&range=6h`, async () => {
  await part('Memory').getByText(/^resident \d/).waitFor();
});

shot('configuration', `${WWW}?tab=configuration`, () => text('--http='));

shot('deployments', `${WWW}?tab=deployments`, () =>
  text('from builds: web of'));

look('revert', null, async () => {
  await page.getByRole('button', { name: /^Revert to this: deployment 1/ }).click();
  await dialog().waitFor();
});

shot('update', `${WWW}?tab=update`, async () => {
  await heading('An update is available').waitFor();
  await text('packages changed');
});

shot('health', `${WWW}?tab=health`, () =>
  page.getByText('Last asked').waitFor());

shot('restart-with', WWW, async () => {
  await button('Restart with…').click();
  await dialog().getByLabel(/^Memory/).fill('160');
});

shot('destroy', WWW, async () => {
  await button('Destroy').click();
  await dialog().waitFor();
});

shot('deploy', '/deploy', async () => {
  const image = makeImage(stack.dir, 'bulletin.hvt', '--net', 'service',
    '--block', 'storage', '--pad', '3100000');
  await page.setInputFiles('input[type=file]', image);
  await page.getByLabel('Network service', { exact: true }).waitFor();
  await page.getByLabel('Name', { exact: true }).fill('bulletin');
});

shot('deploy-builder', '/deploy?builder=builds', async () => {
  await page.getByRole('button', { name: 'web A web server' }).click();
  await page.getByLabel('Network service', { exact: true }).waitFor();
});

shot('volumes', '/volumes', () => row('uploads').waitFor());

shot('volume-new', null, async () => {
  await button('New volume').click();
  await dialog().getByLabel('Name').fill('drafts');
});

shot('copies', '/volumes?tab=copies', () => text('before the new theme'));

shot('volume', UPLOADS, async () => {
  await text('before the new theme');
  await text('Mon, Thu at 03:00 UTC');
});

look('volume-save', null, async () => {
  await button('Save a copy…').click();
  await dialog().waitFor();
});

shot('volume-upload', UPLOADS, async () => {
  await button('Upload…').click();
  await page.setInputFiles('input[type=file]', { name: 'uploads.img',
    mimeType: 'application/octet-stream', buffer: Buffer.alloc(5 << 20, 'tide ') });
  await dialog().getByText('uploads.img').first().waitFor();
});

shot('images', '/images?project=website', () => text('runs it'));

shot('projects', '/projects', () => text('Name servers'));

look('project-new', null, async () => {
  await button('New project').click();
  await dialog().getByLabel('Name', { exact: true }).fill('archive');
});

shot('project', '/projects/website', async () => {
  await page.locator('.meter').first().waitFor();
  await text('Jonas Lindqvist');
});

shot('policy', null, async () => {
  await button('Change the policy on frankfurt').click();
  await dialog().getByLabel(/^Memory/).waitFor();
});

shot('tokens', '/tokens', () => heading('Tokens').waitFor());

shot('token-new', null, async () => {
  await button('New token').click();
  await page.getByLabel('Name', { exact: true }).fill('website CI');
  await page.getByLabel('In project').selectOption('website');
});

shot('token-made', null, async () => {
  await button('Make it').click();
  await text('Copy it now');
});

shot('account', '/account', () => part('Second factor').waitFor());

shot('second-factor', null, async () => {
  await button('Set up codes').click();
  await dialog().getByRole('img', { name: /QR code/ }).waitFor();
});

shot('notifications', '/notifications', () => heading('Notifications').waitFor());

shot('alerts', '/alerts', () => text('Crashes again and again'));

look('alert-silence', null, async () => {
  await page.getByRole('button', { name: /^Silence… greylist/ }).click();
  await dialog().waitFor();
});

shot('instances', '/instances', async () => {
  await part('frankfurt').getByText('up', { exact: true }).waitFor();
  await part('lisbon').getByText('down', { exact: true }).waitFor();
});

shot('instance-new', null, async () => {
  await button('Add an instance').click();
  await dialog().getByLabel('Name', { exact: true }).fill('porto');
});

shot('instance', '/instances/frankfurt', async () => {
  await part('Health').getByText('Speaks').waitFor();
  await page.getByRole('rowheader', { name: 'website' }).waitFor();
});

look('instance-down', '/instances/lisbon', () =>
  text('It can not be reached.'));

shot('instance-forget', null, async () => {
  await button('Forget…').click();
  await dialog().waitFor();
});

shot('users', '/users', () => row('noor').waitFor());

shot('user', null, async () => {
  await page.getByRole('link', { name: 'noor', exact: true }).click();
  await text('waits to be approved');
});

shot('invitations', '/users?tab=invitations', () =>
  text('sami@example.org'));

shot('names', '/users?tab=names', () => page.getByRole('tab',
  { name: 'Retired names', selected: true }).waitFor());

shot('invite', '/users', async () => {
  await page.getByRole('link', { name: 'Invite somebody', exact: true }).click();
  await dialog().getByLabel('E-mail (optional)').fill('ines@example.org');
  await dialog().getByLabel('Into project').selectOption('website');
});

shot('audit', '/audit?action=request', () =>
  page.locator('.audit tbody tr').nth(12).waitFor());

shot('settings', '/settings', () =>
  page.getByRole('radio', { name: /^Anybody/ }).waitFor());

for (const [tab, label] of [['images', 'Deployments of each unikernel'],
  ['kept', 'MB for each unikernel'], ['watching', 'Per cent of a policy'],
  ['post', 'Webhook address']])
  shot(`settings-${tab}`, `/settings?tab=${tab}`, () =>
    page.getByLabel(label).waitFor());

shot('updates', '/updates', () => heading('Updates of many').waitFor());

// ---- over every page ----

shot('palette', '/overview', async () => {
  await heading('Overview').waitFor();
  await page.locator('#main').focus();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('www');
  await page.getByRole('option').first().waitFor();
});

test('menu', async () => {
  await open('/overview');
  await heading('Overview').waitFor();
  await visitor.onPhone();
  await page.getByRole('button', { name: /^Menu/ }).click();
  await page.getByRole('navigation').getByRole('link', { name: 'Volumes' })
    .waitFor();
  await visitor.posePhone('menu');
});

shot('keys', '/overview', async () => {
  await heading('Overview').waitFor();
  await page.locator('#main').focus();
  await page.keyboard.press('?');
  await dialog().waitFor();
});

shot('operations', '/unikernels', async () => {
  await heading('Unikernels').waitFor();
  await page.getByRole('button', { name: /^Operations/ }).waitFor();
  await page.locator('#main').focus();
  await page.keyboard.press('o');
  await page.getByRole('region', { name: 'Operations' }).getByRole('listitem')
    .first().waitFor();
});

// ---- and out ----

shot('enrol', null, async () => {
  await page.route('**/api/v1/session', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...await response.json(),
      enrol: true } });
  });
  await open('/overview');
  await button('Set up codes').waitFor();
});

test('nobody has to set one up', () => page.unroute('**/api/v1/session'));

shot('sign-in-code', null, async () => {
  const { secret } = await world.ask('lena', 'POST', '/me/otp');
  await world.ask('lena', 'POST', '/me/otp/confirm', { code: totp(secret) });
  await page.context().clearCookies();
  await open('/overview');
  await visitor.signIn(world.people.lena);
  await page.getByRole('textbox', { name: 'Code', exact: true }).waitFor();
});

test('nothing broke a policy, asked another host, or threw', () => {
  assert.deepEqual(visitor.complaints, []);
});

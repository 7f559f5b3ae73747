// SPDX-License-Identifier: ISC
// Updates in a browser: deploy from a builder, an update is available, compare,
// update, healthy; then a bad build, which is taken back by itself; and going
// back by hand while the builder is away. What happens by itself, updates of
// many, and the settings around it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stack, freePort, makeDir } from '../api/stack.mjs';
import { visit } from './browser.mjs';

let stack, visitor, page, look, button, heading, dialog, within, admin;
// Where the unikernels answer: the one of the story, and one of many.
let port, second;

/** As the admin with a session; fails unless it went well. */
const manage = (...what) => stack.well(admin, ...what);

before(async () => {
  stack = await Stack.start(makeDir('storage'), { builder: true });
  [port, second] = [await freePort(), await freePort()];
  admin = await stack.signIn();
  await manage('PUT', '/settings/health-checks', { allowed: ['127.0.0.1'] });
  visitor = await visit(stack);
  ({ page, look, button, heading, dialog, within } = visitor);
});
after(async () => {
  await visitor?.close();
  await stack?.stop();
});

const at = (name, tab = '') => stack.url + stack.at(name) + (tab && `?tab=${tab}`);
const says = async (where) => (await fetch(`http://127.0.0.1:${where}/`)).text();

/** The builds of a job on its first platform, newest first. */
async function builds(job) {
  const { items } = await manage('GET',
    `/builders/${stack.builder.name}/jobs/${encodeURIComponent(job)}` +
    '?platform=debian-12');
  return items;
}

/** Deploys a build of a job by the API; 0 is the newest one. */
async function deployBuild(name, job, age, args = [], query = '') {
  const found = (await builds(job))[age];
  const { builder, build } = found;
  const reply = await stack.change('PUT', stack.at(name) + query, {
    build: { builder, job, build }, config: { memory: 32, arguments: args,
      networks: found.devices.map(({ name: device }) => ({ name: device })) } });
  assert.equal(reply.status, 201, reply.text);
}

/** What is there besides: builds of other jobs, one uploaded, two of many. */
async function deployOthers() {
  const address = encodeURIComponent(`http://127.0.0.1:${second}/`);
  await Promise.all([
    deployBuild('shop', 'shop', 1), deployBuild('vault', 'vault', 1),
    deployBuild('many-1', 'web', 1, [`--http=${second}`], `?check=${address}`),
    deployBuild('many-2', 'web', 1), stack.deploy('hello')]);
  await Promise.all(['site', 'vault', 'hello', 'many-1', 'many-2'].map((name) =>
    manage('GET', stack.at(name, '/update?fresh=true'))));
}

test('signing in', async () => {
  await page.goto(`${stack.url}/unikernels`);
  await visitor.signIn();
  await heading('Unikernels').waitFor();
});

test('a version of a job is deployed, not the latest', async () => {
  await page.goto(`${stack.url}/deploy`);
  await page.getByRole('radio', { name: 'From a builder' }).check();
  await page.getByText('more gave no image for solo5').waitFor();
  await look('deploy-builder');
  await page.getByLabel('Filter the jobs').fill('server');
  await page.getByRole('button', { name: 'web A web server' }).click();
  const version = page.getByLabel('Version', { exact: true });
  await page.getByLabel('Network service', { exact: true }).waitFor();
  assert.match(await version.locator('option:checked').textContent(), /latest/);
  await version.selectOption({ index: 1 });
  await page.getByLabel('Name', { exact: true }).fill('site');
  await page.getByRole('group', { name: 'Arguments' })
    .getByRole('button', { name: 'Add' }).click();
  await page.getByLabel('Arguments 1', { exact: true }).fill(`--http=${port}`);
  await page.getByLabel('Health check').fill(`http://127.0.0.1:${port}/`);
  await page.getByText('"build":{"builder":"builds","job":"web"').waitFor();
  await button('Deploy').click();
  await page.waitForURL(`**${stack.at('site')}`);
  assert.match(await says(port), /web 1/);
});

test('the list tells that there is a newer one', async () => {
  await deployOthers();
  await page.goto(`${stack.url}/unikernels`);
  await page.getByRole('link', { name: /^\d updates$/ }).click();
  await page.getByRole('row').filter({ hasText: 'site' }).getByRole('link',
    { name: 'update available' }).waitFor();
});

test('what differs is seen in a glance', async () => {
  await page.getByRole('row').filter({ hasText: 'site' }).getByRole('link',
    { name: 'update available' }).click();
  await heading('An update is available').waitFor();
  await page.getByText('2 packages changed, 2 added, 1 removed').waitFor();
  await page.getByRole('row', { name: 'tls 2.0.4' }).waitFor();
  await page.getByRole('row', { name: /^Size \d+ kB \d+ kB/ }).waitFor();
  await page.getByText('solo5.0.10.1').click();
  await page.locator('.diff ins').filter({ hasText: '"ocaml"' }).waitFor();
  for (const part of ['System packages', 'Environment', 'Sources'])
    await page.locator('summary').filter({ hasText: part }).click();
  await page.getByText('OPAMJOBS').waitFor();
  await look('update');
});

test('a click updates, and it is healthy', async () => {
  await button('Update to this build').click();
  await dialog().getByText(`HTTP to 127.0.0.1, port ${port}`).waitFor();
  await look('update-dialog');
  await within('Update').click();
  await page.getByText('site runs the build of').waitFor();
  await heading('It is the newest build').waitFor();
  await look('update-done');
  assert.match(await says(port), /web 2/);
});

test('a bad build takes itself back, and says why', async () => {
  await manage('PUT', stack.at('site', '/health-check'), { type: 'http',
    address: '127.0.0.1', port, timeout: 1, retries: 0 });
  await stack.builder.publish('web', 'bad');
  await button('Check now').click();
  await heading('An update is available').waitFor();
  await button('Update to this build').click();
  await within('Update').click();
  await page.getByText('It did not work; what ran before runs again.').waitFor();
  await page.getByRole('alert').filter({ hasText: /It did not work.*503/s })
    .waitFor();
  await look('update-rolled-back');
  const lines = await page.getByLabel('Last lines').textContent();
  assert.match(lines, /INFO.*GET/);
  assert.doesNotMatch(lines, /[\u001b\u241b]/, 'colours are no text');
  assert.match(await says(port), /web 2/);
});

test('by itself only with a health check', async () => {
  await page.goto(at('shop', 'update'));
  await heading('By itself').waitFor();
  await page.getByRole('radio', { name: 'Automatic' }).check();
  await page.getByLabel('From (UTC)').fill('03:00');
  await button('Save').click();
  await page.locator('.field.bad').filter({ hasText: /health check/ }).waitFor();
  assert.equal(await page.getByLabel('From (UTC)').inputValue(), '03:00');
  await look('update-rule-refused');
  await page.goto(at('site', 'update'));
  await page.getByRole('radio', { name: 'Automatic' }).check();
  await page.getByLabel('Tue').check();
  await button('Save').click();
  await page.getByText('In the right of').waitFor();
  await page.getByText('Tue, 02:00 to 04:00 UTC').waitFor();
  await page.getByRole('radio', { name: 'Off' }).check();
  await button('Save').click();
  await page.getByText('In the right of').waitFor({ state: 'detached' });
});

test('a new device is asked for, and nothing else', async () => {
  await page.goto(at('vault', 'update'));
  await page.getByText('It needs other devices.').waitFor();
  await button('Update to this build').click();
  await dialog().getByText('It has no health check.').waitFor();
  await dialog().getByLabel('Volume storage', { exact: true }).fill('none-such');
  assert.equal(await dialog().getByLabel('Network service').count(), 0);
  await within('Update').click();
  await dialog().locator('.field.bad').filter({ hasText: 'Volume storage' })
    .waitFor();
  await look('update-device');
  await dialog().getByLabel('Volume storage', { exact: true }).fill('');
  await within('Update').click();
  await page.getByText('vault runs the build of').waitFor();
});

test('an upload is compared with any build', async () => {
  await page.goto(at('hello', 'update'));
  await heading('No builder knows what runs').waitFor();
  await page.getByRole('button', { name: 'steady' }).click();
  await page.getByLabel('Version', { exact: true }).selectOption({ index: 1 });
  await page.waitForURL('**job=steady**');
  await page.getByText('not of a builder').waitFor();
  await look('update-upload');
});

test('many at once, no more after the first failure', async () => {
  await manage('PUT', stack.at('many-1', '/health-check'), { type: 'http',
    address: '127.0.0.1', port: second, timeout: 1, retries: 0 });
  await page.goto(`${stack.url}/unikernels?q=many+update:available`);
  await page.getByRole('row').nth(2).waitFor();
  await page.getByLabel('Choose all that are shown').check();
  await button('Update…').click();
  await dialog().getByLabel('At once').fill('1');
  await look('bulk-dialog');
  await within('Update').click();
  await page.waitForURL('**/updates/*');
  await page.getByText('done', { exact: true }).waitFor();
  await page.getByRole('row', { name: 'many-1' }).getByText('rolled back')
    .waitFor();
  await page.getByRole('row', { name: 'many-2' }).getByText('skipped').waitFor();
  await look('bulk');
  await page.getByRole('link', { name: 'Updates of many' }).click();
  await page.getByRole('row').nth(1).waitFor();
  await look('bulk-list');
});

test('going back by hand, while the builder is away', async () => {
  await stack.builder.stop();
  await page.goto(at('site', 'deployments'));
  await page.getByText('from builds: web of').first().waitFor();
  await page.getByRole('link', { name: 'Compare with deployment 1' }).click();
  await page.getByText('web of').first().waitFor();
  await button('Revert to deployment 1').click();
  await within('Revert').click();
  await page.getByText('site was reverted').waitFor();
  await within('Close').click();
  assert.match(await says(port), /web 1/);
  await page.goto(at('site', 'deployments'));
  await page.getByRole('cell', { name: 'roll-back to 1' }).waitFor();
});

test('a builder that is away is told, not shown as empty', async () => {
  await page.goto(`${stack.url}/deploy?builder=builds`);
  await page.getByText('builds does not answer.').waitFor();
  await page.getByText('What is shown is as of').waitFor();
  await page.getByRole('button', { name: 'shop A shop' }).click();
  await button('Ask again').waitFor();
  await look('deploy-builder-away');
});

test('builders, mail and webhook are set', async () => {
  await page.goto(`${stack.url}/settings?tab=images`);
  await button('Add a builder').click();
  const added = page.getByRole('group', { name: 'Builder 2' });
  await added.getByLabel('Name').fill('lab');
  const lab = page.getByRole('group', { name: 'lab' });
  await lab.getByLabel('Address').fill('http://localhost.example');
  await button('Save builders').click();
  await lab.locator('.field.bad').filter({ hasText: 'Address' }).waitFor();
  await look('settings-builders');
  await lab.getByLabel('Address').fill('https://localhost:9');
  const tab = page.getByRole('tab', { name: 'Mail and webhooks' });
  await tab.click();
  await within('Stay here').click();
  await button('Save builders').click();
  await page.getByText('Saved').waitFor();
  await tab.click();
  assert.match(page.url(), /tab=post$/);
  await button('Send a test mail').click();
  await page.getByText('The mail was sent').waitFor();
  await page.getByLabel('Webhook address').fill('http://127.0.0.1:9/');
  await page.getByLabel('Secret').fill('do not tell 3vUo5cKq');
  await button('Save webhook').click();
  await page.getByText('One is kept; empty keeps it.').waitFor();
  await button('Send a test message').click();
  await page.getByText('The message was not sent.').waitFor();
  await look('settings-post');
});

test('what one is told of', async () => {
  await page.getByRole('link', { name: 'Notifications' }).click();
  const daily = page.getByRole('group', { name: 'When', exact: true })
    .getByRole('radio', { name: 'Once a day' });
  await daily.check();
  await button('Save').click();
  await page.getByText('Saved').last().waitFor();
  await page.reload();
  await daily.waitFor();
  assert.ok(await daily.isChecked());
});

test('nothing broke a policy, asked another host, or threw', () => {
  assert.deepEqual(visitor.complaints, []);
});

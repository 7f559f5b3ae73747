// SPDX-License-Identifier: ISC
// What needs a look, in a browser: an instance that went down, a check that
// fails, one that crashes again and again, updates, what is under way; alerts,
// silenced and told again; how instances are; what a unikernel used; the settings
// around it; and who may only look.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { MB, Stack, freePort, until } from '../api/stack.mjs';
import { visit } from './browser.mjs';

let stack, visitor, page, look, button, link, part, heading, dialog, within;
let admin, box;

/** As the admin with a session; fails unless it went well. */
const manage = (...what) => stack.well(admin, ...what);

before(async () => {
  stack = await Stack.start(undefined, { bare: false });
  admin = await stack.signIn();
  await manage('PUT', '/settings/alerts', { instance_down_minutes: 0 });
  box = await stack.addSandbox('away');
  visitor = await visit(stack);
  ({ page, look, button, link, part, heading, dialog, within } = visitor);
});
after(async () => {
  await visitor?.close();
  await stack?.stop();
});

const items = (name) => part(name).getByRole('listitem');

test('the first page is the overview', async () => {
  await page.goto(stack.url);
  await visitor.signIn();
  await heading('Overview').waitFor();
  assert.equal(new URL(page.url()).pathname, '/overview');
  await part('Instances').getByText('up', { exact: true }).first().waitFor();
  await page.getByText('All that is known runs and is well.').waitFor();
  await part('Under way').getByText('Nothing at the moment.').waitFor();
});

test('updates are told', async () => {
  await manage('GET', stack.at('web', '/update?fresh=true'));
  await page.reload();
  await items('Updates').filter({ hasText: 'web' }).waitFor();
  await page.getByRole('list', { name: 'In all' }).getByText('update').first()
    .waitFor();
});

test('what is under way is told while it lasts', async () => {
  await stack.fault('slow-disk 150');
  const sent = stack.ask('PUT', stack.volume('data', '/data'),
    { body: Buffer.alloc(8 * MB, 1) });
  await items('Under way').filter({ hasText: 'Upload to data' }).waitFor();
  await part('Under way').getByRole('progressbar', { name: 'Upload to data' })
    .waitFor();
  await stack.fault('none');
  assert.equal((await sent).status, 200);
  await part('Under way').getByText('Nothing at the moment.').waitFor();
});

/** Three things that somebody should look at. */
async function goWrong() {
  await manage('PUT', stack.at('shop', '/health-check'), { type: 'tcp',
    address: '127.0.0.1', port: await freePort(), timeout: 1, retries: 0,
    interval: 10 });
  const looper = await stack.deploy('looper', stack.sample,
    '?memory=16&fail_behaviour=restart&arg=--exit-after%3D5:3');
  assert.equal(looper.status, 201, looper.text);
  await box.kill();
}

// Who looks for what is wrong does so every 30 s.
const SOON = { timeout: 90000 };

test('what is not well is told', async () => {
  await goWrong();
  const unwell = items('Unikernels that are not well');
  await unwell.filter({ hasText: 'shop' }).getByText('failing', { exact: true })
    .waitFor();
  await unwell.filter({ hasText: 'looper' })
    .getByText('crash loop', { exact: true }).waitFor(SOON);
  await items('Instances').filter({ hasText: 'away' })
    .getByText('down', { exact: true }).waitFor();
  for (const what of ['Fails its check', 'Crashes again and again',
    'Does not answer'])
    await items('Alerts').filter({ hasText: what }).waitFor(SOON);
  await page.getByRole('navigation').getByRole('link', { name: 'Alerts 3 open' })
    .waitFor();
});

test('an alert leads to why', async () => {
  await items('Alerts').filter({ hasText: 'Fails its check' })
    .getByRole('link', { name: 'shop' }).click();
  await page.waitForURL(`**${stack.at('shop')}?tab=health`);
  await page.getByRole('alert').getByText('Fails its check.').waitFor();
  await link('Overview').click();
});

test('an alert is silenced by keyboard, and told again', async () => {
  const silence = button('Silence… shop: Fails its check');
  await silence.focus();
  await page.keyboard.press('Enter');
  await dialog().getByText('nobody is told of it').waitFor();
  await dialog().getByRole('radio', { name: '4 hours' }).check();
  await within('Silence').click();
  await page.getByText('silent until').waitFor();
  await page.getByRole('navigation').getByRole('link', { name: 'Alerts 2 open' })
    .waitFor();
  const { items: open } = await manage('GET', '/alerts');
  const silent = open.find((a) => a.name === 'shop').silenced_until;
  const hours = (Date.parse(silent) - Date.now()) / 3600e3;
  assert.ok(hours > 3.9 && hours < 4.1, silent);
  await button('Tell again: shop').click();
  await page.getByText('silent until').waitFor({ state: 'detached' });
});

test('the list has those that are over, too', async () => {
  await manage('DELETE', stack.at('shop', '/health-check'));
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await heading('Alerts').waitFor();
  await page.getByText('Fails its check').waitFor({ state: 'detached', ...SOON });
  await page.getByRole('tab', { name: 'Open and past' }).click();
  await page.getByRole('listitem').filter({ hasText: 'Fails its check' })
    .getByText('over', { exact: true }).waitFor();
  await page.getByLabel('Filter the alerts').fill('kind:instance-down');
  await page.getByText('Fails its check').waitFor({ state: 'detached' });
  await look('alerts-past');
  await page.getByLabel('Filter the alerts').fill('nothing-has-this');
  await heading('Nothing fits the filter').waitFor();
});

test('the page of an instance tells more, and is led to', async () => {
  await link('Overview').click();
  await part('Instances').getByRole('link', { name: 'away' }).click();
  await page.waitForURL('**/instances/away');
  const head = page.locator('.page-head');
  await head.getByText('down', { exact: true }).waitFor();
  await page.getByText('It can not be reached.').waitFor();
  const health = part('Health');
  await health.getByText(/^Error log \(\d+\)$/).click();
  await health.getByRole('cell', { name: 'instance-unreachable' }).first()
    .waitFor();
  await health.getByRole('img', { name: /^The last \d+ checks?: [1-9]\d* failed$/ })
    .waitFor();
  await link('Instances').first().click();
  await part('sandbox').getByText('live', { exact: true }).waitFor();
});

test('what a unikernel uses is measured', async () => {
  await page.goto(stack.url + stack.at('web'));
  await page.getByRole('tab', { name: 'Metrics' }).click();
  const memory = page.getByRole('region', { name: 'Memory', exact: true });
  await memory.getByText(/^resident \d/).waitFor(SOON);
  await memory.getByText('given 32 MB').waitFor();
  for (const name of ['CPU', 'Network', 'Page faults'])
    await page.getByRole('region', { name, exact: true }).getByText(/ \d/).first()
      .waitFor();
});

/** Two hours of which some were not measured, as the server would tell them. */
function measured() {
  const step = 10, count = 720, from = Date.now() - count * step * 1000;
  const values = (of) => Array.from({ length: count }, (_, i) =>
    (i >= 300 && i < 360 ? null : of(i)));
  const cpu = values((i) => (i === 500 ? 90 : 5));
  return { range: '2h', step, from: new Date(from).toISOString(),
    to: new Date(from + (count - 1) * step * 1000).toISOString(), cpu,
    cpu_max: cpu, memory: values((i) => (8 + i / 100) * MB),
    faults: values(() => 2), networks: [{ name: 'service',
      rx: values(() => 2048), tx: values((i) => i * 10) }],
    markers: [{ time: new Date(from + 360 * step * 1000).toISOString(),
      kind: 'deployment', text: 'Deployment 7', deployment: 7 }] };
}

test('charts have a gap, their values by keyboard, and as a table', async () => {
  await page.route('**/metrics?range=*', (route) =>
    route.fulfill({ json: measured() }));
  await page.reload();
  const cpu = page.getByRole('slider', { name: 'CPU' });
  await cpu.focus();
  // Once it is as wide as it is to be: before, one value stands for many.
  await until(async () => {
    await page.keyboard.press('Home');
    return /mean 5\.0 %$/.test(await cpu.getAttribute('aria-valuetext'));
  }, 'the first value');
  const [line] = await cpu.locator('path.line-one').evaluateAll((all) =>
    all.map((one) => one.getAttribute('d')));
  assert.equal(line.split('M').length, 3, 'a line before the gap, one after it');
  for (let i = 0; i < 100 && !/not measured/.test(
    await cpu.getAttribute('aria-valuetext')); i++)
    await page.keyboard.press('PageUp');
  assert.match(await cpu.getAttribute('aria-valuetext'), /mean not measured/);
  await page.getByRole('button', { name: /ago$/ }).click();
  await page.getByRole('region', { name: 'CPU' }).locator('.cursor').waitFor();
  assert.match(await cpu.getAttribute('aria-valuetext'), /Deployment 7$/);
  await page.getByText('The same as a table').click();
  const table = page.getByRole('region', { name: 'Values' });
  await table.getByRole('columnheader', { name: 'CPU, highest' }).waitFor();
  assert.ok(await table.getByText('90 %').count() > 0, 'the peak is there');
  assert.ok(await table.getByText('not measured').count() > 0);
  await look('metrics-gap');
});

test('the pointer reads all charts at one time', async () => {
  const plot = page.getByRole('slider', { name: 'Network' });
  await plot.scrollIntoViewIfNeeded();
  const box = await plot.boundingBox();
  await page.mouse.move(box.x + box.width * 0.98, box.y + box.height / 2);
  await page.getByRole('region', { name: 'Memory', exact: true })
    .locator('.cursor circle').waitFor();
  await page.getByRole('region', { name: 'Network', exact: true })
    .getByText(/^sent [67]\.\d kB\/s$/).waitFor();
  await page.mouse.move(0, 0);
  await page.locator('.cursor').first().waitFor({ state: 'detached' });
});

test('another range is in the address, and one that fails says so', async () => {
  await page.unroute('**/metrics?range=*');
  await page.getByRole('radio', { name: '90 d' }).check();
  await page.waitForURL('**range=90d**');
  await page.getByText("range=90d'").waitFor();
  await page.reload();
  assert.ok(await page.getByRole('radio', { name: '90 d' }).isChecked());
  await page.route('**/metrics?range=*', (route) => route.abort());
  await page.getByRole('radio', { name: '6 h' }).check();
  await page.getByText('The server can not be reached').first().waitFor();
  await page.unroute('**/metrics?range=*');
});

test('wrong settings are told at their fields', async () => {
  await page.goto(`${stack.url}/settings?tab=watching`);
  await page.getByLabel('Per cent of a policy').fill('170');
  await button('Save alerts').click();
  await page.locator('.field.bad').filter({ hasText: 'Per cent of a policy' })
    .waitFor();
  const scrapers = page.getByRole('group', { name: 'Addresses of scrapers' });
  await scrapers.getByRole('button', { name: 'Add' }).click();
  await scrapers.getByRole('textbox').fill('no network');
  await button('Save addresses').click();
  await page.locator('.field.bad').filter({ hasText: 'Addresses of scrapers' })
    .waitFor();
  await look('settings-watching');
  await scrapers.getByRole('textbox').fill('127.0.0.0/8');
  await button('Save addresses').click();
  await page.getByText('Saved').waitFor();
  assert.equal((await fetch(`${stack.url}/metrics`)).status, 200);
  await page.goto(`${stack.url}/settings?tab=kept`);
  await page.getByLabel('MB for each unikernel').fill('none');
  await button('Save logs').click();
  await page.locator('.field.bad').filter({ hasText: 'MB for each unikernel' })
    .waitFor();
});

test('one chooses what alerts one is told of', async () => {
  await page.goto(`${stack.url}/notifications`);
  const alerts = page.getByRole('group', { name: 'When to tell alerts' });
  await alerts.getByRole('radio', { name: 'Once a day' }).check();
  await page.getByLabel('Of all projects').uncheck();
  await button('Save alerts').click();
  await page.getByText('Saved').waitFor();
  await page.getByLabel('Webhook address').fill('http://192.0.2.1/x');
  await button('Save webhook').click();
  await page.locator('.field.bad').filter({ hasText: 'Webhook address' }).waitFor();
  await look('notifications-alerts');
  await page.reload();
  assert.ok(await alerts.getByRole('radio', { name: 'Once a day' }).isChecked());
  assert.ok(!await page.getByLabel('Of all projects').isChecked());
});

test('who may only look can silence nothing', async () => {
  const vera = stack.addUser('vera');
  const hers = await visit(stack);
  await hers.page.goto(stack.url);
  await hers.signIn(vera);
  await hers.page.getByText('Please give the project vera a policy').waitFor();
  await hers.look('overview-empty');
  await stack.setRole(admin.headers, vera.email, 'viewer');
  await hers.page.reload();
  const alert = hers.page.getByRole('region', { name: 'Alerts', exact: true })
    .getByRole('listitem').filter({ hasText: 'Crashes again and again' });
  await alert.waitFor();
  assert.equal(await hers.page.getByRole('button', { name: /^Silence/ }).count(), 0);
  await hers.page.getByText('What is left of the policies').waitFor();
  await hers.look('overview-viewer');
  assert.deepEqual(hers.complaints, []);
  await hers.close();
});

test('a server that does not answer is told, and what was known stays', async () => {
  await page.goto(`${stack.url}/overview`);
  await part('Instances').getByText('sandbox').waitFor();
  await stack.restart('fcgi', async () => {
    await page.getByText('Not up to date.').waitFor();
    await part('Instances').getByText('sandbox').waitFor();
    await look('overview-server-down');
  });
  await page.getByText('Not up to date.').waitFor({ state: 'detached', ...SOON });
});

test('nothing broke a policy, asked another host, or threw', () => {
  assert.deepEqual(visitor.complaints, []);
});

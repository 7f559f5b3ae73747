// SPDX-License-Identifier: ISC
// Volumes in a browser: made, filled, downloaded, saved with a short stop of
// who uses them, restored, deleted; an upload that breaks and one that is
// stopped, each with what the volume holds then; the drawer of operations.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import zlib from 'node:zlib';
import { MB, Stack, makeImage, sha256, sleep } from '../api/stack.mjs';
import { visit } from './browser.mjs';

let stack, visitor, page, look, button, heading, dialog, within, link;
/** Three MB that do not compress, in a volume of four. */
const content = crypto.randomBytes(3 * MB);

before(async () => {
  stack = await Stack.start();
  visitor = await visit(stack);
  ({ page, look, button, heading, dialog, within } = visitor);
  fs.writeFileSync(file('disk.img.gz'), zlib.gzipSync(content));
  fs.writeFileSync(file('disk.img'), content);
  fs.writeFileSync(file('large.img'), Buffer.alloc(5 * MB, 1));
});
after(async () => {
  await visitor?.close();
  await stack?.stop();
});

const file = (name) => path.join(stack.dir, name);
const at = (name) => stack.volume(name);
const drawer = () => page.getByRole('region', { name: 'Operations' });
/** The copy which the story saves by hand. */
const saved = async () => (await stack.ask('GET', '/copies')).json.items
  .find((copy) => copy.note === 'before the move');
/** The row of that copy. */
const row = () => page.getByRole('row').filter({ hasText: 'before the move' });
/** The newest operation of that title is in that state. */
const told = (title, state) => drawer().getByRole('listitem')
  .filter({ hasText: title }).first().getByText(state, { exact: true }).waitFor();
const volume = async (name) => (await stack.ask('GET', at(name))).json;

test('with no volume there the next step is said', async () => {
  await page.goto(`${stack.url}/volumes`);
  await visitor.signIn();
  await heading('No volume yet').waitFor();
  await page.getByText('curl -fsS -X PUT').waitFor();
  await look('volumes-empty');
});

test('a volume is made, within what is left', async () => {
  await button('Make the first').click();
  await dialog().getByText('1024 MB are left here').waitFor();
  await dialog().getByLabel('Name').fill('data');
  await dialog().getByLabel('Size (MB)').fill('2000');
  await dialog().getByText('Only 1024 MB are left here').waitFor();
  assert.ok(await within('Make it').isDisabled());
  await look('volume-new');
  await dialog().getByLabel('Size (MB)').fill('4');
  await within('Make it').click();
  await page.waitForURL(`**${at('data')}`);
  await page.getByText('zeroes', { exact: true }).waitFor();
});

test('what is too large is not sent, what is compressed is counted', async () => {
  await button('Upload…').click();
  await page.setInputFiles('input[type=file]', file('large.img'));
  await dialog().getByLabel('Type data to confirm').fill('data');
  await dialog().getByRole('alert').filter({ hasText: 'more than the 4 MB' })
    .waitFor();
  assert.ok(await within('Upload').isDisabled());
  await page.setInputFiles('input[type=file]', file('disk.img.gz'));
  await dialog().getByText('3.0 MB once unpacked').waitFor();
  await within('Upload').click();
  await page.getByText('data was filled').waitFor();
  // The drawer, which opened itself, is one line again; opened by hand it stays.
  await drawer().getByRole('button', { name: /Upload to data: done/,
    expanded: false }).click();
  await told('Upload to data', 'done');
  const { content: held } = await volume('data');
  assert.deepEqual([held.state, held.bytes, held.sha256],
    ['whole', 3 * MB, sha256(content)]);
});

test('it comes down as it went up', async () => {
  await button('Download…').click();
  const coming = page.waitForEvent('download');
  await within('Download').click();
  const got = fs.readFileSync(await (await coming).path());
  assert.equal(got.length, 4 * MB);
  assert.equal(sha256(got.subarray(0, 3 * MB)), sha256(content));
  await told('Download of data', 'done');
});

async function upload(name) {
  await button('Upload…').click();
  await page.setInputFiles('input[type=file]', file(name));
  await dialog().getByLabel('Type data to confirm').fill('data');
  await dialog().getByLabel('Save what it holds first').uncheck();
  await within('Upload').click();
}

test('an upload that breaks says what the volume holds', async () => {
  await stack.fault(`break-after-bytes block-set ${MB} 1`);
  await upload('disk.img');
  await dialog().getByText('What it holds now:').waitFor();
  await look('volume-broken');
  await within('Leave it').click();
  await told('Upload to data', 'failed');
  assert.notEqual((await volume('data')).content.state, 'whole');
});

/** Bytes a second the browser may send; -1: as many as it can. */
async function uplink(uploadThroughput) {
  link ??= await page.context().newCDPSession(page);
  await link.send('Network.emulateNetworkConditions', { offline: false,
    latency: 0, downloadThroughput: -1, uploadThroughput });
}

test('what the server gave up is not sent to its end', async () => {
  await stack.fault('break-after-bytes block-set 65536 1');
  // All of it would take longer than anybody waits here.
  await uplink(32 * 1024);
  await upload('disk.img');
  await dialog().getByText('It was not uploaded.').waitFor();
  await dialog().getByText('What it holds now:').waitFor();
  await uplink(-1);
  await within('Leave it').click();
});

test('one that is stopped says so too', async () => {
  await uplink(64 * 1024);
  await upload('disk.img');
  await dialog().getByText(/kB of 3\.0 MB/).waitFor();
  await look('volume-uploading');
  // Who would leave is asked.
  const asked = page.waitForEvent('dialog');
  const left = page.goto(`${stack.url}/`).catch(() => {});
  await (await asked).dismiss();
  await left;
  await within('Close').click();
  await told('Upload to data', 'under way');
  await page.getByText('Upload to data is under way.').waitFor();
  await page.getByText('being written', { exact: true }).waitFor();
  await look('volume-written');
  await button('Account of admin').click();
  await button('Sign out').click();
  await page.getByText('let it end or stop it first').waitFor();
  await page.keyboard.press('Escape');
  await button('Stop: Upload to data').click();
  await within('Stop it').click();
  await uplink(-1);
  await told('Upload to data', 'stopped');
  await look('volume-stopped');
});

test('what opened itself is put away once nobody is in it', async () => {
  await button('Dismiss what ended').click();
  await drawer().waitFor({ state: 'detached' });
  await uplink(64 * 1024);
  await upload('disk.img');
  await within('Close').click();
  await told('Upload to data', 'under way');
  await page.locator('#operations-list').focus();
  await uplink(-1);
  await told('Upload to data', 'done');
  // Longer than what was begun here is looked for.
  await sleep(8000);
  await told('Upload to data', 'done');
  await page.locator('#main').focus();
  // Opened by hand it stays, for what follows.
  await drawer().getByRole('button', { expanded: false }).click();
});

test('who may only look may save a copy, and change nothing', async () => {
  const vera = stack.addUser('vera');
  const hers = await visit(stack);
  await hers.page.goto(`${stack.url}/volumes`);
  await hers.signIn(vera);
  await hers.page.getByText('To make one takes a project').waitFor();
  await stack.setRole((await stack.signIn()).headers, vera.email, 'viewer');
  await hers.page.goto(stack.url + at('data'));
  await hers.button('Save a copy…').click();
  assert.equal(await hers.button('Upload…').count(), 0);
  await hers.button('Save it').click();
  await hers.page.getByRole('row', { name: /by hand \(vera\)/ })
    .getByRole('link', { name: 'Download' }).waitFor();
  assert.equal(await hers.page.getByRole('button',
    { name: /^(Restore|Delete) copy/ }).count(), 0);
  await hers.close();
});

test('a volume in use leads to its unikernel, and back', async () => {
  const image = makeImage(stack.dir, 'disk.spt', '--target', 'spt',
    '--block', 'storage');
  const made = await stack.deploy('web', image, '?memory=32&volume=storage:data');
  assert.equal(made.status, 201, made.text);
  await page.getByText('in use', { exact: true }).waitFor();
  await page.getByText('It is refused while a unikernel uses the volume.').waitFor();
  await button('Upload…').click();
  await dialog().getByText('It is used by web').waitFor();
  await look('volume-in-use');
  await dialog().getByRole('link', { name: 'web' }).click();
  await page.waitForURL('**/web');
  await page.locator('.strip').getByRole('link', { name: 'data' }).click();
  await page.waitForURL(`**${at('data')}`);
});

test('its dialogs have addresses, and going back closes them', async () => {
  await page.goto(`${stack.url}${at('data')}?do=save`);
  await page.getByRole('dialog', { name: 'Save a copy of data' }).waitFor();
  await within('Cancel').click();
  await dialog().waitFor({ state: 'detached' });
  assert.ok(page.url().endsWith(at('data')));
  await button('Download…').click();
  await dialog().waitFor();
  await page.goBack();
  await dialog().waitFor({ state: 'detached' });
});

test('a copy is saved; who is stopped for how long is said before', async () => {
  await button('Save a copy…').click();
  await dialog().getByText(/^web is stopped first .* away for about \d+ s/)
    .waitFor();
  assert.ok(await within('Save it').isDisabled());
  await dialog().getByLabel('Stop web and start again').check();
  await dialog().getByLabel('Note').fill('before the move');
  await within('Stop, save, start').click();
  await told('Copy of data', 'done');
  await row().waitFor();
  const { json } = await stack.ask('GET', stack.at('web'));
  assert.equal(json.state, 'running');
});

test('it comes down compressed, and is what was saved', async () => {
  const coming = page.waitForEvent('download');
  await row().getByRole('link', { name: 'Download' }).click();
  const got = zlib.gunzipSync(fs.readFileSync(await (await coming).path()));
  assert.equal(sha256(got), (await saved()).sha256);
});

test('a schedule is set, and in whose right', async () => {
  await button('Set a schedule…').click();
  await dialog().getByLabel('Tue').check();
  await dialog().getByLabel('Copies kept').fill('3');
  await dialog().getByLabel('Stop who uses it').check();
  await dialog().getByText(/^Each time: web is stopped first/).waitFor();
  await look('volume-schedule');
  await within('Save').click();
  await page.getByText('Tue at 03:00 UTC; 3 copies are kept').waitFor();
});

test('a copy becomes a new volume', async () => {
  await row().getByRole('button', { name: 'Restore' }).click();
  await dialog().getByLabel('To', { exact: true }).selectOption('new');
  await dialog().getByLabel('Name').fill('second');
  await within('Restore it').click();
  await told('Restore of second', 'done');
  assert.equal((await volume('second')).content.sha256, (await saved()).sha256);
});

test('a volume is found by a few letters of its name', async () => {
  await page.keyboard.press('Control+k');
  await page.keyboard.type('seco volume');
  await page.getByRole('option').filter({ hasText: 'second' }).first().waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(`**${at('second')}`);
});

test('the list shows all, filters it, and deletes by name', async () => {
  await page.getByRole('link', { name: 'Volumes', exact: true }).click();
  await page.getByRole('row', { name: 'second' }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('used:no');
  await page.getByRole('row', { name: 'data' }).waitFor({ state: 'detached' });
  await button('Delete second').click();
  assert.ok(await within('Delete').isDisabled());
  await dialog().getByLabel('Type second to confirm').fill('second');
  await within('Delete').click();
  await page.getByText('second was deleted').waitFor();
  await heading('Nothing fits the filter').waitFor();
});

test('saved copies of all volumes; one is restored, one deleted', async () => {
  await page.getByRole('tab', { name: 'Saved copies' }).click();
  await page.getByRole('button', { name: /^Restore copy/ }).first().click();
  await dialog().getByLabel('Stop web and start again').check();
  await dialog().getByLabel('Type data to confirm').fill('data');
  await look('volume-restore');
  await within('Stop, restore, start').click();
  await told('Restore of data', 'done');
  await page.getByText('before a restore').waitFor();
  await page.getByRole('button', { name: /^Delete copy/ }).last().click();
  await dialog().getByLabel('Type data to confirm').fill('data');
  await within('Delete').click();
  await page.getByText('The copy was deleted').waitFor();
});

test('the drawer by keyboard, and that it can be emptied', async () => {
  await button('Dismiss what ended').click();
  await drawer().waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
});

test('where copies go is set, and tried', async () => {
  await page.goto(`${stack.url}/settings?tab=kept`);
  await page.getByLabel('Use an object store too').check();
  for (const [label, text] of [['Endpoint', 'http://127.0.0.1:9'],
    ['Region', 'here'], ['Bucket', 'volumes'], ['Access key', 'someone'],
    ['Secret key', '7fQ2kTw9vUo5cKq']])
    await page.getByLabel(label, { exact: true }).fill(text);
  await button('Save copies').click();
  await page.getByText('One is kept; empty keeps it.').waitFor();
  await button('Try the store that is saved').click();
  await page.getByText('It does not work.').scrollIntoViewIfNeeded();
  await look('settings-copies');
});

test('a volume that is gone has its copies left', async () => {
  await page.goto(stack.url + at('never'));
  await page.getByText('There is no such volume.').waitFor();
  assert.equal(await heading('Saved copies').count(), 0);
});

test('what an instance told last is shown while it does not answer', async () => {
  const last = page.getByText('What it last told is shown');
  await page.goto(`${stack.url}/volumes`);
  await page.getByRole('row', { name: 'data' }).waitFor();
  await stack.fault('refuse');
  await last.waitFor();
  await page.getByRole('row', { name: 'data' }).waitFor();
  await look('volumes-unanswered');
  await stack.fault('none');
  await last.waitFor({ state: 'detached' });
});

test('nothing broke a policy, asked another host, or threw', () => {
  assert.deepEqual(visitor.complaints, []);
});

// SPDX-License-Identifier: ISC
// Policies in a browser: given beside what there is, refused where it does not
// fit, changed by somebody else meanwhile, and taken away.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stack, until } from '../api/stack.mjs';
import { visit } from './browser.mjs';

let stack, visitor, page, look, button, heading, dialog, within, asked;
let closed, admin, ann;

before(async () => {
  stack = await Stack.start();
  admin = await stack.signIn();
  stack.addUser('bob');
  ann = stack.addUser('ann');
  stack.authSql("UPDATE account SET admin = 1 WHERE name = 'ann'");
  const made = await stack.deploy('web', stack.sample, '?memory=64');
  assert.equal(made.status, 201, made.text);
  visitor = await visit(stack);
  ({ page, look, button, heading, dialog, within, asked, closed } = visitor);
});
after(async () => {
  await visitor?.close();
  await stack?.stop();
});

const row = (project) => page.locator('table.policies tr')
  .filter({ has: page.getByRole('rowheader', { name: project, exact: true }) });
const ours = () => stack.ok(admin, 'GET',
  `/projects/${stack.project}/policies/${stack.instance}`);

async function there() {
  return JSON.parse((await stack.control(`policy ${stack.project}`)).slice(3));
}

/** Somebody at the machine changes it. */
async function byHand(change) {
  const said = await stack.control(`policy ${stack.project} ${
    JSON.stringify({ ...await there(), ...change })}`);
  assert.match(said, /^ok /, said);
}

async function edit(project = stack.project) {
  await button(`Edit the policy of ${project}`).click();
  await asked('Memory (MB)').waitFor();
}

test('a policy is shown with what is left and in use, and changed', async () => {
  await page.goto(`${stack.url}/instances/${stack.instance}`);
  await visitor.signIn();
  await heading('What projects may use').waitFor();
  await edit();
  await dialog().getByText(/MB of the server's \d+ can be given.* 64 MB in use now/)
    .waitFor();
  assert.equal(await asked('Memory (MB)').inputValue(), '512');
  await asked('Memory (MB)').fill('500');
  await within('Set it').click();
  await closed();
  await row(stack.project).getByText('500').waitFor();
  assert.equal((await there()).memory, 500);
});

test('what runs is not taken away: the field says so, in albatross words',
  async () => {
    await edit();
    await asked('Memory (MB)').fill('32');
    await within('Set it').click();
    await dialog().getByText('64 MB are in use: stop something').waitFor();
    await dialog().getByText(/running memory limit/).waitFor();
    await dialog().getByText(/web \(64 MB\)/).waitFor();
    await look('policy-refused');
    await within('Cancel').click();
    await closed();
    assert.equal((await ours()).memory, 500);
  });

test('more than there is has to be meant', async () => {
  const { left } = await stack.ok(admin, 'GET',
    `/instances/${stack.instance}/capacity`);
  await button('Give a policy').click();
  await asked('Project').selectOption('bob');
  await asked('Memory (MB)').fill(String(left.memory + 1));
  const meant = dialog().getByLabel('Give more than there is');
  await meant.waitFor();
  await within('Set it').click();
  await dialog().getByText(`${left.memory} MB of `).first().waitFor();
  await look('policy-over-commit');
  await meant.check();
  await within('Set it').click();
  await closed();
  await row('bob').getByText('over-commit').waitFor();
  await page.getByText('More was given than there is').waitFor();
  await look('instances-over-commit');
  await edit('bob');
  await asked('Memory (MB)').fill('32');
  await within('Set it').click();
  await closed();
  await page.getByText('More was given than there is')
    .waitFor({ state: 'detached' });
});

test('what somebody else changed is shown, and taken', async () => {
  await byHand({ memory: 200, cpus: [0, 1] });
  await page.reload();
  await row(stack.project).getByText('differs').waitFor();
  await edit();
  await dialog().getByRole('row', { name: 'Memory 500 MB 200 MB' }).waitFor();
  await look('policy-drift');
  await within("Take albatross' policy").click();
  await closed();
  await row(stack.project).getByText('differs').waitFor({ state: 'detached' });
  assert.equal((await ours()).memory, 200);
});

test('or ours is applied again, also when it changed under the form', async () => {
  await edit();
  await byHand({ memory: 220 });
  await asked('Memory (MB)').fill('240');
  await within('Set it').click();
  await within('Show what albatross has').click();
  await dialog().getByRole('row', { name: 'Memory 200 MB 220 MB' }).waitFor();
  assert.equal((await there()).memory, 220);
  await within('Apply ours again').click();
  await closed();
  assert.equal((await there()).memory, 200);
});

test('an instance that does not answer gets it later', async () => {
  await stack.fault('refuse');
  await edit();
  await dialog().getByText('does not answer.').waitFor();
  await asked('Memory (MB)').fill('210');
  await look('policy-unreachable');
  await within('Set it').click();
  await closed();
  await row(stack.project).getByText('not applied yet').waitFor();
  await stack.fault('none');
  await edit();
  await within('Apply it now').click();
  await closed();
  assert.equal((await there()).memory, 210);
  await row(stack.project).getByText('not applied yet')
    .waitFor({ state: 'detached' });
});

test('a server that does not answer is asked again', async () => {
  await page.route('**/api/v1/instances/*/capacity', (route) => route.abort());
  await button(`Edit the policy of ${stack.project}`).click();
  await dialog().getByText('The server can not be reached.').waitFor();
  await look('policy-no-server');
  await page.unroute('**/api/v1/instances/*/capacity');
  await within('Try again').click();
  await asked('Memory (MB)').waitFor();
  await page.route('**/api/v1/projects/*/policies/*', (route) => route.abort());
  await asked('Memory (MB)').fill('230');
  await within('Set it').click();
  await dialog().getByText('The server can not be reached.').waitFor();
  assert.equal(await asked('Memory (MB)').inputValue(), '230');
  await page.unroute('**/api/v1/projects/*/policies/*');
  await within('Set it').click();
  await closed();
  assert.equal((await there()).memory, 230);
});

test('a session that ends in the middle goes on behind a sign-in', async () => {
  await edit();
  await asked('Memory (MB)').fill('235');
  await visitor.pressUnsigned(within('Set it'));
  await visitor.signInAgain();
  await until(async () => (await there()).memory === 235, 'it was set');
  await closed();
});

test('who lost the right meanwhile is told', async () => {
  await page.context().clearCookies();
  await page.goto(`${stack.url}/instances/${stack.instance}`);
  await visitor.signIn(ann);
  await heading('What projects may use').waitFor();
  await edit();
  await asked('Memory (MB)').fill('100');
  stack.authSql("UPDATE account SET admin = 0 WHERE name = 'ann'");
  await within('Set it').click();
  await dialog().getByText('The policy stays as it was.').waitFor();
  assert.equal((await there()).memory, 235);
});

test('a policy in use stays; then it is taken away', async () => {
  await page.context().clearCookies();
  await page.goto(`${stack.url}/instances/${stack.instance}`);
  await visitor.signIn();
  await heading('What projects may use').waitFor();
  await edit();
  await within('Take away').click();
  const sure = page.getByRole('dialog', { name: /^Take away the policy/ });
  await sure.getByLabel(`Type ${stack.project} to confirm`).fill(stack.project);
  await sure.getByRole('button', { name: 'Take it away' }).click();
  await sure.getByText('1 are running').waitFor();
  await look('policy-in-use');
  assert.equal((await stack.ask('DELETE', stack.at('web'))).status, 204);
  await sure.getByRole('button', { name: 'Take it away' }).click();
  await closed();
  await row(stack.project).waitFor({ state: 'detached' });
  assert.equal((await there()).unikernels, 0);
});

test('nothing broke a policy, asked another host, or threw', () => {
  assert.deepEqual(visitor.complaints, []);
});

// SPDX-License-Identifier: ISC
// Each page there is, when something is wrong: the server goes while it is shown,
// or is away when it is opened; who opens it may not; the session ends in the
// middle of its form. A page that stands not in this table fails the test.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Stack, until } from '../api/stack.mjs';
import { signInAgain, view, visit } from './browser.mjs';
import { routes } from './routes.mjs';

let stack, visitor, admin, update, dora;

/** Until somebody who is busy with all these pages says it. */
const SOON = 60000;

before(async () => {
  stack = await Stack.start(undefined, { bare: false });
  admin = await stack.signIn();
  await stack.ok(admin, 'PUT', '/settings/alerts', { instance_down_minutes: 0 });
  dora = await stack.person('dora');
  await stack.ok201(admin, 'POST', '/instances', { ...instance('cellar', 1),
    force: true });
  await stack.ok(admin, 'GET', stack.at('web', '/update?fresh=true'));
  update = (await stack.ask('POST', '/updates', { token: null,
    headers: admin.headers, json: { items: [{ instance: stack.instance,
      project: stack.project, name: 'web' }], at_once: 1,
    stop_at_failure: true } })).json.id;
  visitor = await visit(stack);
  await until(async () => (await stack.ok(admin, 'GET', '/alerts')).items
    .some((alert) => alert.instance === 'cellar'), 'an alert', SOON);
});
after(async () => {
  await visitor?.close();
  await stack?.stop();
});

/** The albatross of the demo, as another instance. */
function instance(name, port) {
  const read = (file) => fs.readFileSync(path.join(stack.dir, 'albatross', file),
    'utf8');
  return { name, host: '127.0.0.1', port: port ?? Number(read('port')),
    certificate: read('ca.pem'), key: read('ca.key') };
}

const field = (page, label) => page.getByLabel(label, { exact: true });
const press = (page, name) => page.getByRole('button', { name, exact: true })
  .first().click();
const inDialog = (page, name) => page.getByRole('dialog').first()
  .getByRole('button', { name, exact: true }).click();
const said = (page, text) => page.getByText(text).first().waitFor();
const link = (name) => (page) => page.getByRole('link', { name }).first();
const shows = (text) => (page) => page.locator('#main').getByText(text).first();
const labelled = (label) => (page) => page.getByLabel(label).first();

/** What a form is about; see `form` below. */
const typing = (begin, send, done) => ({ begin, send, done });

/*
 * By the pattern of its path:
 *   at       where one of them is, unless that is the pattern
 *   kept     what it shows of the server, and keeps while that is away
 *   isForm   what it shows does not grow old, as a form or what is done: that the
 *            server is away is told by what stands around all pages
 *   viewer, stranger   what it says to who may look, and to who may not even that
 *   own      what it offers is about oneself
 *   form     its form: begun, sent once the session has ended, and done; or why
 *            there is none
 */
const admins = /Only administrators see this|only for administrators/i;
const pages = {
  '/overview': { kept: shows(/^sandbox/), viewer: 'Instances',
    stranger: 'First steps', form: 'only links' },
  '/alerts': { kept: shows('Does not answer'), viewer: 'Alerts',
    stranger: 'Alerts',
    form: typing(async (page) => {
      await page.getByRole('button', { name: /^Silence…/ })
        .first().click();
      await page.getByRole('radio', { name: '4 hours' }).check();
    }, (page) => inDialog(page, 'Silence'),
    (page) => said(page, 'silent until')) },
  '/unikernels': { kept: link('web'), viewer: 'web',
    stranger: 'No unikernel runs yet',
    form: typing(async (page) => {
      await page.getByLabel('Choose shop').check();
      await press(page, 'Update…');
      await page.getByLabel('At once').fill('3');
    }, (page) => inDialog(page, 'Update'),
    (page) => page.waitForURL('**/updates/*')) },
  '/unikernels/*/*/*': { at: () => stack.at('web'), viewer: 'web',
    kept: (page) => page.locator('.strip').getByText(/MB/).first(),
    stranger: 'There is no such unikernel',
    form: typing(async (page) => {
      await press(page, 'Restart with…');
      await field(page.getByRole('dialog'), 'Memory (MB)').fill('37');
    }, (page) => inDialog(page, 'Restart'),
    (page) => page.locator('.strip').getByText('37 MB').waitFor()) },
  '/deploy': { isForm: true, kept: labelled('Memory (MB)'),
    viewer: labelled('Name'), stranger: labelled('Name'), own: true,
    form: typing(async (page) => {
      await page.setInputFiles('input[type=file]', stack.sample);
      await field(page, 'Name').fill('typed');
    }, (page) => press(page, 'Deploy'),
    (page) => page.waitForURL(`**${stack.at('typed')}`)) },
  '/volumes': { kept: link('data'), viewer: 'data', stranger: 'No volume yet',
    form: typing(async (page) => {
      await press(page, 'New volume');
      await field(page.getByRole('dialog'), 'Name').fill('typed');
      await field(page.getByRole('dialog'), 'Size (MB)').fill('1');
    }, (page) => inDialog(page, 'Make it'),
    (page) => page.waitForURL(`**${stack.volume('typed')}`)) },
  '/volumes/*/*/*': { at: () => stack.volume('data'), kept: shows('64 MB'),
    viewer: '64 MB', stranger: 'There is no such volume',
    form: typing(async (page) => {
      await press(page, 'Save a copy…');
      await field(page.getByRole('dialog'), 'Note').fill('typed before');
    }, (page) => inDialog(page, 'Save it'),
    (page) => page.getByRole('row').filter({ hasText: 'typed before' })
      .waitFor()) },
  '/images': { kept: link('web'), viewer: 'web', stranger: 'Images',
    form: 'one button, which asks' },
  '/updates': { kept: (page) => page.getByRole('rowheader').first(),
    viewer: 'Updates of many', stranger: 'Updates of many', form: 'only a list' },
  '/updates/*': { at: () => `/updates/${update}`, kept: link('web'), isForm: true,
    viewer: /web|no such/i, stranger: /no such|not known/i,
    form: 'only what goes on' },
  '/projects': { own: true, kept: link('admin'), viewer: 'admin', stranger: 'sam',
    form: typing(async (page) => {
      await press(page, 'New project');
      await field(page.getByRole('dialog'), 'Name').fill('typed');
      // One instance can not be asked whether it has something of that name.
      await page.getByLabel(/^Take over/).check();
    }, (page) => inDialog(page, 'Make it'),
    (page) => page.waitForURL('**/projects/typed')) },
  '/projects/*': { at: () => `/projects/${stack.project}`,
    kept: labelled('Add somebody'), viewer: 'Members',
    stranger: 'There is no such project',
    form: typing((page) => field(page, 'Add somebody').fill('dora'),
      (page) => press(page, 'Add'),
      (page) => said(page, 'dora is deployer now')) },
  '/tokens': { own: true, kept: (page) => page.getByRole('table').first(),
    viewer: 'New token', stranger: 'New token',
    form: typing(async (page) => {
      await press(page, 'New token');
      await field(page, 'Name').fill('typed');
    }, (page) => press(page, 'Make it'),
    (page) => said(page, 'Copy it now')) },
  '/notifications': { own: true, isForm: true, kept: labelled('Of all projects'),
    viewer: 'Notifications', stranger: 'Notifications',
    form: typing((page) => page.getByLabel('Of all projects').uncheck(),
      (page) => press(page, 'Save alerts'), (page) => said(page, 'Saved')) },
  '/instances': { kept: shows('cellar'), viewer: admins, stranger: admins,
    form: typing(async (page) => {
      await press(page, 'Add an instance');
      const { name, host, port, certificate, key } = instance('typed');
      const dialog = page.getByRole('dialog');
      for (const [label, text] of [['Name', name], ['Host', host],
        ['Port', String(port)], ['CA certificate', certificate],
        ['Its private key', key]])
        await field(dialog, label).fill(text);
    }, (page) => inDialog(page, 'Add and connect'),
    (page) => page.waitForURL('**/instances/typed')) },
  '/instances/*': { at: () => `/instances/${stack.instance}`,
    kept: shows('Speaks'), viewer: 'Speaks',
    stranger: 'Speaks',
    form: typing(async (page) => {
      await press(page, 'Change…');
      await field(page.getByRole('dialog'), 'Title (optional)').fill('Typed');
    }, (page) => inDialog(page, 'Save'),
    (page) => page.getByRole('heading', { name: 'Typed' }).waitFor()) },
  '/users': { kept: link('dora'), viewer: admins, stranger: admins,
    form: typing(async (page) => {
      await page.getByRole('link', { name: 'Invite somebody' }).click();
      await page.getByLabel('E-mail (optional)').fill('typed@example.org');
    }, (page) => inDialog(page, 'Make the invitation'),
    (page) => said(page, 'Copy the link now')) },
  '/users/*': { at: () => `/users/${dora.session.user.id}`,
    kept: shows('dora@example.org'), viewer: admins, stranger: admins,
    form: typing((page) => press(page, 'Sign out everywhere…'),
      (page) => inDialog(page, 'Sign out everywhere'),
      (page) => said(page, 'dora: signed out everywhere')) },
  '/audit': { kept: (page) => page.getByRole('row').nth(1),
    viewer: admins, stranger: admins, form: 'only filters' },
  '/settings': { isForm: true, at: () => '/settings?tab=watching',
    kept: labelled('Per cent of a policy'), viewer: admins, stranger: admins,
    form: typing((page) => page.getByLabel('Per cent of a policy').fill('87'),
      (page) => press(page, 'Save alerts'), (page) => said(page, 'Saved')) },
  '/account': { own: true, isForm: true, kept: labelled('Your name'),
    viewer: 'Profile', stranger: 'Profile',
    form: typing((page) => field(page, 'Your name').fill('Typed'),
      (page) => press(page, 'Save the name'), (page) => said(page, 'Saved')) },
};

/** Of who is not signed in: what is typed and sent; or what is asked at once. */
const alone = {
  '/setup': { at: '/setup#secret=x', type: { 'E-mail': 'typed@example.org',
    Name: 'typed', Password: 'correct horse battery' },
  send: 'Make the account' },
  '/register': {},
  '/invitation': { at: '/invitation#secret=x' },
  '/verify': { at: '/verify#secret=x', type: {}, send: 'Confirm it' },
  '/forgot': { type: { 'E-mail': 'typed@example.org' }, send: 'Send the link' },
  '/reset': { at: '/reset#secret=x',
    type: { 'New password': 'correct horse battery' },
    send: 'Change the password' },
};

test('all pages are looked at', () => {
  const named = (who) => routes.filter((route) => (route.who === 'anyone') === who)
    .map((route) => route.pattern).sort();
  assert.deepEqual(Object.keys(pages).sort(), named(false));
  assert.deepEqual(Object.keys(alone).sort(), named(true));
});

const pathOf = (pattern) => pages[pattern].at?.() ?? pattern;

/** A window of its own, signed in by such headers; with connections of its own. */
async function windowOf(who) {
  const context = await visitor.page.context().browser().newContext(view);
  await context.addCookies(who.cookie.split('; ').map((pair) => {
    const [name, value] = pair.split('=');
    return { name, value, url: stack.url };
  }));
  const page = await context.newPage();
  page.setDefaultTimeout(SOON);
  return page;
}

/** Acts on all of a list at once, and notes what went wrong with which. */
const withEach = (list, wrong, phase, act) => Promise.all(list.map(async (one) => {
  try {
    await act(one);
  } catch (error) {
    wrong.push(`${one}, ${phase}: ${
      String(error.message).split('\n').slice(0, 3).join(' ')}`);
  }
}));

/** The same, some at a time: each that is opened wants a processor. */
const AT_ONCE = 4;
async function someOfEach(list, ...how) {
  for (let i = 0; i < list.length; i += AT_ONCE)
    await withEach(list.slice(i, i + AT_ONCE), ...how);
}

/** Within the page, as a link does. */
const goTo = (page, where) => page.evaluate((to) => {
  history.pushState(null, '', to);
  dispatchEvent(new PopStateEvent('popstate'));
}, where);

const isStale = (page) => page.locator('#main').getByText('Not up to date.').first();
const isAway = (page) => page.getByText(/can not be reached|restarting|Not live/)
  .first();

/** That nobody answers, as a page or as nginx says it. */
const away = /can not be reached|It may be restarting/;
const windows = {};

/** Acts on all pages, each in its window, and notes what went wrong. */
const each = (wrong, phase, act, go = withEach) => go(Object.keys(pages), wrong,
  phase, async (pattern) => {
    windows[pattern] ??= await windowOf(admin);
    await act(windows[pattern], pages[pattern], pattern);
  });

test('the server goes, and comes back, while each is shown', async () => {
  const wrong = [];
  await each(wrong, 'as ever', async (page, { kept }, pattern) => {
    await page.goto(stack.url + pathOf(pattern));
    await kept(page).waitFor();
  }, someOfEach);
  await stack.restart('fcgi', () => each(wrong, 'without a server',
    async (page, { kept, isForm }) => {
      await (isForm ? isAway : isStale)(page).waitFor();
      assert.ok(await kept(page).isVisible(), 'what it showed is kept');
    }));
  await each(wrong, 'with it again', async (page, { kept }) => {
    await isStale(page).waitFor({ state: 'detached' });
    await kept(page).waitFor();
  });
  assert.deepEqual(wrong.sort(), []);
});

test('each is opened without the server, and filled when it comes', async () => {
  const wrong = [];
  await stack.restart('fcgi', () => each(wrong, 'opened without a server',
    async (page, _, pattern) => {
      await goTo(page, '/nowhere');
      await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
      await goTo(page, pathOf(pattern));
      await page.locator('#main').getByText(away).first().waitFor();
    }));
  await each(wrong, 'filled by itself', (page, { kept }) => kept(page).waitFor());
  assert.deepEqual(wrong.sort(), []);
});

/** One after the other: many who sign in at once are told to wait. */
let signing = Promise.resolve();
const inTurn = (page) => {
  signing = signing.catch(() => {}).then(() => signInAgain(page, stack.password));
  return signing;
};

test('the session ends in the middle of each form, which goes on', async () => {
  const wrong = [];
  await each(wrong, 'in the middle of a form', async (page, { form }, pattern) => {
    if (typeof form === 'string') return;
    await page.goto(stack.url + pathOf(pattern));
    await form.begin(page);
    await page.context().clearCookies();
    // Where the page itself asks first, the dialog lies over what is pressed.
    await Promise.all([form.send(page), inTurn(page)]);
    await form.done(page);
  }, someOfEach);
  assert.deepEqual(wrong.sort(), []);
});

test('who is not signed in is told that nobody answers', async () => {
  const page = await windowOf({ cookie: 'none=1' });
  const wrong = [];
  await stack.restart('fcgi', async () => {
    for (const [pattern, { at, type, send }] of Object.entries(alone)) {
      await page.goto('about:blank');
      await page.goto(stack.url + (at ?? pattern));
      for (const [label, text] of Object.entries(type ?? {}))
        await field(page, label).fill(text);
      if (send) await press(page, send);
      await page.getByText(away).first().waitFor()
        .catch((error) => wrong.push(`${pattern}: ${error.message}`));
      for (const [label, text] of Object.entries(type ?? {}))
        assert.equal(await field(page, label).inputValue(), text, pattern);
    }
  });
  assert.deepEqual(wrong, []);
});

/** What changes something that is not one's own. */
const deeds = new RegExp('^(Restart( with…)?$|Destroy|Replace|Revert|Upload|Delete' +
  '|Silence|Archive|Hand|New (policy|secret|volume)|Change…|Edit|Forget|Update…' +
  '|Add|Approve|Disable|Restore|Choose)');

/** Each page, opened by somebody: what it says, and that it offers no deed. */
async function walk(person, key) {
  const page = await windowOf(person);
  const wrong = [];
  page.on('response', (reply) => {
    if (reply.status() === 403)
      wrong.push(`${new URL(page.url()).pathname} asks ${reply.url()}`);
  });
  page.setDefaultTimeout(20000);
  for (const [pattern, { [key]: says, own }] of Object.entries(pages)) {
    await page.goto(stack.url + pathOf(pattern));
    const shown = typeof says === 'function' ? says(page) : shows(says)(page);
    const main = page.locator('#main');
    await shown.waitFor().catch(async () => wrong.push(`${pattern} says ${
      (await main.textContent()).slice(0, 200)}, not ${says}`));
    const offered = await main.getByRole('button', { name: deeds })
      .or(main.getByRole('link', { name: deeds })).allTextContents();
    if (offered.length > 0 && !own) wrong.push(`${pattern} offers ${offered}`);
  }
  await page.context().close();
  return wrong;
}

test('who may only look is offered nothing else', async () => {
  const vera = await stack.person('vera');
  await stack.setRole(admin.headers, vera.email, 'viewer');
  assert.deepEqual(await walk(vera, 'viewer'), []);
});

test('who may not even look is told so', async () => {
  assert.deepEqual(await walk(await stack.person('sam'), 'stranger'), []);
});

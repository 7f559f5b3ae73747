// SPDX-License-Identifier: ISC
// A person in front of a browser: what the stories share. Each picture that is
// taken is held against axe, in both themes and at phone width.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, afterEach } from 'node:test';
import { build, sleep, until } from '../api/stack.mjs';
import { byKeyboard } from './reach.mjs';

const require = createRequire(path.join(build, 'tests/e2e/work/package.json'));
const { chromium } = require('playwright-core');
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const pictures = path.join(build, 'tests/e2e/pictures');

/** Whatever fails, none stays open: the test would not end. */
const browsers = [];
after(() => Promise.all(browsers.map((browser) => browser.close())));

/** In the page: where somebody is, and what they are told. */
function sight() {
  const texts = (what) => [...document.querySelectorAll(what)]
    .map((el) => el.innerText.replace(/\s+/g, ' ').slice(0, 300)).filter(Boolean);
  return [document.activeElement?.outerHTML.slice(0, 160),
    ...texts('h1, [role=alert], .banner, .toast, .drawer, dialog')];
}

// Who reads that a test failed is told what there was instead.
afterEach(async (t) => {
  if (t.passed !== false) return;
  const pages = browsers.flatMap((browser) => browser.contexts())
    .flatMap((context) => context.pages());
  for (const page of pages) {
    t.diagnostic(`at ${page.url()}`);
    const seen = await Promise.race([page.evaluate(sight), sleep(3000)])
      .catch(() => null);
    for (const line of seen ?? ['it does not answer']) t.diagnostic(line ?? '');
  }
});

/** Writes down what breaks a policy, asks another host, or is thrown. */
function listen(page, stack) {
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (/Content.Security.Policy|Trusted/i.test(message.text()))
      complaints.push(message.text());
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(stack.url) && !/^(data|blob):/.test(url))
      complaints.push(`foreign request: ${url}`);
  });
  return complaints;
}

/** All rules, and those that another theme may break. */
const rules = {
  light: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
  dark: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] },
};

const screen = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };

/** How a window is opened: so large, and nothing in it moves by itself. */
export const view = { viewport: screen, reducedMotion: 'reduce' };

/** As high as the page: axe takes what is scrolled out of sight for covered. */
async function seeAll(page, { width, height }) {
  const all = await page.evaluate(() => document.documentElement.scrollHeight);
  if (all > height) await page.setViewportSize({ width, height: all });
}

/** Asks axe about all of the page, in one theme. */
async function audit(page, name, scheme, size = screen) {
  await page.emulateMedia({ colorScheme: scheme });
  // axe is put into the page by the debugger, past the page's own policy.
  if (!await page.evaluate(() => 'axe' in globalThis)) await page.evaluate(axe);
  await seeAll(page, size);
  const { violations } = await page.evaluate((runOnly) =>
    globalThis.axe.run({ runOnly }), rules[scheme]);
  await page.setViewportSize(size);
  assert.deepEqual(violations.map((v) => [v.id,
    v.nodes.map((n) => `${n.html}: ${n.failureSummary}`)]), [],
  `${name}, ${scheme}`);
}

/** What of a page reaches beyond its right edge, and is not scrolled by itself. */
function outside() {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const scrolled = (el) => el !== null && el !== document.body &&
    (getComputedStyle(el).overflowX !== 'visible' || scrolled(el.parentElement));
  return [`${scrollWidth - clientWidth} pixels`,
    ...[...document.querySelectorAll('#app *')].filter((el) =>
      el.getBoundingClientRect().right > clientWidth + 0.5 &&
      !scrolled(el.parentElement))
      .map((el) => el.outerHTML.slice(0, 120)).slice(0, 12)];
}

/** What is drawn by script needs a moment. */
const settled = () => document.documentElement.scrollWidth <=
  document.documentElement.clientWidth;

/** Nothing is to be scrolled sideways at such a width. */
async function fits(page, name, width) {
  await page.setViewportSize({ ...phone, width });
  await page.waitForFunction(settled, null, { timeout: 10000 }).catch(() => {});
  const wide = await page.evaluate(outside);
  await page.setViewportSize(screen);
  assert.deepEqual(wide, [], `${name} is too wide for ${width} pixels`);
}

/** Takes a picture, shoot(scheme), and asks axe, in both themes. */
async function inBoth(page, name, shoot, size) {
  for (const scheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: scheme });
    await shoot(scheme);
    await audit(page, name, scheme, size);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** Takes the picture and asks axe, in both themes and at phone width. */
async function lookAt(page, name) {
  const shoot = (what) =>
    page.screenshot({ path: path.join(pictures, `${name}-${what}.png`) });
  await inBoth(page, name, shoot);
  await page.setViewportSize(phone);
  await shoot('phone');
  await fits(page, name, phone.width);
}

/**
 * Where pictures for people go, NAME-light.webp, NAME-dark.webp, NAME-phone.webp;
 * `make pictures` says so, a test needs none.
 */
const album = process.env.PICTURES;

/** What is in sight, as Chromium itself makes a WebP of it; if it is wanted. */
async function portray(page, name) {
  if (!album) return;
  const cdp = await page.context().newCDPSession(page);
  const { data } = await cdp.send('Page.captureScreenshot',
    { format: 'webp', quality: 42 });
  await cdp.detach();
  fs.writeFileSync(path.join(album, `${name}.webp`), Buffer.from(data, 'base64'));
}

/**
 * A page as people are shown it: its pictures, if they are wanted and it is one
 * of the handbook, axe in both themes, and that it fits where 320 pixels are all
 * there is.
 */
async function pose(page, name, inHandbook) {
  const shoot = async (what) => {
    if (inHandbook) await portray(page, `${name}-${what}`);
  };
  await inBoth(page, name, shoot);
  await page.setViewportSize(phone);
  await shoot('phone');
  await fits(page, name, 320);
}

/** The same of what only a phone shows. */
async function posePhone(page, name) {
  await inBoth(page, name, (scheme) => portray(page, `${name}-${scheme}`), phone);
  await fits(page, name, 320);
}

const ended = (page) => page.getByRole('dialog', { name: 'Your session ended' });

/**
 * Presses a button in a session that has ended. The page itself may notice that
 * first: then a pointer would not reach what lies under its dialog.
 */
async function pressUnsigned(page, button, end) {
  await button.click({ trial: true });
  await end();
  await button.evaluate((node) => node.click());
}

/** Signs in again over a page whose session has ended, which then goes on. */
export async function signInAgain(page, password) {
  const again = ended(page);
  await again.getByLabel('Password').fill(password);
  await again.getByRole('button', { name: 'Sign in', exact: true }).click();
  await again.waitFor({ state: 'detached' });
}

/** Gives a page what makes and shows passkeys: {cdp, id}. */
async function authenticator(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator',
    { options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true,
      hasUserVerification: true, isUserVerified: true,
      automaticPresenceSimulation: true } });
  return { cdp, id: authenticatorId };
}

/**
 * A browser at the stack's pages, and what one does with it. The options are
 * Playwright's, as the locale.
 */
export async function visit(stack, options = {}) {
  fs.mkdirSync(pictures, { recursive: true });
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic',
      '--disable-background-networking', '--disable-component-update',
      '--disable-sync', '--no-first-run'] });
  browsers.push(browser);
  const page = await browser.newPage({ ...view, ...options });
  // A machine busy with other tests takes its time, above all for passwords.
  page.setDefaultTimeout(30000);
  const complaints = listen(page, stack);
  const button = (name) => page.getByRole('button', { name, exact: true });
  const dialog = () => page.getByRole('dialog');
  return {
    page, complaints, button, dialog, ...byKeyboard(page),
    /** A button of the dialog, and a field of it. */
    within: (name) => dialog().getByRole('button', { name, exact: true }),
    asked: (label) => dialog().getByLabel(label, { exact: true }),
    closed: () => until(async () => await dialog().count() === 0,
      'the dialog is closed', 30000),
    field: (label) => page.getByLabel(label, { exact: true }),
    link: (name) => page.getByRole('link', { name, exact: true }),
    heading: (name) => page.getByRole('heading', { name }),
    /** A part of the page that has a heading. */
    part: (name) => page.getByRole('region', { name, exact: true }),
    look: (name) => lookAt(page, name),
    pose: (name, inHandbook = true) => pose(page, name, inHandbook),
    posePhone: (name) => posePhone(page, name),
    onPhone: () => page.setViewportSize(phone),
    onScreen: () => page.setViewportSize(screen),
    authenticator: () => authenticator(page),
    /** What there was instead of what was waited for. */
    failed: (name) => page.screenshot({
      path: path.join(pictures, `${name}-failed.png`), fullPage: true }),
    audit: (name, scheme) => audit(page, name, scheme),
    fits: (name, width) => fits(page, name, width),
    /** Keys one after the other, to what has focus: press('Tab', 'Enter'). */
    press: async (...keys) => {
      for (const key of keys) await page.keyboard.press(key);
    },
    /** What is typed, letter by letter, where the focus is. */
    type: (text) => page.keyboard.type(text),
    close: () => browser.close(),
    signIn: async ({ email, password } = stack) => {
      await page.getByLabel('E-mail').fill(email);
      await page.getByLabel('Password').fill(password);
      await button('Sign in').click();
    },
    ended: () => ended(page),
    pressUnsigned: (what, end = () => page.context().clearCookies()) =>
      pressUnsigned(page, what, end),
    signInAgain: (password = stack.password) => signInAgain(page, password),
  };
}

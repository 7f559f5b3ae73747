// SPDX-License-Identifier: ISC
// paint URL WORK [PATH]: how long the pages take to show something of use to
// who is signed in, in a browser four times slower than this machine and with
// nothing in its cache: medians of some loads, in milliseconds since it went
// there. WORK is the folder in which playwright-core is installed.
import { createRequire } from 'node:module';
import path from 'node:path';

const [url, work, at = '/overview'] = process.argv.slice(2);
const require = createRequire(path.resolve(work, 'package.json'));
const { chromium } = require('playwright-core');
const SLOWER = 4, LOADS = 7;

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

/** Told by the page itself: when it was painted, and when it had its data. */
function watch() {
  const seen = () => {
    if (!document.querySelector('#main .card, #main tbody tr')) return;
    changed.disconnect();
    requestAnimationFrame(() => setTimeout(() => {
      globalThis.useful = performance.now();
    }));
  };
  const changed = new MutationObserver(seen);
  changed.observe(document, { childList: true, subtree: true });
}

async function load(state) {
  // Of its own: nothing is in its cache.
  const context = await browser.newContext({ storageState: state });
  const page = await context.newPage();
  const control = await context.newCDPSession(page);
  await control.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
  await page.addInitScript(watch);
  await page.goto(url + at);
  await page.waitForFunction(() => globalThis.useful);
  const found = await page.evaluate(() => ({ useful: globalThis.useful,
    first: performance.getEntriesByName('first-contentful-paint')[0].startTime }));
  await context.close();
  return found;
}

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'] });
const context = await browser.newContext();
const signedIn = await context.request.post(`${url}/api/v1/session`, {
  headers: { origin: url }, data: { email: process.env.MOLLYMAWK_EMAIL,
    password: process.env.MOLLYMAWK_PASSWORD } });
if (!signedIn.ok()) throw new Error(`signing in: ${signedIn.status()}`);
const state = await context.storageState();
await load(state);
const loads = [];
for (let i = 0; i < LOADS; i++) loads.push(await load(state));
console.log(`first=${median(loads.map((l) => l.first)).toFixed(0)} ` +
  `useful=${median(loads.map((l) => l.useful)).toFixed(0)} ` +
  `slowest=${Math.max(...loads.map((l) => l.useful)).toFixed(0)}`);
await browser.close();

// SPDX-License-Identifier: ISC
// A person without a pointer: Tab and the keys of a part lead to what is wanted,
// and at each step one sees where one is.
import assert from 'node:assert/strict';
import { sleep, until } from '../api/stack.mjs';

const MOMENT = 3000;

/**
 * In the page: where the focus is, as seen from what is wanted, and what is wrong
 * with how it is shown. It must have a ring, lie in sight, not be covered (WCAG
 * 2.4.7, 2.4.11), and come in the order in which it is drawn (2.4.3).
 */
function seeFocus(wanted) {
  const at = document.activeElement;
  if (!at || at === document.body || wanted.disabled) return { wrong: [] };
  const wrong = [];
  // An input may be drawn as its label, as in a row of segments or a drop zone.
  const drawn = [at, at.parentElement, at.nextElementSibling, at.labels?.[0]]
    .filter(Boolean);
  const isRinged = (el) => {
    const style = getComputedStyle(el);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  };
  // The browser's own, which rings the part of it that has the focus.
  const hasParts = /^(date|time|month|week)/.test(at.type);
  const isSeen = (el) => [...el.getClientRects()].some((box) =>
    [[0.5, 0.5], [0.1, 0.2], [0.9, 0.2], [0.1, 0.8], [0.9, 0.8]].some(([x, y]) => {
      const hit = document.elementFromPoint(box.left + box.width * x,
        box.top + box.height * y);
      return hit !== null && (el.contains(hit) ||
        hit.contains(el) && hit !== document.body &&
        hit !== document.documentElement);
    }));
  // What is given the focus by the page, for screen readers, needs no ring.
  if (!at.matches('[tabindex="-1"], dialog')) {
    if (!hasParts && !drawn.some(isRinged)) wrong.push('no ring');
    if (!drawn.some(isSeen)) wrong.push('covered or out of sight');
  }
  for (let el = at; el; el = el.parentElement) {
    const style = getComputedStyle(el);
    if (el.tabIndex > 0 || Number(style.order) !== 0 ||
      /flex/.test(style.display) && /reverse/.test(style.flexDirection))
      wrong.push(`another order than drawn, by ${el.tagName} ${el.className}`);
  }
  // Of radios and of tabs, Tab reaches one; arrows lead to the others.
  const box = '[role=tablist], [role=menu], [role=toolbar], [role=radiogroup]';
  const isRadio = wanted.type === 'radio' && at.type === 'radio' &&
    at.name === wanted.name && at.form === wanted.form;
  const mates = at !== wanted && (isRadio || wanted.tabIndex < 0 &&
    wanted.closest(box)?.contains(at));
  const side = at.compareDocumentPosition(wanted);
  const before = (side & Node.DOCUMENT_POSITION_PRECEDING) > 0;
  return { there: at === wanted, mates, before, wrong,
    arrows: wanted.matches('[role=menuitem]') ? ['ArrowUp', 'ArrowDown'] :
      ['ArrowLeft', 'ArrowRight'],
    what: at.outerHTML.slice(0, 160) };
}

export const hasFocus = (found) =>
  found.evaluate((node) => node === document.activeElement);

/** What one does by keyboard alone. */
export function byKeyboard(page) {
  /** What just moves, or is being drawn, is given a moment. */
  async function see(wanted) {
    for (const end = Date.now() + MOMENT; ; await sleep(100)) {
      const seen = await wanted.evaluate(seeFocus);
      if (seen.wrong.length === 0) return seen;
      assert.ok(Date.now() < end,
        `${seen.wrong}: ${seen.what}, on ${page.url()}`);
    }
  }

  /** Tab, until it has the focus; a menu's or a group's own keys within that. */
  async function reach(wanted, most = 250) {
    let way;
    for (let step = 0; ; step++) {
      await until(() => wanted.isEnabled(), `${wanted} can be used`, 30000);
      const seen = await see(wanted);
      if (seen.there) return;
      assert.ok(step < most, `Tab leads to ${wanted}, not to ${seen.what}`);
      way ??= seen.before ? 'Shift+Tab' : 'Tab';
      await page.keyboard.press(seen.mates ? seen.arrows[seen.before ? 0 : 1] :
        way);
    }
  }

  return {
    reach,
    /** Presses a button, follows a link, opens a summary. */
    async use(wanted, key = 'Enter') {
      await reach(wanted);
      await page.keyboard.press(key);
    },
    /** Types that instead of what a field holds. */
    async write(wanted, text) {
      await reach(wanted);
      await page.keyboard.press('Control+a');
      await page.keyboard.press('Delete');
      await page.keyboard.type(text);
    },
    /** A box is checked, a radio chosen. */
    async check(wanted, on = true) {
      await reach(wanted);
      if (await wanted.isChecked() !== on) await page.keyboard.press('Space');
      assert.equal(await wanted.isChecked(), on, `${wanted}`);
    },
    /** The option of a list that begins with such letters. */
    async choose(wanted, letters) {
      await reach(wanted);
      await page.keyboard.type(letters);
      await until(() => wanted.evaluate((list, text) => list.selectedOptions[0]
        ?.text.toLowerCase().startsWith(text.toLowerCase()), letters),
      `${letters} is chosen of ${wanted}`);
    },
    /** A file for the input that has the focus, as its own dialog would give. */
    async give(wanted, file) {
      await reach(wanted);
      await wanted.setInputFiles(file);
    },
  };
}

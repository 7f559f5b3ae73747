// SPDX-License-Identifier: ISC
// How far each entry of the history was scrolled, and which link was followed
// from it: one who comes back is there again as soon as what was there is. And
// what has the focus stays where it is seen.

interface Kept { y: number; link?: string | undefined }

const KEY = 'scrolled', MOST = 100;
/** Longer than that, nobody waits for it. */
const PATIENCE = 10_000;

function load(): Map<string, Kept> {
  try {
    return new Map(JSON.parse(sessionStorage.getItem(KEY) ?? '[]') as
      [string, Kept][]);
  } catch {
    return new Map();
  }
}

const kept = load();

/** Keeps where an entry is now, and perhaps by which link it is left. */
export function keepScroll(id: string, link = kept.get(id)?.link): void {
  kept.delete(id);
  kept.set(id, { y: scrollY, link });
  sessionStorage.setItem(KEY, JSON.stringify([...kept].slice(-MOST)));
}

/** Goes to the part of the page that has a name; false: it is not there. */
export function showPart(hash: string): boolean {
  const part = document.getElementById(hash);
  part?.scrollIntoView();
  part?.focus({ preventScroll: true });
  return part !== null;
}

function isScrolled(y: number): boolean {
  scrollTo({ top: y, behavior: 'instant' });
  return Math.abs(scrollY - y) < 2;
}

function focusLink(link: string): boolean {
  const found = document.querySelector<HTMLElement>(
    `#main a[href="${CSS.escape(link)}"]`);
  found?.focus({ preventScroll: true });
  return found !== null;
}

let stop = () => {};

/** Scrolls to where an entry was, or to a part of it, once that is there. */
export function restoreScroll(id: string, hash: string): void {
  stop();
  const control = new AbortController();
  const { signal } = control;
  stop = () => control.abort();
  const { y, link } = kept.get(id) ?? { y: 0 };
  const wanted = [() => (hash && y === 0 ? showPart(hash) : isScrolled(y)),
    ...link ? [() => focusLink(link)] : []];
  const look = () => {
    while (wanted[0]?.()) wanted.shift();
    if (wanted.length === 0) control.abort();
  };
  const changed = new MutationObserver(look);
  signal.addEventListener('abort', () => changed.disconnect());
  // The person goes on by themselves.
  for (const act of ['wheel', 'touchmove', 'keydown', 'pointerdown'])
    addEventListener(act, stop, { signal, passive: true });
  setTimeout(() => control.abort(), PATIENCE);
  changed.observe(document.body, { childList: true, subtree: true });
  requestAnimationFrame(look);
}

/** Not below what lies over the lower end of the page; false for a page itself. */
function isInSight(at: Element): boolean {
  const { top, bottom } = at.getBoundingClientRect();
  const below = parseFloat(getComputedStyle(document.documentElement)
    .scrollPaddingBottom) || 0;
  return !at.matches('body, main') && top >= 0 && bottom <= innerHeight - below;
}

/** What has the focus stays in sight when something above it grows. */
export function holdFocus(): () => void {
  const control = new AbortController();
  const { signal } = control;
  let seen: Element | null = null;
  const look = () => {
    const at = document.activeElement;
    seen = at && isInSight(at) ? at : null;
  };
  const grown = new ResizeObserver(() => {
    if (seen && seen === document.activeElement && !isInSight(seen))
      seen.scrollIntoView({ block: 'nearest' });
    look();
  });
  addEventListener('focusin', look, { signal });
  addEventListener('scroll', look, { signal, passive: true });
  grown.observe(document.body);
  signal.addEventListener('abort', () => grown.disconnect());
  return () => control.abort();
}

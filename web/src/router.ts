// SPDX-License-Identifier: ISC
// Where we are: the address bar as a signal, links that change it, and what is
// asked before one leaves something that was typed.
import { signal } from '@preact/signals';
import { useLayoutEffect } from 'preact/hooks';
import { keepScroll, restoreScroll, showPart } from './lib/scroll';
import * as text from './text/common';

export interface Place {
  path: string;
  query: URLSearchParams;
  hash: string;
}

/** What the browser keeps for us with each entry of its history. */
interface Entry {
  id: string;
  /** Counts up from entry to entry. */
  at: number;
  /** The address it was opened from, on these pages. */
  from?: string;
  /** The key of the query whose value was typed in it. */
  typed?: string | undefined;
}

const newId = () => Math.random().toString(36).slice(2);

function read(address = location.href): Place {
  const { pathname, searchParams, hash } = new URL(address, location.href);
  return { path: pathname, query: searchParams, hash: hash.slice(1) };
}

/** "/volumes?q=data&new" */
function addressOf({ path, query }: Pick<Place, 'path' | 'query'>): string {
  const some = query.toString().replace(/=(?=&|$)/g, '');
  return some ? `${path}?${some}` : path;
}

let here = history.state as Entry | null ?? { id: newId(), at: 0 };
history.replaceState(here, '');
history.scrollRestoration = 'manual';
restoreScroll(here.id, location.hash.slice(1));

export const place = signal<Place>(read());

// ---- What is not saved yet ----

/** One of each form in which something was typed that is not sent yet. */
const unsaved = new Set<object>();
/** What was about to be done while something is not saved: the shell asks. */
export const leaving = signal<(() => void) | null>(null);

/** Does it, once the person has said that what they typed may be lost. */
export function askFirst(then: () => void): void {
  if (unsaved.size === 0) return then();
  leaving.value = () => { unsaved.clear(); then(); };
}

/** Asks before one leaves while something typed is not sent yet. */
export function useUnsaved(dirty: boolean): void {
  // Before it is painted: who sees that it was saved goes at once.
  useLayoutEffect(() => {
    if (!dirty) return;
    const form = {};
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    unsaved.add(form);
    addEventListener('beforeunload', warn);
    return () => {
      unsaved.delete(form);
      removeEventListener('beforeunload', warn);
    };
  }, [dirty]);
}

// ---- Going ----

/** Going back from here is under way: what waits for it, or null. */
let settling: (() => void)[] | null = null;
/** The browser is where it was again after somebody went without being asked. */
let undoing = false;

const isSame = (a: Place, b: Place) => addressOf(a) === addressOf(b);

/** Somebody used the buttons of the browser. */
function arrive(): void {
  if (undoing) { undoing = false; return; }
  const to = history.state as Entry | null ?? { id: newId(), at: here.at + 1 };
  const ours = settling;
  settling = null;
  const steps = to.at - here.at, now = read();
  if (!ours && unsaved.size > 0 && steps !== 0 && !isSame(now, place.value)) {
    undoing = true;
    history.go(-steps);
    askFirst(() => history.go(steps));
    return;
  }
  if (history.state === null) history.replaceState(to, '');
  keepScroll(here.id);
  const closed = now.path === place.value.path && ours !== null;
  here = to;
  place.value = now;
  if (!closed) restoreScroll(here.id, now.hash);
  for (const then of ours ?? []) then();
}

addEventListener('popstate', arrive);
addEventListener('pagehide', () => keepScroll(here.id));

interface Going {
  replace?: boolean;
  typed?: string;
  /** The link that led there: one who comes back is at it again. */
  link?: string;
}

function change(to: string, how: Going): void {
  if (settling) { settling.push(() => change(to, how)); return; }
  const { replace, typed, link } = how;
  const next = read(to), old = place.value;
  if (replace) {
    history.replaceState(here, '', to);
  } else {
    keepScroll(here.id, link);
    here = { id: newId(), at: here.at + 1, from: addressOf(old), typed };
    history.pushState(here, '', to);
  }
  place.value = next;
  if (next.path !== old.path ||
    next.query.get('tab') !== old.query.get('tab') || next.hash !== '')
    restoreScroll(here.id, next.hash);
}

/** Goes without asking: what was typed is sent, or nobody minds. */
export function go(to: string, replace = false): void {
  change(to, { replace });
}

/** Goes where the person wants to, unless they would lose what they typed. */
export function leave(to: string, link?: string): void {
  const again = to === addressOf(place.value);
  askFirst(() => change(to, { replace: again, ...link && { link } }));
}

/** The secret of a link: behind the #, which is not sent and not logged. */
export const secretOf = () =>
  new URLSearchParams(place.value.hash).get('secret') ?? '';

/** Names the page in the browser's tab and history. */
export function nameTab(title: string): void {
  document.title = title ? text.tabOf(title) : text.product;
}

/** Where we are with another value of one key of the query; null drops it. */
function withKey(key: string, value: string | null): string {
  const query = new URLSearchParams(place.value.query);
  if (value === null) query.delete(key);
  else query.set(key, value);
  return addressOf({ path: place.value.path, query });
}

/**
 * Keeps one key of the query in step with a value; '' drops it. What is picked
 * can be an entry of its own in the history, what is typed is one in all.
 */
export function setQuery(key: string, value: string,
  how: 'replace' | 'entry' | 'typed' = 'replace'): void {
  if ((place.value.query.get(key) ?? '') === value) return;
  change(withKey(key, value || null), how === 'typed' ?
    { replace: here.typed === key, typed: key } : { replace: how === 'replace' });
}

/**
 * A dialog that has an address, "?new" or "?do=restart": links and the palette
 * lead to it, and going back closes it.
 */
export function queryDialog(key: string) {
  return {
    /** The key's value, '' where it has none; null: it is shut. */
    at: place.value.query.get(key),
    show: (value = '') => change(withKey(key, value), {}),
    close: () => {
      if (!place.value.query.has(key)) return;
      const to = withKey(key, null);
      if (here.from !== to) return change(to, { replace: true });
      settling = [];
      history.back();
      place.value = read(to);
    },
  };
}

// ---- Links ----

/** Takes plain clicks on links of our own pages. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey ||
    event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element).closest('a');
  if (link === null || link.origin !== location.origin ||
    link.target !== '' || link.hasAttribute('download') ||
    link.pathname.startsWith('/api/')) return;
  event.preventDefault();
  // What skips the navigation is no place to come back to.
  if (link.hash === '#main' && showPart('main')) return;
  leave(link.pathname + link.search + link.hash, link.getAttribute('href') ?? '');
}

/** A part of a path as it was meant; as it stands where it is no such. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The decoded parts of path behind the pattern's names, or null. */
export function match(pattern: string, path: string): string[] | null {
  const want = pattern.split('/');
  const have = path.replace(/(.)\/$/, '$1').split('/');
  if (want.length !== have.length) return null;
  const found: string[] = [];
  for (const [i, part] of want.entries()) {
    if (part === '*') found.push(decoded(have[i] ?? ''));
    else if (part !== have[i]) return null;
  }
  return found;
}

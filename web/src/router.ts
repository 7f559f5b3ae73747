// SPDX-License-Identifier: ISC
// Where we are: the address bar as a signal, and links that change it.
import { signal } from '@preact/signals';
import * as text from './text/common';

export interface Place {
  path: string;
  query: URLSearchParams;
  hash: string;
}

function read(): Place {
  return {
    path: location.pathname,
    query: new URLSearchParams(location.search),
    hash: location.hash.slice(1),
  };
}

export const place = signal<Place>(read());

addEventListener('popstate', () => { place.value = read(); });

export function go(to: string, replace = false): void {
  history[replace ? 'replaceState' : 'pushState'](null, '', to);
  place.value = read();
  if (!replace) scrollTo(0, 0);
}

/** The secret of a link: behind the #, which is not sent and not logged. */
export const secretOf = () =>
  new URLSearchParams(place.value.hash).get('secret') ?? '';

/** Names the page in the browser's tab and history. */
export function nameTab(title: string): void {
  document.title = title ? text.tabOf(title) : text.product;
}

/** Keeps one key of the query in step with a value; '' drops it. */
export function setQuery(key: string, value: string): void {
  const query = new URLSearchParams(location.search);
  if (value === '') query.delete(key);
  else query.set(key, value);
  const text = query.toString();
  go(location.pathname + (text ? `?${text}` : ''), true);
}

/** Takes plain clicks on links of our own pages. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey ||
    event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element).closest('a');
  if (link === null || link.origin !== location.origin ||
    link.target !== '' || link.hasAttribute('download') ||
    link.pathname.startsWith('/api/')) return;
  // To a part of the page the browser goes, and the focus with it.
  if (link.hash !== '' && link.pathname + link.search ===
    location.pathname + location.search) return;
  event.preventDefault();
  go(link.pathname + link.search + link.hash);
}

/** The decoded parts of path behind the pattern's names, or null. */
export function match(pattern: string, path: string): string[] | null {
  const want = pattern.split('/');
  const have = path.replace(/(.)\/$/, '$1').split('/');
  if (want.length !== have.length) return null;
  const found: string[] = [];
  for (const [i, part] of want.entries()) {
    if (part === '*') found.push(decodeURIComponent(have[i] ?? ''));
    else if (part !== have[i]) return null;
  }
  return found;
}

// SPDX-License-Identifier: ISC
// What was typed into the deploy form and not deployed yet: it outlives a
// reload, but not the browser's tab, and is nobody else's who signs in there.
import { session } from './session';

const HEAD = 'deploy '; // not prose

/** The files chosen in a form, by its address: these end with the page. */
const files = new Map<string, File>();

interface Kept {
  who: string;
  what: unknown;
}

const who = () => String(session.value?.user.id ?? '');

export function keepDraft(at: string, what: unknown, file: File | null): void {
  if (file) files.set(at, file);
  else files.delete(at);
  try {
    sessionStorage.setItem(HEAD + at, JSON.stringify({ who: who(), what }));
  } catch { /* a browser that keeps nothing */ }
}

/** What was kept for an address, with its file if that is still there. */
export function draftOf<T>(at: string): { what: T; file: File | null } | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(HEAD + at) ?? 'null') as
      Kept | null;
    return kept?.who === who() ?
      { what: kept.what as T, file: files.get(at) ?? null } : null;
  } catch {
    return null;
  }
}

export function dropDraft(at: string): void {
  files.delete(at);
  try {
    sessionStorage.removeItem(HEAD + at);
  } catch { /* there is nothing */ }
}

/** Nothing of it stays for who signs in next. */
export function forgetDraft(): void {
  try {
    for (const key of Object.keys(sessionStorage))
      if (key.startsWith(HEAD)) dropDraft(key.slice(HEAD.length));
  } catch { /* there is nothing */ }
}

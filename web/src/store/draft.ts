// SPDX-License-Identifier: ISC
// What was typed into the deploy form and not deployed yet: it outlives a
// reload, but not the browser's tab, and is nobody else's who signs in there.
import { session } from './session';

const HEAD = 'deploy '; // not prose

/** Whose they are. */
const WHO = 'deploys';

/** The files chosen in a form, by its address: these end with the page. */
const files = new Map<string, File>();

const who = () => String(session.value?.user.id ?? '');

export function keepDraft(at: string, what: unknown, file: File | null): void {
  if (!session.value) return;
  if (file) files.set(at, file);
  else files.delete(at);
  try {
    sessionStorage.setItem(WHO, who());
    sessionStorage.setItem(HEAD + at, JSON.stringify(what));
  } catch { /* a browser that keeps nothing */ }
}

/** What was kept for an address, with its file if that is still there. */
export function draftOf<T>(at: string): { what: T; file: File | null } | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(HEAD + at) ?? 'null') as T | null;
    return kept && { what: kept, file: files.get(at) ?? null };
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
  files.clear();
  try {
    for (const key of Object.keys(sessionStorage))
      if (key.startsWith(HEAD)) sessionStorage.removeItem(key);
    sessionStorage.removeItem(WHO);
  } catch { /* there is nothing */ }
}

// Who signs in finds nothing of somebody else, even without having looked.
session.subscribe((now) => {
  if (!now) return;
  try {
    const last = sessionStorage.getItem(WHO);
    if (last !== null && last !== who()) forgetDraft();
  } catch { /* there is nothing */ }
});

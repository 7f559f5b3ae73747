// SPDX-License-Identifier: ISC
// Where one was lately, for the palette: kept in this browser, of who is signed
// in only.
import { routeAt } from '../routes';
import { session } from './session';

const KEY = 'recent', MOST = 8;

interface Recent { user: string; paths: string[] }

function load(): string[] {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Recent | null;
    return kept?.user === session.value?.user.id ? kept?.paths ?? [] : [];
  } catch {
    return [];
  }
}

/** The paths, the newest first. */
export const recentPaths = load;

/** One looks at something that has a page of its own. */
export function wasAt(path: string): void {
  const user = session.value?.user.id;
  if (!user || routeAt(path)?.parts.length === 0) return;
  const paths = [path, ...load().filter((p) => p !== path)].slice(0, MOST);
  localStorage.setItem(KEY, JSON.stringify({ user, paths }));
}

export const forgetRecent = () => localStorage.removeItem(KEY);

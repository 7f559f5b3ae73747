// SPDX-License-Identifier: ISC
// A list on the server of which one sees the first pages, and more when asked.
import { useEffect, useState } from 'preact/hooks';
import { get, type List } from '../api';
import { usePolled } from './poll';

/** For a list that is asked for again only when one says so. */
export const NEVER = 2 ** 31 - 1;

async function firstPages<T>(path: string, pages: number,
  signal: AbortSignal): Promise<List<T>> {
  const sum: List<T> = { items: [], next: null };
  for (let page = 0; page < pages; page++) {
    const { items, next } = await get<List<T>>(sum.next === null ? path :
      `${path}${path.includes('?') ? '&' : '?'}cursor=` +
      encodeURIComponent(sum.next), signal);
    sum.items.push(...items);
    sum.next = next;
    if (next === null) break;
  }
  return sum;
}

/** The first pages at a path, asked for again every ms. */
export function usePages<T>(path: string, ms: number) {
  const [pages, setPages] = useState(1);
  useEffect(() => setPages(1), [path]);
  const { value, error, at, again } = usePolled((signal) =>
    firstPages<T>(path, pages, signal), ms, [path, pages, ms]);
  const more = value?.next == null ? null : () => setPages(pages + 1);
  return { items: value?.items ?? null, error, at, again, more };
}

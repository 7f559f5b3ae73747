// SPDX-License-Identifier: ISC
// A list on the server of which one sees the first pages, and more when asked.
import { useEffect, useState } from 'preact/hooks';
import { getAll, type List } from '../api';
import { usePolled } from './poll';

/** For a list that is asked for again only when one says so. */
export const NEVER = 2 ** 31 - 1;

/** The first pages at a path, asked for again every ms. */
export function usePages<T>(path: string, ms: number) {
  const [pages, setPages] = useState(1);
  useEffect(() => setPages(1), [path]);
  const { value, error, at, again } = usePolled((signal) =>
    getAll<List<T>>(path, signal, pages), ms, [path, pages, ms]);
  const more = value?.next == null ? null : () => setPages(pages + 1);
  return { items: value?.items ?? null, error, at, again, more };
}

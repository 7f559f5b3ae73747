// SPDX-License-Identifier: ISC
// The card of one setting: its form once it is known what is set, or why that is
// not known.
import type { ComponentChildren } from 'preact';
import { useKept } from '../lib/kept';
import { Loading, Stale } from './ui';

export function Kept<T>({ path, title, children }: { path: string; title: string;
  children: (now: T) => ComponentChildren }) {
  const { value, error, at, again } = useKept<T>(path);
  const stale = <Stale reason={error} since={at} again={again} />;
  if (value) return <div class="stack">{stale}{children(value)}</div>;
  return (
    <section class="card"><h2>{title}</h2>
      {error ? stale : <Loading />}
    </section>
  );
}

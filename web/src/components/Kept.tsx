// SPDX-License-Identifier: ISC
// The card of one setting: its form once it is known what is set, or why that is
// not known.
import type { ComponentChildren } from 'preact';
import { useKept } from '../lib/kept';
import * as common from '../text/common';
import { notKnown } from '../text/settings';
import { Banner } from './ui';

export function Kept<T>({ path, title, children }: { path: string; title: string;
  children: (now: T) => ComponentChildren }) {
  const { value, error, again } = useKept<T>(path);
  if (value) return <>{children(value)}</>;
  return (
    <section class="card"><h2>{title}</h2>
      {error ? <Banner kind="warn" title={notKnown}>{error.message}{' '}
        <button type="button" class="small" onClick={() => again()}>
          {common.askAgain}</button></Banner> :
        <p class="quiet">{common.loading}</p>}
    </section>
  );
}

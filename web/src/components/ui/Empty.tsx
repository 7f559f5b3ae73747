// SPDX-License-Identifier: ISC
import type { ComponentChildren } from 'preact';

/** Nothing is there: the next step is said within. */
export function Empty({ title, children }: { title: string;
  children?: ComponentChildren }) {
  return (
    <section class="empty">
      <img src="/bird.svg" alt="" width="44" height="44" />
      <h2>{title}</h2>{children}</section>
  );
}

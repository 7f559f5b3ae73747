// SPDX-License-Identifier: ISC
// A page of its own, for who is not signed in.
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { nameTab } from '../router';
import { Mark } from './Mark';

export function Alone({ title, children }: { title: string;
  children?: ComponentChildren }) {
  useEffect(() => nameTab(title), [title]);
  return (
    <main class="alone"><div class="card stack">
      <Mark>{title}</Mark>{children}</div></main>
  );
}

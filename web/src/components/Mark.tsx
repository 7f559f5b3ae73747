// SPDX-License-Identifier: ISC
import type { ComponentChildren } from 'preact';
import './alone.css';

/** The bird and the name, where nothing else stands. */
export function Mark({ children }: { children: ComponentChildren }) {
  return <h1 class="mark"><img src="/bird.svg" alt="" width="52" height="52" />
    {children}</h1>;
}

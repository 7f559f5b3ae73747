// SPDX-License-Identifier: ISC
// A page of its own, for who is not signed in.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { nameTab } from '../router';
import * as common from '../text/common';
import { Mark } from './Mark';
import './alone.css';

export function Alone({ title, children }: { title: string;
  children?: ComponentChildren }) {
  const main = useRef<HTMLElement>(null);
  // Who came by a link or a step before this one types on here.
  useEffect(() => {
    nameTab(title);
    (main.current?.querySelector<HTMLElement>('[autofocus]') ??
      main.current)?.focus();
  }, [title]);
  return (
    <main class="alone" ref={main} tabIndex={-1}><div class="card stack">
      <Mark>{title}</Mark>{children}</div></main>
  );
}

/** Where one goes on from there; primary: it is what one does next. */
export const ToSignIn = ({ primary }: { primary?: boolean }) => (
  <p><a class={primary ? 'button primary' : 'button'} href="/overview">
    {common.signIn}</a></p>
);

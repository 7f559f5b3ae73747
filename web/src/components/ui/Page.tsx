// SPDX-License-Identifier: ISC
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { nameTab } from '../../router';

/** A page: its title names the tab too. */
export function Page({ title, above, beside, action, children }: {
  title: string; above?: ComponentChildren; beside?: ComponentChildren;
  action?: ComponentChildren; children?: ComponentChildren;
}) {
  useEffect(() => nameTab(title), [title]);
  return (
    <>
      <header class="page-head">
        <div>
          {above && <p class="above">{above}</p>}
          <h1>{title}{beside}</h1>
        </div>
        <div class="page-action">{action}</div>
      </header>
      {children}
    </>
  );
}

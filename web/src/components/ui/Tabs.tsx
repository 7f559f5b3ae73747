// SPDX-License-Identifier: ISC
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export interface Tab<K extends string> {
  key: K;
  title: ComponentChildren;
  /** Each tab has an address of its own. */
  href: string;
}

/**
 * Tabs and the panel of the one that is shown. The arrow keys, Home and End walk
 * from tab to tab, Enter shows one: it is an entry in the history.
 */
export function Tabs<K extends string>({ label, tabs, at, children }: {
  label: string; tabs: readonly Tab<K>[]; at: K; children: ComponentChildren }) {
  const bar = useRef<HTMLDivElement>(null);
  // On a phone, the tabs are more than fit.
  useEffect(() => bar.current?.querySelector('[aria-selected="true"]')
    ?.scrollIntoView({ block: 'nearest', inline: 'nearest' }), [at]);
  const walk = (event: KeyboardEvent) => {
    const all = [...bar.current?.querySelectorAll('a') ?? []];
    const here = all.indexOf(document.activeElement as HTMLAnchorElement);
    const to = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0,
      End: -1 }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    all.at(to % all.length)?.focus();
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label={label} ref={bar}
        onKeyDown={walk}>
        {tabs.map(({ key, title, href }) => (
          <a key={key} role="tab" id={`tab-${key}`} href={href}
            aria-selected={key === at} aria-controls="panel"
            tabIndex={key === at ? 0 : -1} onKeyDown={(e) => {
              if (e.key !== ' ') return;
              e.preventDefault();
              e.currentTarget.click();
            }}>{title}</a>))}
      </div>
      <div class="panel" role="tabpanel" id="panel" aria-labelledby={`tab-${at}`}>
        {children}</div>
    </>
  );
}

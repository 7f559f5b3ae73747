// SPDX-License-Identifier: ISC
// What stands around every page: navigation, account, toasts, the dialog that
// signs in again, the palette and the keys.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask } from '../api';
import { askFirst, go, leave, leaving, place } from '../router';
import { pressing, watchAlerts } from '../store/alerts';
import { dragging, takeDrops } from '../store/dropped';
import { connection } from '../store/events';
import { isSending, operations, said, transfers, watchOperations } from
  '../store/operations';
import { mySections } from '../routes';
import { askAgain, confirming, session } from '../store/session';
import { theme, themes } from '../store/theme';
import { toast, toastError } from '../store/toasts';
import * as common from '../text/common';
import * as pages from '../text/pages';
import * as text from '../text/shell';
import { Asking } from './Asking';
import { Icon } from './Icon';
import { lazy } from './Lazy';
import { Palette } from './Palette';
import { Toasts } from './Toasts';
import { Dialog } from './ui';

const Leaving = lazy(() => import('./Leaving').then((m) => m.Leaving));
const Drawer = lazy(() => import('./Drawer').then((m) => m.Drawer));

type Open = 'palette' | 'keys' | null;

async function signOut(): Promise<void> {
  if (isSending()) {
    toast(text.stillSending, true);
    return;
  }
  try {
    await ask('DELETE', '/session');
  } catch (error) {
    toastError(error);
    return;
  }
  session.value = null;
  go('/overview');
}

function Account({ onKeys }: { onKeys: () => void }) {
  const user = session.value?.user;
  const ref = useRef<HTMLDivElement>(null);
  if (!user) return null;
  return (
    <div class="account">
      <button type="button" class="who" popovertarget="account">
        <span class="initial" aria-hidden="true">{user.name.slice(0, 1)}</span>
        <span class="name">{text.accountOf(user.name)}</span>
        <Icon name="more" /></button>
      <div id="account" class="menu" popover="auto" ref={ref}>
        <p><strong>{user.name}</strong><br />
          <span class="quiet">{text.identity(user.email, user.admin)}</span></p>
        <fieldset class="segments"><legend>{text.theme}</legend>
          {themes.map((t) => (
            <label key={t}><input type="radio" name="theme" value={t}
              checked={theme.value === t} onChange={() => { theme.value = t; }} />
              <span>{text.themes[t]}</span></label>))}</fieldset>
        <a class="button" href="/account"
          onClick={() => ref.current?.hidePopover()}>{pages.account}</a>
        <button type="button" onClick={() => {
          ref.current?.hidePopover();
          onKeys();
        }}>{text.keys}</button>
        <button type="button" onClick={() => {
          ref.current?.hidePopover();
          askFirst(signOut);
        }}>{text.signOut}</button>
      </div>
    </div>
  );
}

const isHere = (path: string, here: string) => here === path ||
  here.startsWith(`${path}/`);

/** How many alerts want somebody to look. */
function Pressing() {
  const open = pressing.value;
  if (open.length === 0) return null;
  const critical = open.some((a) => a.severity === 'critical');
  return <span class={critical ? 'pressing bad' : 'pressing'}>
    {text.openAlerts(open.length)}</span>;
}

const PATIENCE = 4000;

/** Says so when nothing is told for a while; a moment is no news. */
function Connection() {
  const [late, setLate] = useState(false);
  const broken = connection.value === 'broken';
  useEffect(() => {
    if (!broken) return setLate(false);
    const timer = setTimeout(setLate, PATIENCE, true);
    return () => clearTimeout(timer);
  }, [broken]);
  return <p class="connection" role="status">{late &&
    text.notLive}</p>;
}

function Navigation({ open }: { open: (what: Open) => void }) {
  const here = place.value.path;
  const list = useRef<HTMLUListElement>(null);
  // On a phone, the pages are more than fit.
  useEffect(() => list.current?.querySelector('[aria-current]')
    ?.scrollIntoView({ block: 'nearest', inline: 'nearest' }), [here]);
  return (
    <nav aria-label={text.mainNavigation}>
      <a class="brand" href="/overview"><img src="/bird.svg" alt="" width="30"
        height="30" /> {common.product}</a>
      <button type="button" class="goto" onClick={() => open('palette')}>
        <Icon name="search" /> <span>{text.goTo}</span> <kbd>{text.ctrlK}</kbd></button>
      <ul ref={list}>
        {mySections().filter((s) => s.nav.group).map((s) => (
          <li key={s.pattern}><a href={s.pattern}
            aria-current={isHere(s.pattern, here) ? 'page' : undefined}>
            <Icon name={s.nav.icon} /> {s.title}
            {s.pattern === '/alerts' && <Pressing />}</a></li>))}
      </ul>
      <Connection />
      <Account onKeys={() => open('keys')} />
    </nav>
  );
}

function Keys({ onClose }: { onClose: () => void }) {
  const keys: [string, string][] = [
    ['/', text.keyFilter], [text.ctrlK, text.keyPalette],
    ...mySections().map((s): [string, string] => [`g ${s.nav.key}`, s.title]),
    ['[ ]', text.keyEvents], ['p w e', text.keyLog], ['o', text.keyOperations],
    ['?', text.keyKeys], [text.escape, text.keyEscape],
  ];
  return (
    <Dialog title={text.keys} onClose={onClose}>
      <dl class="keys">{keys.map(([key, what]) => (
        <div key={key}><dt>{key.split(' ').map((k) => <kbd key={k}>{k}</kbd>)}</dt>
          <dd>{what}</dd></div>))}</dl>
      <div class="row end"><button type="button" autofocus onClick={onClose}>
        {common.close}</button></div>
    </Dialog>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element &&
    target.closest('input, textarea, select, dialog') !== null;
}

function showOperations(): void {
  const bar = document.getElementById('operations');
  bar?.click();
  bar?.focus();
}

/** Shortcuts; "g" waits for a second key. */
function useKeys(show: (what: Open) => void): void {
  useEffect(() => {
    let second = false;
    const onKey = (event: KeyboardEvent) => {
      if (askAgain.value || confirming.value) return;
      if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        show('palette');
        return;
      }
      if (isTyping(event.target) || event.ctrlKey || event.metaKey ||
        event.altKey) return;
      const to = second ? mySections().find((s) => s.nav.key === event.key) : undefined;
      second = event.key === 'g';
      if (to) leave(to.pattern);
      else if (event.key === '?') show('keys');
      else if (event.key === 'o') showOperations();
      else if (event.key === '/') {
        event.preventDefault();
        document.querySelector<HTMLInputElement>('[data-filter]')?.focus();
      }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

/** After going elsewhere, the keyboard and screen readers are there too. */
function useFocusOnMain(): void {
  const first = useRef(true);
  useEffect(() => {
    const main = document.getElementById('main');
    if (!first.current && !main?.contains(document.activeElement))
      main?.focus({ preventScroll: true });
    first.current = false;
  }, [place.value.path]);
}

export function Shell({ children }: { children: ComponentChildren }) {
  const [open, setOpen] = useState<Open>(null);
  useKeys(setOpen);
  useFocusOnMain();
  useEffect(takeDrops, []);
  useEffect(watchOperations, []);
  useEffect(watchAlerts, []);
  const long = operations.value.length + transfers.value.length > 0;
  return (
    <div class={dragging.value ? 'shell dragging' : 'shell'}>
      <a class="skip" href="#main">{text.skip}</a>
      <Navigation open={setOpen} />
      <main id="main" tabIndex={-1}>{children}</main>
      {long && <Drawer />}
      <p class="unseen" role="status">{said.value}</p>
      {open === 'palette' && <Palette onClose={() => setOpen(null)} />}
      {open === 'keys' && <Keys onClose={() => setOpen(null)} />}
      {leaving.value && <Leaving />}
      <Asking />
      <Toasts />
    </div>
  );
}

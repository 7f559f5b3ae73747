// SPDX-License-Identifier: ISC
// What stands around every page: navigation, the drawer, the dialogs that ask
// over any page, the palette and the keys.
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ask } from '../api';
import { holdFocus } from '../lib/scroll';
import { askFirst, go, leave, leaving, place } from '../router';
import { mySections } from '../routes';
import { watchAlerts } from '../store/alerts';
import { forgetDraft } from '../store/draft';
import { dragging, takeDrops } from '../store/dropped';
import { isSending, operations, said, transfers, watchOperations } from
  '../store/operations';
import { forgetRecent, wasAt } from '../store/recent';
import { askAgain, confirming, session } from '../store/session';
import { areExact } from '../store/times';
import { toast, toastError } from '../store/toasts';
import * as text from '../text/shell';
import { Asking } from './Asking';
import { lazy } from './Lazy';
import { Navigation } from './Navigation';

const Drawer = lazy(() => import('./Drawer').then((m) => m.Drawer));
const Keys = lazy(() => import('./Keys').then((m) => m.Keys));
const Leaving = lazy(() => import('./Leaving').then((m) => m.Leaving));
const Palette = lazy(() => import('./Palette').then((m) => m.Palette));

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
  forgetRecent();
  forgetDraft();
  session.value = null;
  go('/overview');
}

/** Is it meant for what has the focus? Boxes and radios take no letters. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('textarea, select, dialog, ' +
    'input:not([type=checkbox], [type=radio])') !== null;
}

function showOperations(): void {
  const bar = document.getElementById('operations');
  bar?.click();
  bar?.focus();
}

/** What one key does by itself. */
const single: Record<string, (show: (what: Open) => void) => void> = {
  '?': (show) => show('keys'),
  o: showOperations,
  x: () => { areExact.value = !areExact.value; },
  '/': () => document.querySelector<HTMLInputElement>('[data-filter]')?.focus(),
};

/** Shortcuts; "g" waits for a second key. */
function useKeys(show: (what: Open) => void): void {
  useEffect(() => {
    let second = false;
    const onKey = (event: KeyboardEvent) => {
      if (askAgain.value || confirming.value || leaving.value) return;
      if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        Object.assign(ahead, { current: '', until: performance.now() + AHEAD });
        show('palette');
        return;
      }
      if (isTyping(event.target) || event.ctrlKey || event.metaKey ||
        event.altKey) return;
      const to = second ? mySections().find((s) => s.nav.key === event.key) :
        undefined;
      const act = single[event.key];
      second = event.key === 'g';
      if (to) leave(to.pattern);
      else act?.(show);
      if (act) event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

/** What is typed between Ctrl-K and the palette being there: it is not lost. */
const ahead = { current: '', until: 0 };
const AHEAD = 3000;

function useTypedAhead(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (performance.now() > ahead.until || event.key.length > 1 ||
        event.ctrlKey || event.metaKey) return;
      if (document.querySelector('.palette')) { ahead.until = 0; return; }
      ahead.current += event.key;
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    addEventListener('keydown', onKey, { capture: true });
    return () => removeEventListener('keydown', onKey, { capture: true });
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
    wasAt(place.value.path);
  }, [place.value.path]);
}

/** When nothing else is to do, what is likely wanted next is fetched. */
function fetchAhead(): () => void {
  const timer = setTimeout(Palette.preload, 1500);
  return () => clearTimeout(timer);
}

export function Shell({ children }: { children: ComponentChildren }) {
  const [open, setOpen] = useState<Open>(null);
  useTypedAhead();
  useKeys(setOpen);
  useFocusOnMain();
  useEffect(takeDrops, []);
  useEffect(holdFocus, []);
  useLayoutEffect(watchOperations, []);
  useLayoutEffect(watchAlerts, []);
  useEffect(fetchAhead, []);
  const long = operations.value.length + transfers.value.length > 0;
  const palette = () => {
    ahead.current = '';
    setOpen('palette');
  };
  const acts = { palette, keys: () => setOpen('keys'),
    signOut: () => askFirst(() => void signOut()) };
  const shut = () => {
    ahead.until = 0;
    setOpen(null);
  };
  return (
    <div class={dragging.value ? 'shell dragging' : 'shell'}
      data-drop={text.dropToDeploy}>
      <a class="skip" href="#main">{text.skip}</a>
      <Navigation acts={acts} />
      <main id="main" tabIndex={-1}>{children}</main>
      {long && <Drawer />}
      <p class="unseen" role="status">{said.value}</p>
      {open === 'palette' && <Palette typed={ahead} acts={acts} onClose={shut} />}
      {open === 'keys' && <Keys onClose={shut} />}
      {leaving.value && <Leaving />}
      <Asking />
    </div>
  );
}

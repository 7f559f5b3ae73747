// SPDX-License-Identifier: ISC
// What stands around every page: navigation, account, toasts, the dialog that
// signs in again, the palette and the keys.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask } from '../api';
import { go, place } from '../router';
import { pressing, watchAlerts } from '../store/alerts';
import { dragging, takeDrops } from '../store/dropped';
import { connection } from '../store/events';
import { isSending, operations, said, transfers, watchOperations } from
  '../store/operations';
import { askAgain, confirming, session } from '../store/session';
import { theme, themes } from '../store/theme';
import { toast, toastError } from '../store/toasts';
import { Asking } from './Asking';
import { Icon, type IconName } from './Icon';
import { lazy } from './Lazy';
import { Palette } from './Palette';
import { Toasts } from './Toasts';
import { Dialog } from './ui';

const Drawer = lazy(() => import('./Drawer').then((m) => m.Drawer));

interface Section {
  path: string;
  title: string;
  icon: IconName;
  key: string;
  admin: boolean;
  /** In the menu of one's account, not among the others. */
  own?: true;
}

const sections: Section[] = [
  { path: '/overview', title: 'Overview', icon: 'overview', key: 'o', admin: false },
  { path: '/unikernels', title: 'Unikernels', icon: 'unikernels', key: 'u',
    admin: false },
  { path: '/alerts', title: 'Alerts', icon: 'alert', key: 'a', admin: false },
  { path: '/deploy', title: 'Deploy', icon: 'deploy', key: 'd', admin: false },
  { path: '/volumes', title: 'Volumes', icon: 'volume', key: 'v', admin: false },
  { path: '/images', title: 'Images', icon: 'images', key: 'm', admin: false },
  { path: '/projects', title: 'Projects', icon: 'projects', key: 'p', admin: false },
  { path: '/instances', title: 'Instances', icon: 'instances', key: 'i',
    admin: true },
  { path: '/tokens', title: 'Tokens', icon: 'tokens', key: 't', admin: false },
  { path: '/notifications', title: 'Notifications', icon: 'bell', key: 'n',
    admin: false },
  { path: '/users', title: 'Users', icon: 'users', key: 'r', admin: true },
  { path: '/audit', title: 'Audit', icon: 'audit', key: 'h', admin: true },
  { path: '/settings', title: 'Settings', icon: 'settings', key: 's',
    admin: true },
  { path: '/account', title: 'Account', icon: 'users', key: 'c', admin: false,
    own: true },
];

/** The pages one may see. */
export function mySections(): Section[] {
  return sections.filter((s) => !s.admin || session.value?.user.admin);
}

type Open = 'palette' | 'keys' | null;

async function signOut(): Promise<void> {
  if (isSending()) {
    toast('An upload from this page is under way: let it end or stop it first.',
      true);
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
        <span class="name"><span class="unseen">Account of </span>{user.name}</span>
        <Icon name="more" /></button>
      <div id="account" class="menu" popover="auto" ref={ref}>
        <p><strong>{user.name}</strong><br />
          <span class="quiet">{user.email}{user.admin && ', administrator'}</span></p>
        <fieldset class="segments"><legend>Theme</legend>
          {themes.map((t) => (
            <label key={t}><input type="radio" name="theme" value={t}
              checked={theme.value === t} onChange={() => { theme.value = t; }} />
              <span>{t}</span></label>))}</fieldset>
        <a class="button" href="/account"
          onClick={() => ref.current?.hidePopover()}>Account</a>
        <button type="button" onClick={() => {
          ref.current?.hidePopover();
          onKeys();
        }}>Keys</button>
        <button type="button" onClick={signOut}>Sign out</button>
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
  return <span class={critical ? 'pressing bad' : 'pressing'}>{open.length}
    <span class="unseen"> open</span></span>;
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
    'Not live: asking again and again.'}</p>;
}

function Navigation({ open }: { open: (what: Open) => void }) {
  const here = place.value.path;
  const list = useRef<HTMLUListElement>(null);
  // On a phone, the pages are more than fit.
  useEffect(() => list.current?.querySelector('[aria-current]')
    ?.scrollIntoView({ block: 'nearest', inline: 'nearest' }), [here]);
  return (
    <nav aria-label="Main">
      <a class="brand" href="/overview"><img src="/bird.svg" alt="" width="30"
        height="30" /> Mollymawk</a>
      <button type="button" class="goto" onClick={() => open('palette')}>
        <Icon name="search" /> <span>Go to…</span> <kbd>Ctrl K</kbd></button>
      <ul ref={list}>
        {mySections().filter((s) => !s.own).map((s) => (
          <li key={s.path}><a href={s.path} aria-current={isHere(s.path, here) ?
            'page' : undefined}><Icon name={s.icon} /> {s.title}
            {s.path === '/alerts' && <Pressing />}</a></li>))}
      </ul>
      <Connection />
      <Account onKeys={() => open('keys')} />
    </nav>
  );
}

function Keys({ onClose }: { onClose: () => void }) {
  const keys: [string, string][] = [
    ['/', 'Filter the list, search the log'],
    ['Ctrl K', 'Go to a unikernel, volume or page'],
    ...mySections().map((s): [string, string] => [`g ${s.key}`, s.title]),
    ['[ ]', 'In a log: the event before, and after'],
    ['p w e', 'In a log: pause, wrap, to the end'],
    ['o', 'What is under way'], ['?', 'This list'], ['Esc', 'Close what is open'],
  ];
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="keys">{keys.map(([key, what]) => (
        <div key={key}><dt>{key.split(' ').map((k) => <kbd key={k}>{k}</kbd>)}</dt>
          <dd>{what}</dd></div>))}</dl>
      <div class="row end"><button type="button" autofocus onClick={onClose}>
        Close</button></div>
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
      const to = second ? mySections().find((s) => s.key === event.key) : undefined;
      second = event.key === 'g';
      if (to) go(to.path);
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
    if (!first.current)
      document.getElementById('main')?.focus({ preventScroll: true });
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
      <a class="skip" href="#main">Skip to the content</a>
      <Navigation open={setOpen} />
      <main id="main" tabIndex={-1}>{children}</main>
      {long && <Drawer />}
      <p class="unseen" role="status">{said.value}</p>
      {open === 'palette' && <Palette onClose={() => setOpen(null)} />}
      {open === 'keys' && <Keys onClose={() => setOpen(null)} />}
      <Asking />
      <Toasts />
    </div>
  );
}

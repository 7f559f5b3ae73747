// SPDX-License-Identifier: ISC
// What stands around every page: navigation, account, toasts, the dialog that
// signs in again, the palette and the keys.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ask } from '../api';
import { go, place } from '../router';
import { askAgain, session, signedInAgain } from '../store/session';
import { theme, themes } from '../store/theme';
import { dropToast, toastError, toasts } from '../store/toasts';
import { Palette } from './Palette';
import { SignInForm } from './SignInForm';
import { Dialog } from './ui';

export const sections = [
  { path: '/', title: 'Unikernels', admin: false },
  { path: '/deploy', title: 'Deploy', admin: false },
  { path: '/instances', title: 'Instances', admin: true },
  { path: '/tokens', title: 'Tokens', admin: false },
];

const keys: [string, string][] = [
  ['/', 'Go to the filter'], ['Ctrl K', 'Go to a unikernel or page'],
  ['g u', 'Unikernels'], ['g d', 'Deploy'], ['g t', 'Tokens'], ['?', 'This list'],
];

export async function signOut(): Promise<void> {
  try {
    await ask('DELETE', '/session');
  } catch (error) {
    toastError(error);
    return;
  }
  session.value = null;
  go('/');
}

function Navigation() {
  const here = place.value.path;
  const admin = session.value?.user.admin;
  return (
    <nav aria-label="Main">
      <a class="brand" href="/"><img src="/bird.svg" alt="" /> Mollymawk</a>
      <ul>
        {sections.filter((s) => !s.admin || admin).map((s) => (
          <li key={s.path}><a href={s.path} aria-current={here === s.path ||
            (s.path === '/' && here.startsWith('/unikernels')) ?
            'page' : undefined}>{s.title}</a></li>))}
      </ul>
      <div class="account">
        <span class="who" title={session.value?.user.email}>
          {session.value?.user.name}</span>
        <label class="theme"><span>Theme</span>
          <select value={theme.value} onChange={(e) => {
            theme.value = themes[e.currentTarget.selectedIndex] ?? 'system';
          }}>
            {themes.map((t) => <option key={t} value={t}>{t}</option>)}
          </select></label>
        <button type="button" class="small" onClick={signOut}>Sign out</button>
      </div>
    </nav>
  );
}

function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((t) => (
        <div key={t.id} class={t.bad ? 'toast bad' : 'toast'}>
          <span>{t.text}</span>
          <button type="button" class="small" aria-label="Dismiss"
            onClick={() => dropToast(t.id)}>×</button>
        </div>))}
    </div>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element &&
    target.closest('input, textarea, select, dialog') !== null;
}

/** Shortcuts; "g" waits for a second key. */
function useKeys(show: (what: 'palette' | 'keys') => void): void {
  useEffect(() => {
    let second = false;
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        show('palette');
        return;
      }
      if (isTyping(event.target) || event.ctrlKey || event.metaKey ||
        event.altKey) return;
      const to = second && { u: '/', d: '/deploy', t: '/tokens' }[event.key];
      second = event.key === 'g';
      if (to) go(to);
      else if (event.key === '?') show('keys');
      else if (event.key === '/') {
        event.preventDefault();
        document.querySelector<HTMLInputElement>('[data-filter]')?.focus();
      }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

export function Shell({ children }: { children: ComponentChildren }) {
  const [open, setOpen] = useState<'palette' | 'keys' | null>(null);
  useKeys(setOpen);
  return (
    <div class="shell">
      <a class="skip" href="#main">Skip to the content</a>
      <Navigation />
      <main id="main" tabIndex={-1}>{children}</main>
      <Toasts />
      {open === 'palette' && <Palette onClose={() => setOpen(null)} />}
      {open === 'keys' && (
        <Dialog title="Keys" onClose={() => setOpen(null)}>
          <dl class="keys">{keys.map(([key, what]) => (
            <div key={key}><dt><kbd>{key}</kbd></dt><dd>{what}</dd></div>))}</dl>
          <button type="button" onClick={() => setOpen(null)}>Close</button>
        </Dialog>)}
      {askAgain.value && (
        <Dialog title="Your session ended" onClose={() => signedInAgain(null)}>
          <p>Sign in again to go on. Nothing you typed is lost.</p>
          <SignInForm email={session.value?.user.email ?? ''}
            onDone={signedInAgain} />
        </Dialog>)}
    </div>
  );
}

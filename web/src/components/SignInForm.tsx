// SPDX-License-Identifier: ISC
// E-mail and password; for the page and for the dialog over a page.
import { useState } from 'preact/hooks';
import { ask, hasCode, ProblemError, type Session } from '../api';
import { lazy } from './Lazy';
import { Field } from './ui';

const Resend = lazy(() => import('./Resend').then((m) => m.Resend));

export function SignInForm({ email: known = '', onDone }: {
  email?: string; onDone: (session: Session) => void }) {
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState('');
  const [error, setError] = useState('');
  const [unconfirmed, setUnconfirmed] = useState(false);
  const [busy, setBusy] = useState(false);

  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError('');
    try {
      onDone(await ask<Session>('POST', '/session', { email, password }));
    } catch (e) {
      setError(e instanceof ProblemError ? e.message : String(e));
      setUnconfirmed(hasCode(e, 'mail-not-verified'));
      setBusy(false);
    }
  };

  return (
    <form class="stack" onSubmit={submit}>
      <Field label="E-mail">{(p) => (
        <input {...p} type="email" autocomplete="username" required
          autofocus={known === ''} value={email}
          onInput={(e) => setEmail(e.currentTarget.value)} />)}
      </Field>
      <Field label="Password" error={error || undefined}>{(p) => (
        <input {...p} type="password" autocomplete="current-password" required
          autofocus={known !== ''} value={password}
          onInput={(e) => setPassword(e.currentTarget.value)} />)}
      </Field>
      <button class="primary" disabled={busy}>
        {busy ? 'Signing in…' : 'Sign in'}</button>
      {unconfirmed && <Resend email={email} />}
    </form>
  );
}

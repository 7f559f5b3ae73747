// SPDX-License-Identifier: ISC
// The password again, before what gives or takes power.
import { useState } from 'preact/hooks';
import { ask, fieldError, type Session } from '../api';
import { confirmed, session } from '../store/session';
import { Dialog, Field } from './ui';

export function ConfirmDialog() {
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      confirmed(await ask<Session>('POST', '/session/confirm', { password }));
    } catch (e) {
      setProblem(e as Error);
      setBusy(false);
    }
  };

  const cancel = () => confirmed(null);
  return (
    <Dialog title="Confirm that it is you" onClose={cancel}>
      <form class="stack" onSubmit={submit}>
        <p>What you are about to do needs your password once more. You are then not
          asked for 15 minutes.</p>
        <input class="unseen" type="email" autocomplete="username" readOnly
          tabIndex={-1} aria-hidden="true" value={session.value?.user.email ?? ''} />
        <Field label="Password" error={fieldError(problem, 'password') ??
          problem?.message}>{(p) => (
          <input {...p} type="password" autocomplete="current-password" required
            autofocus value={password}
            onInput={(e) => setPassword(e.currentTarget.value)} />)}
        </Field>
        <div class="row end">
          <button type="button" onClick={cancel}>Cancel</button>
          <button class="primary" disabled={busy}>
            {busy ? 'Checking…' : 'Confirm'}</button>
        </div>
      </form>
    </Dialog>
  );
}

// SPDX-License-Identifier: ISC
// E-mail and password, then a code where the account has a second factor; or a
// passkey. For the page and for the dialog over a page.
import { useState } from 'preact/hooks';
import { ask, hasCode, type Session } from '../api';
import { useGoOn } from '../lib/focus';
import { useSending } from '../lib/sending';
import * as common from '../text/common';
import * as text from '../text/signIn';
import { CodeField } from './CodeField';
import { lazy } from './Lazy';
import { PasskeyButton } from './PasskeyButton';
import { Field, FormProblem } from './ui';

const Resend = lazy(() => import('./Resend').then((m) => m.Resend));

export function SignInForm({ email: known = '', onDone }: {
  email?: string; onDone: (session: Session) => void }) {
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState('');
  const [otp, setOtp] = useState('');
  const [asked, setAsked] = useState(false);
  const [typed, setTyped] = useState(true);
  const { error, busy, submit, send } = useSending();
  const form = useGoOn<HTMLFormElement>(error);

  const signIn = async () => {
    setTyped(true);
    try {
      onDone(await ask<Session>('POST', '/session',
        { email, password, ...asked && { otp } }));
    } catch (e) {
      setOtp('');
      if (asked || !hasCode(e, 'second-factor')) throw e;
      setAsked(true);
    }
  };
  // What is said of what was typed; all else is not the fault of a field.
  const refused = typed && hasCode(error, asked ? 'bad-second-factor' :
    'bad-login') ? error?.message : undefined;
  const passkey = (
    <PasskeyButton verb={text.withPasskey} busy={busy} send={(work) => {
      setTyped(false);
      send(work);
    }}
      onShown={async (shown) =>
        onDone(await ask<Session>('POST', '/session/passkey', shown))} />);

  return (
    <form ref={form} class="stack" onSubmit={submit(signIn)}>
      {asked ? (
        <>
          <p>{text.giveFactor(email)}</p>
          <CodeField value={otp} onValue={setOtp} error={refused} />
        </>) : (
        <>
          <Field label={common.email}>{(p) => (
            <input {...p} type="email" autocomplete="username" required
              autofocus={known === ''} value={email}
              onInput={(e) => setEmail(e.currentTarget.value)} />)}
          </Field>
          <Field label={common.password} error={refused}>{(p) => (
            <input {...p} type="password" autocomplete="current-password" required
              autofocus={known !== ''} value={password}
              onInput={(e) => setPassword(e.currentTarget.value)} />)}
          </Field>
        </>)}
      {!refused && <FormProblem error={error} fields={[]}
        title={text.notSignedIn} />}
      <button class="primary" disabled={busy}>
        {busy ? text.signingIn : common.signIn}</button>
      {hasCode(error, 'mail-not-verified') && <Resend email={email} />}
      {passkey}
      {asked && <button type="button" onClick={() => setAsked(false)}>
        {text.startOver}</button>}
    </form>
  );
}

// SPDX-License-Identifier: ISC
// A forgotten password: the mail with a link, and the link.
import { useEffect, useState } from 'preact/hooks';
import { ask, get, hasCode, isOver, type AccountRules } from '../api';
import { Alone } from '../components/Alone';
import { CodeField } from '../components/CodeField';
import { PasswordField } from '../components/PasswordField';
import { Check, Field, FormProblem } from '../components/ui';
import { useSending } from '../lib/sending';
import { secretOf } from '../router';
import { session } from '../store/session';

const NoMail = () => (
  <Alone title="Forgotten password">
    <p>No mail is sent from here. Ask an administrator; they can set another
      password for you.</p>
    <p><a class="button" href="/overview">Sign in</a></p></Alone>
);

const Sent = ({ email }: { email: string }) => (
  <Alone title="Look into your mail">
    <p>If <strong>{email}</strong> has an account, a mail with a link is on its way
      there. The link works once, for a short time.</p>
    <p>Nothing comes? It may be among the unwanted mails, or the account has
      another address.</p>
    <p><a class="button" href="/overview">Sign in</a></p></Alone>
);

/** Asks for the mail. */
export function Forgot() {
  const [email, setEmail] = useState('');
  const [reset, setReset] = useState(true);
  const [sent, setSent] = useState(false);
  const { error, busy, submit, say } = useSending();
  useEffect(() => {
    // What is said depends on it; that it fails is told when one asks.
    get<AccountRules>('/accounts').then((r) => setReset(r.reset), () => {});
  }, []);
  if (!reset) return <NoMail />;
  if (sent) return <Sent email={email} />;
  return (
    <Alone title="Forgotten password">
      <form class="stack" onSubmit={submit(async () => {
        await ask('POST', '/accounts/password-reset', { email });
        setSent(true);
      })}>
        <p>A link by mail lets you choose another one.</p>
        <Field label="E-mail" error={say('email')}>{(p) => (
          <input {...p} type="email" required autocomplete="username" autofocus
            value={email} onInput={(e) => setEmail(e.currentTarget.value)} />)}
        </Field>
        <FormProblem error={error} fields={['email']} title="It was not sent." />
        <button class="primary" disabled={busy}>
          {busy ? 'Sending…' : 'Send the link'}</button>
        <p><a href="/overview">Back to signing in</a></p>
      </form></Alone>
  );
}

const Over = () => (
  <Alone title="This link is over">
    <p>It was used before, or its time is over.</p>
    <p><a class="button primary" href="/forgot">Send another one</a></p></Alone>
);

const Done = () => (
  <Alone title="It is changed">
    <p>Your password is changed, and all sessions of your account have ended.</p>
    <p><a class="button primary" href="/overview">Sign in</a></p></Alone>
);

/** By the link of the mail; with the second factor of an account that has one. */
export function Reset() {
  const secret = secretOf();
  const [password, setPassword] = useState('');
  const [otp, setOtp] = useState('');
  const [second, setSecond] = useState(false);
  const [tokens, setTokens] = useState(true);
  const [done, setDone] = useState(false);
  const { error, busy, submit, say } = useSending();
  const wanted = hasCode(error, 'second-factor');
  const wrong = hasCode(error, 'bad-second-factor');
  useEffect(() => { if (wanted) setSecond(true); }, [wanted]);
  if (done) return <Done />;
  if (isOver(error)) return <Over />;
  return (
    <Alone title="Choose a password">
      <form class="stack" onSubmit={submit(async () => {
        await ask('POST', '/accounts/password-reset/confirm', { secret, password,
          revoke_tokens: tokens, ...(second && { otp: otp.trim() }) });
        session.value = null;
        setDone(true);
      })}>
        <PasswordField label="New password" fresh autofocus value={password}
          error={say('password')} onValue={setPassword} />
        {second && <CodeField value={otp} onValue={setOtp}
          error={wrong ? error?.message : say('otp')} />}
        <Check label="Revoke my tokens too" checked={tokens} onChange={setTokens} />
        {!wanted && !wrong && <FormProblem error={error}
          fields={['password', 'otp']} title="It was not changed." />}
        <button class="primary" disabled={busy}>
          {busy ? 'One moment…' : 'Change the password'}</button>
      </form></Alone>
  );
}

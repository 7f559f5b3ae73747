// SPDX-License-Identifier: ISC
// A forgotten password: the mail with a link, and the link.
import { useEffect, useState } from 'preact/hooks';
import { ask, get, hasCode, isOver, type AccountRules } from '../api';
import { Alone, ToSignIn } from '../components/Alone';
import { CodeField } from '../components/CodeField';
import { PasswordField } from '../components/PasswordField';
import { Check, Field, FormProblem } from '../components/ui';
import { useSending } from '../lib/sending';
import { secretOf } from '../router';
import { session } from '../store/session';
import * as common from '../text/common';
import * as text from '../text/join';
import * as words from '../text/password';

const NoMail = () => (
  <Alone title={text.forgotten}>
    <p>{text.noMail}</p>
    <ToSignIn /></Alone>
);

const Sent = ({ email }: { email: string }) => (
  <Alone title={text.lookIntoMail}>
    <p>{text.sentIfAny(email)}</p>
    <p>{text.nothingComes}</p>
    <ToSignIn /></Alone>
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
    <Alone title={text.forgotten}>
      <form class="stack" onSubmit={submit(async () => {
        await ask('POST', '/accounts/password-reset', { email });
        setSent(true);
      })}>
        <p>{text.linkByMail}</p>
        <Field label={common.email} error={say('email')}>{(p) => (
          <input {...p} type="email" required autocomplete="username" autofocus
            value={email} onInput={(e) => setEmail(e.currentTarget.value)} />)}
        </Field>
        <FormProblem error={error} fields={['email']} title={text.notSent} />
        <button class="primary" disabled={busy}>
          {busy ? common.sending : text.sendLink}</button>
        <p><a href="/overview">{text.backToSignIn}</a></p>
      </form></Alone>
  );
}

const Over = () => (
  <Alone title={text.linkOver}>
    <p>{text.usedBefore}</p>
    <p><a class="button primary" href="/forgot">{text.sendAnotherOne}</a></p></Alone>
);

const Done = () => (
  <Alone title={text.isChanged}>
    <p>{text.allEnded}</p>
    <ToSignIn primary /></Alone>
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
    <Alone title={text.choose}>
      <form class="stack" onSubmit={submit(async () => {
        await ask('POST', '/accounts/password-reset/confirm', { secret, password,
          revoke_tokens: tokens, ...(second && { otp: otp.trim() }) });
        session.value = null;
        setDone(true);
      })}>
        <PasswordField label={words.fresh} fresh autofocus value={password}
          error={say('password')} onValue={setPassword} />
        {second && <CodeField value={otp} onValue={setOtp}
          error={wrong ? error?.message : say('otp')} />}
        <Check label={words.revokeTokens} checked={tokens} onChange={setTokens} />
        {!wanted && !wrong && <FormProblem error={error}
          fields={['password', 'otp']} title={common.notChanged} />}
        <button class="primary" disabled={busy}>
          {busy ? common.oneMoment : words.change}</button>
      </form></Alone>
  );
}

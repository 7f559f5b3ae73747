// SPDX-License-Identifier: ISC
// The link of a mail which shows that its address is one's own: of a new
// account, or of an account whose address changes. Nothing happens before the
// button, since some mail servers open each link to look at it.
import { useState } from 'preact/hooks';
import { ask, isOver, type Verified } from '../api';
import { Alone } from '../components/Alone';
import { Field, FormProblem } from '../components/ui';
import { useSending } from '../lib/sending';
import { secretOf } from '../router';
import { session } from '../store/session';

function Over() {
  const [email, setEmail] = useState('');
  const [sent, setSent] = useState(false);
  const { error, busy, submit, say } = useSending();
  if (sent)
    return (
      <Alone title="Look into your mail">
        <p>If an account waits for <strong>{email}</strong> to be confirmed, a new
          link is on its way there.</p></Alone>);
  return (
    <Alone title="This link is over">
      <p>It was used before, or its time is over. Perhaps all is done
        already: <a href="/overview">sign in</a>. Else have another one
        sent:</p>
      <form class="stack" onSubmit={submit(async () => {
        await ask('POST', '/accounts/verify/resend', { email });
        setSent(true);
      })}>
        <Field label="E-mail" error={say('email')}>{(p) => (
          <input {...p} type="email" required autocomplete="username" value={email}
            onInput={(e) => setEmail(e.currentTarget.value)} />)}</Field>
        <FormProblem error={error} fields={['email']} title="It was not sent." />
        <button disabled={busy}>{busy ? 'Sending…' : 'Send another link'}</button>
      </form></Alone>
  );
}

function Done({ next, email }: Verified) {
  return (
    <Alone title="Thank you">
      <p><strong>{email}</strong> is confirmed.</p>
      {next === 'approval' ? <p>Now an administrator looks at your account. You are
        told by mail when you can sign in.</p> :
        <p><a class="button primary" href={session.value ? '/account' : '/overview'}>
          {session.value ? 'To your account' : 'Sign in'}</a></p>}
    </Alone>
  );
}

export function Verify() {
  const secret = secretOf();
  const [done, setDone] = useState<Verified | null>(null);
  const { error, busy, submit } = useSending();
  if (done) return <Done {...done} />;
  if (isOver(error)) return <Over />;
  return (
    <Alone title="Confirm your e-mail address">
      <form class="stack" onSubmit={submit(async () =>
        setDone(await ask<Verified>('POST', '/accounts/verify', { secret })))}>
        <p>You opened the link which we mailed you. One click more shows that the
          address is yours.</p>
        <FormProblem error={error} fields={[]} title="It was not confirmed." />
        <button class="primary" autofocus disabled={busy}>
          {busy ? 'One moment…' : 'Confirm it'}</button>
      </form></Alone>
  );
}

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
import * as common from '../text/common';
import * as text from '../text/join';

function Over() {
  const [email, setEmail] = useState('');
  const [sent, setSent] = useState(false);
  const { error, busy, submit, say } = useSending();
  if (sent)
    return (
      <Alone title={text.lookIntoMail}>
        <p>{text.newLinkComes(email)}</p></Alone>);
  return (
    <Alone title={text.linkOver}>
      <p>{text.perhapsDone(
        <a href="/overview">{text.signInThere}</a>)}</p>
      <form class="stack" onSubmit={submit(async () => {
        await ask('POST', '/accounts/verify/resend', { email });
        setSent(true);
      })}>
        <Field label={common.email} error={say('email')}>{(p) => (
          <input {...p} type="email" required autocomplete="username" value={email}
            onInput={(e) => setEmail(e.currentTarget.value)} />)}</Field>
        <FormProblem error={error} fields={['email']} title={text.notSent} />
        <button disabled={busy}>{busy ? common.sending : text.sendAnother}</button>
      </form></Alone>
  );
}

function Done({ next, email }: Verified) {
  return (
    <Alone title={text.thankYou}>
      <p>{text.isConfirmed(email)}</p>
      {next === 'approval' ? <p>{text.approvalNext}</p> :
        <p><a class="button primary" href={session.value ? '/account' : '/overview'}>
          {session.value ? text.toAccount : common.signIn}</a></p>}
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
    <Alone title={text.confirmAddress}>
      <form class="stack" onSubmit={submit(async () =>
        setDone(await ask<Verified>('POST', '/accounts/verify', { secret })))}>
        <p>{text.youOpened}</p>
        <FormProblem error={error} fields={[]} title={text.notConfirmed} />
        <button class="primary" autofocus disabled={busy}>
          {busy ? common.oneMoment : text.confirmIt}</button>
      </form></Alone>
  );
}

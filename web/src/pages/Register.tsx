// SPDX-License-Identifier: ISC
// An account of one's own: as anybody may, or by an invitation.
import { useEffect, useState } from 'preact/hooks';
import { ask, get, isOver, type AccountRules, type Invited as InvitedBy,
  type Joined, type Session } from '../api';
import { Alone, ToSignIn } from '../components/Alone';
import { PasswordField } from '../components/PasswordField';
import { Resend } from '../components/Resend';
import { Banner, Field, FormProblem } from '../components/ui';
import { useSending } from '../lib/sending';
import { go, secretOf } from '../router';
import { session } from '../store/session';
import * as common from '../text/common';
import * as text from '../text/join';

function Next({ next, email }: Joined & { email: string }) {
  if (next === 'verify')
    return (
      <Alone title={text.lookIntoMail}>
        <p>{text.mailed(email)}</p>
        <Resend email={email} />
        <p><a href="/overview">{common.signIn}</a></p></Alone>);
  return (
    <Alone title={next === 'approval' ? text.nearlyThere : text.welcome}>
      <p>{next === 'approval' ? text.waits : text.isMade}</p>
      <ToSignIn /></Alone>
  );
}

const fields = ['email', 'name', 'display_name', 'password', 'invitation'];

/** Signs in at once where nothing else is left to do. */
async function join(form: Record<string, string>): Promise<Joined['next'] | null> {
  const { email, password } = form;
  const { next } = await ask<Joined>('POST', '/accounts', form);
  if (next !== 'sign-in') return next;
  try {
    session.value = await ask<Session>('POST', '/session', { email, password });
  } catch {
    return next;
  }
  go('/overview', true);
  return null;
}

function Form({ approval, invited, secret }: { approval: boolean;
  invited?: InvitedBy; secret?: string }) {
  const [form, setForm] = useState({ email: invited?.email ?? '', name: '',
    display_name: '', password: '' });
  const [next, setNext] = useState<Joined['next'] | null>(null);
  const { error, busy, submit, say } = useSending();
  const set = (key: keyof typeof form) => (value: string) =>
    setForm({ ...form, [key]: value });
  if (next) return <Next next={next} email={form.email} />;
  return (
    <Alone title={text.make}>
      <form class="stack" onSubmit={submit(async () => {
        const { display_name, ...rest } = form;
        setNext(await join({ ...rest, ...(display_name && { display_name }),
          ...(secret && { invitation: secret }) }));
      })}>
        {invited && <p>{text.invites(invited)}</p>}
        {approval && <p>{text.approvedFirst}</p>}
        <Field label={common.email} error={say('email')}>{(p) => (
          <input {...p} type="email" required autocomplete="username"
            maxLength={254} autofocus={!invited?.email} value={form.email}
            readOnly={!!invited?.email}
            onInput={(e) => set('email')(e.currentTarget.value)} />)}</Field>
        <Field label={text.userName} error={say('name')}
          hint={text.userNameHint}>{(p) => (
          <input {...p} required maxLength={63} autocomplete="off"
            autofocus={!!invited?.email} autocapitalize="off" spellcheck={false}
            value={form.name}
            onInput={(e) => set('name')(e.currentTarget.value)} />)}</Field>
        <Field label={text.yourName} error={say('display_name')}
          hint={text.yourNameHint}>{(p) => (
          <input {...p} maxLength={100} autocomplete="name"
            value={form.display_name}
            onInput={(e) => set('display_name')(e.currentTarget.value)} />)}</Field>
        <PasswordField label={common.password} fresh value={form.password}
          error={say('password')} onValue={set('password')} />
        <FormProblem error={error} fields={fields}
          title={text.notMade} />
        <button class="primary" disabled={busy}>
          {busy ? common.oneMoment : text.makeIt}</button>
        <p>{text.haveOne(<a href="/overview">{common.signIn}</a>)}</p>
      </form>
    </Alone>
  );
}

/** What one is about to join, before anything is typed. */
function useOnce<T>(ask: () => Promise<T>) {
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const again = () => {
    setError(null);
    ask().then(setValue, setError);
  };
  useEffect(again, []);
  return { value, error, again };
}

const Waiting = ({ error, again }: { error: Error | null; again: () => void }) => (
  <Alone title={text.make}>
    {error ? <>
      <Banner title={text.noAnswer}>{error.message}</Banner>
      <p><button type="button" onClick={again}>{common.tryAgain}</button></p></> :
      <p role="status">{common.loading}</p>}</Alone>
);

export function Register() {
  const { value: rules, ...how } = useOnce(() => get<AccountRules>('/accounts'));
  if (!rules) return <Waiting {...how} />;
  const closed = text.closed[rules.registration];
  if (closed)
    return <Alone title={text.make}><p>{closed}</p><ToSignIn /></Alone>;
  return <Form approval={rules.approval} />;
}

/** By the link of an invitation. */
export function Invited() {
  const secret = secretOf();
  const { value: invited, ...how } = useOnce(() =>
    ask<InvitedBy>('POST', '/accounts/invitation', { secret }));
  if (isOver(how.error))
    return (
      <Alone title={text.invitationOver}>
        <p>{text.askForAnother}</p>
        <ToSignIn /></Alone>);
  if (!invited) return <Waiting {...how} />;
  return <Form approval={false} invited={invited} secret={secret} />;
}

// SPDX-License-Identifier: ISC
// An account of one's own: as anybody may, or by an invitation.
import { useEffect, useState } from 'preact/hooks';
import { ask, get, isOver, type AccountRules, type Invited as InvitedBy,
  type Joined, type Session } from '../api';
import { Alone } from '../components/Alone';
import { PasswordField } from '../components/PasswordField';
import { Resend } from '../components/Resend';
import { Banner, Field, FormProblem } from '../components/ui';
import { day } from '../lib/format';
import { useSending } from '../lib/sending';
import { go, secretOf } from '../router';
import { session } from '../store/session';

const ToSignIn = () => <p><a class="button" href="/overview">Sign in</a></p>;

function Next({ next, email }: Joined & { email: string }) {
  if (next === 'verify')
    return (
      <Alone title="Look into your mail">
        <p>A mail is on its way to <strong>{email}</strong>. The link in it
          confirms that the address is yours.</p>
        <Resend email={email} />
        <p><a href="/overview">Sign in</a></p></Alone>);
  return (
    <Alone title={next === 'approval' ? 'Nearly there' : 'Welcome'}>
      <p>{next === 'approval' ? 'The account is made. An administrator looks at ' +
        'it before you can sign in; you are told by mail.' :
        'The account is made.'}</p>
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
    <Alone title="Make an account">
      <form class="stack" onSubmit={submit(async () => {
        const { display_name, ...rest } = form;
        setNext(await join({ ...rest, ...(display_name && { display_name }),
          ...(secret && { invitation: secret }) }));
      })}>
        {invited && <Invitation {...invited} />}
        {approval && <p>An administrator looks at it before you can sign in.</p>}
        <Field label="E-mail" error={say('email')}>{(p) => (
          <input {...p} type="email" required autocomplete="username"
            maxLength={254} autofocus={!invited?.email} value={form.email}
            readOnly={!!invited?.email}
            onInput={(e) => set('email')(e.currentTarget.value)} />)}</Field>
        <Field label="User name" error={say('name')}
          hint="Also the name of your own project: letters, digits, - and . Nobody
          can change it later.">{(p) => (
          <input {...p} required maxLength={63} autocomplete="off"
            autofocus={!!invited?.email} autocapitalize="off" spellcheck={false}
            value={form.name}
            onInput={(e) => set('name')(e.currentTarget.value)} />)}</Field>
        <Field label="Your name (optional)" error={say('display_name')}
          hint="As others should call you.">{(p) => (
          <input {...p} maxLength={100} autocomplete="name"
            value={form.display_name}
            onInput={(e) => set('display_name')(e.currentTarget.value)} />)}</Field>
        <PasswordField label="Password" fresh value={form.password}
          error={say('password')} onValue={set('password')} />
        <FormProblem error={error} fields={fields}
          title="The account was not made." />
        <button class="primary" disabled={busy}>
          {busy ? 'One moment…' : 'Make the account'}</button>
        <p>You have one? <a href="/overview">Sign in</a></p>
      </form>
    </Alone>
  );
}

const Invitation = ({ invited_by, project, role, expires_at }: InvitedBy) => (
  <p><strong>{invited_by}</strong> invites you{project && <> to the
    project <strong>{project}</strong>, as {role}</>}, until {day(expires_at)}.</p>
);

/** Why one can not, or null. */
function closedWords({ registration }: AccountRules): string | null {
  return registration === 'open' ? null : registration === 'invitation' ?
    'Accounts are made by invitation here. Open the link in yours, or ask ' +
      'somebody who works here for one.' :
    'Accounts are made by administrators here. Ask one of them.';
}

function useRules() {
  const [rules, setRules] = useState<AccountRules | null>(null);
  const [error, setError] = useState<Error | null>(null);
  useEffect(() => { get<AccountRules>('/accounts').then(setRules, setError); }, []);
  return { rules, error };
}

const Failed = ({ error }: { error: Error }) => (
  <Alone title="Make an account">
    <Banner title="Mollymawk does not answer.">{error.message}</Banner>
    <p><button type="button" onClick={() => location.reload()}>Try again</button>
    </p></Alone>
);

export function Register() {
  const { rules, error } = useRules();
  if (error) return <Failed error={error} />;
  if (!rules) return null;
  const closed = closedWords(rules);
  if (closed)
    return <Alone title="Make an account"><p>{closed}</p><ToSignIn /></Alone>;
  return <Form approval={rules.approval} />;
}

/** By the link of an invitation. */
export function Invited() {
  const secret = secretOf();
  const [invited, setInvited] = useState<InvitedBy | null>(null);
  const [error, setError] = useState<Error | null>(null);
  useEffect(() => {
    ask<InvitedBy>('POST', '/accounts/invitation', { secret })
      .then(setInvited, setError);
  }, [secret]);
  if (isOver(error))
    return (
      <Alone title="This invitation is over">
        <p>It was used, withdrawn, or its time is over. Ask who sent it for
          another one.</p>
        <ToSignIn /></Alone>);
  if (error) return <Failed error={error} />;
  return invited && <Form approval={false} invited={invited} secret={secret} />;
}

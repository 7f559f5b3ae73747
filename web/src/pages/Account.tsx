// SPDX-License-Identifier: ISC
// One's own account: who one is, what one proves it with, and where one is
// signed in.
import { useEffect, useState } from 'preact/hooks';
import { ask, get, type Me } from '../api';
import { FactorCards } from '../components/FactorCards';
import { PasswordField, WhoseField } from '../components/PasswordField';
import { SessionsCard } from '../components/SessionsCard';
import { Badge, Banner, Check, Fact, Field, FormProblem, Page } from
  '../components/ui';
import { day } from '../lib/format';
import { useSending } from '../lib/sending';
import { toast } from '../store/toasts';

type Changed = { me: Me; onChange: (me: Me) => void };

function Name({ me, onChange }: Changed) {
  const [name, setName] = useState(me.display_name);
  const { error, busy, submit, say } = useSending();
  return (
    <form class="stack" onSubmit={submit(async () => {
      onChange(await ask<Me>('PATCH', '/me', { display_name: name }));
      toast('Saved');
    })}>
      <Field label="Your name" error={say('display_name')}
        hint="As others should call you; may be empty.">{(p) => (
        <input {...p} maxLength={100} autocomplete="name" value={name}
          onInput={(e) => setName(e.currentTarget.value)} />)}</Field>
      <FormProblem error={error} fields={['display_name']}
        title="It was not saved." />
      <div class="row"><button disabled={busy || name === me.display_name}>
        Save the name</button></div>
    </form>
  );
}

function Pending({ email }: { email: string }) {
  return (
    <Banner kind="plain" title={`${email} is not confirmed yet.`}>Open the link in
      the mail which was sent there. Until then your address stays as it
      is.</Banner>
  );
}

function Email({ me, onChange }: Changed) {
  const [email, setEmail] = useState('');
  const { error, busy, submit, say } = useSending();
  return (
    <form class="stack" onSubmit={submit(async () => {
      onChange(await ask<Me>('PATCH', '/me', { email }));
      setEmail('');
      toast('A mail with a link is on its way');
    })}>
      {me.pending_email && <Pending email={me.pending_email} />}
      <Field label="Another e-mail address" error={say('email')}
        hint="It becomes yours once you opened the link which is mailed to it. The
        one you have is told.">{(p) => (
        <input {...p} type="email" required maxLength={254} autocomplete="email"
          value={email} onInput={(e) => setEmail(e.currentTarget.value)} />)}
      </Field>
      <FormProblem error={error} fields={['email']} title="It was not changed." />
      <div class="row"><button disabled={busy || email === ''}>
        Change the address</button></div>
    </form>
  );
}

function Profile({ me, onChange }: Changed) {
  return (
    <section class="card stack" aria-labelledby="profile">
      <h2 id="profile">Profile</h2>
      <dl class="strip">
        <Fact name="User name">{me.name}{' '}
          {me.admin && <Badge kind="good">administrator</Badge>}</Fact>
        <Fact name="E-mail">{me.email}</Fact>
        <Fact name="Since">{day(me.created_at)}</Fact></dl>
      <Name me={me} onChange={onChange} />
      <Email me={me} onChange={onChange} />
    </section>
  );
}

function Password({ me }: { me: Me }) {
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const [tokens, setTokens] = useState(false);
  const { error, busy, submit, say } = useSending();
  return (
    <form class="card stack" onSubmit={submit(async () => {
      await ask('POST', '/me/password', { current, password,
        revoke_tokens: tokens });
      setCurrent('');
      setPassword('');
      toast('Your password is changed; all other sessions have ended');
    })}>
      <h2>Password</h2>
      <p>Changing it ends all your other sessions.</p>
      <WhoseField email={me.email} />
      <PasswordField label="Current password" value={current} onValue={setCurrent}
        error={say('current')} />
      <PasswordField label="New password" fresh value={password}
        onValue={setPassword} error={say('password')} />
      <Check label="Revoke my tokens too" checked={tokens} onChange={setTokens} />
      <FormProblem error={error} fields={['current', 'password']}
        title="It was not changed." />
      <div class="row"><button class="primary" disabled={busy}>
        {busy ? 'One moment…' : 'Change the password'}</button></div>
    </form>
  );
}

export function Account() {
  const [me, setMe] = useState<Me | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const load = () => {
    setError(null);
    get<Me>('/me').then(setMe, setError);
  };
  useEffect(load, []);
  return (
    <Page title="Account">
      {error && <Banner title="Your account could not be loaded.">{error.message}{' '}
        <button type="button" class="small" onClick={load}>Try again</button>
      </Banner>}
      <div class="stack narrow">
        {me && <Profile me={me} onChange={setMe} />}
        {me && <Password me={me} />}
        {me && <FactorCards />}
        <SessionsCard /></div>
    </Page>
  );
}

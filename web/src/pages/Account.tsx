// SPDX-License-Identifier: ISC
// One's own account: who one is, what one proves it with, and where one is
// signed in.
import { useState } from 'preact/hooks';
import { ask, get, type Me } from '../api';
import { FactorCards } from '../components/FactorCards';
import { PasswordField, WhoseField } from '../components/PasswordField';
import { SessionsCard } from '../components/SessionsCard';
import { Badge, Banner, Check, Fact, Field, FormProblem, Loading, Page, Stale }
  from '../components/ui';
import { day } from '../lib/format';
import { usePolled } from '../lib/poll';
import { useSending } from '../lib/sending';
import { useUnsaved } from '../router';
import { toast } from '../store/toasts';
import * as text from '../text/account';
import * as pages from '../text/pages';
import * as common from '../text/common';
import * as words from '../text/password';
import './account.css';

const EVERY = 15_000;

type Changed = { me: Me; onChange: () => void };

function Name({ me, onChange }: Changed) {
  const [name, setName] = useState(me.display_name);
  const [kept, setKept] = useState(me.display_name);
  const { error, busy, submit, say } = useSending();
  useUnsaved(name !== kept);
  return (
    <form class="stack" onSubmit={submit(async () => {
      await ask('PATCH', '/me', { display_name: name });
      setKept(name);
      onChange();
      toast(common.saved);
    })}>
      <Field label={text.yourName} error={say('display_name')}
        hint={text.yourNameHint}>{(p) => (
        <input {...p} maxLength={100} autocomplete="name" value={name}
          onInput={(e) => setName(e.currentTarget.value)} />)}</Field>
      <FormProblem error={error} fields={['display_name']}
        title={common.notSaved} />
      <div class="row"><button disabled={busy || name === kept}>
        {text.saveName}</button></div>
    </form>
  );
}

function Pending({ email }: { email: string }) {
  return (
    <Banner kind="plain" title={text.unconfirmed(email)}>{text.openTheLink}
    </Banner>
  );
}

function Email({ me, onChange }: Changed) {
  const [email, setEmail] = useState('');
  const { error, busy, submit, say } = useSending();
  useUnsaved(email !== '');
  return (
    <form class="stack" onSubmit={submit(async () => {
      await ask('PATCH', '/me', { email });
      onChange();
      setEmail('');
      toast(text.linkComes);
    })}>
      {me.pending_email && <Pending email={me.pending_email} />}
      <Field label={text.otherAddress} error={say('email')}
        hint={text.otherAddressHint}>{(p) => (
        <input {...p} type="email" required maxLength={254} autocomplete="email"
          value={email} onInput={(e) => setEmail(e.currentTarget.value)} />)}
      </Field>
      <FormProblem error={error} fields={['email']} title={common.notChanged} />
      <div class="row"><button disabled={busy || email === ''}>
        {text.changeAddress}</button></div>
    </form>
  );
}

function Profile({ me, onChange }: Changed) {
  return (
    <section class="card stack" aria-labelledby="profile">
      <h2 id="profile">{text.profile}</h2>
      <dl class="strip">
        <Fact name={text.userName}>{me.name}{' '}
          {me.admin && <Badge kind="good">{text.administrator}</Badge>}</Fact>
        <Fact name={common.email}>{me.email}</Fact>
        <Fact name={common.since}>{day(me.created_at)}</Fact></dl>
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
  useUnsaved(current !== '' || password !== '');
  return (
    <form class="card stack" onSubmit={submit(async () => {
      await ask('POST', '/me/password', { current, password,
        revoke_tokens: tokens });
      setCurrent('');
      setPassword('');
      toast(text.passwordChanged);
    })}>
      <h2>{common.password}</h2>
      <p>{text.changingEnds}</p>
      <WhoseField email={me.email} />
      <PasswordField label={text.current} value={current} onValue={setCurrent}
        error={say('current')} />
      <PasswordField label={words.fresh} fresh value={password}
        onValue={setPassword} error={say('password')} />
      <Check label={words.revokeTokens} checked={tokens} onChange={setTokens} />
      <FormProblem error={error} fields={['current', 'password']}
        title={common.notChanged} />
      <div class="row"><button class="primary" disabled={busy}>
        {busy ? common.oneMoment : words.change}</button></div>
    </form>
  );
}

export function Account() {
  const { value: me, error, at, again } = usePolled((signal) =>
    get<Me>('/me', signal), EVERY, []);
  return (
    <Page title={pages.account}>
      <div class="stack narrow">
        <Stale reason={error} since={at} again={again} />
        {!me && !error && <Loading />}
        {me && <Profile me={me} onChange={again} />}
        {me && <Password me={me} />}
        {me && <FactorCards />}
        <SessionsCard /></div>
    </Page>
  );
}

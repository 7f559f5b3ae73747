// SPDX-License-Identifier: ISC
// The first admin, by the one-time secret which the authority prints.
import { useEffect, useState } from 'preact/hooks';
import { ask, get, type Session } from '../api';
import { Alone } from '../components/Alone';
import { PasswordField } from '../components/PasswordField';
import { Field, FormProblem } from '../components/ui';
import { useSending } from '../lib/sending';
import { go, secretOf } from '../router';
import { session } from '../store/session';

export function Setup() {
  const [form, setForm] = useState({ secret: secretOf(), email: '', name: '',
    password: '' });
  const [problem, setProblem] = useState<Error | null>(null);
  const [done, setDone] = useState(false);
  const { error, busy, submit, say } = useSending();
  useEffect(() => {
    get<{ needed: boolean }>('/setup').then((s) => setDone(!s.needed), setProblem);
  }, []);
  const set = (key: keyof typeof form) => (e: { currentTarget: HTMLInputElement }) =>
    setForm({ ...form, [key]: e.currentTarget.value });

  if (done)
    return (
      <Alone title="Mollymawk">
        <p>The first account was made already.</p>
        <p><a class="button primary" href="/overview">Sign in</a></p></Alone>);
  return (
    <Alone title="Welcome to Mollymawk">
      <form class="stack" onSubmit={submit(async () => {
        await ask('POST', '/setup', form);
        const { email, password } = form;
        session.value = await ask<Session>('POST', '/session', { email, password });
        go('/overview', true);
      })}>
        <p>Make the first account. It may administer everything.</p>
        <Field label="Set-up secret" error={say('secret')}
          hint="In the link which mollymawk-auth prints when it starts.">{(p) => (
          <input {...p} required value={form.secret} onInput={set('secret')} />)}
        </Field>
        <Field label="E-mail" error={say('email')}>{(p) => (
          <input {...p} type="email" required autocomplete="username"
            value={form.email} onInput={set('email')} />)}</Field>
        <Field label="Name" error={say('name')}
          hint="Also the name of your own project: letters, digits, - and .">
          {(p) => <input {...p} required maxLength={63} value={form.name}
            onInput={set('name')} />}</Field>
        <PasswordField label="Password" fresh value={form.password}
          error={say('password')}
          onValue={(password) => setForm({ ...form, password })} />
        <FormProblem error={error ?? problem} fields={Object.keys(form)}
          title="The account was not made." />
        <button class="primary" disabled={busy}>
          {busy ? 'One moment…' : 'Make the account'}</button>
      </form>
    </Alone>
  );
}

// SPDX-License-Identifier: ISC
// The first admin, by the one-time secret which the authority prints.
import { useEffect, useState } from 'preact/hooks';
import { ask, fieldError, get, type Session } from '../api';
import { Field, FormProblem } from '../components/ui';
import { go, nameTab, place } from '../router';
import { Mark } from '../components/Mark';
import { session } from '../store/session';

export function Setup() {
  const secret = new URLSearchParams(place.value.hash).get('secret') ?? '';
  const [form, setForm] = useState({ secret, email: '', name: '', password: '' });
  const [problem, setProblem] = useState<Error | null>(null);
  const [done, setDone] = useState(false);
  useEffect(() => {
    nameTab('Set up');
    get<{ needed: boolean }>('/setup').then((s) => setDone(!s.needed), setProblem);
  }, []);
  const error = (field: string) => fieldError(problem, field);
  const set = (key: keyof typeof form) => (e: { currentTarget: HTMLInputElement }) =>
    setForm({ ...form, [key]: e.currentTarget.value });

  const submit = async (event: Event) => {
    event.preventDefault();
    setProblem(null);
    try {
      await ask('POST', '/setup', form);
      const { email, password } = form;
      session.value = await ask<Session>('POST', '/session', { email, password });
      go('/overview', true);
    } catch (e) {
      setProblem(e as Error);
    }
  };

  if (done)
    return (
      <main class="alone"><div class="card">
        <Mark>Mollymawk</Mark>
        <p>The first account was made already.</p>
        <p><a class="button primary" href="/overview">Sign in</a></p></div></main>);
  return (
    <main class="alone">
      <form class="card stack" onSubmit={submit}>
        <Mark>Welcome to Mollymawk</Mark>
        <p>Make the first account. It may administer everything.</p>
        <Field label="Set-up secret" error={error('secret')}
          hint="In the link which mollymawk-auth prints when it starts.">{(p) => (
          <input {...p} required value={form.secret} onInput={set('secret')} />)}
        </Field>
        <Field label="E-mail" error={error('email')}>{(p) => (
          <input {...p} type="email" required autocomplete="username"
            value={form.email} onInput={set('email')} />)}</Field>
        <Field label="Name" error={error('name')}
          hint="Also the name of your own project: letters, digits, - and .">
          {(p) => <input {...p} required maxLength={63} value={form.name}
            onInput={set('name')} />}</Field>
        <Field label="Password" error={error('password')}
          hint="12 characters at least.">{(p) => (
          <input {...p} type="password" required minLength={12}
            autocomplete="new-password" value={form.password}
            onInput={set('password')} />)}</Field>
        <FormProblem error={problem} fields={Object.keys(form)}
          title="The account was not made." />
        <button class="primary">Make the account</button>
      </form>
    </main>
  );
}

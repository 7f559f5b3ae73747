// SPDX-License-Identifier: ISC
// The first admin, by the one-time secret which the authority printed.
import { useState } from 'preact/hooks';
import { ask, ProblemError, type Session } from '../api';
import { Field } from '../components/ui';
import { go, place } from '../router';
import { session } from '../store/session';

export function Setup() {
  const secret = new URLSearchParams(place.value.hash).get('secret') ?? '';
  const [form, setForm] = useState({ secret, email: '', name: '', password: '' });
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const set = (key: keyof typeof form) => (e: { currentTarget: HTMLInputElement }) =>
    setForm({ ...form, [key]: e.currentTarget.value });

  const submit = async (event: Event) => {
    event.preventDefault();
    setProblem(null);
    try {
      await ask('POST', '/setup', form);
      const { email, password } = form;
      session.value = await ask<Session>('POST', '/session', { email, password });
      go('/', true);
    } catch (e) {
      if (!(e instanceof ProblemError)) throw e;
      setProblem(e);
    }
  };

  return (
    <main class="alone">
      <form class="card stack" onSubmit={submit}>
        <h1 class="brand"><img src="/bird.svg" alt="" /> Welcome to Mollymawk</h1>
        <p>Make the first account. It may administer everything.</p>
        <Field label="Set-up secret" error={problem?.field('secret')}
          hint="In the log of mollymawk-auth, at its start.">{(p) => (
          <input {...p} required value={form.secret} onInput={set('secret')} />)}
        </Field>
        <Field label="E-mail" error={problem?.field('email')}>{(p) => (
          <input {...p} type="email" required autocomplete="username"
            value={form.email} onInput={set('email')} />)}</Field>
        <Field label="Name" error={problem?.field('name')}
          hint="Also the name of your own project: letters, digits, - and .">
          {(p) => <input {...p} required maxLength={63} value={form.name}
            onInput={set('name')} />}</Field>
        <Field label="Password" error={problem?.field('password')}
          hint="12 characters at least.">{(p) => (
          <input {...p} type="password" required minLength={12}
            autocomplete="new-password" value={form.password}
            onInput={set('password')} />)}</Field>
        {problem && !problem.problem.errors?.length &&
          <p class="note bad" role="alert">{problem.message}</p>}
        <button class="primary">Make the account</button>
      </form>
    </main>
  );
}

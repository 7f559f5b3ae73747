// SPDX-License-Identifier: ISC
// The first admin, by the one-time secret which the authority prints.
import { useEffect, useState } from 'preact/hooks';
import { ask, get, type Session } from '../api';
import { Alone, ToSignIn } from '../components/Alone';
import { PasswordField } from '../components/PasswordField';
import { Field, FormProblem } from '../components/ui';
import { useSending } from '../lib/sending';
import { go, secretOf } from '../router';
import { session } from '../store/session';
import * as common from '../text/common';
import * as text from '../text/join';

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
      <Alone title={common.product}>
        <p>{text.setUpDone}</p>
        <ToSignIn primary />
      </Alone>);
  return (
    <Alone title={text.setUpTitle}>
      <form class="stack" onSubmit={submit(async () => {
        await ask('POST', '/setup', form);
        const { email, password } = form;
        session.value = await ask<Session>('POST', '/session', { email, password });
        go('/overview', true);
      })}>
        <p>{text.makeFirst}</p>
        <Field label={text.setUpSecret} error={say('secret')}
          hint={text.setUpSecretHint}>{(p) => (
          <input {...p} required autofocus={!secretOf()} autocomplete="off"
            spellcheck={false} autocapitalize="off" value={form.secret}
            onInput={set('secret')} />)}
        </Field>
        <Field label={common.email} error={say('email')}>{(p) => (
          <input {...p} type="email" required autocomplete="username"
            maxLength={254} autofocus={!!secretOf()} value={form.email}
            onInput={set('email')} />)}</Field>
        <Field label={common.name} error={say('name')}
          hint={text.setUpNameHint}>
          {(p) => <input {...p} required maxLength={63} autocomplete="off"
            autocapitalize="off" spellcheck={false} value={form.name}
            onInput={set('name')} />}</Field>
        <PasswordField label={common.password} fresh value={form.password}
          error={say('password')}
          onValue={(password) => setForm({ ...form, password })} />
        <FormProblem error={error ?? problem} fields={Object.keys(form)}
          title={text.notMade} />
        <button class="primary" disabled={busy}>
          {busy ? common.oneMoment : text.makeIt}</button>
      </form>
    </Alone>
  );
}

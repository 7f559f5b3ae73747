// SPDX-License-Identifier: ISC
// Who may make an account.
import { useEffect, useState } from 'preact/hooks';
import { get, type Registration } from '../api';
import { useSaving } from '../lib/saving';
import { toastError } from '../store/toasts';
import { Check, FormProblem, ListEditor } from './ui';

const modes: [Registration['mode'], string, string][] = [
  ['open', 'Anybody', 'Who confirms an e-mail address.'],
  ['invitation', 'By invitation', 'Who got a link from an administrator, or from ' +
    'the owner of a project.'],
  ['closed', 'Nobody', 'Administrators make accounts on this machine, with ' +
    'mollymawk-auth user-create.'],
];

function Form({ first }: { first: Registration }) {
  const [form, setForm] = useState({ ...first, domains: first.domains ?? [] });
  const { error, save, say } = useSaving();
  const wrong = say('mode');
  return (
    <form class="card stack" onSubmit={(e) => {
      e.preventDefault();
      void save('/settings/registration', form);
    }}>
      <h2>Who may make an account</h2>
      <fieldset class={wrong ? 'field bad options' : 'field options'}>
        <legend class="unseen">Who</legend>
        {modes.map(([mode, title, about]) => (
          <label key={mode} class="check"><input type="radio" name="registration"
            value={mode} checked={form.mode === mode}
            onChange={() => setForm({ ...form, mode })} />
            <span><strong>{title}</strong><br />
              <span class="quiet">{about}</span></span></label>))}
        {wrong && <p class="note" role="alert">{wrong}</p>}</fieldset>
      {form.mode === 'open' && <>
        <Check label="An administrator approves each account first"
          checked={form.approval}
          onChange={(approval) => setForm({ ...form, approval })} />
        <ListEditor label="Only domains" items={form.domains}
          placeholder="example.org" error={say('domains')}
          hint={form.domains.length === 0 ? 'Any, while none is said.' : ''}
          onChange={(domains) => setForm({ ...form, domains })} /></>}
      <FormProblem error={error} fields={['mode', 'domains']}
        title="It was not saved." />
      <div class="row"><button class="primary">Save registration</button></div>
    </form>
  );
}

export function RegistrationForm() {
  const [first, setFirst] = useState<Registration | null>(null);
  useEffect(() => {
    get<Registration>('/settings/registration').then(setFirst, toastError);
  }, []);
  return first && <Form first={first} />;
}

// SPDX-License-Identifier: ISC
// Who may make an account.
import { useState } from 'preact/hooks';
import { type Registration } from '../api';
import { useChanges } from '../lib/kept';
import { useSaving } from '../lib/saving';
import * as common from '../text/common';
import * as text from '../text/settings';
import { Kept } from './Kept';
import { Options } from './Options';
import { Check, FormProblem, ListEditor } from './ui';

function Form({ first }: { first: Registration }) {
  const [form, setForm] = useState({ ...first, domains: first.domains ?? [] });
  const { error, save, say } = useSaving();
  const unchanged = useChanges(form);
  return (
    <form class="card stack" onSubmit={async (e) => {
      e.preventDefault();
      if (await save('/settings/registration', form)) unchanged();
    }}>
      <h2>{text.registration}</h2>
      <Options name="registration" label={common.who} choices={text.modes}
        chosen={form.mode} error={say('mode')}
        onChange={(mode) => setForm({ ...form, mode })} />
      {form.mode === 'open' && <>
        <Check label={text.approval}
          checked={form.approval}
          onChange={(approval) => setForm({ ...form, approval })} />
        <ListEditor label={text.domains} items={form.domains}
          placeholder={text.domainExample} error={say('domains')}
          hint={form.domains.length === 0 ? text.domainsHint : ''}
          onChange={(domains) => setForm({ ...form, domains })} /></>}
      <FormProblem error={error} fields={['mode', 'domains']}
        title={common.notSaved} />
      <div class="row"><button class="primary">{text.saveRegistration}</button></div>
    </form>
  );
}

export function RegistrationForm() {
  return <Kept<Registration> path="/settings/registration"
    title={text.registration}>{(first) => <Form first={first} />}</Kept>;
}

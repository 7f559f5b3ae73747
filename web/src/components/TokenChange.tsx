// SPDX-License-Identifier: ISC
// Another name for a token, or a sooner end.
import { useState } from 'preact/hooks';
import { ask, fieldError, type Token } from '../api';
import { day } from '../lib/format';
import { toast } from '../store/toasts';
import { Dialog, Field, FormProblem } from './ui';

export function TokenChange({ token, onClose, onDone }: {
  token: Token; onClose: () => void; onDone: () => void }) {
  const [name, setName] = useState(token.name);
  const [days, setDays] = useState('');
  const [problem, setProblem] = useState<Error | null>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      await ask('PATCH', `/tokens/${token.id}`, { name,
        ...(days !== '' && { expires_in_days: Number(days) }) });
      toast(`${name} was changed`);
      onDone();
    } catch (e) {
      setProblem(e as Error);
    }
  };
  return (
    <Dialog title={`Change ${token.name}`} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <p>What it may do can not be changed: for that, make another one and
          revoke this one.</p>
        <Field label="Name" error={fieldError(problem, 'name')}>{(p) => (
          <input {...p} autofocus required maxLength={64} value={name}
            onInput={(e) => setName(e.currentTarget.value)} />)}</Field>
        <Field label="Days from now until it expires"
          error={fieldError(problem, 'expires_in_days')}
          hint={`Empty: on ${day(token.expires_at)} as it is. Not later.`}>{(p) => (
            <input {...p} type="number" min={0} max={365} value={days}
              onInput={(e) => setDays(e.currentTarget.value)} />)}</Field>
        <FormProblem error={problem} title="It was not changed."
          fields={['name', 'expires_in_days']} />
        <div class="row end">
          <button type="button" onClick={onClose}>Cancel</button>
          <button class="primary">Save</button>
        </div>
      </form>
    </Dialog>
  );
}

// SPDX-License-Identifier: ISC
// Another name for a token, or a sooner end.
import { useState } from 'preact/hooks';
import { ask, type Token } from '../api';
import { day } from '../lib/format';
import { useSending } from '../lib/sending';
import { toast } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/tokens';
import { Dialog, Field, FormProblem } from './ui';

export function TokenChange({ token, onClose, onDone }: {
  token: Token; onClose: () => void; onDone: () => void }) {
  const [name, setName] = useState(token.name);
  const [days, setDays] = useState('');
  const { error, busy, submit, say } = useSending();
  const save = submit(async () => {
    await ask('PATCH', `/tokens/${token.id}`, { name,
      ...(days !== '' && { expires_in_days: Number(days) }) });
    toast(text.changed(name));
    onDone();
  });
  return (
    <Dialog title={text.changeOf(token.name)} onClose={onClose}>
      <form class="stack" onSubmit={save}>
        <p>{text.changeMeans}</p>
        <Field label={common.name} error={say('name')}>{(p) => (
          <input {...p} autofocus required maxLength={64} value={name}
            onInput={(e) => setName(e.currentTarget.value)} />)}</Field>
        <Field label={text.daysLeft}
          error={say('expires_in_days')}
          hint={text.daysHint(day(token.expires_at))}>{(p) => (
            <input {...p} type="number" min={0} max={365} value={days}
              onInput={(e) => setDays(e.currentTarget.value)} />)}</Field>
        <FormProblem error={error} title={common.notChanged}
          fields={['name', 'expires_in_days']} />
        <div class="row end">
          <button type="button" onClick={onClose}>{common.cancel}</button>
          <button class="primary" disabled={busy}>{common.save}</button>
        </div>
      </form>
    </Dialog>
  );
}

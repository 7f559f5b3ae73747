// SPDX-License-Identifier: ISC
// Asks before many unikernels are updated.
import { useState } from 'preact/hooks';
import { ask, type BulkUpdate, type Unikernel } from '../api';
import { postLine } from '../lib/curl';
import { numberOf } from '../lib/format';
import { useSending } from '../lib/sending';
import { go } from '../router';
import * as text from '../text/bulk';
import * as common from '../text/common';
import { Names } from './Names';
import { Check, Dialog, Field, FormProblem, Script } from './ui';

export function BulkDialog({ items, onClose }: { items: Unikernel[];
  onClose: () => void }) {
  const [atOnce, setAtOnce] = useState('2');
  const [stop, setStop] = useState(true);
  const { error, busy, say, submit } = useSending();
  const newer = items.filter((u) => u.update?.available);
  const body = { items: newer.map(({ instance, project, name }) =>
    ({ instance, project, name })), at_once: numberOf(atOnce),
  stop_at_failure: stop };
  const update = async () => {
    const { id } = await ask<BulkUpdate>('POST', '/updates', body);
    onClose();
    go(`/updates/${id}`);
  };
  return (
    <Dialog title={text.ask(newer.length)} wide onClose={onClose}>
      <form class="stack" onSubmit={submit(update)}>
        <p>{newer.length > 0 ? text.each : text.noneNewer}</p>
        {newer.length > 0 && <Names items={newer} />}
        {newer.length > 0 && newer.length < items.length && <p class="quiet">
          {text.othersStay(items.length - newer.length)}</p>}
        <Field label={text.atOnce} error={say('at_once')}
          hint={text.atOnceHint}>{(p) => (
          <input {...p} type="number" min={1} max={16} required value={atOnce}
            onInput={(e) => setAtOnce(e.currentTarget.value)} />)}</Field>
        <Check label={text.stopAtFailure} checked={stop} onChange={setStop} />
        <FormProblem error={error} fields={['at_once']} title={text.notBegun} />
        <div class="row end">
          <button type="button" onClick={onClose}>{common.cancel}</button>
          <button class="primary" disabled={busy || newer.length === 0}>
            {text.update}</button></div>
        <Script text={postLine(location.origin, '/updates', body)} />
        <p class="note"><a href="/updates">{text.earlier}</a></p>
      </form>
    </Dialog>
  );
}

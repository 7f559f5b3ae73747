// SPDX-License-Identifier: ISC
// Asks before many unikernels are updated.
import { useState } from 'preact/hooks';
import { ask, fieldError, type BulkUpdate, type Unikernel } from '../api';
import { postLine } from '../lib/curl';
import { count, numberOf } from '../lib/format';
import { go } from '../router';
import { Check, Dialog, Field, FormProblem, Script } from './ui';

export function BulkDialog({ items, onClose }: { items: Unikernel[];
  onClose: () => void }) {
  const [atOnce, setAtOnce] = useState('2');
  const [stop, setStop] = useState(true);
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const newer = items.filter((u) => u.update?.available);
  const body = { items: newer.map(({ instance, project, name }) =>
    ({ instance, project, name })), at_once: numberOf(atOnce),
  stop_at_failure: stop };
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const { id } = await ask<BulkUpdate>('POST', '/updates', body);
      onClose();
      go(`/updates/${id}`);
    } catch (e) {
      setError(e as Error);
      setBusy(false);
    }
  };
  return (
    <Dialog title={`Update ${count(newer.length, 'unikernel')}?`} wide
      onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        {newer.length > 0 ? <p>Each to its newest build, with its configuration;
          watched, and taken back when it does not work.</p> :
          <p>None of these has an update.</p>}
        {newer.length > 0 && <ul class="names">{newer.map((u) => (
          <li key={`${u.instance}/${u.project}/${u.name}`}>{u.name}{' '}
            <span class="quiet">{u.instance} / {u.project}</span></li>))}</ul>}
        {newer.length > 0 && newer.length < items.length && <p class="quiet">
          {count(items.length - newer.length, 'other')} chosen without an update
          {items.length - newer.length === 1 ? ' stays' : ' stay'} as{' '}
          {items.length - newer.length === 1 ? 'it is' : 'they are'}.</p>}
        <Field label="At once" error={fieldError(error, 'at_once')}
          hint="One by one is slowest and safest.">{(p) => (
          <input {...p} type="number" min={1} max={16} required value={atOnce}
            onInput={(e) => setAtOnce(e.currentTarget.value)} />)}</Field>
        <Check label="Begin no more after the first that does not work"
          checked={stop} onChange={setStop} />
        <FormProblem error={error} fields={['at_once']}
          title="Nothing was begun." />
        <div class="row end">
          <button type="button" onClick={onClose}>Cancel</button>
          <button class="primary" disabled={busy || newer.length === 0}>
            Update</button></div>
        <Script text={postLine(location.origin, '/updates', body)} />
        <p class="note"><a href="/updates">Earlier updates of many</a></p>
      </form>
    </Dialog>
  );
}

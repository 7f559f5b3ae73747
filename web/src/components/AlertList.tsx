// SPDX-License-Identifier: ISC
// Alerts as rows, and the dialog that silences one.
import { useState } from 'preact/hooks';
import { type Alert } from '../api';
import { byWeight, detailOf, pageOf, quietTimes, subjectOf, titleOf } from '../lib/alert';
import { age, dayMinute } from '../lib/format';
import { isOpen, isSilenced, silence } from '../store/alerts';
import { holds, session } from '../store/session';
import { toast, toastError } from '../store/toasts';
import { Age, Badge, Dialog, FormProblem } from './ui';

/** Who may act on what it is about. */
function maySilence(a: Alert): boolean {
  return a.project ? holds(a.project, 'deployer') :
    session.value?.user.admin === true;
}

function Silence({ a, onClose, onDone }: { a: Alert; onClose: () => void;
  onDone: (a: Alert) => void }) {
  const [minutes, setMinutes] = useState(60);
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      onDone(await silence(a, minutes));
      toast('It is silent for now');
    } catch (e) {
      setError(e as Error);
      setBusy(false);
    }
  };
  return (
    <Dialog title={`Silence ${subjectOf(a)}?`} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <p>{titleOf(a)}: {detailOf(a)} It stays in the list; nobody is told of it
          until the time is over.</p>
        <fieldset class="field options"><legend>For</legend>
          {quietTimes.map(([n, text]) => (
            <label key={n} class="check"><input type="radio" name="minutes"
              checked={n === minutes} onChange={() => setMinutes(n)} />
              <span>{text}</span></label>))}</fieldset>
        <FormProblem error={error} fields={[]} title="It was not silenced." />
        <div class="row end">
          <button type="button" autofocus onClick={onClose}>Leave it</button>
          <button class="primary" disabled={busy}>Silence</button></div>
      </form>
    </Dialog>
  );
}

function Head({ a }: { a: Alert }) {
  const page = pageOf(a, session.value?.user.admin === true);
  return (
    <><strong>{page ? <a href={page}>{subjectOf(a)}</a> : subjectOf(a)}</strong>{' '}
      {titleOf(a)}</>
  );
}

function When({ a }: { a: Alert }) {
  return (
    <>{isOpen(a) ? <>for <Age time={a.since} /></> : <>
      <Age time={a.since} as={dayMinute} />, for {age(a.since,
        Date.parse(a.until ?? ''))}</>}
    {a.count > 1 && <span class="quiet">, {a.count} times</span>}</>
  );
}

function Row({ a, onSilence, onChanged }: { a: Alert; onSilence: () => void;
  onChanged: (a: Alert) => void }) {
  const quiet = isSilenced(a);
  const again = () => { silence(a, null).then(onChanged, toastError); };
  return (
    <li class={quiet || !isOpen(a) ? 'quieted' : ''}>
      <Badge kind={!isOpen(a) ? 'plain' : a.severity === 'critical' ? 'bad' :
        'warn'}>{isOpen(a) ? a.severity : 'over'}</Badge>
      <div><Head a={a} />
        <p>{detailOf(a)}</p>
        <p class="quiet">{a.name && `${a.instance} / ${a.project}, `}<When a={a} />
          {quiet && a.silenced_until && <>, silent until {
            dayMinute(a.silenced_until)}</>}</p></div>
      {isOpen(a) && maySilence(a) && (quiet ?
        <button type="button" class="small" onClick={again}
          aria-label={`Tell again: ${subjectOf(a)}`}>Tell again</button> :
        <button type="button" class="small" onClick={onSilence}
          aria-label={`Silence… ${subjectOf(a)}: ${titleOf(a)}`}>Silence…</button>)}
    </li>
  );
}

/** Open ones by weight, past ones as they come. */
export function AlertList({ items, onChanged = () => {} }: { items: Alert[];
  onChanged?: (a: Alert) => void }) {
  const [asked, setAsked] = useState<Alert | null>(null);
  const sorted = [...items.filter(isOpen).sort(byWeight),
    ...items.filter((a) => !isOpen(a))];
  return (
    <>
      <ul class="alerts">{sorted.map((a) => (
        <Row key={a.id} a={a} onChanged={onChanged}
          onSilence={() => setAsked(a)} />))}</ul>
      {asked && <Silence a={asked} onClose={() => setAsked(null)}
        onDone={(a) => { setAsked(null); onChanged(a); }} />}
    </>
  );
}

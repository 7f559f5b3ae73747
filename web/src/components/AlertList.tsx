// SPDX-License-Identifier: ISC
// Alerts as rows, and the dialog that silences one.
import { useState } from 'preact/hooks';
import { type Alert } from '../api';
import { byWeight, detailOf, pageOf, subjectOf, titleOf } from '../lib/alert';
import { age, dayMinute } from '../lib/format';
import { useSending } from '../lib/sending';
import { isOpen, isSilenced, silence } from '../store/alerts';
import { holds, isAdmin } from '../store/session';
import { toast, toastError } from '../store/toasts';
import * as text from '../text/alerts';
import * as common from '../text/common';
import { Age, Badge, Dialog, FormProblem } from './ui';
import './alertlist.css';

/** Who may act on what it is about. */
const maySilence = (a: Alert) =>
  (a.project ? holds(a.project, 'deployer') : isAdmin());

function Silence({ a, onClose, onDone }: { a: Alert; onClose: () => void;
  onDone: (a: Alert) => void }) {
  const [minutes, setMinutes] = useState(60);
  const { error, busy, submit } = useSending();
  const hush = submit(async () => {
    onDone(await silence(a, minutes));
    toast(text.silenced);
  });
  return (
    <Dialog title={text.silenceTitle(subjectOf(a))} onClose={onClose}>
      <form class="stack" onSubmit={hush}>
        <p>{text.silenceAbout(titleOf(a), detailOf(a))}</p>
        <fieldset class="field options"><legend>{text.silenceFor}
        </legend>
          {text.quietTimes.map(([n, time]) => (
            <label key={n} class="check"><input type="radio" name="minutes"
              checked={n === minutes} onChange={() => setMinutes(n)} />
              <span>{time}</span></label>))}</fieldset>
        <FormProblem error={error} fields={[]} title={text.notSilenced} />
        <div class="row end">
          <button type="button" autofocus onClick={onClose}>{common.leaveIt}
          </button>
          <button class="primary" disabled={busy}>{text.silence}
          </button></div>
      </form>
    </Dialog>
  );
}

function Head({ a }: { a: Alert }) {
  const page = pageOf(a, isAdmin());
  return (
    <><strong>{page ? <a href={page}>{subjectOf(a)}</a> : subjectOf(a)}</strong>{' '}
      {titleOf(a)}</>
  );
}

function When({ a }: { a: Alert }) {
  return (
    <>{isOpen(a) ? text.lasts(<Age time={a.since} />) :
      text.lasted(<Age time={a.since} as={dayMinute} />, age(a.since,
        Date.parse(a.until ?? '')))}
    {a.count > 1 && <span class="quiet">{text.times(a.count)}</span>}</>
  );
}

function Row({ a, onSilence, onChanged }: { a: Alert; onSilence: () => void;
  onChanged: (a: Alert) => void }) {
  const quiet = isSilenced(a);
  const again = () => { silence(a, null).then(onChanged, toastError); };
  return (
    <li class={quiet || !isOpen(a) ? 'quieted' : ''}>
      <Badge kind={!isOpen(a) ? 'plain' : a.severity === 'critical' ? 'bad' :
        'warn'}>{isOpen(a) ? text.severity[a.severity] :
          text.over}</Badge>
      <div><Head a={a} />
        <p>{detailOf(a)}</p>
        <p class="quiet">{a.name ? text.place(a.instance, a.project ?? '',
          <When a={a} />) : <When a={a} />}{quiet && a.silenced_until &&
          text.silentUntil(dayMinute(a.silenced_until))}</p></div>
      {isOpen(a) && maySilence(a) && (quiet ?
        <button type="button" class="small" onClick={again}
          aria-label={text.tellAgainLabel(subjectOf(a))}>{text.tellAgain}</button> :
        <button type="button" class="small" onClick={onSilence}
          aria-label={text.silenceLabel(subjectOf(a), titleOf(a))}>
          {text.silenceOne}</button>)}
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

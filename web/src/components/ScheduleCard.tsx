// SPDX-License-Identifier: ISC
// When copies of a volume are saved by themselves, and in whose right.
import { useState } from 'preact/hooks';
import { ask, get, unlessMissing, volumePath, type Place, type Schedule,
  type Volume } from '../api';
import { dayMinute, numberOf } from '../lib/format';
import { useLoaded } from '../lib/kept';
import { useSending } from '../lib/sending';
import { measured, stopText, whenHere, whenText } from '../lib/volume';
import { dayName, days } from '../lib/window';
import { newsOf, operations } from '../store/operations';
import { holds } from '../store/session';
import { toast } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/copies';
import { PlaceField } from './CopyDialogs';
import { Ago, Banner, Check, Choice, Dialog, Fact, Field, FormProblem, Loading,
  Stale } from './ui';

type Form = Pick<Schedule, 'days' | 'at' | 'place' | 'stop'> & { keep: string };

const nightly: Form = { days: [], at: '03:00', keep: '7', place: 'local',
  stop: false };

const formOf = (s: Schedule): Form => ({ days: s.days, at: s.at,
  keep: String(s.keep), place: s.place, stop: s.stop });

/** What is stopped each time: with who uses it now as an example. */
function Stopping({ v, on, onChange }: { v: Volume; on: boolean;
  onChange: (on: boolean) => void }) {
  return (
    <div>
      <Check label={text.stopUsers} checked={on}
        onChange={onChange} />
      <p class="note">{!on ? text.notWhileUsed : v.in_use ?
        text.eachTime(stopText(v.used_by, v.size,
          measured(operations.value, v.instance))) : text.nobodyNow}</p>
    </div>
  );
}

function ScheduleDialog({ v, schedule, onClose, onSaved }: { v: Volume;
  schedule: Schedule | null; onClose: () => void; onSaved: () => void }) {
  const [form, setForm] = useState(schedule ? formOf(schedule) : nightly);
  const { error, send, say } = useSending();
  const set = (part: Partial<Form>) => setForm({ ...form, ...part });
  const change = (method: string, body?: unknown) => send(async () => {
    await ask(method, volumePath(v, '/schedule'), body);
    toast(body ? common.saved : text.scheduleRemoved);
    onSaved();
  });
  return (
    <Dialog title={text.scheduleTitle(v.name)} wide onClose={onClose}>
      <form class="stack" onSubmit={(e) => {
        e.preventDefault();
        void change('PUT', { ...form, keep: numberOf(form.keep) });
      }}>
        <div class="columns">
          <Field label={text.at} error={say('at')} hint={whenHere(form.at)}>
            {(p) => <input {...p} autofocus required value={form.at}
              pattern="([01][0-9]|2[0-3]):[0-5][0-9]" placeholder="03:00"
              title={text.atFormat}
              onInput={(e) => set({ at: e.currentTarget.value })} />}</Field>
          <Field label={text.copiesKept} error={say('keep')}
            hint={text.keptHint}>{(p) => (
            <input {...p} type="number" min={1} max={100} required
              value={form.keep} onInput={(e) =>
                set({ keep: e.currentTarget.value })} />)}</Field>
        </div>
        <div class="days"><Choice label={common.days} values={days} name={dayName}
          chosen={form.days} error={say('days')} hint={common.daysHint}
          onChange={(on) => set({ days: on })} /></div>
        <PlaceField place={form.place} wrong={say('place')}
          onChange={(place: Place) => set({ place })} />
        <Stopping v={v} on={form.stop} onChange={(stop) => set({ stop })} />
        <p class="note">{form.stop ? text.inYourRights(v.name) :
          text.inYourRight(v.name)}</p>
        <FormProblem error={error} fields={['at', 'keep', 'days', 'place']}
          title={common.notSaved} />
        <div class="row end">
          {schedule && <button type="button" class="danger"
            onClick={() => change('DELETE')}>{text.removeIt}</button>}
          <span class="grow" />
          <button type="button" onClick={onClose}>{common.cancel}</button>
          <button class="primary">{common.save}</button></div>
      </form>
    </Dialog>
  );
}

function Standing({ s }: { s: Schedule }) {
  return (
    <>
      {s.paused && <Banner kind="warn" title={text.paused}>{s.paused}</Banner>}
      <dl class="given">
        <Fact name={common.when}>{text.whenKept(whenText(s), s.keep,
          text.place[s.place])}</Fact>
        <Fact name={text.whoUses}>{s.stop ? text.isStopped : text.leftAlone}</Fact>
        {s.next && !s.paused && <Fact name={text.next}>{dayMinute(s.next)}</Fact>}
        {s.last && <Fact name={common.last}>{text.lastResult(
          <Ago time={s.last.at} />, s.last.result === 'saved',
          s.last.detail)}</Fact>}
        {s.user && <Fact name={common.inRightOf}>{s.expires ?
          text.rightUntil(s.user, dayMinute(s.expires)) : s.user}</Fact>}
      </dl>
    </>
  );
}

export function ScheduleCard({ v }: { v: Volume }) {
  const [open, setOpen] = useState(false);
  const news = newsOf(operations.value.filter((o) => o.kind === 'volume-save'));
  const { value, error, at, again } = useLoaded(async (signal) => ({
    schedule: await unlessMissing(get<Schedule>(volumePath(v, '/schedule'),
      signal), null) }), [volumePath(v), news]);
  const schedule = value?.schedule ?? null;
  return (
    <section class="card"><h2>{common.byItself}</h2>
      <Stale reason={error} since={at} again={again} />
      {schedule ? <Standing s={schedule} /> : value ?
        <p class="quiet">{text.notByItself}</p> :
        !error && <Loading />}
      {value && holds(v.project, 'deployer') && <div><button type="button" class="small"
        onClick={() => setOpen(true)}>{schedule ? common.changeAsk : text.setSchedule}
      </button></div>}
      {open && <ScheduleDialog v={v} schedule={schedule}
        onClose={() => setOpen(false)}
        onSaved={() => { setOpen(false); again(); }} />}
    </section>
  );
}

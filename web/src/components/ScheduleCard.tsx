// SPDX-License-Identifier: ISC
// When copies of a volume are saved by themselves, and in whose right.
import { useEffect, useState } from 'preact/hooks';
import { ask, fieldError, get, isMissing, volumePath, type Place, type Schedule,
  type Volume } from '../api';
import { ago, count, dayMinute, numberOf } from '../lib/format';
import { measured, placeText, stopText, whenHere, whenText } from '../lib/volume';
import { dayName, days } from '../lib/window';
import { newsOf, operations } from '../store/operations';
import { holds } from '../store/session';
import { toast, toastError } from '../store/toasts';
import { PlaceField } from './CopyDialogs';
import { Age, Banner, Check, Choice, Dialog, Fact, Field, FormProblem } from './ui';

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
      <Check label="Stop who uses it, and start it again after" checked={on}
        onChange={onChange} />
      <p class="note">{!on ? 'Nothing is saved while it is in use.' : v.in_use ?
        `Each time: ${stopText(v.used_by, v.size,
          measured(operations.value, v.instance))}` :
        'Nobody uses it now; who does then is away for a moment each time.'}</p>
    </div>
  );
}

function ScheduleDialog({ v, schedule, onClose, onSaved }: { v: Volume;
  schedule: Schedule | null; onClose: () => void; onSaved: () => void }) {
  const [form, setForm] = useState(schedule ? formOf(schedule) : nightly);
  const [error, setError] = useState<Error | null>(null);
  const set = (part: Partial<Form>) => setForm({ ...form, ...part });
  const say = (name: string) => fieldError(error, name);
  const change = async (method: string, body?: unknown) => {
    setError(null);
    try {
      await ask(method, volumePath(v, '/schedule'), body);
      toast(body ? 'Saved' : 'The schedule was removed');
      onSaved();
    } catch (e) {
      setError(e as Error);
    }
  };
  return (
    <Dialog title={`Save ${v.name} by itself`} wide onClose={onClose}>
      <form class="stack" onSubmit={(e) => {
        e.preventDefault();
        void change('PUT', { ...form, keep: numberOf(form.keep) });
      }}>
        <div class="columns">
          <Field label="At (UTC)" error={say('at')} hint={whenHere(form.at)}>
            {(p) => <input {...p} autofocus required value={form.at}
              pattern="([01][0-9]|2[0-3]):[0-5][0-9]" placeholder="03:00"
              title="Hours and minutes, as 03:00"
              onInput={(e) => set({ at: e.currentTarget.value })} />}</Field>
          <Field label="Copies kept" error={say('keep')}
            hint="The oldest go; those saved by hand stay.">{(p) => (
            <input {...p} type="number" min={1} max={100} required
              value={form.keep} onInput={(e) =>
                set({ keep: e.currentTarget.value })} />)}</Field>
        </div>
        <div class="days"><Choice label="Days" values={days} name={dayName}
          chosen={form.days} error={say('days')} hint="None: every day."
          onChange={(on) => set({ days: on })} /></div>
        <PlaceField place={form.place} wrong={say('place')}
          onChange={(place: Place) => set({ place })} />
        <Stopping v={v} on={form.stop} onChange={(stop) => set({ stop })} />
        <p class="note">It happens in your right to read {v.name}
          {form.stop && ' and to deploy who uses it'}, nothing else, for as long as
          you have it.</p>
        <FormProblem error={error} fields={['at', 'keep', 'days', 'place']}
          title="It was not saved." />
        <div class="row end">
          {schedule && <button type="button" class="danger"
            onClick={() => change('DELETE')}>Remove it</button>}
          <span class="grow" />
          <button type="button" onClick={onClose}>Cancel</button>
          <button class="primary">Save</button></div>
      </form>
    </Dialog>
  );
}

function Standing({ s }: { s: Schedule }) {
  return (
    <>
      {s.paused && <Banner kind="warn" title="Nothing is saved.">{s.paused}
      </Banner>}
      <dl class="given">
        <Fact name="When">{whenText(s)}; {count(s.keep, 'copy is', 'copies are')}
          {' '}kept {placeText(s.place)}</Fact>
        <Fact name="Who uses it">{s.stop ? 'is stopped for it and started again' :
          'is left alone: nothing is saved then'}</Fact>
        {s.next && !s.paused && <Fact name="Next">{dayMinute(s.next)}</Fact>}
        {s.last && <Fact name="Last"><Age time={s.last.at} as={ago} />:{' '}
          {s.last.result === 'saved' ? 'saved' : 'failed'}
          {s.last.detail && `: ${s.last.detail}`}</Fact>}
        {s.user && <Fact name="In the right of">{s.user}
          {s.expires && `, until ${dayMinute(s.expires)}`}</Fact>}
      </dl>
    </>
  );
}

export function ScheduleCard({ v }: { v: Volume }) {
  const [schedule, setSchedule] = useState<Schedule | null>(null);
  const [open, setOpen] = useState(false);
  const load = () => {
    get<Schedule>(volumePath(v, '/schedule')).then(setSchedule, (e) => {
      if (isMissing(e)) setSchedule(null);
      else toastError(e);
    });
  };
  const news = newsOf(operations.value.filter((o) => o.kind === 'volume-save'));
  useEffect(load, [volumePath(v), news]);
  return (
    <section class="card"><h2>By itself</h2>
      {schedule ? <Standing s={schedule} /> :
        <p class="quiet">Nothing is saved by itself.</p>}
      {holds(v.project, 'deployer') && <div><button type="button" class="small"
        onClick={() => setOpen(true)}>{schedule ? 'Change…' : 'Set a schedule…'}
      </button></div>}
      {open && <ScheduleDialog v={v} schedule={schedule}
        onClose={() => setOpen(false)}
        onSaved={() => { setOpen(false); load(); }} />}
    </section>
  );
}

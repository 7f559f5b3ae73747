// SPDX-License-Identifier: ISC
// What happens by itself when there is a newer build, and in whose right.
import { useState } from 'preact/hooks';
import { ask, unikernelPath, type Unikernel, type UpdateRule,
  type UpdateWindow } from '../api';
import { resultText } from '../lib/build';
import { ago, dayMinute } from '../lib/format';
import { useSending } from '../lib/sending';
import { dayName, days, localText, windowText } from '../lib/window';
import { useUnsaved } from '../router';
import { holds } from '../store/session';
import { toast } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/update';
import { Age, Banner, Check, Choice, Fact, Field, FormProblem } from './ui';

type Mode = UpdateRule['mode'];

const modes: Mode[] = ['off', 'notify', 'automatic'];

/** What stands, and what came of it last. */
function Standing({ u, rule }: { u: Unikernel; rule: UpdateRule }) {
  const { last } = rule;
  if (!rule.given_by && !last && !rule.paused) return null;
  return (
    <>
      {rule.paused && <Banner kind="warn" title={text.paused}>
        {rule.paused}</Banner>}
      <dl class="given">
        {rule.given_by && <Fact name={rule.mode === 'automatic' ?
          common.inRightOf : text.setBy}>{text.given(rule.given_by,
          <Age time={rule.given_at} as={ago} />)}</Fact>}
        {rule.expires_at && <Fact name={text.until}>{dayMinute(rule.expires_at)}</Fact>}
        {rule.mode === 'automatic' && <Fact name={common.when}>{rule.window ?
          windowText(rule.window) : text.anyTime}</Fact>}
        {last && <Fact name={common.last}>{text.lastResult(last.build.slice(0, 8),
          <Age time={last.at} as={ago} />, resultText(last),
          last.number !== null && <a href={`${unikernelPath(u)}?tab=deployments`}>
            {text.deployment(last.number)}</a>)}</Fact>}
      </dl>
    </>
  );
}

function Window({ value, say, onChange }: { value: UpdateWindow;
  say: (name: string) => string | undefined;
  onChange: (value: UpdateWindow) => void }) {
  const time = (key: 'from' | 'to', label: string) => (
    <Field label={label} error={say(`window.${key}`)}>{(p) => (
      <input {...p} required pattern="([01][0-9]|2[0-3]):[0-5][0-9]"
        placeholder="02:00" title={text.timeTitle} value={value[key]}
        onInput={(e) => onChange({ ...value, [key]: e.currentTarget.value })} />)}
    </Field>);
  return (
    <div class="stack days">
      <div class="columns">{time('from', text.from)}{time('to', text.to)}</div>
      <p class="note">{localText(value)}</p>
      <Choice label={common.days} values={days} name={dayName} chosen={value.days ?? []}
        error={say('window.days')} hint={common.daysHint}
        onChange={(on) => onChange({ ...value, days: on })} />
    </div>
  );
}

function NoCheck({ u, mode }: { u: Unikernel; mode: Mode }) {
  if (mode !== 'automatic' || u.health) return null;
  return (
    <p class="note">{text.needsCheck((words) =>
      <a href={`${unikernelPath(u)}?tab=health`}>{words}</a>)}</p>
  );
}

const night: UpdateWindow = { days: [], from: '02:00', to: '04:00' };

function RuleForm({ u, rule, onSaved }: { u: Unikernel; rule: UpdateRule;
  onSaved: () => void }) {
  const [mode, setMode] = useState<Mode>(rule.mode);
  const [within, setWithin] = useState(rule.mode !== 'automatic' ||
    rule.window !== null);
  const [hours, setHours] = useState(rule.window ?? night);
  const { error, busy, say, submit } = useSending();
  const automatic = mode === 'automatic';
  const window = automatic && within ? hours : null;
  useUnsaved(!busy && (mode !== rule.mode || (automatic &&
    JSON.stringify(window) !== JSON.stringify(rule.window))));
  const save = async () => {
    await ask('PUT', unikernelPath(u, '/automatic-update'), { mode,
      ...(window && { window }) });
    toast(common.saved);
    onSaved();
  };
  const wrong = say('mode');
  return (
    <form class="stack" onSubmit={submit(save)}>
      <fieldset class={wrong ? 'field bad' : 'field'}>
        <div class="segments">{modes.map((key) => (
          <label key={key}><input type="radio" name="rule" value={key}
            checked={mode === key} onChange={() => setMode(key)} />
            <span>{text.mode[key]}</span></label>))}</div>
        <legend class="unseen">{text.whatHappens}</legend>
        <p class="note" role={wrong ? 'alert' : undefined}>{wrong ??
          text.modeMeans[mode]}</p>
      </fieldset>
      <NoCheck u={u} mode={mode} />
      {mode === 'automatic' && <Check label={text.onlyWindow}
        checked={within} onChange={setWithin} />}
      {mode === 'automatic' && within && <Window value={hours} say={say}
        onChange={setHours} />}
      {mode === 'automatic' && <p class="note">
        {text.yourRight(u.name)}</p>}
      <FormProblem error={error} title={common.notSaved}
        fields={['mode', 'window.from', 'window.to', 'window.days']} />
      <div class="row"><button class="primary" disabled={busy}>{common.save}</button></div>
    </form>
  );
}

export function RuleCard({ u, rule, onSaved }: { u: Unikernel; rule: UpdateRule;
  onSaved: () => void }) {
  const may = holds(u.project, 'deployer');
  return (
    <section class="card"><h2>{common.byItself}</h2>
      <Standing u={u} rule={rule} />
      {may && <RuleForm key={`${rule.mode} ${rule.given_at}`} u={u} rule={rule}
        onSaved={onSaved} />}
      {!may && <p class="quiet">{text.modeMeans[rule.mode]}</p>}
    </section>
  );
}

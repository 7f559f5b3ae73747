// SPDX-License-Identifier: ISC
// Forms of settings that are numbers, or networks.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { get } from '../api';
import { numberOf } from '../lib/format';
import { useSaving } from '../lib/saving';
import { toastError } from '../store/toasts';
import * as common from '../text/common';
import { Check, Field, FormProblem, ListEditor } from './ui';

/** The parts of both: what is said above, and the button below. */
interface Words {
  title: string;
  children: ComponentChildren;
  save: string;
}

function useSettings(path: string) {
  const [first, setFirst] = useState<Record<string, unknown> | null>(null);
  useEffect(() => {
    get<Record<string, unknown>>(path).then(setFirst, toastError);
  }, [path]);
  return first;
}

type Numbers = [key: string, label: string, hint?: string][];

/** Numbers, and perhaps a switch that they depend on. */
export function NumbersForm({ path, title, children, save, numbers, on }:
Words & { path: string; numbers: Numbers; on?: [key: string, label: string] }) {
  const first = useSettings(path);
  return first && <NumbersOf {...{ path, title, children, save, numbers, on,
    first }} />;
}

function NumbersOf({ path, title, children, save: verb, numbers, on, first }:
Words & { path: string; numbers: Numbers; first: Record<string, unknown>;
  on: [key: string, label: string] | undefined }) {
  const [texts, setTexts] = useState(() => Object.fromEntries(numbers.map(([key]) =>
    [key, String(first[key] ?? '')])));
  const [checked, setChecked] = useState(on ? first[on[0]] === true : true);
  const { error, save, say } = useSaving();
  const submit = (event: Event) => {
    event.preventDefault();
    void save(path, { ...(on && { [on[0]]: checked }), ...Object.fromEntries(
      numbers.map(([key]) => [key, numberOf(texts[key] ?? '')])) });
  };
  return (
    <form class="card stack" onSubmit={submit}>
      <h2>{title}</h2>
      {children}
      {on && <Check label={on[1]} checked={checked} onChange={setChecked} />}
      <div class="columns">{numbers.map(([key, label, hint]) => (
        <Field key={key} label={label} hint={hint} error={say(key)}>{(p) => (
          <input {...p} inputMode="numeric" value={texts[key]} disabled={!checked}
            onInput={(e) => setTexts({ ...texts,
              [key]: e.currentTarget.value })} />)}</Field>))}</div>
      <FormProblem error={error} fields={numbers.map(([key]) => key)}
        title={common.notSaved} />
      <div class="row"><button class="primary">{verb}</button></div>
    </form>
  );
}

/** Networks that are allowed something. */
export function NetworksForm({ path, title, children, save: verb, label }: Words &
{ path: string; label: string }) {
  const first = useSettings(path);
  const [changed, setChanged] = useState<string[] | null>(null);
  const { error, save, say } = useSaving();
  if (!first) return null;
  const allowed = changed ?? first['allowed'] as string[];
  return (
    <form class="card stack" onSubmit={(e) => {
      e.preventDefault();
      void save(path, { allowed });
    }}>
      <h2>{title}</h2>
      {children}
      <ListEditor label={label} items={allowed} placeholder="10.0.0.0/8"
        error={say('allowed')} onChange={setChanged} />
      <FormProblem error={error} fields={['allowed']} title={common.notSaved} />
      <div class="row"><button class="primary">{verb}</button></div>
    </form>
  );
}

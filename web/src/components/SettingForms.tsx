// SPDX-License-Identifier: ISC
// Forms of settings that are numbers, or networks.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { numberOf } from '../lib/format';
import { useChanges } from '../lib/kept';
import { useSaving } from '../lib/saving';
import * as common from '../text/common';
import { limits } from '../text/settings';
import { Kept } from './Kept';
import { Check, Field, FormProblem, ListEditor } from './ui';

/** The parts of both: what is said above, and the button below. */
interface Words {
  title: string;
  children: ComponentChildren;
  save: string;
}

type Values = Record<string, unknown>;

type Numbers = [key: string, label: string, least: number, most: number,
  hint?: string][];

/** Numbers, and perhaps a switch that they depend on. */
export function NumbersForm(props: Words & { path: string; numbers: Numbers;
  on?: [key: string, label: string] }) {
  return <Kept<Values> {...props}>{(first) => <NumbersOf {...props}
    first={first} />}</Kept>;
}

function NumbersOf({ path, title, children, save: verb, numbers, on, first }:
Words & { path: string; numbers: Numbers; first: Values;
  on?: [key: string, label: string] }) {
  const [texts, setTexts] = useState(() => Object.fromEntries(numbers.map(([key]) =>
    [key, String(first[key] ?? '')])));
  const [checked, setChecked] = useState(on ? first[on[0]] === true : true);
  const { error, save, say } = useSaving();
  const unchanged = useChanges({ texts, checked });
  const submit = async (event: Event) => {
    event.preventDefault();
    if (await save(path, { ...(on && { [on[0]]: checked }), ...Object.fromEntries(
      numbers.map(([key]) => [key, numberOf(texts[key] ?? '')])) })) unchanged();
  };
  return (
    <form class="card stack" onSubmit={submit}>
      <h2>{title}</h2>
      {children}
      {on && <Check label={on[1]} checked={checked} onChange={setChecked} />}
      <div class="columns">{numbers.map(([key, label, least, most, hint]) => (
        <Field key={key} label={label} hint={limits(least, most, hint)}
          error={say(key)}>{(p) => (
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
export function NetworksForm(props: Words & { path: string; label: string }) {
  return <Kept<{ allowed: string[] }> {...props}>{(first) => <NetworksOf
    {...props} first={first.allowed} />}</Kept>;
}

function NetworksOf({ path, title, children, save: verb, label, first }: Words &
{ path: string; label: string; first: string[] }) {
  const [allowed, setAllowed] = useState(first);
  const { error, save, say } = useSaving();
  const unchanged = useChanges(allowed);
  return (
    <form class="card stack" onSubmit={async (e) => {
      e.preventDefault();
      if (await save(path, { allowed })) unchanged();
    }}>
      <h2>{title}</h2>
      {children}
      <ListEditor label={label} items={allowed} placeholder="10.0.0.0/8"
        error={say('allowed')} onChange={setAllowed} />
      <FormProblem error={error} fields={['allowed']} title={common.notSaved} />
      <div class="row"><button class="primary">{verb}</button></div>
    </form>
  );
}

// SPDX-License-Identifier: ISC
// The fields of forms.
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { ProblemError } from '../../api';
import { useGoOn } from '../../lib/focus';
import * as common from '../../text/common';
import * as text from '../../text/ui';
import { Banner } from './Banner';

/** A labelled input with its hint or what is wrong with it. */
export function Field({ label, hint, error, children }: {
  label: string; hint?: ComponentChildren; error?: string | undefined;
  children: (props: { id: string; 'aria-describedby': string;
    'aria-invalid': boolean }) => ComponentChildren;
}) {
  const id = useId();
  return (
    <div class={error ? 'field bad' : 'field'}>
      <label for={id}>{label}</label>
      {children({ id, 'aria-describedby': `${id}-note`, 'aria-invalid': !!error })}
      <p id={`${id}-note`} class="note" role={error ? 'alert' : undefined}>
        {error ?? hint}</p>
    </div>
  );
}

export function Check({ label, checked, onChange }: {
  label: ComponentChildren; checked: boolean; onChange: (on: boolean) => void;
}) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked}
        onChange={(e) => onChange(e.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  );
}

/** Several of a few values, as checkboxes. */
export function Choice<T extends string | number>({ label, values, chosen, name,
  hint, error, onChange }: {
  label: string; values: readonly T[]; chosen: T[];
  name?: (value: T) => string; hint?: string; error?: string | undefined;
  onChange: (chosen: T[]) => void;
}) {
  const text = name ?? String;
  return (
    <fieldset class={error ? 'field bad' : 'field'}>
      <legend>{label}</legend>
      <div class={name ? 'choice named' : 'choice'}>{values.map((value) => (
        <Check key={value} label={text(value)} checked={chosen.includes(value)}
          onChange={(on) => onChange(values.filter((v) =>
            v === value ? on : chosen.includes(v)))} />))}</div>
      <p class="note" role={error ? 'alert' : undefined}>{error ?? hint}</p>
    </fieldset>
  );
}

/** Why a form was refused, where no field of it says so; who sent it goes on at
 * the first field that is wrong. */
export function FormProblem({ error, fields, title }: {
  error: Error | null; fields: string[]; title: string }) {
  const box = useGoOn<HTMLDivElement>(error);
  if (!error) return null;
  if (!(error instanceof ProblemError) || !error.problem.errors?.length)
    return <Banner box={box} title={title}>{error.message}</Banner>;
  const beside = error.beside(fields);
  return (
    <Banner box={box} title={beside.length < error.problem.errors.length ?
      common.checkMarked : title}>
      {beside.map((e) => (
        <div key={e.field}><code>{e.field}</code> {e.message}</div>))}
    </Banner>
  );
}

/** A name that is typed before what can not be undone. */
export function TypeName({ name, typed, first, onTyped }: { name: string;
  typed: string; first?: boolean; onTyped: (typed: string) => void }) {
  return (
    <Field label={text.typeName(name)}>{(p) => (
      <input {...p} autofocus={first} autocomplete="off" spellcheck={false}
        autocapitalize="off" value={typed}
        onInput={(e) => onTyped(e.currentTarget.value)} />)}
    </Field>
  );
}

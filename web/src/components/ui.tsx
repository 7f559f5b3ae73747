// SPDX-License-Identifier: ISC
// The small parts all pages are made of.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ProblemError } from '../api';
import { age, exact, NO_LIMIT, shortDigest } from '../lib/format';
import { nameTab } from '../router';
import { clock } from '../store/clock';
import { toast } from '../store/toasts';
import { Icon } from './Icon';

export { NO_LIMIT } from '../lib/format';

type Children = { children?: ComponentChildren };

/** A page: its title names the tab too. */
export function Page({ title, above, beside, action, children }: Children & {
  title: string; above?: ComponentChildren; beside?: ComponentChildren;
  action?: ComponentChildren;
}) {
  useEffect(() => nameTab(title), [title]);
  return (
    <>
      <header class="page-head">
        <div>
          {above && <p class="above">{above}</p>}
          <h1>{title}{beside}</h1>
        </div>
        <div class="page-action">{action}</div>
      </header>
      {children}
    </>
  );
}

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

export function Badge({ kind, why, children }: Children & {
  kind: 'good' | 'bad' | 'warn' | 'plain'; why?: string | undefined }) {
  return <span class={`badge ${kind}`} title={why || undefined}>{children}</span>;
}

export function Banner({ kind = 'bad', title, children }: Children & {
  kind?: 'bad' | 'warn' | 'plain'; title: string }) {
  return (
    <div class={`banner ${kind}`} role={kind === 'bad' ? 'alert' : 'status'}>
      <strong>{title}</strong> <span>{children}</span>
    </div>
  );
}

/** Why a form was refused, where no field of it says so. */
export function FormProblem({ error, fields, title }: {
  error: Error | null; fields: string[]; title: string }) {
  if (!error) return null;
  if (!(error instanceof ProblemError) || !error.problem.errors?.length)
    return <Banner title={title}>{error.message}</Banner>;
  const beside = error.beside(fields);
  return (
    <Banner title={beside.length < error.problem.errors.length ?
      'Please check the marked fields.' : title}>
      {beside.map((e) => (
        <div key={e.field}><code>{e.field}</code> {e.message}</div>))}
    </Banner>
  );
}

export function Empty({ title, children }: Children & { title: string }) {
  return (
    <section class="empty">
      <img src="/bird.svg" alt="" width="44" height="44" />
      <h2>{title}</h2>{children}</section>
  );
}

/** A time as an age, the exact one on hover. */
export function Age({ time, as = age }: { time: string | null | undefined;
  as?: (time: string) => string }) {
  if (!time) return <span class="quiet">–</span>;
  void clock.value; // drawn anew with it
  return <time dateTime={time} title={exact(time)}>{as(time)}</time>;
}

export function Meter({ label, used, of, unit = '' }: {
  label: string; used: number; of: number; unit?: string }) {
  const full = of === 0 ? 1 : Math.min(1, used / of);
  return (
    <div class="meter">
      <div><span>{label}</span>
        <span class="number"><b>{used}</b>{of < NO_LIMIT ? ` of ${of}` : ', no limit'}
          {unit && ` ${unit}`}</span></div>
      <progress class={full > 0.9 ? 'high' : ''} value={full} max={1}
        aria-label={label} />
    </div>
  );
}

/** One of the values that stand side by side above something. */
export function Fact({ name, children }: Children & { name: string }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}

export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(`${what} copied`);
  } catch {
    toast(`${what} could not be copied: select it and copy by hand`, true);
  }
}

/** Text for a terminal, with a button that copies it. */
export function Code({ text, what = 'Command' }: { text: string; what?: string }) {
  return (
    <div class="code">
      <button type="button" class="small" onClick={() => copy(text, what)}>
        <Icon name="copy" /> Copy</button>
      <pre tabIndex={0}>{text}</pre></div>
  );
}

/** The first of a digest; a click copies all of it. */
export function Digest({ of }: { of: string }) {
  return (
    <button type="button" class="digest" title={`${of}: click to copy`}
      onClick={() => copy(of, 'Digest')}><code>{shortDigest(of)}</code></button>
  );
}

/** What a form does, as a command, for who asks. */
export function Script({ text }: { text: string }) {
  return (
    <details><summary>The same from a script</summary><Code text={text} />
    </details>
  );
}

/** A modal dialog; Escape and the backdrop close it, back to where one was. */
export function Dialog({ title, onClose, wide, children }: Children & {
  title: string; onClose: () => void; wide?: boolean }) {
  const ref = useRef<HTMLDialogElement>(null);
  const since = useRef(performance.now());
  const id = useId();
  // A click that was meant for what lay there a moment ago closes nothing.
  const isMeant = () => performance.now() - since.current > 500;
  // At once: who opened it by a key types on.
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={ref} aria-labelledby={id} class={wide ? 'wide' : ''}
      onCancel={(e) => { e.preventDefault(); onClose(); }}
      onMouseDown={(e) => {
        if (e.target === ref.current && isMeant()) onClose();
      }}>
      <div class="dialog-body"><h2 id={id}>{title}</h2>{children}</div>
    </dialog>
  );
}

/** A name that is typed before what can not be undone. */
export function TypeName({ name, typed, first, onTyped }: { name: string;
  typed: string; first?: boolean; onTyped: (typed: string) => void }) {
  return (
    <Field label={`Type ${name} to confirm`}>{(p) => (
      <input {...p} autofocus={first} autocomplete="off" spellcheck={false}
        autocapitalize="off" value={typed}
        onInput={(e) => onTyped(e.currentTarget.value)} />)}
    </Field>
  );
}

/** Asks for the name before what can not be undone. */
export function ConfirmName({ title, name, verb, children, onConfirm, onClose }:
Children & {
  title: string; name: string; verb: string;
  onConfirm: () => Promise<void>; onClose: () => void;
}) {
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
    } catch (e) {
      setError(e as Error);
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <div>{children}</div>
        <TypeName name={name} typed={typed} first onTyped={setTyped} />
        <FormProblem error={error} fields={[]} title="It was not done." />
        <div class="row end">
          <button type="button" onClick={onClose}>Keep it</button>
          <button class="danger solid" disabled={typed !== name || busy}>
            {busy ? 'One moment…' : verb}</button>
        </div>
      </form>
    </Dialog>
  );
}

/** Texts in an order: arguments, globs. Enter adds the next one. */
export function ListEditor({ label, items, placeholder, hint, onChange, error }: {
  label: string; items: string[]; placeholder?: string; hint?: string;
  onChange: (items: string[]) => void; error?: string | undefined;
}) {
  const box = useRef<HTMLFieldSetElement>(null);
  const wanted = useRef(-1);
  useEffect(() => {
    if (wanted.current < 0) return;
    box.current?.querySelectorAll('input')[wanted.current]?.focus();
    wanted.current = -1;
  });
  const insert = (i: number) => {
    wanted.current = i;
    onChange([...items.slice(0, i), '', ...items.slice(i)]);
  };
  const remove = (i: number) => {
    wanted.current = Math.max(0, i - 1);
    onChange(items.filter((_, j) => j !== i));
  };
  const swap = (i: number) => onChange(items.map((item, j) =>
    (j === i - 1 ? items[i] : j === i ? items[i - 1] : item) ?? ''));
  const one = label.toLowerCase().replace(/s$/, '');
  return (
    <fieldset class={error ? 'field bad list' : 'field list'} ref={box}>
      <legend>{label}</legend>
      {items.map((item, i) => (
        <div class="row" key={i}>
          <input value={item} placeholder={placeholder} spellcheck={false}
            autocapitalize="off" aria-label={`${label} ${i + 1}`} class="mono"
            onInput={(e) => onChange(items.map((other, j) =>
              j === i ? e.currentTarget.value : other))}
            onKeyDown={(e) => {
              if (e.key !== 'Enter') return;
              e.preventDefault();
              insert(i + 1);
            }} />
          <button type="button" class="small bare" disabled={i === 0}
            aria-label={`Move ${one} ${i + 1} up`} onClick={() => swap(i)}>
            <Icon name="up" /></button>
          <button type="button" class="small bare"
            aria-label={`Remove ${one} ${i + 1}`} onClick={() => remove(i)}>
            <Icon name="close" /></button>
        </div>
      ))}
      <div class="row">
        <button type="button" class="small" onClick={() => insert(items.length)}>
          <Icon name="plus" /> Add</button>
        <span class="note">{hint}</span>
      </div>
      {error && <p class="note" role="alert">{error}</p>}
    </fieldset>
  );
}

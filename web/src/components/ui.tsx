// SPDX-License-Identifier: ISC
// The small parts all pages are made of.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { age, exact } from '../lib/format';
import { toast } from '../store/toasts';

type Children = { children?: ComponentChildren };

export function Page({ title, action, children }:
Children & { title: ComponentChildren; action?: ComponentChildren }) {
  return (
    <>
      <header class="page-head"><h1>{title}</h1>
        <div class="page-action">{action}</div></header>
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

export function Badge({ kind, children }: Children & {
  kind: 'good' | 'bad' | 'warn' | 'plain' }) {
  return <span class={`badge ${kind}`}>{children}</span>;
}

export function Banner({ kind = 'bad', title, children }: Children & {
  kind?: 'bad' | 'warn' | 'plain'; title: string }) {
  return (
    <div class={`banner ${kind}`} role={kind === 'bad' ? 'alert' : 'status'}>
      <strong>{title}</strong> {children}
    </div>
  );
}

export function Empty({ title, children }: Children & { title: string }) {
  return <section class="empty"><h2>{title}</h2>{children}</section>;
}

/** A time as an age, the exact one on hover. */
export function Age({ time }: { time: string | null | undefined }) {
  if (!time) return <span class="quiet">–</span>;
  return <time dateTime={time} title={exact(time)}>{age(time)}</time>;
}

export function Meter({ label, used, of, unit = '' }: {
  label: string; used: number; of: number; unit?: string }) {
  const full = of === 0 ? 1 : Math.min(1, used / of);
  return (
    <div class="meter">
      <div><span>{label}</span>
        <span class="number">{used} of {of}{unit && ` ${unit}`}</span></div>
      <progress class={full > 0.9 ? 'high' : ''} value={full} max={1}
        aria-label={label} />
    </div>
  );
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
    <div class="code"><pre tabIndex={0}>{text}</pre>
      <button type="button" class="small" onClick={() => copy(text, what)}>
        Copy</button></div>
  );
}

/** A modal dialog; Escape and the backdrop close it. */
export function Dialog({ title, onClose, children }: Children & {
  title: string; onClose?: () => void }) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => { ref.current?.showModal(); }, []);
  return (
    <dialog ref={ref} aria-labelledby={id}
      onCancel={(e) => { e.preventDefault(); onClose?.(); }}
      onClick={(e) => { if (e.target === ref.current) onClose?.(); }}>
      <div class="dialog-body"><h2 id={id}>{title}</h2>{children}</div>
    </dialog>
  );
}

/** Texts in an order: arguments, globs. */
export function ListEditor({ label, items, placeholder, onChange, error }: {
  label: string; items: string[]; placeholder?: string;
  onChange: (items: string[]) => void; error?: string | undefined;
}) {
  const set = (i: number, value: string) =>
    onChange(items.map((item, j) => j === i ? value : item));
  const swap = (i: number) => onChange(items.map((item, j) =>
    (j === i - 1 ? items[i] : j === i ? items[i - 1] : item) ?? ''));
  return (
    <fieldset class={error ? 'field bad list' : 'field list'}>
      <legend>{label}</legend>
      {items.map((item, i) => (
        <div class="row" key={i}>
          <input value={item} placeholder={placeholder} spellcheck={false}
            aria-label={`${label} ${i + 1}`}
            onInput={(e) => set(i, e.currentTarget.value)} />
          <button type="button" class="small" disabled={i === 0}
            aria-label={`Move ${label.toLowerCase()} ${i + 1} up`}
            onClick={() => swap(i)}>↑</button>
          <button type="button" class="small"
            aria-label={`Remove ${label.toLowerCase()} ${i + 1}`}
            onClick={() => onChange(items.filter((_, j) => j !== i))}>×</button>
        </div>
      ))}
      <button type="button" class="small"
        onClick={() => onChange([...items, ''])}>Add</button>
      {error && <p class="note" role="alert">{error}</p>}
    </fieldset>
  );
}

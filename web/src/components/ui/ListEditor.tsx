// SPDX-License-Identifier: ISC
import { useEffect, useRef } from 'preact/hooks';
import * as common from '../../text/common';
import * as text from '../../text/ui';
import { Icon } from '../Icon';

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
            autocapitalize="off" aria-label={text.numbered(label, i + 1)} class="mono"
            onInput={(e) => onChange(items.map((other, j) =>
              j === i ? e.currentTarget.value : other))}
            onKeyDown={(e) => {
              if (e.key !== 'Enter') return;
              e.preventDefault();
              insert(i + 1);
            }} />
          <button type="button" class="small bare" disabled={i === 0}
            aria-label={text.moveUp(one, i + 1)} onClick={() => swap(i)}>
            <Icon name="up" /></button>
          <button type="button" class="small bare"
            aria-label={text.removeOne(one, i + 1)} onClick={() => remove(i)}>
            <Icon name="close" /></button>
        </div>
      ))}
      <div class="row">
        <button type="button" class="small" onClick={() => insert(items.length)}>
          <Icon name="plus" /> {common.add}</button>
        <span class="note">{hint}</span>
      </div>
      {error && <p class="note" role="alert">{error}</p>}
    </fieldset>
  );
}

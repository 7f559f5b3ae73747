// SPDX-License-Identifier: ISC
// The filter above a list, which stands in the address. Below it, while one
// types, what could come next, and what is wrong with what came.
import { useId, useRef, useState } from 'preact/hooks';
import { suggest, wrongKey, type Filter, type Suggestion } from '../lib/filter';
import { setQuery } from '../router';
import * as text from '../text/filter';
import './filterbox.css';
import { Icon } from './Icon';

function Suggested({ id, all, at, pick }: { id: string; all: Suggestion[];
  at: number; pick: (one: Suggestion) => void }) {
  return (
    <ul class="suggested" id={id} role="listbox" aria-label={text.suggestions}>
      {all.map((one, i) => (
        <li key={one.text} id={`${id}-${i}`} role="option" aria-selected={i === at}
          onMouseDown={(e) => { e.preventDefault(); pick(one); }}>
          <code>{one.text.trim()}</code>
          {one.count !== null && <span class="quiet">{text.valueOf(one.count)}
          </span>}</li>))}
    </ul>
  );
}

/** Which of the suggestions is chosen, and what the keys do with them. */
function useSuggestions<T>(value: string, items: T[],
  columns: Filter<T>['columns']) {
  const input = useRef<HTMLInputElement>(null);
  const [open, setOpen] = useState<'' | 'typed' | 'wide'>('');
  const [at, setAt] = useState(-1);
  const [caret, setCaret] = useState(0);
  const all = open ? suggest(value, caret, items, columns, open === 'wide') : [];
  const look = (how: 'typed' | 'wide') => {
    setCaret(input.current?.selectionStart ?? 0);
    setOpen(how);
    setAt(-1);
  };
  const shut = () => { setOpen(''); setAt(-1); };
  const pick = ({ from, to, text: put }: Suggestion) => {
    setQuery('q', value.slice(0, from) + put + value.slice(to).trimStart(), 'typed');
    setAt(-1);
    setOpen('typed');
    const end = from + put.length;
    setCaret(end);
    setTimeout(() => input.current?.setSelectionRange(end, end));
  };
  const onKey = (event: KeyboardEvent) => {
    const one = all[at];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && all.length > 0)
      setAt((at + step + all.length + (at < 0 && step < 0 ? 1 : 0)) % all.length);
    else if (step === 1) look('wide');
    else if (event.key === 'Enter' && one) pick(one);
    else if (event.key === 'Escape' && all.length > 0) shut();
    else if (event.key === 'Escape') input.current?.blur();
    else return;
    event.preventDefault();
  };
  return { input, all, at, pick, onKey, look, shut };
}

export function FilterBox<T>({ value, what, hint, items, columns }: {
  value: string; what: string;
  /** An example: "state:stopped". */
  hint: string; items: T[]; columns: Filter<T>['columns'] }) {
  const id = useId();
  const { input, all, at, pick, onKey, look, shut } =
    useSuggestions(value, items, columns);
  const keys = columns.map(([key]) => key);
  const wrong = wrongKey(value, keys);
  return (
    <div class="search">
      <Icon name="search" />
      <input type="search" data-filter value={value} spellcheck={false} ref={input}
        role="combobox" aria-autocomplete="list" aria-expanded={all.length > 0}
        aria-controls={`${id}-list`} autocomplete="off" autocapitalize="off"
        aria-activedescendant={all[at] && `${id}-list-${at}`}
        aria-describedby={`${id}-note`} aria-invalid={wrong !== ''}
        placeholder={(keys.includes('instance') ? text.hint : text.shortHint)(hint)}
        aria-label={text.filterThe(what)}
        onInput={(e) => {
          setQuery('q', e.currentTarget.value, 'typed');
          look('typed');
        }} onKeyDown={onKey} onBlur={shut} />
      {value === '' && <kbd>/</kbd>}
      {all.length > 0 && <Suggested id={`${id}-list`} all={all} at={at}
        pick={pick} />}
      <p class="note" id={`${id}-note`} role="status">{wrong &&
        text.noKey(wrong, keys)}</p>
    </div>
  );
}

// SPDX-License-Identifier: ISC
// Ctrl-K: go to anything, and do anything, by a few letters of its name.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { allCommands, nearCommands, type Command, type ShellActs } from
  '../lib/commands';
import { find, markedPieces, wordsOf, type Hit } from '../lib/fuzzy';
import { leave, place } from '../router';
import { lookAround, lookError, looking, places } from '../store/places';
import { unikernels } from '../store/unikernels';
import * as text from '../text/palette';
import { Icon } from './Icon';
import './palette.css';
import { Dialog } from './ui';

/** Of each group, and of all. */
const EACH = 8, ALL = 40;

type Group = [Command['group'], Hit<Command>[]];

const none: ReadonlySet<number> = new Set();

/** In the order of the best of each. */
function grouped(hits: Hit<Command>[], each: number): Group[] {
  const groups = new Map<Command['group'], Hit<Command>[]>();
  for (const hit of hits) {
    const of = groups.get(hit.item.group) ?? [];
    if (of.length < each) groups.set(hit.item.group, [...of, hit]);
  }
  return [...groups];
}

function Found({ hit, id, on, pick }: { hit: Hit<Command>; id: string;
  on: boolean; pick: () => void }) {
  const { item, marks } = hit;
  return (
    <li id={id} role="option" aria-selected={on} onClick={pick}>
      <Icon name={item.icon} />
      <span class="what">{markedPieces(item.title, marks).map((piece, i) =>
        (i % 2 ? <mark key={i}>{piece}</mark> : piece))}</span>
      <span class="quiet">{item.note}</span></li>
  );
}

/** What fits what was typed; what is near while nothing is. */
function useFound(typed: string, acts: ShellActs): Group[] {
  const known = [unikernels.value, ...Object.values(places).map((p) => p.value)];
  return useMemo(() => {
    if (wordsOf(typed).length > 0)
      return grouped(find(allCommands(acts), typed).slice(0, ALL), EACH);
    return grouped(nearCommands(place.value.path, acts).map((item) =>
      ({ item, score: 0, marks: none })), ALL);
  }, [typed, ...known]);
}

/** With what was typed before it was loaded. */
export function Palette({ typed: ahead, acts, onClose }: {
  typed: { current: string }; acts: ShellActs; onClose: () => void }) {
  const [typed, setTyped] = useState(ahead.current);
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  useEffect(lookAround, []);
  const groups = useFound(typed, acts);
  const hits = groups.flatMap(([, of]) => of);
  useEffect(() => list.current?.querySelector('[aria-selected="true"]')
    ?.scrollIntoView({ block: 'nearest' }), [at, groups]);
  const pick = (hit: Hit<Command> | undefined) => {
    if (!hit) return;
    const { act } = hit.item;
    onClose();
    if (typeof act === 'string') leave(act);
    else act();
  };
  const onKey = (event: KeyboardEvent) => {
    const n = Math.max(1, hits.length);
    const to = { ArrowDown: (at + 1) % n, ArrowUp: (at + n - 1) % n,
      PageDown: Math.min(at + EACH, n - 1), PageUp: Math.max(at - EACH, 0) }[event.key];
    if (event.isComposing) return;
    if (to !== undefined) setAt(to);
    else if (event.key === 'Enter') pick(hits[at]);
    else return;
    event.preventDefault();
  };
  let index = 0;
  return (
    <Dialog title={text.title} onClose={onClose}>
      <input autofocus role="combobox" aria-expanded={hits.length > 0}
        aria-label={text.title} aria-autocomplete="list" aria-controls="palette-list"
        spellcheck={false} autocomplete="off" autocapitalize="off" enterkeyhint="go"
        placeholder={text.hint} value={typed}
        aria-activedescendant={hits[at] && `palette-${at}`}
        onInput={(e) => { setTyped(e.currentTarget.value); setAt(0); }}
        onKeyDown={onKey} />
      <div id="palette-list" role="listbox" aria-label={text.list} class="palette"
        ref={list}>
        {groups.map(([group, of]) => (
          <ul key={group} role="group" aria-labelledby={`palette-${group}`}>
            <li role="presentation" class="group" id={`palette-${group}`}>
              {text.groups[group]}</li>
            {of.map((hit) => {
              const i = index++;
              return <Found key={i} id={`palette-${i}`} hit={hit} on={i === at}
                pick={() => pick(hit)} />;
            })}
          </ul>))}
      </div>
      <p class="quiet" role="status">{hits.length === 0 && looking.value === 0 ?
        text.nothing : typed && <span class="unseen">{text.found(hits.length)}</span>}
      {looking.value > 0 && text.stillLooking}
      {lookError.value && text.notAll(lookError.value.message)}</p>
    </Dialog>
  );
}

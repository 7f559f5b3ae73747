// SPDX-License-Identifier: ISC
// A log and what one does with it: it follows the end until one scrolls up, can
// be searched as far back as it is kept, and paused without losing a line.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { unikernelPath, type Unikernel } from '../api';
import { indexOf, isNote, lastSeq, nearest, spotOf, spotText, type Entry } from '../lib/log';
import { place, setQuery } from '../router';
import { connection } from '../store/events';
import { openLog, type Log } from '../store/log';
import { download } from '../store/operations';
import { toast, toastError } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/log';
import { Icon } from './Icon';
import { LogMenu } from './LogMenu';
import { Picks, useSpot } from './LogPicks';
import { LogRows } from './LogRows';
import './log.css';

const notes = ['deployment', 'stopped', 'started', 'restarted', 'dropped', 'gap']
  .map((kind) => `kind=${kind}`).join('&');
/** One types on for a moment before the server is asked. */
const TYPING = 300;
const NARROW = '(max-width: 46rem)';

function Toggle({ name, on, onToggle }: {
  name: string; on: boolean; onToggle: () => void }) {
  return <button type="button" class="small" aria-pressed={on}
    onClick={onToggle}>{name}</button>;
}

/** A step back and a step on. */
function Steps({ what, disabled, onStep }: { what: string; disabled?: boolean;
  onStep: (by: -1 | 1) => void }) {
  return (
    <span class="steps-of">
      <button type="button" class="small bare" aria-label={text.stepBefore(what)}
        title={text.stepBefore(what)} disabled={disabled} onClick={() => onStep(-1)}>
        <Icon name="up" /></button>
      <button type="button" class="small bare" aria-label={text.stepAfter(what)}
        title={text.stepAfter(what)} disabled={disabled} onClick={() => onStep(1)}>
        <Icon name="down" /></button>
    </span>
  );
}

function State({ log, running }: { log: Log; running: boolean }) {
  const how = connection.value;
  if (log.paused.value)
    return <span class="stream paused">{text.paused(log.newer.value)}</span>;
  if (how === 'live' && !running)
    return <span class="stream connecting">{text.runsNot}</span>;
  return <span class={`stream ${how}`}>{text.state[how]}</span>;
}

/** A log of its own of what holds the text, as far back as it is kept. */
function useHits(u: Unikernel, needle: string): Log | null {
  const [hits, setHits] = useState<Log | null>(null);
  useEffect(() => {
    if (needle === '') return setHits(null);
    let log: Log | undefined;
    const timer = setTimeout(() => {
      log = openLog(u, needle);
      setHits(log);
    }, TYPING);
    return () => { clearTimeout(timer); log?.close(); };
  }, [u.instance, u.project, u.name, needle]);
  return needle === '' ? null : hits;
}

/** Going to an entry, near or far; the nearest that fits is looked for. */
function useGoing(log: Log, onGo: () => void) {
  const [want, setWant] = useState<{ seq: number } | null>(null);
  const [looking, setLooking] = useState(false);
  const here = useRef(true);
  useEffect(() => () => { here.current = false; }, []);
  const at = spotOf(place.value.query.get('at'))?.anchor ?? null;
  const go = async (seq: number, where = log, mark = String(seq)) => {
    setLooking(true);
    try {
      await where.around(seq);
      if (!here.current) return;
      onGo();
      setQuery('at', mark);
      setWant({ seq });
    } catch (e) {
      if (here.current) toastError(e);
    }
    setLooking(false);
  };
  const step = async (by: -1 | 1, fits: (e: Entry) => boolean, query: string) => {
    const { value: entries } = log.entries;
    const from = at ?? (by < 0 ? Infinity : lastSeq(entries));
    const found = nearest(entries, from, by, fits);
    if (found) return go(found.seq);
    if (by < 0 ? log.older.value === 'none' : log.atEnd.value)
      return toast(by < 0 ? text.noneBefore : text.noneAfter);
    setLooking(true);
    try {
      const edge = by < 0 ? Math.min(from, entries[0]?.seq ?? Infinity) :
        Math.max(from, lastSeq(entries));
      const seq = await log.seek(query, edge, by);
      if (!here.current) return;
      if (seq !== null) return await go(seq);
      toast(by < 0 ? text.noneBefore : text.noneAfter);
    } catch (e) {
      if (here.current) toastError(e);
    } finally {
      setLooking(false);
    }
  };
  return { at, want, looking, go, step };
}

export function LogView({ u }: { u: Unikernel }) {
  const log = useMemo(() => openLog(u), [u.instance, u.project, u.name]);
  useEffect(() => log.close, [log]);
  const find = place.value.query.get('find') ?? '';
  const needle = find.toLowerCase();
  const [only, setOnly] = useState(false);
  const narrow = useMemo(() => matchMedia(NARROW).matches, []);
  const [times, setTimes] = useState(!narrow);
  const [wrap, setWrap] = useState(narrow);
  const [follow, setFollow] = useState(true);
  const [left, setLeft] = useState(0);
  const hits = useHits(u, only ? needle : '');
  const of = hits ?? log;
  const { at, want, looking, go, step } = useGoing(of, () => setFollow(false));
  const [begin] = useState(() => spotOf(place.value.query.get('at')));
  const { spot, onSpot, extending, setExtending, told } = useSpot(of, begin);
  const shown = of.entries.value;
  useEffect(() => { if (hits) setFollow(true); }, [hits]);
  useEffect(() => {
    if (begin) void log.ready.then(() => go(begin.anchor, log, spotText(begin)));
  }, [log]);

  const here = useMemo(() => (needle === '' ? 0 : shown.reduce((sum, e) =>
    sum + (e.lower.includes(needle) ? 1 : 0), 0)), [shown, needle]);
  const onFollow = (on: boolean) => {
    if (follow && !on) setLeft(lastSeq(shown));
    setFollow(on);
  };
  const toEnd = () => {
    setQuery('at', '');
    of.toEnd();
    setFollow(true);
  };
  const findStep = (by: -1 | 1) => void step(by, (e) => e.lower.includes(needle),
    `q=${encodeURIComponent(find)}`);
  const noteStep = (by: -1 | 1) => void step(by, isNote, notes);
  // Back among the others, where the marked one stands.
  const showOnly = (on: boolean, mark = at) => {
    setOnly(on);
    setFollow(on || mark === null);
    if (!on && mark !== null) void go(mark, log);
  };
  const pick = (seq: number) => (hits ? showOnly(false, seq) : void go(seq));
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const typing = event.target instanceof HTMLInputElement;
    const by = event.shiftKey ? 1 : -1;
    if (event.key === 'F3' && needle !== '') findStep(by);
    else if (typing) return;
    else if (event.key === '[') noteStep(-1);
    else if (event.key === ']') noteStep(1);
    else if (event.key === 'p') of.pause(!of.paused.value);
    else if (event.key === 'e') toEnd();
    else if (event.key === 'w') setWrap(!wrap);
    else return;
    event.preventDefault();
  };
  const fresh = of.atEnd.value ? shown.length - indexOf(shown, left + 1) :
    of.newer.value;
  return (
    <section class="log" onKeyDown={onKey} aria-busy={looking}>
      <div class="log-bar">
        <div class="search">
          <Icon name="search" />
          <input type="search" placeholder={text.search}
            aria-label={text.search} data-filter value={find}
            onInput={(e) => setQuery('find', e.currentTarget.value, 'typed')}
            onKeyDown={(e) => {
              if (e.key === 'Enter' && needle !== '') findStep(e.shiftKey ? 1 : -1);
              if (e.key === 'Escape') e.currentTarget.blur();
            }} />
          {find === '' && <kbd>/</kbd>}
        </div>
        {needle !== '' && <>
          <span class="quiet" aria-live="polite">{looking ? text.looking :
            of.older.value === 'none' ? text.found(here) : text.foundHere(here)}
          </span>
          <Steps what={text.match} onStep={findStep} />
          <Toggle name={text.onlyThese} on={only} onToggle={() => showOnly(!only)} />
        </>}
        <span class="grow" />
        <State log={of} running={u.state !== 'stopped'} />
        {needle === '' && <span class="quiet number">
          {of.older.value === 'none' && of.atEnd.value ? text.lines(shown.length) :
            text.linesLoaded(shown.length)}</span>}
        {!hits && <span class="row"><span class="quiet">{text.events}</span>
          <Steps what={text.event} onStep={noteStep} /></span>}
        <Toggle name={text.wrap} on={wrap} onToggle={() => setWrap(!wrap)} />
        <Toggle name={text.pause} on={of.paused.value}
          onToggle={() => of.pause(!of.paused.value)} />
        <button type="button" class="small" onClick={() => download(unikernelPath(u,
          `/log?format=text${hits ? `&q=${encodeURIComponent(find)}` : ''}`))}>
          {common.download}</button>
        <LogMenu u={u} log={log} shown={shown} times={times} onTimes={setTimes} />
      </div>
      {log.ended.value && <p class="log-end" role="status">{log.ended.value}</p>}
      {of.error.value && <p class="log-end" role="status">
        {text.notShown(of.error.value.message)}</p>}
      <div class="log-lines">
        <LogRows key={hits ? find : ''} log={of} shown={shown} needle={needle}
          times={times} wrap={wrap} follow={follow} onFollow={onFollow} at={at}
          want={want} onPick={pick} picking={hits !== null} spot={spot}
          onSpot={onSpot} extending={extending} onEnd={toEnd}
          label={text.labelOf(u.name)}
          deployments={`${unikernelPath(u)}?tab=deployments`}
          nothing={of.older.value === 'loading' || of.older.value === 'more' ? '' :
            hits ? text.noLineHas : text.noLine} />
        {!follow && (
          <button type="button" class="small to-end" onClick={toEnd}>
            <Icon name="down" /> {text.toEnd(fresh)}</button>)}
      </div>
      {spot?.on && <Picks log={of} spot={spot} extending={extending}
        onExtend={setExtending} onSpot={onSpot} />}
      <p class="unseen" role="status">{told}</p>
    </section>
  );
}

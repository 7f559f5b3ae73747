// SPDX-License-Identifier: ISC
// A log as a window of entries without a gap: what is kept is loaded from the
// server where one looks, what is new comes over the stream. Both know an entry
// by its seq, so that nothing is lost and nothing comes twice.
import { signal, type Signal } from '@preact/signals';
import { get, unikernelPath, type Log as LogPage, type LogEntry, type UnikernelName } from
  '../api';
import { entryOf, firstSeq, indexOf, isNote, join, lastSeq, within, type Entry } from
  '../lib/log';
import { watchTopics, type Told } from './events';

export type Older = 'more' | 'loading' | 'none' | 'failed';

export interface Log {
  /** The newest are loaded, or can not be. */
  ready: Promise<void>;
  /** As if it was just opened. */
  anew: () => Promise<void>;
  entries: Signal<Entry[]>;
  /** Whether there are older ones than the first of them. */
  older: Signal<Older>;
  /** Whether the last of them is the newest there is. */
  atEnd: Signal<boolean>;
  /** How many came that are not among them. */
  newer: Signal<number>;
  paused: Signal<boolean>;
  /** Why it is cut off for now, when the server said so. */
  ended: Signal<string>;
  error: Signal<Error | null>;
  kept: Signal<LogPage['kept'] | null>;
  loadOlder: () => Promise<void>;
  loadNewer: () => Promise<void>;
  /** Makes that entry one of them, with those around it. */
  around: (seq: number) => Promise<void>;
  /** The entries from one to another, also those that are not loaded. */
  between: (from: number, to: number) => Promise<Entry[]>;
  toEnd: () => void;
  pause: (on: boolean) => void;
  /** The seq of the nearest that fits the query, or null. */
  seek: (query: string, seq: number, by: -1 | 1) => Promise<number | null>;
  close: () => void;
}

const KEEP = 100_000, HELD = 50_000, TAIL = 2000;
const FIRST = 1000, PAGE = 5000;
/** A busy console brings many lines: drawn together. */
const TOGETHER = 50;
/** How often a search that found nothing in its part goes on by itself. */
const PARTS = 100;

/** The id of the last line: what came behind it is told, notes again. */
function placeOf(epoch: string, entries: Entry[]): string | undefined {
  const line = entries.findLast((e) => !isNote(e));
  return line && `${epoch}.${line.seq}.${Date.parse(line.time)}.0`;
}

/** With q, only the entries which hold it. */
export function openLog(u: UnikernelName, q = ''): Log {
  const entries = signal<Entry[]>([]);
  const older = signal<Older>('loading');
  const atEnd = signal(true);
  const newer = signal(0);
  const paused = signal(false);
  const ended = signal('');
  const error = signal<Error | null>(null);
  const kept = signal<LogPage['kept'] | null>(null);
  const control = new AbortController();
  const topic = `log:${u.instance}/${u.project}/${u.name}`;
  const needle = q.toLowerCase();
  let epoch = '';
  /** The newest there are, without a gap, whatever is shown. */
  let tail: Entry[] = [];
  let pending: Entry[] = [];
  let timer: number | undefined;
  let deaf = () => {};
  /** Where the older ones go on; null: there are none. */
  let rest: number | null = null;
  /** Grows when what is shown becomes another part: late answers are of none. */
  let turn = 0;

  const page = async (query: string): Promise<LogPage> => {
    const found = await get<LogPage>(unikernelPath(u, '/log?' +
      (q ? `q=${encodeURIComponent(q)}&` : '') + query), control.signal);
    kept.value = found.kept;
    if (epoch === '' && found.items.length > 0) ({ epoch } = found);
    // What is kept of another log than the one that goes on is none of it.
    return found.epoch === epoch ? found :
      { ...found, items: [], before: null, after: null };
  };

  /** Another epoch is another log: its numbers are others. */
  const know = (now: string) => {
    const other = epoch !== '' && now !== epoch;
    epoch = now;
    if (other) void anew();
  };

  const anew = () => {
    turn++;
    tail = [];
    pending = [];
    entries.value = [];
    atEnd.value = true;
    newer.value = 0;
    begins(null);
    return newest();
  };

  const begins = (before: number | null) => {
    rest = before;
    older.value = before === null ? 'none' : 'more';
  };

  /** No more than one can hold; from the end one does not look at. */
  const set = (all: Entry[], cut: 'front' | 'back') => {
    const over = all.length - KEEP;
    if (over > 0 && cut === 'front') {
      all = all.slice(over);
      begins(firstSeq(all));
    } else if (over > 0) {
      all = all.slice(0, KEEP);
      atEnd.value = false;
      newer.value += over;
    }
    entries.value = all;
  };

  const flush = () => {
    timer = undefined;
    if (pending.length === 0) return;
    tail = join(tail, pending).slice(-TAIL);
    const held = atEnd.value && paused.value;
    newer.value = held ? pending.length : atEnd.value ? 0 :
      newer.value + pending.length;
    if (held && pending.length < HELD) return;
    // Too many to hold them back: they are loaded when they are looked at.
    if (held) atEnd.value = false;
    if (atEnd.value) set(join(entries.value, pending), 'front');
    pending = [];
  };

  const add = (raw: LogEntry) => {
    const e = entryOf(raw);
    const last = Math.max(lastSeq(pending), lastSeq(tail));
    if (e.seq <= last || !e.lower.includes(needle)) return;
    pending.push(e);
    timer ??= setTimeout(flush, TOGETHER);
  };

  const hear = (told: Told) => {
    if (told.event === 'end') ended.value = told.detail || told.title;
    else if (told.event === 'back') ended.value = '';
    else if (told.event === 'reset') void newest();
    else if (told.event === 'line' || told.event === 'note') {
      ended.value = '';
      const [now] = told.id.split('.');
      if (now) know(now);
      add(told.event === 'line' ? { ...told, kind: 'line', text: told.line } :
        { ...told, kind: told.note });
    }
  };

  /** What came while nothing was heard is among the newest, or behind a gap. */
  const newest = async () => {
    const since = lastSeq(tail);
    try {
      const { items, before } = await page(`limit=${FIRST}`);
      const found = items.map(entryOf);
      const fits = before === null || tail.length === 0 ||
        firstSeq(found) <= lastSeq(tail) + 1;
      tail = join(found, tail.filter((e) => e.seq > lastSeq(found)));
      if (!atEnd.value) newer.value += found.filter((e) => e.seq > since).length;
      else if (fits) set(join(entries.value, tail), 'front');
      else {
        turn++;
        entries.value = tail;
      }
      if (firstSeq(entries.value) >= firstSeq(found)) begins(before);
      error.value = null;
    } catch (e) {
      if (control.signal.aborted) return;
      error.value = e as Error;
      if (entries.value.length === 0) begins(null);
    }
  };

  const loadOlder = async () => {
    if (rest === null || older.value === 'loading') return;
    const mine = turn;
    older.value = 'loading';
    try {
      const { items, before } = await page(`before=${rest}&limit=${PAGE}`);
      if (mine !== turn) return;
      set(join(items.map(entryOf), entries.value), 'back');
      begins(before);
    } catch {
      if (mine === turn && !control.signal.aborted) older.value = 'failed';
    }
  };

  /** With the newest, when what is shown reaches them. */
  const meet = (shown: Entry[], complete: boolean) => {
    if (complete || lastSeq(shown) >= firstSeq(tail) - 1) {
      shown = join(shown, tail);
      atEnd.value = true;
      newer.value = 0;
    }
    set(shown, 'front');
  };

  let loading = false;
  const loadNewer = async () => {
    if (atEnd.value || loading) return;
    const mine = turn;
    loading = true;
    try {
      const { items, after } = await page(
        `after=${lastSeq(entries.value)}&limit=${PAGE}`);
      if (mine === turn) meet(join(entries.value, items.map(entryOf)), after === null);
    } catch { /* asked again when one scrolls */ }
    loading = false;
  };

  const around = async (seq: number) => {
    if (seq >= firstSeq(entries.value) && seq <= lastSeq(entries.value)) return;
    const mine = turn;
    const [up, down] = await Promise.all([
      page(`before=${seq + 1}&limit=${FIRST}`), page(`after=${seq}&limit=${FIRST}`)]);
    if (mine !== turn) return;
    turn++;
    atEnd.value = false;
    begins(up.before);
    meet([...up.items, ...down.items].map(entryOf), down.after === null);
  };

  const between = async (from: number, to: number) => {
    const loaded = within(entries.value, from, to);
    if (loaded) return loaded;
    let found: Entry[] = [];
    let after: number | null = from - 1;
    while (after !== null && lastSeq(found) < to && found.length < KEEP) {
      const part: LogPage = await page(`after=${after}&limit=${PAGE}`);
      found = join(found, part.items.map(entryOf));
      ({ after } = part);
    }
    // What was told just now may not be kept yet.
    if (after === null) found = join(found, tail);
    return found.slice(indexOf(found, from), indexOf(found, to + 1));
  };

  const toEnd = () => {
    if (!atEnd.value) {
      turn++;
      entries.value = tail;
      begins(tail.length > 0 ? firstSeq(tail) : null);
      atEnd.value = true;
    }
    newer.value = 0;
    pause(false);
  };

  const pause = (on: boolean) => {
    paused.value = on;
    if (on) return;
    if (atEnd.value) newer.value = 0;
    flush();
  };

  const seek = async (query: string, seq: number, by: -1 | 1) => {
    let at: number | null = seq;
    for (let part = 0; at !== null && part < PARTS; part++) {
      const found: LogPage = await page(`${query}&limit=1&` +
        (Number.isFinite(at) ? `${by < 0 ? 'before' : 'after'}=${at}` : ''));
      if (found.items[0]) return found.items[0].seq;
      at = by < 0 ? found.before : found.after;
    }
    return null;
  };

  const begin = async () => {
    // One of several listeners to a stream that goes on, or the first of it.
    if (q) deaf = watchTopics([topic], hear);
    await newest();
    if (control.signal.aborted || q) return;
    deaf = watchTopics([topic], hear, placeOf(epoch, tail));
  };
  return {
    ready: begin(), anew, entries, older, atEnd, newer, paused, ended, error, kept,
    loadOlder, loadNewer, around, between, toEnd,
    pause, seek,
    close: () => {
      control.abort();
      clearTimeout(timer);
      deaf();
    },
  };
}

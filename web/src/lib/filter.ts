// SPDX-License-Identifier: ISC
// The grammar of every list's filter: all that is typed must fit. Words occur
// somewhere, "instance:a" in the column of that name, "state:a,b" is one of
// them, "web*" begins so, "-update:none" does not fit, "two words" belong
// together. And the order of the unikernels by a column.
import type { Unikernel } from '../api';
import { MB } from './format';
import { doing } from './state';

/** What a list is filtered by. */
export interface Filter<T> {
  /** Where a word is looked for that asks no column. */
  all: (item: T) => string;
  /** A column's key and what stands in it: words, or one text. */
  columns: [string, (item: T) => string][];
}

interface Term {
  not: boolean;
  /** What stands before the colon; '' where there is none. */
  key: string;
  /** What stands behind it, or all of it. */
  text: string;
  quoted: boolean;
  /** Where it stands in what was typed. */
  from: number;
  to: number;
}

/** What was typed in its parts. A quotation mark may still be open. */
function termsOf(typed: string): Term[] {
  const parts = typed.matchAll(
    /(-?)(?:([a-z][a-z-]*):)?(?:"([^"]*)"?|([^\s"]\S*)|(?<=:))/gi);
  return [...parts].filter(([all]) => all !== '').map((part) => {
    const [all, minus, key = '', quoted, plain = ''] = part;
    return { not: minus === '-', key: key.toLowerCase(),
      text: (quoted ?? plain).toLowerCase(), quoted: quoted !== undefined,
      from: part.index, to: part.index + all.length };
  });
}

/** Whether a word is as a glob says; in one pass, however many stars it has. */
function isLike(word: string, glob: string): boolean {
  const [begin = '', ...parts] = glob.split('*');
  const end = parts.pop() ?? '';
  if (word.length < begin.length + end.length || !word.startsWith(begin) ||
    !word.endsWith(end)) return false;
  const middle = word.slice(begin.length, word.length - end.length);
  let at = 0;
  return parts.every((part) => {
    const found = middle.indexOf(part, at);
    at = found + part.length;
    return found >= 0;
  });
}

/** Whether a text has a word, or one that begins or ends as a glob says. */
const has = (text: string, word: string) => (word.includes('*') ?
  text.split(/\s+/).some((one) => isLike(one, word)) : text.includes(word));

function fits<T>(item: T, term: Term, { all, columns }: Filter<T>): boolean {
  const column = columns.find(([key]) => key === term.key)?.[1];
  const { text, quoted, not } = term;
  const where = (column ?? all)(item).toLowerCase();
  const found = quoted ? where.includes(column || !term.key ? text :
    `${term.key}:${text}`) :
    !column ? has(where, term.key ? `${term.key}:${text}` : text) :
      text.split(',').filter(Boolean).some((one) => has(where, one));
  return found !== not;
}

/** Those that fit all that was typed. */
export function filtered<T>(items: T[], typed: string, filter: Filter<T>): T[] {
  const terms = termsOf(typed).filter((t) => !/^[-,]*$/.test(t.text));
  return items.filter((item) => terms.every((term) =>
    fits(item, term, filter)));
}

/** The key that was typed though there is none such; '' when all are right. */
export const wrongKey = (typed: string, keys: string[]): string =>
  termsOf(typed).find((t) => t.key && !keys.includes(t.key))?.key ?? '';

export interface Suggestion {
  /** What the part that is being typed becomes. */
  text: string;
  /** How many have it; null for a key. */
  count: number | null;
  from: number;
  to: number;
}

const MOST = 8;

/** The words in a column that have what was typed, the most frequent first. */
function valuesIn<T>(items: T[], column: (item: T) => string, typed: string):
[string, number][] {
  const counts = new Map<string, number>();
  for (const item of items)
    for (const word of new Set(column(item).toLowerCase().split(/\s+/)))
      if (word !== '' && word.includes(typed))
        counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

/**
 * What the part of a filter before the caret can become: keys, or the values
 * of a column. Nothing where it stands already as it could.
 * @param wide Also where nothing of it is typed yet.
 */
export function suggest<T>(typed: string, caret: number, items: T[],
  columns: Filter<T>['columns'], wide: boolean): Suggestion[] {
  const term = termsOf(typed).find((t) => t.from < caret && caret <= t.to);
  const from = term?.from ?? caret, to = term?.to ?? caret;
  const minus = term?.not ? '-' : '';
  const column = columns.find(([key]) => key === term?.key)?.[1];
  if (term && column) {
    const chosen = term.text.split(','), last = chosen.at(-1) ?? '';
    const before = term.text.slice(0, term.text.length - last.length);
    return valuesIn(items, column, last).filter(([value]) =>
      !chosen.includes(value)).slice(0, MOST).map(([value, count]) => ({ count, from, to,
        text: `${minus}${term.key}:${before}${value} ` }));
  }
  if (!term && !wide || term?.key || term?.quoted) return [];
  return columns.filter(([key]) => key.startsWith(term?.text ?? ''))
    .map(([key]) => ({ text: `${minus}${key}:`, count: null, from, to }));
}

/** "available", "none" or "unknown": what one asks the column for. */
function updateWord({ update }: Pick<Unikernel, 'update'>): string {
  return !update ? 'unknown' : update.available ? 'available' : 'none';
}

/** What one asks the state for: "stopped", "crash-loop", "failing". */
const stateWords = (u: Unikernel) =>
  `${u.state} ${doing(u).word.replace(' ', '-')}`;

export const unikernelFilter: Filter<Unikernel> = {
  all: (u) => `${u.name} ${u.instance} ${u.project} ${u.digest ?? ''} ` +
    (u.update?.job ?? ''),
  columns: [['instance', (u) => u.instance], ['project', (u) => u.project],
    ['state', stateWords], ['name', (u) => u.name], ['update', updateWord],
    ['health', (u) => u.health?.state ?? 'none']],
};

export const filterUnikernels = (items: Unikernel[], text: string) =>
  filtered(items, text, unikernelFilter);

/** What needs somebody comes first. */
const stateOrder = ['bad', 'warn', 'good', 'plain'];

const values: Record<string, (u: Unikernel) => string | number> = {
  state: (u) => stateOrder.indexOf(doing(u).kind),
  name: (u) => u.name,
  instance: (u) => u.instance,
  project: (u) => u.project,
  memory: (u) => u.metrics?.memory ?? (u.config?.memory ?? 0) * MB,
  cpu: (u) => u.metrics?.cpu ?? -1,
  network: (u) => (u.metrics?.rx ?? -1) + (u.metrics?.tx ?? 0),
  since: (u) => u.started_at ?? '',
  health: (u) => ['failing', 'unknown', 'healthy', ''].indexOf(u.health?.state ?? ''),
  update: (u) => ['available', 'none', 'unknown'].indexOf(updateWord(u)),
};

/** By a column, "-memory" downwards; equal ones stay as they came. */
export function sortUnikernels(items: Unikernel[], by: string): Unikernel[] {
  const down = by.startsWith('-');
  const value = values[down ? by.slice(1) : by];
  if (!value) return items;
  return [...items].sort((a, b) => {
    const x = value(a), y = value(b);
    const order = x < y ? -1 : x > y ? 1 : 0;
    return down ? -order : order;
  });
}

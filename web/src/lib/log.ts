// SPDX-License-Identifier: ISC
// Entries of a log: always in order of seq, and each once.
import type { LogEntry } from '../api';
import { ours } from '../text/log';
import { parseAnsi, plain, type Span } from './ansi';

export type NoteKind = Exclude<LogEntry['kind'], 'line'>;

export interface Entry extends LogEntry {
  /** Without colours, for search, wrapping and copies. */
  plain: string;
  lower: string;
  spans?: Span[];
}

// Most lines have none; what looks for them costs much more than this.
const special = /[\u0000-\u001f\u007f\u241b]/;

export function entryOf(raw: LogEntry): Entry {
  const text = special.test(raw.text) ? plain(raw.text) : raw.text;
  return { ...raw, plain: text, lower: text.toLowerCase() };
}

/** Its parts with their colours; found out once. */
export const spansOf = (e: Entry): Span[] => e.spans ??= parseAnsi(e.text);

export const isNote = (e: LogEntry) => e.kind !== 'line';

export const firstSeq = (entries: LogEntry[]) => entries[0]?.seq ?? Infinity;
export const lastSeq = (entries: LogEntry[]) => entries.at(-1)?.seq ?? -Infinity;

/** The index of the first entry that is not before seq. */
export function indexOf(entries: LogEntry[], seq: number): number {
  let low = 0, high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.seq ?? Infinity) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Those from one to another; null: not all of them are among these. */
export function within(entries: Entry[], from: number, to: number):
Entry[] | null {
  if (from < firstSeq(entries) || to > lastSeq(entries)) return null;
  return entries.slice(indexOf(entries, from), indexOf(entries, to + 1));
}

/** Older ones and newer ones as one; what both have comes once. */
export function join(older: Entry[], newer: Entry[]): Entry[] {
  if (older.length === 0) return newer;
  const at = indexOf(newer, lastSeq(older) + 1);
  return at >= newer.length ? older : [...older, ...newer.slice(at)];
}

/** The nearest that fits before seq, or behind it; or null. */
export function nearest(entries: Entry[], seq: number, by: -1 | 1,
  fits: (e: Entry) => boolean): Entry | null {
  const from = by < 0 ? indexOf(entries, seq) - 1 : indexOf(entries, seq + 1);
  for (let i = from; i >= 0 && i < entries.length; i += by) {
    const e = entries[i];
    if (e && fits(e)) return e;
  }
  return null;
}

/** Where the keyboard is among the lines, and those that are picked, by seq. */
export interface Spot {
  /** Where it began, and where it is. */
  anchor: number;
  end: number;
  /** Whether the lines from one to the other are picked. */
  on: boolean;
}

/** The first and the last of them. */
export const rangeOf = ({ anchor, end }: Spot): [number, number] =>
  (anchor < end ? [anchor, end] : [end, anchor]);

/** "12" or "12-40", as an address has it; null: neither. */
export function spotOf(text: string | null): Spot | null {
  const [, first, last] = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(text ?? '') ?? [];
  if (first === undefined) return null;
  return { anchor: Number(first), end: Number(last ?? first),
    on: last !== undefined };
}

export function spotText(spot: Spot): string {
  const [first, last] = rangeOf(spot);
  return first === last ? String(first) : `${first}-${last}`;
}

/** As it is copied and saved. */
export const asText = (entries: Entry[]): string => entries.map((e) =>
  `${e.time} ${isNote(e) ? ours(e.plain) : e.plain}\n`).join('');

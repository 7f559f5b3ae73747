// SPDX-License-Identifier: ISC
// The words of a log.
import type { ComponentChildren } from 'preact';
import { count } from '../lib/format';

export const stepBefore = (what: string) => `${what} before`;
export const stepAfter = (what: string) => `${what} after`;
export const state = { connecting: 'connecting…', live: 'live',
  broken: 'connection lost, trying again…' };
export const paused = (newer: number) =>
  (newer > 0 ? `paused, ${newer} new` : 'paused');
export const runsNot = 'it does not run';

export const more = 'More';
export const times = 'Times (UTC)';
export const nothingKept = 'Nothing is kept of it.';
export const kept = (entries: number, size: string, since: string | null) => <>
  {count(entries, 'entry', 'entries')} kept, {size}{since && <><br />since {since}
  </>}</>;
export const copyShown = 'Copy what is shown';
export const forget = 'Forget what is kept…';
export const forgetTitle = (name: string) => `Forget the log of ${name}?`;
export const forgetAbout = 'Its lines up to now are removed, and those of its ' +
  'deployments before. What it says from now on is kept again.';
export const forgotten = (name: string) =>
  `What was kept of the log of ${name} is gone`;

export const noneBefore = 'There is none before it';
export const noneAfter = 'There is none after it';
export const search = 'Search the log';
export const looking = 'looking…';
export const found = (n: number) => `${n} found`;
export const foundHere = (n: number) => `${n} found here`;
export const match = 'Match';
export const onlyThese = 'Only these';
export const lines = (n: number) => count(n, 'line');
export const linesLoaded = (n: number) => `${count(n, 'line')} loaded`;
export const events = 'Events';
export const event = 'Event';
export const wrap = 'Wrap';
export const pause = 'Pause';
export const notShown = (why: ComponentChildren) => <>What is kept of it can not
  be shown. {why}</>;
export const labelOf = (name: string) => `Log of ${name}`;
export const noLineHas = 'No line has that text.';
export const noLine = 'No line yet.';
export const toEnd = (fresh: number) =>
  (fresh > 0 ? `To the end, ${fresh} new` : 'To the end');

export const picks = 'Lines that are picked';
export const picked = (n: number) => `${count(n, 'line')} picked`;
export const link = 'Link';
export const copyLink = 'Copy a link';
export const extend = 'Up to another line';
export const pickNone = 'Pick none';

export const loadingOlder = 'Loading older lines…';
export const olderFailed = 'Older lines could not be loaded.';
export const firstKept = 'The first line that is kept.';

/** A line that the unikernel did not write, in a file or a copy. */
export const ours = (line: string) => `mollymawk: ${line}`;

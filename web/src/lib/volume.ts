// SPDX-License-Identifier: ISC
// Volumes and their copies in words.
import type { Content, Copy, Operation, Place, Schedule, Volume, VolumeName } from
  '../api';
import { filterItems } from './filter';
import { bytes, MB } from './format';
import { aboutSeconds, duration } from './rate';
import { daysText, localTime } from './window';

export function sameVolume(a: VolumeName, b: VolumeName): boolean {
  return a.name === b.name && a.project === b.project &&
    a.instance === b.instance;
}

/** What it holds, as far as it was written from here: in few words. */
export function holdsText(content: Content | null): string {
  switch (content?.state) {
    case 'zeroes': return 'zeroes';
    case 'whole': return `${bytes(content.bytes)}, whole`;
    case 'partial': return content.bytes === 0 ? 'zeroes: an upload broke off' :
      `the first ${bytes(content.bytes)} only`;
    case 'unknown': return 'not known';
    default: return '–';
  }
}

/** Whether it is being written now: what it held before is not told then. */
export const isWritten = ({ content, operation }: Pick<Volume, 'content' |
'operation'>) => operation !== null && content?.state === 'unknown' &&
  content.operation === operation;

/** "used:web" asks for a unikernel, "used:no" for none. */
export function filterVolumes(items: Volume[], text: string): Volume[] {
  const users = (v: Volume) => v.used_by.map((u) => u.name).join(' ') ||
    (v.in_use ? 'yes' : 'no');
  return filterItems(items, text, (v) => `${v.name} ${v.instance} ${v.project}`,
    [['instance', (v) => v.instance], ['project', (v) => v.project],
      ['name', (v) => v.name], ['used', users]]);
}

export const placeText = (place: Place) =>
  (place === 's3' ? 'in the object store' : 'on this server');

const causes: Record<Copy['cause'], string> = {
  manual: 'by hand', scheduled: 'by the schedule',
  'before-upload': 'before an upload', 'before-restore': 'before a restore',
};

export const causeText = (cause: Copy['cause']) => causes[cause];

/** "every day at 03:00 UTC" */
export function whenText({ days, at }: Pick<Schedule, 'days' | 'at'>): string {
  return `${daysText(days)} at ${at} UTC`;
}

/** "04:00 where you are"; '' while the time is not whole. */
export function whenHere(at: string, now = new Date()): string {
  const here = localTime(at, now);
  return here && `${here} where you are`;
}

/** The pace at which volumes of an instance were read or written last. */
export function measured(operations: Operation[], instance: string):
number | null {
  const done = operations.find((o) => o.instance === instance && o.ended &&
    o.state === 'succeeded' && o.kind.startsWith('volume-') && o.bytes > 8 * MB);
  if (!done?.ended) return null;
  const ms = Date.parse(done.ended) - Date.parse(done.created);
  return ms > 0 ? done.bytes * 1000 / ms : null;
}

/** Who is stopped, and for how long: said before it is done. */
export function stopText(users: { name: string }[], size: number,
  pace: number | null): string {
  const names = users.map((u) => u.name);
  const all = names.length < 2 ? `${names[0] ?? 'Who uses it'} is` :
    `${names.slice(0, -1).join(', ')} and ${names.at(-1)} are`;
  return `${all} stopped first and started again after, and away for about ${
    duration(aboutSeconds(size, pace))}.`;
}

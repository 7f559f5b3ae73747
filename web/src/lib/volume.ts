// SPDX-License-Identifier: ISC
// Volumes and their copies: in words, filtered, and as they were last told.
import type { Content, Operation, Schedule, Volume, VolumeList } from '../api';
import * as copies from '../text/copies';
import * as text from '../text/volumes';
import { filtered, type Filter } from './filter';
import { bytes, MB } from './format';
import { aboutSeconds, duration } from './rate';
import { daysText, localTime } from './window';

/** What it holds, as far as it was written from here: in few words. */
export function holdsText(content: Content | null): string {
  switch (content?.state) {
    case 'zeroes': return text.zeroes;
    case 'whole': return text.whole(bytes(content.bytes));
    case 'partial': return content.bytes === 0 ? text.brokeOff :
      text.firstOnly(bytes(content.bytes));
    case 'unknown': return text.notKnown;
    default: return '–';
  }
}

/** Whether it is being written now: what it held before is not told then. */
export const isWritten = ({ content, operation }: Pick<Volume, 'content' |
'operation'>) => operation !== null && content?.state === 'unknown' &&
  content.operation === operation;

/** "used:web" asks for a unikernel, "used:no" for none. */
export const volumeFilter: Filter<Volume> = {
  all: (v) => `${v.name} ${v.instance} ${v.project}`,
  columns: [['instance', (v) => v.instance], ['project', (v) => v.project],
    ['name', (v) => v.name], ['used', (v) => v.used_by.map((u) => u.name)
      .join(' ') || (v.in_use ? 'yes' : 'no')]],
};

export const filterVolumes = (items: Volume[], typed: string) =>
  filtered(items, typed, volumeFilter);

/** All that is known, and when instances that do not answer now last did. */
export interface KnownVolumes extends VolumeList { told: Map<string, string> }

type Placed = { instance: string; project: string; name?: string };

const placeOf = ({ instance, project, name = '' }: Placed) =>
  `${instance}/${project}/${name}`;

/** What is told now, with what there was of those who told something before. */
function merged<T extends Placed>(now: T[], before: T[], told: Map<string, string>) {
  const kept = before.filter(({ instance }) => told.has(instance) &&
    !now.some((one) => one.instance === instance));
  return [...now, ...kept].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
}

/** The list, with what instances that do not answer now told before. */
export function keepLast(list: VolumeList, before: KnownVolumes | null):
KnownVolumes {
  const told = new Map<string, string>();
  if (!before) return { ...list, told };
  for (const { instance } of list.errors)
    if (before.items.some((v) => v.instance === instance))
      told.set(instance, before.told.get(instance) ?? before.as_of);
  if (told.size === 0) return { ...list, told };
  return { ...list, told, items: merged(list.items, before.items, told),
    quotas: merged(list.quotas, before.quotas, told) };
}

/** "every day at 03:00 UTC" */
export function whenText({ days, at }: Pick<Schedule, 'days' | 'at'>): string {
  return copies.everyDayAt(daysText(days), at);
}

/** "04:00 where you are"; '' while the time is not whole. */
export function whenHere(at: string, now = new Date()): string {
  const here = localTime(at, now);
  return here && copies.whereYouAre(here);
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
  return text.stopped(users.map((u) => u.name), duration(aboutSeconds(size, pace)));
}

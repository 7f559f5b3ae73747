// SPDX-License-Identifier: ISC
// The filter box's grammar: words must occur somewhere; "instance:a" asks the
// one column of that name. And the order of the unikernels by a column.
import type { Unikernel } from '../api';
import { MB } from './format';
import { doing } from './state';

/** Those in which every word occurs: in all of it, or in one of the columns. */
export function filterItems<T>(items: T[], text: string, all: (item: T) => string,
  columns: [string, (item: T) => string][]): T[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return items.filter((item) => words.every((word) => {
    const [key, column] = columns.find(([name]) => word.startsWith(`${name}:`)) ??
      [];
    return key && column ? column(item).includes(word.slice(key.length + 1)) :
      all(item).includes(word);
  }));
}

/** "available", "none" or "unknown": what one asks the column for. */
export function updateWord({ update }: Pick<Unikernel, 'update'>): string {
  return !update ? 'unknown' : update.available ? 'available' : 'none';
}

/** What one asks the state for: "stopped", "crash-loop", "failing". */
const stateWords = (u: Unikernel) =>
  `${u.state} ${doing(u).word.replace(' ', '-')}`;

export function filterUnikernels(items: Unikernel[], text: string): Unikernel[] {
  return filterItems(items, text, (u) => `${u.name} ${u.instance} ${u.project} ` +
    `${u.digest ?? ''} ${u.update?.job.toLowerCase() ?? ''}`,
  [['instance', (u) => u.instance], ['project', (u) => u.project],
    ['state', stateWords], ['name', (u) => u.name], ['update', updateWord],
    ['health', (u) => u.health?.state ?? 'none']]);
}

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

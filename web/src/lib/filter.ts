// SPDX-License-Identifier: ISC
// The filter box's grammar: words must occur somewhere; "instance:a",
// "project:b", "state:running", "name:c" and "update:available" ask one
// column. And the order of the list by a column.
import type { Unikernel } from '../api';

type Key = 'instance' | 'project' | 'state' | 'name' | 'update';
const keyed = /^(instance|project|state|name|update):(.*)$/;

/** "available", "none" or "unknown": what one asks the column for. */
export function updateWord({ update }: Pick<Unikernel, 'update'>): string {
  return !update ? 'unknown' : update.available ? 'available' : 'none';
}

const valueOf = (u: Unikernel, key: Key) =>
  (key === 'update' ? updateWord(u) : u[key]);

export function filterUnikernels(items: Unikernel[], text: string): Unikernel[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return items.filter((u) => words.every((word) => {
    const found = keyed.exec(word);
    if (found) return valueOf(u, found[1] as Key).includes(found[2] ?? '');
    return (`${u.name} ${u.instance} ${u.project} ${u.digest ?? ''} ` +
      (u.update?.job.toLowerCase() ?? '')).includes(word);
  }));
}

const values: Record<string, (u: Unikernel) => string | number> = {
  state: (u) => u.state,
  name: (u) => u.name,
  instance: (u) => u.instance,
  project: (u) => u.project,
  memory: (u) => u.config?.memory ?? 0,
  cpu: (u) => u.config?.cpus?.[0] ?? -1,
  since: (u) => u.started_at ?? '',
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

// SPDX-License-Identifier: ISC
// The filter box's grammar: words must occur somewhere; "instance:a",
// "project:b", "state:running" and "name:c" ask one column.
import type { Unikernel } from '../api';

type Key = 'instance' | 'project' | 'state' | 'name';
const keyed = /^(instance|project|state|name):(.*)$/;

export function filterUnikernels(items: Unikernel[], text: string): Unikernel[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return items.filter((u) => words.every((word) => {
    const found = keyed.exec(word);
    if (found) return u[found[1] as Key].includes(found[2] ?? '');
    return `${u.name} ${u.instance} ${u.project} ${u.digest ?? ''}`.includes(word);
  }));
}

// SPDX-License-Identifier: ISC
// What a policy limits, what an instance has left to give, and how ours and
// albatross' differ.
import type { Capacity, Policy } from '../api';
import { mb, NO_LIMIT } from './format';
import * as common from '../text/common';
import * as text from '../text/policies';

export type Limit = 'unikernels' | 'memory' | 'block';

export const limits: Limit[] = ['unikernels', 'memory', 'block'];

export const valueOf = (policy: Policy, limit: Limit): number =>
  policy[limit] ?? 0;

/** What an instance has of it; null: as much as one likes. */
export function rootOf({ root }: Capacity, limit: Limit): number | null {
  const all = valueOf(root, limit);
  return all < NO_LIMIT ? all : null;
}

/** What can be given to a project with what the others have; null: any. */
export function leftFor(capacity: Capacity, old: Policy | undefined,
  limit: Limit): number | null {
  const all = rootOf(capacity, limit);
  if (all === null) return null;
  const others = capacity.given[limit] - (old ? valueOf(old, limit) : 0);
  return Math.max(0, all - others);
}

/** What a project without a policy may be given: a little of all there is. */
export const begun = (capacity: Capacity): Policy => ({ unikernels: 4,
  memory: Math.min(256, leftFor(capacity, undefined, 'memory') ?? 256),
  block: null, cpus: capacity.root.cpus, bridges: capacity.root.bridges });

/** Which limits would be given beyond what is left, by raising them. */
export function beyond(capacity: Capacity, old: Policy | undefined,
  wanted: Policy): Limit[] {
  return limits.filter((limit) => {
    const left = leftFor(capacity, old, limit), value = valueOf(wanted, limit);
    return left !== null && value > left &&
      value > (old ? valueOf(old, limit) : 0);
  });
}

const words: Record<keyof Policy, string> = { unikernels: text.unikernels,
  memory: text.memory, block: text.volumes, cpus: text.cpus,
  bridges: text.bridges };

function valueText(policy: Policy, key: keyof Policy): string {
  const value = policy[key];
  if (Array.isArray(value)) return value.join(', ') || common.none;
  if (value == null) return common.none;
  return key === 'unikernels' ? String(value) : mb(value);
}

export interface Difference {
  name: string;
  ours: string;
  theirs: string;
}

/** Line by line, what differs. */
export function differences(ours: Policy, theirs: Policy): Difference[] {
  return (Object.keys(words) as (keyof Policy)[])
    .map((key) => ({ name: words[key], ours: valueText(ours, key),
      theirs: valueText(theirs, key) }))
    .filter((d) => d.ours !== d.theirs);
}

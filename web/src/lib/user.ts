// SPDX-License-Identifier: ISC
// How people are, and what they leave.
import type { Leaves, UserState } from '../api';

/** How a state looks. */
export const stateKinds: Record<UserState, 'good' | 'bad' | 'warn' | 'plain'> = {
  active: 'good', unverified: 'plain', pending: 'warn', disabled: 'bad',
};

/** Whether the project stays without anybody in it. */
export const isOrphan = (p: Leaves['projects'][number]) =>
  p.role === 'owner' && !p.other_owners;

/** What must go to somebody, or stay with nobody. */
export const orphans = ({ projects }: Leaves) => projects.filter((p) =>
  isOrphan(p) && !(p.personal && p.unikernels.length + p.volumes.length === 0));

// SPDX-License-Identifier: ISC
// How people are, and what they leave.
import type { Leaves, User, UserState } from '../api';
import * as text from '../text/users';
import type { Filter } from './filter';

/** How a state looks. */
export const stateKinds: Record<UserState, 'good' | 'bad' | 'warn' | 'plain'> = {
  active: 'good', unverified: 'plain', pending: 'warn', disabled: 'bad',
};

export const userFilter: Filter<User> = {
  all: (u) => `${u.name} ${u.display_name} ${u.email}`,
  columns: [['name', (u) => u.name], ['email', (u) => u.email],
    ['project', (u) => u.projects.map((p) => p.name).join(' ')],
    ['state', (u) => `${u.state} ${text.states[u.state]}`],
    ['is', (u) => (u.admin ? text.administrator : '')]],
};

/** Whether the project stays without anybody in it. */
export const isOrphan = (p: Leaves['projects'][number]) =>
  p.role === 'owner' && !p.other_owners;

/** What must go to somebody, or stay with nobody. */
export const orphans = ({ projects }: Leaves) => projects.filter((p) =>
  isOrphan(p) && !(p.personal && p.unikernels.length + p.volumes.length === 0));

// SPDX-License-Identifier: ISC
// People in words.
import type { Leaves, UserState } from '../api';
import { count } from './format';

type Kind = 'good' | 'bad' | 'warn' | 'plain';

/** What a state is called, how it looks, and what it means. */
export const userStates: Record<UserState, [string, Kind, string]> = {
  active: ['active', 'good', 'May sign in.'],
  unverified: ['unverified', 'plain', 'Has not opened the link in the mail yet.'],
  pending: ['waits', 'warn', 'Waits to be approved.'],
  disabled: ['disabled', 'bad', 'May not sign in.'],
};

/** Whether the project stays without anybody in it. */
export const isOrphan = (p: Leaves['projects'][number]) =>
  p.role === 'owner' && !p.other_owners;

/** What must go to somebody, or stay with nobody. */
export const orphans = ({ projects }: Leaves) => projects.filter((p) =>
  isOrphan(p) && !(p.personal && p.unikernels.length + p.volumes.length === 0));

/** "2 unikernels and 1 volume" */
export function heldText({ unikernels, volumes }: Leaves['projects'][number]):
string {
  const texts = [unikernels.length && count(unikernels.length, 'unikernel'),
    volumes.length && count(volumes.length, 'volume')].filter(Boolean);
  return texts.join(' and ') || 'empty';
}

// SPDX-License-Identifier: ISC
// How a unikernel does, in one word: what is wrong before what is right.
import type { Unikernel } from '../api';

export interface Doing {
  word: string;
  kind: 'good' | 'bad' | 'warn' | 'plain';
  /** Why it is said. */
  why: string;
}

type Facts = Pick<Unikernel, 'state' | 'health' | 'crash_loop' | 'restarts'>;

const restarted = (n: number | undefined) =>
  `It was started again ${n === 1 ? 'once' : `${n ?? 0} times`} in the last hour.`;

export function doing({ state, health, crash_loop, restarts }: Facts): Doing {
  if (state === 'unknown')
    return { word: 'unknown', kind: 'warn',
      why: 'Its instance does not answer: this is what was last known.' };
  if (crash_loop)
    return { word: 'crash loop', kind: 'bad', why: restarted(restarts) };
  if (state === 'stopped') return { word: 'stopped', kind: 'plain', why: '' };
  if (health?.state === 'failing')
    return { word: 'failing', kind: 'bad', why: 'Its health check fails.' };
  return { word: 'running', kind: 'good', why: health?.state === 'healthy' ?
    'Its health check works.' : '' };
}

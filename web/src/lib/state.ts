// SPDX-License-Identifier: ISC
// How a unikernel does, in one word: what is wrong before what is right.
import type { Unikernel } from '../api';
import * as text from '../text/state';

export interface Doing {
  word: string;
  kind: 'good' | 'bad' | 'warn' | 'plain';
  /** Why it is said. */
  why: string;
}

type Facts = Pick<Unikernel, 'state' | 'health' | 'crash_loop' | 'restarts'>;

export function doing({ state, health, crash_loop, restarts }: Facts): Doing {
  if (state === 'unknown')
    return { word: text.unknown, kind: 'warn', why: text.silent };
  if (crash_loop)
    return { word: text.crashLoop, kind: 'bad', why: text.restarted(restarts ?? 0) };
  if (state === 'stopped') return { word: text.stopped, kind: 'plain', why: '' };
  if (health?.state === 'failing')
    return { word: text.failing, kind: 'bad', why: text.checkFails };
  return { word: text.running, kind: 'good', why: health?.state === 'healthy' ?
    text.checkWorks : '' };
}

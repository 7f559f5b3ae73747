// SPDX-License-Identifier: ISC
// Restarts of many unikernels, a few at a time: they go on whatever is shown,
// as long as this page is open.
import { signal } from '@preact/signals';
import { ask, unikernelPath, type UnikernelName } from '../api';
import { forgetWithUser } from './session';

export interface Restart {
  u: UnikernelName;
  state: 'waiting' | 'running' | 'restarted' | 'failed' | 'skipped';
  detail: string;
}

const AT_ONCE = 2;

/** Those that were begun last; null: none. */
export const restarts = signal<Restart[] | null>(null);

// What one began goes on in nobody else's name.
forgetWithUser(() => { restarts.value = null; });

export const isRestarting = () => restarts.value?.some((r) =>
  r.state === 'waiting' || r.state === 'running') === true;

function set(u: UnikernelName, part: Partial<Restart>): void {
  restarts.value = restarts.value?.map((r) => (r.u === u ? { ...r, ...part } : r)) ??
    null;
}

/** Begins no more of them. */
export function stopRestarts(): void {
  restarts.value = restarts.value?.map((r) => (r.state === 'waiting' ?
    { ...r, state: 'skipped' } : r)) ?? null;
}

async function work(stopAtFailure: boolean): Promise<void> {
  for (;;) {
    const next = restarts.value?.find((r) => r.state === 'waiting');
    if (!next) return;
    set(next.u, { state: 'running' });
    try {
      await ask('POST', unikernelPath(next.u, '/restart?wait=120'));
      set(next.u, { state: 'restarted' });
    } catch (error) {
      set(next.u, { state: 'failed', detail: (error as Error).message });
      if (stopAtFailure) stopRestarts();
    }
  }
}

/** Resolves when all ended. */
export async function restartAll(items: UnikernelName[], stopAtFailure: boolean):
Promise<void> {
  restarts.value = items.map((u) => ({ u, state: 'waiting', detail: '' }));
  await Promise.all(Array.from({ length: AT_ONCE }, () => work(stopAtFailure)));
}

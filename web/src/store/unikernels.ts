// SPDX-License-Identifier: ISC
// The list of all unikernels, asked again every few seconds while somebody
// looks; what was last known stays, with the reason why it is not newer.
import { signal } from '@preact/signals';
import { getAll, type UnikernelList } from '../api';

const EVERY = 3000;

export const unikernels = signal<UnikernelList | null>(null);
/** Why the last question had no answer, or null. */
export const listError = signal<Error | null>(null);

export async function loadUnikernels(): Promise<void> {
  try {
    unikernels.value = await getAll<UnikernelList>('/unikernels');
    listError.value = null;
  } catch (error) {
    listError.value = error as Error;
  }
}

/** Asks now and then; returns how to stop. Pauses while the tab is hidden. */
export function watchUnikernels(): () => void {
  let timer: number | undefined;
  let stopped = false;
  const turn = async () => {
    if (!document.hidden) await loadUnikernels();
    if (!stopped) timer = setTimeout(turn, EVERY);
  };
  void turn();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

// SPDX-License-Identifier: ISC
// What each unikernel uses now and used in the last hour. One signal each, so
// that news of one draws one row anew.
import { signal, type Signal } from '@preact/signals';
import { get, unikernelPath, type Sample, type Sparklines, type UnikernelName }
  from '../api';
import { keepLoaded, pace } from '../lib/live';
import { watchTopics } from './events';

type Sparkline = Sparklines['items'][number];

/** It is told every few seconds: what is older tells nothing of now. */
const OLD = 60_000;
/** The lines have one value a minute. */
const MINUTE = 60_000;

const samples = new Map<string, Signal<Sample | null>>();
const lines = signal<ReadonlyMap<string, Sparkline>>(new Map());

/** The newest of one; null while none is known. */
export function sampleOf(u: UnikernelName): Signal<Sample | null> {
  const path = unikernelPath(u);
  const known = samples.get(path) ?? signal(null);
  samples.set(path, known);
  return known;
}

export const isNow = ({ time }: Sample) => Date.now() - Date.parse(time) < OLD;

export const sparklineOf = (u: UnikernelName): Sparkline | undefined =>
  lines.value.get(unikernelPath(u));

async function loadLines(): Promise<void> {
  try {
    const { items } = await get<Sparklines>('/sparklines');
    lines.value = new Map(items.map((line) => [unikernelPath(line), line]));
  } catch { /* what they show is shown by the list, too, or missing there */ }
}

/** Keeps them as they are told; returns how to stop. */
export function watchUsage(): () => void {
  const { soon, stop } = keepLoaded(loadLines, () => pace(MINUTE, MINUTE));
  const deaf = watchTopics(['metrics'], (told) => {
    if (told.event !== 'sample') return;
    const { instance, project, time } = told;
    for (const { name, ...used } of told.items) {
      const u = { instance, project, name };
      sampleOf(u).value = { ...used, time };
      if (!sparklineOf(u)) soon();
    }
  });
  return () => { stop(); deaf(); };
}

// SPDX-License-Identifier: ISC
// The list of all unikernels, kept as the server tells it; what was last known
// stays, with the reason why it is not newer.
import { signal } from '@preact/signals';
import { getAll, type Unikernel, type UnikernelList } from '../api';
import { keepLoaded, pace } from '../lib/live';
import { withNews, type News } from '../lib/news';
import { watchTopics } from './events';
import { forgetWithUser } from './session';

/** How often it is asked for while something is missing. */
const AMISS = 3000;

export const unikernels = signal<UnikernelList | null>(null);
/** When it was last asked for and answered, in ms. */
export const listAt = signal<number | null>(null);
/** Why the last question had no answer, or null. */
export const listError = signal<Error | null>(null);

forgetWithUser(() => { unikernels.value = listAt.value = null; });

/** Told while lists are on their way, which may be older than that. */
const meanwhile = new Set<News<Unikernel>[]>();

function take(news: News<Unikernel>): void {
  for (const since of meanwhile) since.push(news);
  const list = unikernels.value;
  if (list) unikernels.value = { ...list, items: withNews(list.items, news) };
}

export async function loadUnikernels(): Promise<void> {
  const since: News<Unikernel>[] = [];
  meanwhile.add(since);
  try {
    const list = await getAll<UnikernelList>('/unikernels');
    list.items = since.reduce<Unikernel[]>(withNews, list.items);
    unikernels.value = list;
    listAt.value = Date.now();
    listError.value = null;
  } catch (error) {
    listError.value = error as Error;
  }
  meanwhile.delete(since);
}

/** Keeps it as it is told; returns how to stop. */
export function watchUnikernels(): () => void {
  // Nobody tells when an instance that did not answer does again.
  const { soon, stop } = keepLoaded(loadUnikernels, () =>
    (unikernels.value?.errors.length ? pace(AMISS) : pace()));
  const deaf = watchTopics(['instances', 'states'], (told) => {
    if (told.event === 'unikernel') take(told);
    else soon();
  });
  return () => { stop(); deaf(); };
}

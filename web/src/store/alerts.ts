// SPDX-License-Identifier: ISC
// The alerts that are open, for the count in the navigation and the pages that
// show them.
import { computed, signal } from '@preact/signals';
import { ask, getAll, glance, type Alert, type List } from '../api';
import { keepLoaded, pace } from '../lib/live';
import { watchTopics } from './events';
import { forgetWithUser } from './session';

/** Null: not known yet. */
export const alerts = signal<Alert[] | null>(null);
/** When they were last asked for and answered, in ms. */
export const alertsAt = signal<number | null>(null);
/** Why the last question had no answer, or null. */
export const alertsError = signal<Error | null>(null);

forgetWithUser(() => { alerts.value = alertsAt.value = null; });

export const isOpen = (a: Alert) => a.until === null;

/** Whether somebody wants to hear no more of it for now. */
export const isSilenced = (a: Alert) =>
  a.silenced_until !== null && Date.parse(a.silenced_until) > Date.now();

/** Those that want somebody to look. */
export const pressing = computed(() =>
  (alerts.value ?? []).filter((a) => !isSilenced(a)));

async function load(): Promise<void> {
  try {
    const list = await glance<List<Alert>>('/alerts?state=open&limit=100');
    if (list) alerts.value = list.items;
    alertsAt.value = Date.now();
    alertsError.value = null;
  } catch (error) {
    alertsError.value = error as Error;
  }
}

/** What an alert became takes the place of what it was. */
function withAlert(all: Alert[], item: Alert): Alert[] {
  return all.some((a) => a.id === item.id) ?
    all.map((a) => (a.id === item.id ? item : a)) : [item, ...all];
}

/** Keeps them as they are; returns how to stop. */
export function watchAlerts(): () => void {
  const { soon, stop } = keepLoaded(load, pace);
  const deaf = watchTopics(['alerts'], (told) => {
    if (told.event === 'reset') soon();
    else if (told.event === 'alert')
      alerts.value = withAlert(alerts.value ?? [], told.item).filter(isOpen);
  });
  return () => { stop(); deaf(); };
}

/** Open and past ones, newest first. */
export const allAlerts = (signal: AbortSignal) =>
  getAll<List<Alert>>('/alerts?state=all&limit=100', signal);

/** Tells nobody of it for so long; null: tells again. */
export async function silence(a: Alert, minutes: number | null): Promise<Alert> {
  const path = `/alerts/${a.id}/silence`;
  const now = await (minutes === null ? ask<Alert>('DELETE', path) :
    ask<Alert>('POST', path, { minutes }));
  alerts.value = withAlert(alerts.value ?? [], now).filter(isOpen);
  return now;
}

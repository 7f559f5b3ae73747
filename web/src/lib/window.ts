// SPDX-License-Identifier: ISC
// Maintenance windows, which are in UTC, as people read them.
import type { UpdateWindow } from '../api';
import * as text from '../text/window';

export const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = typeof days[number];

export const dayName = (day: Day) => text.dayNames[day];

/** "Tue, Wed"; none is every day. */
export const daysText = (on: Day[] | undefined) =>
  (on?.length ? on.map(dayName).join(', ') : text.everyDay);

/** "Tue, Wed, 02:00 to 04:00 UTC" */
export function windowText({ days: on, from, to }: UpdateWindow): string {
  return text.window(daysText(on), from, to);
}

/** The UTC minute of a day as the local time of that day, and which day. */
function local(time: string, now: Date): { text: string; shift: number } | null {
  const [hour, minute] = /^(\d\d):(\d\d)$/.exec(time)?.slice(1).map(Number) ?? [];
  if (hour === undefined || minute === undefined || hour > 23 || minute > 59)
    return null;
  const at = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(),
    now.getUTCDate(), hour, minute));
  const two = (n: number) => String(n).padStart(2, '0');
  const shift = Math.round((Date.UTC(at.getFullYear(), at.getMonth(),
    at.getDate()) - Date.UTC(at.getUTCFullYear(), at.getUTCMonth(),
    at.getUTCDate())) / 86400000);
  return { text: `${two(at.getHours())}:${two(at.getMinutes())}`, shift };
}

const shifted = (time: string, shift: number) => (shift > 0 ?
  text.dayLater(time) : shift < 0 ? text.dayEarlier(time) : time);

/** "04:00", or "04:00, a day later,"; '' while it is not whole. */
export function localTime(time: string, now: Date): string {
  const at = local(time, now);
  return at ? shifted(at.text, at.shift) + (at.shift ? ',' : '') : '';
}

/** "04:00 to 06:00 where you are"; '' while a time is not whole. */
export function localText({ from, to }: UpdateWindow, now = new Date()): string {
  const begin = local(from, now), end = local(to, now);
  if (!begin || !end) return '';
  return shifted(text.here(begin.text, end.text), begin.shift);
}

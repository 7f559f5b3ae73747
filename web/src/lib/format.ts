// SPDX-License-Identifier: ISC
// Values as people read them, with their units; nobody else adds a unit.
import * as text from '../text/units';

const units: [number, string][] = [[86400, text.day], [3600, text.hour],
  [60, text.minute], [1, text.second]];

/** "3 d", "5 min", "0 s": the age of a time. */
export function age(time: string, now = Date.now()): string {
  const seconds = Math.floor((now - Date.parse(time)) / 1000);
  for (const [size, unit] of units)
    if (seconds >= size) return `${Math.floor(seconds / size)} ${unit}`;
  return `0 ${text.second}`;
}

/** "5 min ago"; "just now" within the turn of a list. */
export function ago(time: string, now = Date.now()): string {
  return now - Date.parse(time) < 5000 ? text.justNow :
    text.agoOf(age(time, now));
}

/** The exact local time, for hover. */
export function exact(time: string | number): string {
  return new Date(time).toLocaleString(undefined,
    { dateStyle: 'medium', timeStyle: 'long' });
}

/** The local day. */
export function day(time: string): string {
  return new Date(time).toLocaleDateString(undefined, { dateStyle: 'medium' });
}

/** The local day and minute. */
export function dayMinute(time: string): string {
  return new Date(time).toLocaleString(undefined,
    { dateStyle: 'medium', timeStyle: 'short' });
}

/** "1 package", "2 packages" */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

export const MB = 1024 * 1024;

// The root policy allows 2^62 - 1 unikernels, which is to say: any number.
export const NO_LIMIT = 2 ** 53;

export function bytes(count: number): string {
  let i = 0;
  for (; count >= 1024 && i < text.bytes.length - 1; i++) count /= 1024;
  return `${count.toFixed(i > 0 && count < 10 ? 1 : 0)} ${text.bytes[i]}`;
}

/** "64 MB": a size that is told in MB */
export function mb(count: number): string {
  return `${count} ${text.megabytes}`;
}

/** "8.8", "155": bytes in MB, without the unit. */
export function megabytes(count: number): string {
  return (count / MB).toFixed(count < 9.95 * MB ? 1 : 0);
}

/** "3.2 %", "45 %" of a CPU. */
export function percent(share: number): string {
  return `${share.toFixed(share > 0 && share < 9.95 ? 1 : 0)} %`;
}

/** A field's text as a number; what is none is told by the server. */
export function numberOf(text: string): number | string {
  return /^\d+$/.test(text.trim()) ? Number(text) : text;
}

export function shortDigest(digest: string): string {
  return digest.slice(0, 12);
}

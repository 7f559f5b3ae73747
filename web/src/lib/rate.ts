// SPDX-License-Identifier: ISC
// How fast bytes move, and how long it will take.
import * as text from '../text/units';
import { MB } from './format';

const WINDOW = 5000;

export class Rate {
  private samples: { at: number; bytes: number }[] = [];

  /** So many bytes have moved in all; fewer than before: it begins anew. */
  add(bytes: number, now = performance.now()): void {
    const last = this.samples.at(-1);
    if (last && bytes < last.bytes) this.samples = [];
    this.samples.push({ at: now, bytes });
    while ((this.samples[1]?.at ?? now) < now - WINDOW) this.samples.shift();
  }

  /** Bytes a second over the last seconds; null while that is not known. */
  perSecond(): number | null {
    const first = this.samples[0], last = this.samples.at(-1);
    if (!first || !last || last.at - first.at < 300) return null;
    return (last.bytes - first.bytes) * 1000 / (last.at - first.at);
  }

  /** Seconds until there are total bytes; null: nobody knows. */
  left(total: number | null): number | null {
    const rate = this.perSecond(), last = this.samples.at(-1);
    if (total === null || !rate || !last) return null;
    return Math.max(0, (total - last.bytes) / rate);
  }
}

/** "20 s", "3 min", "1 h 10 min" */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} ${text.second}`;
  const minutes = Math.ceil(whole / 60);
  if (minutes < 60) return `${minutes} ${text.minute}`;
  const rest = minutes % 60;
  const hours = `${Math.floor(minutes / 60)} ${text.hour}`;
  return rest ? `${hours} ${rest} ${text.minute}` : hours;
}

// What a disk and a link do at least, where nothing was measured yet.
const MODEST = 40 * MB;

/** Seconds for so many MB, with some for stopping and starting. */
export function aboutSeconds(megabytes: number, rate: number | null): number {
  return 5 + megabytes * MB / (rate ?? MODEST);
}

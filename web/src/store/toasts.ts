// SPDX-License-Identifier: ISC
// What just happened, told for a few seconds; longer while somebody reads it.
import { signal } from '@preact/signals';

export interface Toast {
  id: number;
  text: string;
  bad: boolean;
}

const GOOD = 5000, BAD = 12_000;

export const toasts = signal<Toast[]>([]);
/** When each goes, or how long it still has while all wait. */
const left = new Map<number, number>();
let waiting = false;
let timer: number | undefined;
let next = 1;

function plan(): void {
  clearTimeout(timer);
  if (waiting || left.size === 0) return;
  timer = setTimeout(() => {
    const now = performance.now();
    for (const [id, at] of left) if (at <= now) dropToast(id);
    plan();
  }, Math.max(0, Math.min(...left.values()) - performance.now()));
}

export function dropToast(id: number): void {
  left.delete(id);
  toasts.value = toasts.value.filter((t) => t.id !== id);
}

/** While somebody points at them or is in them, none goes. */
export function holdToasts(on: boolean): void {
  if (on === waiting) return;
  waiting = on;
  const now = performance.now();
  for (const [id, at] of left) left.set(id, on ? at - now : at + now);
  plan();
}

export function toast(text: string, bad = false): void {
  const id = next++;
  const ms = bad ? BAD : GOOD;
  left.set(id, waiting ? ms : ms + performance.now());
  toasts.value = [...toasts.value, { id, text, bad }];
  plan();
}

/** Tells an error that has no better place. */
export function toastError(error: unknown): void {
  toast(error instanceof Error ? error.message : String(error), true);
}

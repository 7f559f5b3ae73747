// SPDX-License-Identifier: ISC
// What just happened, told for a few seconds.
import { signal } from '@preact/signals';

export interface Toast {
  id: number;
  text: string;
  bad: boolean;
}

export const toasts = signal<Toast[]>([]);
let next = 1;

export function dropToast(id: number): void {
  toasts.value = toasts.value.filter((t) => t.id !== id);
}

export function toast(text: string, bad = false): void {
  const id = next++;
  toasts.value = [...toasts.value, { id, text, bad }];
  setTimeout(dropToast, bad ? 12000 : 5000, id);
}

/** Tells an error that has no better place. */
export function toastError(error: unknown): void {
  toast(error instanceof Error ? error.message : String(error), true);
}

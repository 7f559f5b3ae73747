// SPDX-License-Identifier: ISC
// A form that is saved with one PUT, and what was said against it.
import { ask } from '../api';
import { toast } from '../store/toasts';
import * as text from '../text/common';
import { useSending } from './sending';

export function useSaving() {
  const { error, busy, send, say } = useSending();
  /** Whether it was saved. */
  const save = (path: string, json: unknown): Promise<boolean> => send(async () => {
    await ask('PUT', path, json);
    toast(text.saved);
  });
  return { error, busy, save, say };
}

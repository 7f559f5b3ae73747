// SPDX-License-Identifier: ISC
// A form that is saved with one PUT, and what was said against it.
import { useState } from 'preact/hooks';
import { ask, fieldError } from '../api';
import { toast } from '../store/toasts';
import * as text from '../text/common';

export function useSaving() {
  const [error, setError] = useState<Error | null>(null);
  /** Whether it was saved. */
  const save = async (path: string, json: unknown): Promise<boolean> => {
    setError(null);
    try {
      await ask('PUT', path, json);
      toast(text.saved);
      return true;
    } catch (e) {
      setError(e as Error);
      return false;
    }
  };
  const say = (name: string) => fieldError(error, name);
  return { error, save, say };
}

// SPDX-License-Identifier: ISC
// One thing after the other that is asked for, and what was said against it.
import { useState } from 'preact/hooks';
import { fieldError } from '../api';

/** What a form or a button does, which is busy meanwhile. */
export function useSending() {
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  /** Whether it went well. */
  const send = async (work: () => Promise<void>): Promise<boolean> => {
    setBusy(true);
    setError(null);
    try {
      await work();
      return true;
    } catch (e) {
      setError(e as Error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  const submit = (work: () => Promise<void>) => (event: Event) => {
    event.preventDefault();
    void send(work);
  };
  const say = (name: string) => fieldError(error, name);
  return { error, busy, send, submit, say };
}

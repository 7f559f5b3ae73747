// SPDX-License-Identifier: ISC
// What is asked for on the way, as what one chooses needs it.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../api';

/**
 * What is asked at a path; asked anew when that is another one or deps change.
 * An answer of another path is not shown; without a path there is none.
 */
export function useAsked<T>(path: string | null, deps: unknown[] = []): {
  answer: T | null; error: Error | null; again: () => void } {
  const [at, setAt] = useState<{ path: string; answer: T | null;
    error: Error | null } | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (path === null) return;
    const control = new AbortController();
    get<T>(path, control.signal).then(
      (answer) => setAt({ path, answer, error: null }),
      (error: Error) => {
        if (!control.signal.aborted) setAt({ path, answer: null, error });
      });
    return () => control.abort();
  }, [path, turn, ...deps]);
  const known = at?.path === path ? at : null;
  return { answer: known?.answer ?? null, error: known?.error ?? null,
    again: () => setTurn((n) => n + 1) };
}

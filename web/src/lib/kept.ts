// SPDX-License-Identifier: ISC
// What is set now: asked for before the form that changes it can be shown, and
// what the form has that is not saved yet.
import { useEffect, useReducer, useState } from 'preact/hooks';
import { get } from '../api';
import { useUnsaved } from '../router';
import { connection } from '../store/events';

const AGAIN = 5000;

/** Asked once; where there is no answer, again and again. */
export function useKept<T>(path: string) {
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [turn, again] = useReducer<number, void>((n) => n + 1, 0);
  useEffect(() => {
    const control = new AbortController();
    let timer: number | undefined;
    get<T>(path, control.signal).then((found) => {
      setError(null);
      setValue(found);
    }, (e: Error) => {
      if (control.signal.aborted) return;
      setError(e);
      timer = setTimeout(again, AGAIN);
    });
    return () => { control.abort(); clearTimeout(timer); };
  }, [path, turn, error !== null && connection.value === 'live']);
  return { value, error, again };
}

/**
 * Asks before one leaves a form that is not as it was last saved. Returns what
 * to call when it is saved: with what it has then, where it is not the same.
 */
export function useChanges<T>(value: T): (as?: T) => void {
  const now = JSON.stringify(value);
  const [kept, setKept] = useState(now);
  useUnsaved(now !== kept);
  return (as) => setKept(as === undefined ? now : JSON.stringify(as));
}

// SPDX-License-Identifier: ISC
// What changes seldom: asked for once, and what a form has of it that is not
// saved yet.
import { useLayoutEffect, useReducer, useState } from 'preact/hooks';
import { get } from '../api';
import { useUnsaved } from '../router';
import { connection } from '../store/events';
import { useAnswer } from './answer';

const AGAIN = 5000;

/**
 * Asked once, when deps change, and when the server is lost or back; where there
 * is no answer, again and again.
 */
export function useLoaded<T>(ask: (signal: AbortSignal) => Promise<T>,
  deps: unknown[]) {
  const { known, took, failed } = useAnswer<T>();
  const [turn, again] = useReducer<number, void>((n) => n + 1, 0);
  useLayoutEffect(() => {
    const control = new AbortController();
    let timer: number | undefined;
    ask(control.signal).then((found) => {
      if (control.signal.aborted) return;
      took(found);
    }, (e: Error) => {
      if (control.signal.aborted) return;
      failed(e);
      timer = setTimeout(again, AGAIN);
    });
    return () => { control.abort(); clearTimeout(timer); };
  }, [...deps, turn, connection.value === 'broken']);
  return { ...known, again: () => again() };
}

export const useKept = <T>(path: string) =>
  useLoaded((signal) => get<T>(path, signal), [path]);

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

// SPDX-License-Identifier: ISC
// Asking again and again, for as long as a component is shown.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useAnswer } from './answer';

/** How often it is asked for while there is no answer. */
const AMISS = 5000;

/**
 * Calls turn at once and, after each end of it, again in ms; sooner where it said
 * false. What it gives the signal to is stopped when the component goes or deps
 * change.
 */
export function usePolling(turn: (signal: AbortSignal) => Promise<unknown>,
  ms: number, deps: unknown[]): void {
  useLayoutEffect(() => {
    const control = new AbortController();
    let timer: number | undefined;
    const again = async () => {
      const well = await turn(control.signal) !== false;
      if (control.signal.aborted) return;
      timer = setTimeout(again, well ? ms : Math.min(ms, AMISS));
    };
    void again();
    return () => { control.abort(); clearTimeout(timer); };
  }, deps);
}

/**
 * What ask answers now and then; pauses while the tab is hidden. Again asks at
 * once.
 */
export function usePolled<T>(ask: (signal: AbortSignal) => Promise<T>, ms: number,
  deps: unknown[]) {
  const { known, took, failed } = useAnswer<T>();
  const [turn, setTurn] = useState(0);
  const answered = useRef(false);
  usePolling(async (signal) => {
    if (document.hidden && answered.current) return true;
    try {
      took(await ask(signal));
      answered.current = true;
      return true;
    } catch (e) {
      if (!signal.aborted) failed(e as Error);
      return false;
    }
  }, ms, [...deps, turn]);
  return { ...known, again: () => setTurn((n) => n + 1) };
}

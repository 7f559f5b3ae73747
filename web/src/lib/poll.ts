// SPDX-License-Identifier: ISC
// Asking again and again, for as long as a component is shown.
import { useEffect, useRef, useState } from 'preact/hooks';

/**
 * Calls turn at once and, after each end of it, again in ms. What it gives the
 * signal to is stopped when the component goes or deps change.
 */
export function usePolling(turn: (signal: AbortSignal) => Promise<unknown>,
  ms: number, deps: unknown[]): void {
  useEffect(() => {
    const control = new AbortController();
    let timer: number | undefined;
    const again = async () => {
      await turn(control.signal);
      if (!control.signal.aborted) timer = setTimeout(again, ms);
    };
    void again();
    return () => { control.abort(); clearTimeout(timer); };
  }, deps);
}

/**
 * What ask answers now and then; pauses while the tab is hidden. What was last
 * known stays, with when that was and why it is not newer. Again asks at once.
 */
export function usePolled<T>(ask: (signal: AbortSignal) => Promise<T>, ms: number,
  deps: unknown[]) {
  const [value, setValue] = useState<T | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const [turn, setTurn] = useState(0);
  const known = useRef(false);
  usePolling(async (signal) => {
    if (document.hidden && known.current) return;
    try {
      setValue(await ask(signal));
      setAt(Date.now());
      known.current = true;
      setError(null);
    } catch (e) {
      if (!signal.aborted) setError(e as Error);
    }
  }, ms, [...deps, turn]);
  return { value, error, at, again: () => setTurn((n) => n + 1) };
}

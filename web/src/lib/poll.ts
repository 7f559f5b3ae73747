// SPDX-License-Identifier: ISC
// Asking again and again, for as long as a component is shown.
import { useEffect } from 'preact/hooks';

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

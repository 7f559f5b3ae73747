// SPDX-License-Identifier: ISC
// What is loaded once and again when the server tells of it; now and then too,
// which is often only while nothing is told.
import { useLayoutEffect, useRef } from 'preact/hooks';
import { connection, watchTopics, type Told } from '../store/events';
import { useAnswer } from './answer';

const SOON = 200;
const TOLD = 10_000, UNTOLD = 3000;

/** How long until it is asked again: while told of it, and while not. */
export const pace = (told = TOLD, untold = UNTOLD) =>
  (connection.value === 'live' ? told : untold);

export interface Keeping {
  /** Loads again in a moment. */
  soon: () => void;
  stop: () => void;
}

/** Loads at once, when asked to, and after every(); not while nobody sees it. */
export function keepLoaded(load: () => Promise<void>, every: () => number):
Keeping {
  let timer: number | undefined;
  let asking = false, again = false, stopped = false;
  const turn = async () => {
    asking = true;
    again = false;
    if (!document.hidden) await load();
    asking = false;
    if (!stopped) timer = setTimeout(turn, again ? SOON : every());
  };
  const soon = () => {
    if (again || stopped) return;
    again = true;
    if (asking) return;
    clearTimeout(timer);
    timer = setTimeout(turn, SOON);
  };
  const seen = () => { if (!document.hidden) soon(); };
  document.addEventListener('visibilitychange', seen);
  void turn();
  const ignore = connection.subscribe((how) => { if (how === 'broken') soon(); });
  return {
    soon,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      ignore();
      document.removeEventListener('visibilitychange', seen);
    },
  };
}

/** What ask answers, asked again when a topic tells what concerns it. */
export function useLive<T>(ask: (signal: AbortSignal) => Promise<T>,
  topics: string[], concerns: (told: Told) => boolean, deps: unknown[]) {
  const { known, took, failed } = useAnswer<T>();
  const again = useRef(() => {});
  // Asked before the page is painted: painting takes its time.
  useLayoutEffect(() => {
    const control = new AbortController();
    const { soon, stop } = keepLoaded(async () => {
      try {
        took(await ask(control.signal));
      } catch (e) {
        if (!control.signal.aborted) failed(e as Error);
      }
    }, pace);
    again.current = soon;
    const deaf = watchTopics(topics, (told) => {
      if (told.event === 'reset' || concerns(told)) soon();
    });
    return () => { control.abort(); stop(); deaf(); };
  }, [...deps, topics.join()]);
  return { ...known, again: () => again.current() };
}

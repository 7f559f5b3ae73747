// SPDX-License-Identifier: ISC
// Walking through the lines of a log by keys, and picking some of them with the
// mouse: both go on where no line is drawn.
import { useEffect, useRef } from 'preact/hooks';
import { indexOf, type Entry, type Spot } from './log';

/** What of the lines is in sight, as indices, and how many fit. */
interface Sight { first: number; last: number; page: number }

/** The index a key leads to from another; null: it leads nowhere. */
function led(key: string, from: number, { page }: Sight, last: number):
number | null {
  switch (key) {
    case 'ArrowUp': return from - 1;
    case 'ArrowDown': return from + 1;
    case 'PageUp': return from - page;
    case 'PageDown': return from + page;
    case 'Home': return 0;
    case 'End': return last;
    default: return null;
  }
}

/** Where a key leads; who looked elsewhere meanwhile begins at what is seen. */
export function walked(key: string, shift: boolean, spot: Spot | null,
  shown: Entry[], sight: Sight): Spot | null {
  const last = shown.length - 1;
  const here = spot ? indexOf(shown, spot.end) : -1;
  const seen = here >= sight.first && here <= sight.last;
  const edge = key === 'ArrowUp' || key === 'PageUp' ? sight.last : sight.first;
  const to = spot && (seen || shift) ? led(key, here, sight, last) :
    /^Arrow/.test(key) && led(key, edge, sight, last) !== null ? edge :
      led(key, edge, sight, last);
  const end = to === null ? undefined : shown[Math.max(0, Math.min(last, to))]?.seq;
  if (end === undefined) return null;
  return { anchor: shift ? spot?.anchor ?? end : end, end, on: shift };
}

/** How often it scrolls while the mouse is above or below, and how far. */
const EVERY = 40, PART = 3;

/** The number of the line that lies at a height, within the box. */
function seqAt(box: HTMLElement, y: number): number | null {
  const { left, top, bottom } = box.getBoundingClientRect();
  const line = document.elementFromPoint(left + 24,
    Math.max(top + 2, Math.min(bottom - 2, y)))?.closest<HTMLElement>('[data-seq]');
  return line ? Number(line.dataset['seq']) : null;
}

/**
 * Drawing the mouse over lines picks all of them, from where it was pressed.
 * Returns what begins it, what is to be called when it was scrolled, and whether
 * it is going on: the lines stay below the mouse then.
 */
export function useDrawing(box: { current: HTMLElement | null },
  onPick: (anchor: number, end: number) => void, onStop: () => void) {
  const from = useRef<number | null>(null);
  const at = useRef({ y: 0, end: 0 });
  const timer = useRef<number>();
  const tell = useRef({ onPick, onStop });
  tell.current = { onPick, onStop };
  const look = () => {
    const end = from.current !== null && box.current ?
      seqAt(box.current, at.current.y) : null;
    if (end === null || from.current === null || end === at.current.end) return;
    at.current.end = end;
    tell.current.onPick(from.current, end);
  };
  const scroll = () => {
    const el = box.current;
    if (!el) return;
    const { top, bottom } = el.getBoundingClientRect();
    const { y } = at.current;
    el.scrollTop += (Math.min(0, y - top) + Math.max(0, y - bottom)) / PART;
  };
  const onMove = (event: MouseEvent) => {
    at.current.y = event.clientY;
    look();
  };
  const stop = () => {
    from.current = null;
    clearInterval(timer.current);
    removeEventListener('mousemove', onMove);
    tell.current.onStop();
  };
  const running = useRef(() => {});
  const begin = (seq: number, y: number) => {
    running.current();
    from.current = seq;
    at.current = { y, end: seq };
    timer.current = setInterval(scroll, EVERY);
    addEventListener('mousemove', onMove);
    addEventListener('mouseup', stop, { once: true });
    running.current = stop;
  };
  useEffect(() => () => {
    tell.current.onStop = () => {};
    running.current();
  }, []);
  return { begin, look, isOn: () => from.current !== null };
}

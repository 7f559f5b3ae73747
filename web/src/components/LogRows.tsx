// SPDX-License-Identifier: ISC
// The lines of a log: only those in sight are drawn. What one looks at stays
// where it is when others come before or behind it.
import { useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from
  'preact/hooks';
import { indexOf, rangeOf, type Entry, type Spot } from '../lib/log';
import { layOut, lineAt } from '../lib/rows';
import { useDrawing, walked } from '../lib/walk';
import type { Log } from '../store/log';
import * as common from '../text/common';
import * as text from '../text/log';
import { Row } from './LogRow';

const ROW = 20;
/** Above the lines: what is older. Below them, as much as above that. */
const HEAD = 28, FOOT = 8;
/** Drawn though they are out of sight, and loaded before they come into it. */
const OVER = 20, AHEAD = 400;
const TIME = 24; // columns of a time and the gap behind it

interface Size {
  height: number;
  columns: number;
}

/** The box in pixels and in columns of its font, as it is now. */
function measure(box: HTMLElement): Size {
  const probe = document.createElement('span');
  probe.className = 'log-probe';
  probe.textContent = '0'.repeat(100);
  box.append(probe);
  const one = probe.getBoundingClientRect().width / 100;
  probe.remove();
  const style = getComputedStyle(box);
  const width = box.clientWidth - parseFloat(style.paddingLeft) -
    parseFloat(style.paddingRight);
  return { height: box.clientHeight, columns: one > 0 ? Math.floor(width / one) : 80 };
}

function useSize(box: { current: HTMLElement | null }): Size {
  const [size, setSize] = useState<Size>({ height: 400, columns: 80 });
  useEffect(() => {
    const watch = new ResizeObserver(() => box.current && setSize(measure(box.current)));
    if (box.current) watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  return size;
}

/** The row each entry stands at. */
function usePlaces(shown: Entry[], columns: number) {
  const offsets = useMemo(() => (columns > 0 ? layOut(shown, columns) : null),
    [shown, columns]);
  return {
    rowAt: (i: number) => (offsets ? offsets[i] ?? 0 : i),
    entryAt: (row: number) => (offsets ? lineAt(offsets, Math.max(0, row)) :
      Math.max(0, Math.min(shown.length - 1, row))),
  };
}

function Head({ log }: { log: Log }) {
  switch (log.older.value) {
    case 'loading': return <>{text.loadingOlder}</>;
    case 'failed': return <>{text.olderFailed} <button type="button"
      class="small" onClick={log.loadOlder}>{common.tryAgain}</button></>;
    case 'none': return <>{log.entries.value.length > 0 &&
      text.firstKept}</>;
    default: return null;
  }
}

interface RowsProps {
  log: Log;
  shown: Entry[];
  needle: string;
  times: boolean;
  wrap: boolean;
  follow: boolean;
  onFollow: (on: boolean) => void;
  /** The entry that is marked. */
  at: number | null;
  /** Goes there once, when it is another one than before. */
  want: { seq: number } | null;
  onPick: (seq: number) => void;
  /** The whole line is picked, not just its time. */
  picking: boolean;
  /** Where the keyboard is, and the lines that are to be copied. */
  spot: Spot | null;
  onSpot: (spot: Spot | null) => void;
  /** The next line that is pressed is the other end of them. */
  extending: boolean;
  onEnd: () => void;
  label: string;
  deployments: string;
  nothing: string;
}

export function LogRows(p: RowsProps) {
  const { log, shown, want, spot } = p;
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const [, draw] = useReducer<number, void>((n) => n + 1, 0);
  const drawing = useDrawing(box, (anchor, end) => {
    p.onFollow(false);
    p.onSpot({ anchor, end, on: true });
  }, draw);
  const follow = p.follow && !drawing.isOn();
  const columns = p.wrap ? Math.max(10, size.columns - (p.times ? TIME : 0)) : 0;
  const { rowAt, entryAt } = usePlaces(shown, columns);
  /** What one looks at: how far it is scrolled, and which entry is on top. */
  const view = useRef({ y: 0, seq: 0, row: 0 });
  const went = useRef<object | null>(null);
  /** The entry that a key led to: it is to be in sight. */
  const led = useRef<number | null>(null);

  const n = shown.length;
  const rows = rowAt(n);
  const goes = want !== null && want !== went.current && n > 0 &&
    want.seq >= (shown[0]?.seq ?? 0) && want.seq <= (shown[n - 1]?.seq ?? 0);
  const row = rowAt(indexOf(shown, goes ? want.seq : view.current.seq));
  const most = Math.max(0, HEAD + rows * ROW + FOOT - size.height);
  const y = Math.min(most, Math.max(0, goes ? HEAD + row * ROW - size.height / 2 :
    follow ? most : view.current.y + (row - view.current.row) * ROW));
  const first = entryAt(Math.floor((y - HEAD) / ROW) - OVER);
  const last = Math.min(n, 1 + entryAt(Math.ceil((y - HEAD + size.height) / ROW) +
    OVER));
  const [from, to] = spot?.on ? rangeOf(spot) : [1, 0];

  const look = (top: number) => {
    const i = entryAt(Math.floor((top - HEAD) / ROW));
    view.current = { y: top, seq: shown[i]?.seq ?? 0, row: rowAt(i) };
  };
  /** Scrolls no more than it takes to see the line that a key led to. */
  const reveal = (el: HTMLElement, seq: number) => {
    const i = indexOf(shown, seq);
    const top = i === 0 ? 0 : HEAD + rowAt(i) * ROW;
    const bottom = HEAD + rowAt(i + 1) * ROW + FOOT;
    if (top < el.scrollTop) el.scrollTop = top;
    else if (bottom > el.scrollTop + el.clientHeight)
      el.scrollTop = bottom - el.clientHeight;
    look(el.scrollTop);
  };
  useLayoutEffect(() => {
    const el = box.current;
    if (!el) return;
    if (goes) went.current = want;
    if (goes || row !== view.current.row) {
      if (!follow) {
        // Not by y: it may have been scrolled on since.
        el.scrollTop = goes ? y : el.scrollTop + (row - view.current.row) * ROW;
        look(el.scrollTop);
      }
    }
    if (follow) {
      el.scrollTop = el.scrollHeight;
      look(el.scrollTop);
    } else if (led.current !== null) reveal(el, led.current);
    led.current = null;
  });
  useEffect(() => {
    if (y < AHEAD * ROW && log.older.value === 'more') void log.loadOlder();
    if (!log.atEnd.value && rows * ROW - y - size.height < AHEAD * ROW)
      void log.loadNewer();
  });

  const onScroll = () => {
    const el = box.current;
    if (!el) return;
    look(el.scrollTop);
    if (!drawing.isOn()) p.onFollow(log.atEnd.value &&
      el.scrollTop + el.clientHeight >= el.scrollHeight - ROW);
    draw();
    requestAnimationFrame(drawing.look);
  };
  const onClick = (event: MouseEvent) => {
    const target = event.target as Element;
    const seq = seqOf(target);
    if (seq !== null && !event.shiftKey && !p.extending &&
      (target.closest('time') || (p.picking && !target.closest('a'))))
      p.onPick(seq);
  };
  const onMouseDown = (event: MouseEvent) => {
    const target = event.target as Element;
    const seq = target.closest('a, button') ? null : seqOf(target);
    if (seq === null || event.button !== 0) return;
    if (event.shiftKey || p.extending) {
      event.preventDefault();
      box.current?.focus();
      const anchor = spot?.anchor ?? p.at ?? seq;
      return p.onSpot({ anchor, end: seq, on: true });
    }
    p.onSpot({ anchor: seq, end: seq, on: false });
    drawing.begin(seq, event.clientY);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
    const command = ctrlKey || metaKey;
    if (altKey || n === 0 || (command && key !== 'a')) return;
    if (command) p.onSpot({ anchor: shown[0]?.seq ?? 0,
      end: shown[n - 1]?.seq ?? 0, on: true });
    else if (key === 'Escape' && spot)
      p.onSpot(spot.on ? { ...spot, anchor: spot.end, on: false } : null);
    else if (key === 'Enter' && spot && event.target === box.current)
      p.onPick(spot.end);
    else if (!walk(key, shiftKey)) return;
    event.preventDefault();
  };
  const walk = (key: string, shift: boolean): boolean => {
    const top = (view.current.y - HEAD) / ROW, high = size.height / ROW;
    const next = walked(key, shift, spot, shown, { first: entryAt(Math.ceil(top)),
      last: entryAt(Math.floor(top + high) - 1), page: Math.floor(high) - 2 });
    if (!next) return false;
    if (key === 'End' && !log.atEnd.value && !shift) {
      p.onEnd();
      p.onSpot(null);
      return true;
    }
    led.current = next.end;
    p.onFollow(log.atEnd.value && next.end === shown[n - 1]?.seq);
    p.onSpot(next);
    return true;
  };
  const classes = ['log-box', p.wrap && 'wrap', p.picking && 'picking',
    p.extending && 'extending', spot?.on && 'picks'];
  return (
    <div class={classes.filter(Boolean).join(' ')} ref={box} tabIndex={0}
      role="log" aria-label={p.label} aria-live="off" onScroll={onScroll}
      onClick={onClick} onMouseDown={onMouseDown} onKeyDown={onKeyDown}>
      <div class="log-head"><Head log={log} /></div>
      <Gap rows={rowAt(first)} />
      {shown.slice(first, last).map((e) => <Row key={e.seq} e={e} times={p.times}
        needle={p.needle} found={e.seq === p.at} here={e.seq === spot?.end}
        picked={e.seq >= from && e.seq <= to} deployments={p.deployments} />)}
      <Gap rows={rows - rowAt(last)} />
      {n === 0 && <p class="quiet">{p.nothing}</p>}
    </div>
  );
}

function seqOf(target: Element): number | null {
  const seq = target.closest<HTMLElement>('[data-seq]')?.dataset['seq'];
  return seq === undefined ? null : Number(seq);
}

/** What is not drawn takes its place all the same. */
const Gap = ({ rows }: { rows: number }) =>
  <div style={{ height: `${rows * ROW}px` }} />;

// SPDX-License-Identifier: ISC
// The lines of a log: only those in sight are drawn. What one looks at stays
// where it is when others come before or behind it.
import { Component } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from
  'preact/hooks';
import { indexOf, isNote, spansOf, type Entry } from '../lib/log';
import { layOut, lineAt } from '../lib/rows';
import type { Log } from '../store/log';
import * as common from '../text/common';
import * as text from '../text/log';

const ROW = 20;
/** Above the lines: what is older. */
const HEAD = 28;
/** Drawn though they are out of sight, and loaded before they come into it. */
const OVER = 20, AHEAD = 400;
const TIME = 24; // columns of a time and the gap behind it

function Marked({ text, needle }: { text: string; needle: string }) {
  if (needle === '') return <>{text}</>;
  const parts = [];
  const lower = text.toLowerCase();
  let at = 0;
  for (let hit = lower.indexOf(needle); hit >= 0; hit = lower.indexOf(needle, at)) {
    parts.push(text.slice(at, hit),
      <mark>{text.slice(hit, hit + needle.length)}</mark>);
    at = hit + needle.length;
  }
  parts.push(text.slice(at));
  return <>{parts}</>;
}

interface RowProps {
  e: Entry;
  times: boolean;
  needle: string;
  found: boolean;
  /** Where the deployments are. */
  deployments: string;
}

class Row extends Component<RowProps> {
  /** Most of them are as they were when one scrolls. */
  override shouldComponentUpdate(next: RowProps): boolean {
    const { e, times, needle, found } = this.props;
    return next.e !== e || next.times !== times || next.needle !== needle ||
      next.found !== found;
  }

  render({ e, times, needle, found, deployments }: RowProps) {
    const kinds = ['log-row', ...(isNote(e) ? ['told', e.kind] : []),
      found && 'found'];
    return (
      <div class={kinds.filter(Boolean).join(' ')} data-seq={e.seq}>
        {times && <time dateTime={e.time}>
          {e.time.slice(0, 23).replace('T', ' ')}</time>}
        {isNote(e) ? <span title={e.plain}>{e.deployment ?
          <a href={deployments}><Marked text={e.plain} needle={needle} /></a> :
          <Marked text={e.plain} needle={needle} />}</span> :
          <span>{spansOf(e).map((span, i) => (
            <span key={i} class={span.classes}>
              <Marked text={span.text} needle={needle} /></span>))}</span>}
      </div>
    );
  }
}

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

export interface RowsProps {
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
  label: string;
  deployments: string;
  nothing: string;
}

export function LogRows(p: RowsProps) {
  const { log, shown, follow, want } = p;
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const [, draw] = useReducer<number, void>((n) => n + 1, 0);
  const columns = p.wrap ? Math.max(10, size.columns - (p.times ? TIME : 0)) : 0;
  const { rowAt, entryAt } = usePlaces(shown, columns);
  /** What one looks at: how far it is scrolled, and which entry is on top. */
  const view = useRef({ y: 0, seq: 0, row: 0 });
  const went = useRef<object | null>(null);

  const n = shown.length;
  const rows = rowAt(n);
  const goes = want !== null && want !== went.current && n > 0 &&
    want.seq >= (shown[0]?.seq ?? 0) && want.seq <= (shown[n - 1]?.seq ?? 0);
  const row = rowAt(indexOf(shown, goes ? want.seq : view.current.seq));
  const most = Math.max(0, HEAD + rows * ROW - size.height);
  const y = Math.min(most, Math.max(0, goes ? HEAD + row * ROW - size.height / 2 :
    follow ? most : view.current.y + (row - view.current.row) * ROW));
  const first = entryAt(Math.floor((y - HEAD) / ROW) - OVER);
  const last = Math.min(n, 1 + entryAt(Math.ceil((y - HEAD + size.height) / ROW) +
    OVER));

  const look = (top: number) => {
    const i = entryAt(Math.floor((top - HEAD) / ROW));
    view.current = { y: top, seq: shown[i]?.seq ?? 0, row: rowAt(i) };
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
    }
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
    p.onFollow(log.atEnd.value &&
      el.scrollTop + el.clientHeight >= el.scrollHeight - ROW);
    draw();
  };
  const onClick = (event: MouseEvent) => {
    const target = event.target as Element;
    const seq = target.closest<HTMLElement>('[data-seq]')?.dataset.seq;
    if (seq && (target.closest('time') || (p.picking && !target.closest('a'))))
      p.onPick(Number(seq));
  };
  return (
    <div class={`log-box${p.wrap ? ' wrap' : ''}${p.picking ? ' picking' : ''}`} ref={box} tabIndex={0}
      role="log" aria-label={p.label} aria-live="off" onScroll={onScroll}
      onClick={onClick}>
      <div class="log-head"><Head log={log} /></div>
      <Gap rows={rowAt(first)} />
      {shown.slice(first, last).map((e) => <Row key={e.seq} e={e} times={p.times}
        needle={p.needle} found={e.seq === p.at} deployments={p.deployments} />)}
      <Gap rows={rows - rowAt(last)} />
      {n === 0 && <p class="quiet">{p.nothing}</p>}
    </div>
  );
}

/** What is not drawn takes its place all the same. */
const Gap = ({ rows }: { rows: number }) =>
  <div style={{ height: `${rows * ROW}px` }} />;

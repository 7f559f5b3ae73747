// SPDX-License-Identifier: ISC
// A log: only the lines in sight are drawn, it follows the end until one
// scrolls up, searches, and can be paused without losing a line.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from
  'preact/hooks';
import { parseAnsi } from '../lib/ansi';
import { layOut, lineAt } from '../lib/rows';
import { place, setQuery } from '../router';
import type { Line, Log } from '../store/log';
import { Icon } from './Icon';
import { copy } from './ui';

const ROW = 20;
const OVER = 20;
const TIME = 24; // columns of a time and the gap behind it

function Marked({ text, search }: { text: string; search: string }) {
  if (search === '') return <>{text}</>;
  const parts = [];
  const lower = text.toLowerCase();
  let at = 0;
  for (let hit = lower.indexOf(search); hit >= 0;
    hit = lower.indexOf(search, at)) {
    parts.push(text.slice(at, hit),
      <mark>{text.slice(hit, hit + search.length)}</mark>);
    at = hit + search.length;
  }
  parts.push(text.slice(at));
  return <>{parts}</>;
}

function Row({ line, times, search, found }:
{ line: Line; times: boolean; search: string; found: boolean }) {
  return (
    <div class={found ? 'log-row found' : 'log-row'}>
      {times && <time>{line.time.slice(0, 23).replace('T', ' ')}</time>}
      <span>{parseAnsi(line.text).map((span, i) => (
        <span key={i} class={span.classes}>
          <Marked text={span.text} search={search} /></span>))}</span>
    </div>
  );
}

function asText(lines: Line[]): string {
  return lines.map((l) => `${l.time} ${l.plain}\n`).join('');
}

function download(lines: Line[], name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(
    new Blob([asText(lines)], { type: 'text/plain' }));
  link.download = `${name}.log`;
  link.click();
  URL.revokeObjectURL(link.href);
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

/** Which lines hold the text, and going from one to the next. */
function useSearch(lines: Line[], needle: string) {
  const [at, setAt] = useState(-1);
  const hits = useMemo(() => needle === '' ? [] :
    lines.flatMap((l, i) => l.plain.toLowerCase().includes(needle) ? [i] : []),
  [lines, needle]);
  useEffect(() => setAt(-1), [needle]);
  const step = (by: number): number => {
    if (hits.length === 0) return -1;
    // The first step goes to the newest.
    const to = at < 0 ? hits.length - 1 : (at + by + hits.length) % hits.length;
    setAt(to);
    return hits[to] ?? -1;
  };
  return { hits, at, step };
}

const words = { connecting: 'connecting…', live: 'live',
  broken: 'connection lost, trying again…' };

function State({ log, paused }: { log: Log; paused: Line[] | null }) {
  const last = paused?.at(-1)?.n ?? -1;
  const newer = (log.lines.value.at(-1)?.n ?? -1) - last;
  if (paused)
    return <span class="stream paused">paused{newer > 0 && `, ${newer} new`}</span>;
  return <span class={`stream ${log.state.value}`}>{words[log.state.value]}</span>;
}

function Toggle({ name, on, onToggle }: {
  name: string; on: boolean; onToggle: () => void }) {
  return <button type="button" class="small" aria-pressed={on}
    onClick={onToggle}>{name}</button>;
}

export function LogView({ log, name }: { log: Log; name: string }) {
  const search = place.value.query.get('find') ?? '';
  const [only, setOnly] = useState(false);
  const [times, setTimes] = useState(true);
  const [wrap, setWrap] = useState(false);
  const [follow, setFollow] = useState(true);
  const [paused, setPaused] = useState<Line[] | null>(null);
  const [top, setTop] = useState(0);
  const [size, setSize] = useState<Size>({ height: 400, columns: 80 });
  const box = useRef<HTMLDivElement>(null);

  const all = paused ?? log.lines.value;
  const needle = search.toLowerCase();
  const shown = useMemo(() => needle === '' || !only ? all :
    all.filter((l) => l.plain.toLowerCase().includes(needle)),
  [all, needle, only]);
  const { hits, at, step } = useSearch(shown, needle);
  const columns = wrap ? Math.max(10, size.columns - (times ? TIME : 0)) : 0;
  const offsets = useMemo(() => layOut(shown, columns), [shown, columns]);
  const rows = offsets[shown.length] ?? 0;
  const first = lineAt(offsets, Math.max(0, Math.floor(top / ROW) - OVER));
  const last = Math.min(shown.length, 1 +
    lineAt(offsets, Math.ceil((top + size.height) / ROW) + OVER));

  useEffect(() => {
    const watch = new ResizeObserver(() => box.current && setSize(measure(box.current)));
    if (box.current) watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [rows, follow, size]);

  const onScroll = () => {
    const el = box.current;
    if (!el) return;
    setTop(el.scrollTop);
    setFollow(el.scrollTop + el.clientHeight >= el.scrollHeight - ROW);
  };
  const find = (by: number) => {
    const line = step(by);
    if (line < 0 || !box.current) return;
    setFollow(false);
    box.current.scrollTop = (offsets[line] ?? 0) * ROW - size.height / 2;
  };

  return (
    <section class="log">
      <div class="log-bar">
        <div class="search">
          <Icon name="search" />
          <input type="search" placeholder="Search the log"
            aria-label="Search the log" data-filter value={search}
            onInput={(e) => setQuery('find', e.currentTarget.value)}
            onKeyDown={(e) => {
              if (e.key === 'Enter') find(e.shiftKey ? 1 : -1);
              if (e.key === 'Escape') e.currentTarget.blur();
            }} />
          {search === '' && <kbd>/</kbd>}
        </div>
        {needle !== '' && <>
          <span class="quiet" aria-live="polite">{at >= 0 ?
            `${at + 1} of ${hits.length}` : `${hits.length} found`}</span>
          <button type="button" class="small bare" aria-label="Match before"
            disabled={hits.length === 0} onClick={() => find(-1)}>
            <Icon name="up" /></button>
          <button type="button" class="small bare" aria-label="Match after"
            disabled={hits.length === 0} onClick={() => find(1)}>
            <Icon name="down" /></button>
          <Toggle name="Only these" on={only} onToggle={() => setOnly(!only)} />
        </>}
        <span class="grow" />
        <State log={log} paused={paused} />
        <span class="quiet number">{all.length} lines</span>
        <Toggle name="Times" on={times} onToggle={() => setTimes(!times)} />
        <Toggle name="Wrap" on={wrap} onToggle={() => setWrap(!wrap)} />
        <Toggle name="Pause" on={paused !== null}
          onToggle={() => setPaused(paused ? null : all)} />
        <button type="button" class="small"
          onClick={() => copy(asText(shown), 'Log')}>Copy</button>
        <button type="button" class="small"
          onClick={() => download(shown, name)}>Download</button>
      </div>
      {log.ended.value && <p class="log-end">{log.ended.value}</p>}
      <div class={wrap ? 'log-box wrap' : 'log-box'} ref={box} tabIndex={0}
        role="log" aria-label={`Log of ${name}`} aria-live="off"
        onScroll={onScroll}>
        <div style={{ height: `${(offsets[first] ?? 0) * ROW}px` }} />
        {shown.slice(first, last).map((l, i) => <Row key={l.n} line={l}
          times={times} search={needle} found={at >= 0 && hits[at] === first + i} />)}
        <div style={{ height: `${(rows - (offsets[last] ?? 0)) * ROW}px` }} />
        {shown.length === 0 && <p class="quiet">{all.length === 0 ?
          'No line yet.' : 'No line has that text.'}</p>}
      </div>
      {!follow && (
        <button type="button" class="small to-end" onClick={() => setFollow(true)}>
          <Icon name="down" /> To the end</button>)}
    </section>
  );
}

// SPDX-License-Identifier: ISC
// A log: only the lines in sight are drawn, it follows the end until one
// scrolls up, searches, and can be paused without losing a line.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from
  'preact/hooks';
import { parseAnsi } from '../lib/ansi';
import type { Line, Log } from '../store/log';
import { copy } from './ui';

const ROW = 20;
const OVER = 20;

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

function Row({ line, times, search }:
{ line: Line; times: boolean; search: string }) {
  return (
    <div class="log-row">
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

export function LogView({ log, name }: { log: Log; name: string }) {
  const [search, setSearch] = useState('');
  const [times, setTimes] = useState(true);
  const [wrap, setWrap] = useState(false);
  const [follow, setFollow] = useState(true);
  const [paused, setPaused] = useState<Line[] | null>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(400);
  const box = useRef<HTMLDivElement>(null);

  const all = paused ?? log.lines.value;
  const needle = search.toLowerCase();
  const shown = useMemo(() => needle === '' ? all :
    all.filter((l) => l.plain.toLowerCase().includes(needle)), [all, needle]);
  const first = Math.max(0, Math.floor(top / ROW) - OVER);
  const last = Math.min(shown.length, Math.ceil((top + height) / ROW) + OVER);
  // Wrapped lines have no fixed height: then the newest thousand are drawn.
  const drawn = wrap ? shown.slice(-1000) : shown.slice(first, last);

  useEffect(() => {
    const measure = () => setHeight(box.current?.clientHeight ?? 400);
    measure();
    addEventListener('resize', measure);
    return () => removeEventListener('resize', measure);
  }, []);
  useLayoutEffect(() => {
    if (follow && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [shown.length, follow, wrap]);

  const onScroll = () => {
    const el = box.current;
    if (!el) return;
    setTop(el.scrollTop);
    setFollow(el.scrollTop + el.clientHeight >= el.scrollHeight - ROW);
  };

  return (
    <section class="log">
      <div class="log-bar">
        <input type="search" placeholder="Search the log" aria-label="Search the log"
          data-filter value={search}
          onInput={(e) => setSearch(e.currentTarget.value)} />
        <span class="quiet" aria-live="polite">{needle !== '' ?
          `${shown.length} of ${all.length} lines` : `${all.length} lines`}</span>
        <span class={`stream ${paused ? 'paused' : log.state.value}`}>
          {paused ? 'paused' : log.state.value === 'live' ? 'live' :
            log.state.value === 'connecting' ? 'connecting…' :
              'connection lost, trying again…'}</span>
        <span class="grow" />
        <button type="button" class="small" aria-pressed={times}
          onClick={() => setTimes(!times)}>Times</button>
        <button type="button" class="small" aria-pressed={wrap}
          onClick={() => setWrap(!wrap)}>Wrap</button>
        <button type="button" class="small" aria-pressed={paused !== null}
          onClick={() => setPaused(paused ? null : all)}>Pause</button>
        <button type="button" class="small"
          onClick={() => copy(asText(shown), 'Log')}>Copy</button>
        <button type="button" class="small"
          onClick={() => download(shown, name)}>Download</button>
      </div>
      {log.ended.value && <p class="log-end">{log.ended.value}</p>}
      <div class={wrap ? 'log-box wrap' : 'log-box'} ref={box} tabIndex={0}
        role="log" aria-label={`Log of ${name}`} aria-live="off"
        onScroll={onScroll}>
        {!wrap && <div style={{ height: `${first * ROW}px` }} />}
        {drawn.map((l) => <Row key={l.n} line={l} times={times}
          search={needle} />)}
        {!wrap && <div style={{ height: `${(shown.length - last) * ROW}px` }} />}
        {all.length === 0 && <p class="quiet">No line yet.</p>}
      </div>
      {!follow && (
        <button type="button" class="small to-end" onClick={() => setFollow(true)}>
          To the end ↓</button>)}
    </section>
  );
}

// SPDX-License-Identifier: ISC
// Lines over time as SVG. All charts of a page share one place in time: where
// the pointer is, or where the arrow keys went. What is there is told in the
// chart's head, and to screen readers as the value of a slider.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { told } from '../lib/metrics';
import { areaPath, isKnown, linePath, strideOf, thinned, tickText, timeTicks,
  valueTicks, type Values } from '../lib/series';
import './chart.css';

export interface Line {
  name: string;
  values: Values;
  /** One of the colours of the style sheet. */
  kind: 'one' | 'two' | 'faint';
  area?: boolean;
  /** Of several values that are drawn as one the highest. */
  most?: boolean;
}

/** Where the values lie: the first at from (ms), one per step (ms). */
export interface Frame { from: number; step: number; count: number }

export interface Mark { time: number; kind: string; text: string }

export interface ChartProps {
  title: string;
  frame: Frame;
  lines: Line[];
  marks: Mark[];
  text: (value: number) => string;
  base: 10 | 1024;
  /** The scale reaches at least so far. */
  least: number;
  /** A level that is drawn across, and its name. */
  level?: { value: number; name: string } | undefined;
  /** The place that is looked at; null: the newest. */
  at: number | null;
  onAt: (at: number | null) => void;
}

const HEIGHT = 168, LEFT = 58, RIGHT = 10, TOP = 8, BOTTOM = 22;
const BASE = HEIGHT - BOTTOM;

function useWidth() {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const seen = new ResizeObserver(() => setWidth(box.current?.clientWidth ?? 0));
    if (box.current) seen.observe(box.current);
    return () => seen.disconnect();
  }, []);
  return { box, width };
}

const clamp = (n: number, most: number) => Math.max(0, Math.min(most, n));

/** Everything but what follows the pointer. */
function useDrawing({ frame, lines, least, base, level }: ChartProps,
  width: number) {
  return useMemo(() => {
    const { from, step, count } = frame;
    const inner = Math.max(1, width - LEFT - RIGHT);
    const last = Math.max(1, count - 1);
    const stride = strideOf(count, inner / 2);
    const thin = lines.map((l) => thinned(l.values, stride,
      l.most ? 'most' : 'mean'));
    const most = Math.max(least, level?.value ?? 0, ...thin.map((values) =>
      values.reduce((m: number, v) => Math.max(m, v ?? 0), 0)));
    const ticks = valueTicks(most, base);
    const top = ticks.at(-1) ?? 1;
    const x = (i: number) => LEFT + clamp(i, last) * inner / last;
    const y = (v: number) => BASE - v * (BASE - TOP) / top;
    const middle = (i: number) => x(i * stride + (stride - 1) / 2);
    return { x, y, ticks, stride,
      /** What is drawn of a line at a place. */
      value: (k: number, i: number) => thin[k]?.[Math.floor(i / stride)] ?? null,
      newest: (k: number) => thin[k]?.findLast(isKnown) ?? null,
      time: timeTicks(from, from + last * step, inner / 84),
      at: (px: number) => Math.round(clamp((px - LEFT) / inner, 1) * last),
      paths: lines.map((l, i) => ({ ...l, line: linePath(thin[i] ?? [], middle, y),
        under: l.area ? areaPath(thin[i] ?? [], middle, y) : '' })) };
  }, [frame, lines, least, base, level, width]);
}

type Drawing = ReturnType<typeof useDrawing>;

function Axes({ d: { x, y, ticks, time }, frame, text, width }: { d: Drawing;
  frame: Frame; text: (value: number) => string; width: number }) {
  const place = (t: number) => x((t - frame.from) / frame.step);
  return (
    <g class="axes">
      {ticks.map((v) => <g key={v}>
        <path d={`M${LEFT} ${Math.round(y(v)) + .5}H${width - RIGHT}`} />
        <text x={LEFT - 8} y={y(v) + 4} text-anchor="end">{text(v)}</text></g>)}
      {time.times.map((t) => <text key={t} y={HEIGHT - 5} text-anchor="middle"
        x={Math.max(LEFT - 20, Math.min(width - 20, place(t)))}>
        {tickText(t, time.span)}</text>)}
    </g>
  );
}

/** As far apart as flags are wide: of what happens all the time some are drawn. */
const APART = 9;

function Marks({ marks, frame, x }: { marks: Mark[]; frame: Frame;
  x: Drawing['x'] }) {
  const drawn: { kind: string; at: number }[] = [];
  for (const { time, kind } of marks) {
    const at = Math.round(x((time - frame.from) / frame.step)) + .5;
    if (!drawn.some((d) => d.kind === kind && Math.abs(d.at - at) < APART))
      drawn.push({ kind, at });
  }
  return (
    <g>{drawn.map(({ kind, at }) => (
      <g key={`${kind}${at}`} class={`mark-${kind}`}>
        <path class="mark" d={`M${at} ${TOP}V${BASE}`} />
        <path class="flag" d={`M${at} ${TOP - 4}h8l-2.5 4 2.5 4h-8z`} /></g>))}</g>
  );
}

/** "Mon 6 Jul, 14:05:20" */
function timeText(time: number): string {
  return new Date(time).toLocaleString(undefined, { weekday: 'short',
    day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit',
    second: '2-digit', hourCycle: 'h23' });
}

/** What is said of a place: its time, the values, and what happened there. */
function placeText({ frame, lines, marks, text }: ChartProps, d: Drawing,
  i: number): string {
  const time = frame.from + i * frame.step;
  const happened = marks.filter((m) =>
    Math.abs(m.time - time) <= frame.step * d.stride / 2);
  return [timeText(time), ...lines.map((l, k) =>
    `${l.name} ${told(d.value(k, i), text)}`), ...happened.map((m) => m.text)]
    .join(', ');
}

const HALF = 66;

function Cursor({ d, i, lines, frame, width }: { d: Drawing; i: number;
  lines: Line[]; frame: Frame; width: number }) {
  const left = Math.round(d.x(i)) + .5;
  return (
    <g class="cursor"><path d={`M${left} ${TOP}V${BASE}`} />
      {lines.map((l, k) => {
        const v = d.value(k, i);
        return isKnown(v) && <circle key={l.name} class={`dot-${l.kind}`} r="3.5"
          cx={left} cy={d.y(v)} />;
      })}
      <text x={Math.max(HALF, Math.min(width - HALF, left))} y={HEIGHT - 5}
        text-anchor="middle">{timeText(frame.from + i * frame.step)}</text></g>
  );
}

const strides: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1,
  ArrowDown: -1, ArrowUp: 1, PageUp: 10, PageDown: -10 };

export function Chart(props: ChartProps) {
  const { title, frame, lines, marks, text, level, at, onAt } = props;
  const { box, width } = useWidth();
  const d = useDrawing(props, width);
  const last = Math.max(0, frame.count - 1);
  const here = clamp(at ?? last, last);
  const follow = (event: PointerEvent) => {
    const left = box.current?.getBoundingClientRect().left ?? 0;
    onAt(d.at(event.clientX - left));
  };
  const onKey = (event: KeyboardEvent) => {
    const by = strides[event.key];
    if (by !== undefined) onAt(clamp(here + by * d.stride, last));
    else if (event.key === 'Home') onAt(0);
    else if (event.key === 'End') onAt(last);
    else if (event.key === 'Escape' && at !== null) onAt(null);
    else return;
    event.preventDefault();
  };
  return (
    <section class="card chart" aria-label={title}>
      <header><h3>{title}</h3>
        <ul>{lines.map((l, k) => (
          <li key={l.name}><span class={`swatch ${l.kind}`} />{l.name}{' '}
            <b>{told(at === null ? d.newest(k) : d.value(k, here), text)}</b>
          </li>))}
        {level && <li><span class="swatch level" />{level.name}{' '}
          <b>{text(level.value)}</b></li>}</ul></header>
      <div class="plot" ref={box} role="slider" tabIndex={0} aria-label={title}
        aria-valuemin={0} aria-valuemax={last} aria-valuenow={here}
        aria-valuetext={placeText(props, d, here)} onKeyDown={onKey}
        onPointerMove={follow} onPointerDown={follow}
        onPointerLeave={() => onAt(null)} onBlur={() => onAt(null)}>
        {width > 0 && <svg width={width} height={HEIGHT} aria-hidden="true"
          viewBox={`0 0 ${width} ${HEIGHT}`}>
          <Axes d={d} frame={frame} text={text} width={width} />
          {level && <path class="level" d={`M${LEFT} ${
            Math.round(d.y(level.value)) + .5}H${width - RIGHT}`} />}
          {d.paths.map((p) => p.under && <path key={p.name} d={p.under}
            class={`area-${p.kind}`} />)}
          {d.paths.map((p) => <path key={p.name} d={p.line}
            class={`line-${p.kind}`} />)}
          <Marks marks={marks} frame={frame} x={d.x} />
          {at !== null && <Cursor d={d} i={here} lines={lines} frame={frame}
            width={width} />}
        </svg>}
      </div>
    </section>
  );
}

// SPDX-License-Identifier: ISC
// What a unikernel used over time: CPU, memory, network, page faults, with what
// happened to it meanwhile; as charts and as a table.
import { useMemo, useRef, useState } from 'preact/hooks';
import { get, unikernelPath, type Metrics, type Unikernel } from '../api';
import { Chart, type Frame, type Line, type Mark } from '../components/Chart';
import { Age, Ago, Code, Empty, Loading, Segments, Stale, Table } from
  '../components/ui';
import { getLine } from '../lib/curl';
import { MB, dayMinute, exact, percent } from '../lib/format';
import { useLive } from '../lib/live';
import { bytesText, faultsText, gathered, ranges, rateText, tableOf,
  trimmed, type Column, type Range } from '../lib/metrics';
import { isKnown } from '../lib/series';
import { place, setQuery } from '../router';
import * as common from '../text/common';
import * as text from '../text/metrics';
import '../components/chart.css';

/** What one chart shows. */
interface Panel {
  title: string;
  lines: Line[];
  text: (value: number) => string;
  base: 10 | 1024;
  least: number;
  level?: { value: number; name: string };
}

const line = (name: string, values: Line['values'], kind: Line['kind'],
  more: Partial<Line> = {}): Line => ({ name, values, kind, ...more });

function panelsOf(m: Metrics, given: number | undefined): Panel[] {
  return [
    { title: text.cpu, text: percent, base: 10, least: 1, lines: [
      line(text.highest, m.cpu_max, 'faint', { most: true }),
      line(text.mean, m.cpu, 'one', { area: true })] },
    { title: common.memory, text: bytesText, base: 1024, least: MB,
      lines: [line(text.resident, m.memory, 'one', { area: true })],
      ...(given && { level: { value: given * MB, name: text.given } }) },
    ...m.networks.map((n): Panel => ({ title: m.networks.length === 1 ?
      text.network : text.networkOf(n.name), text: rateText, base: 1024, least: 1024, lines: [
      line(text.received, n.rx, 'one', { area: true }),
      line(text.sent, n.tx, 'two')] })),
    { title: text.pageFaults, text: faultsText, base: 10, least: 1,
      lines: [line(text.faults, m.faults, 'one')] },
  ];
}

function RangePicker({ range }: { range: Range }) {
  return (
    <Segments label={text.range} unseen value={range}
      values={ranges.map((r) => [r, text.ranges[r]] as const)}
      onChange={(r) => setQuery('range', r, 'entry')} />
  );
}

const ROWS = 120;

/** The same as numbers, made when it is opened. */
function Numbers({ m, panels }: { m: Metrics; panels: Panel[] }) {
  const [open, setOpen] = useState(false);
  const columns = panels.flatMap((p) => p.lines.map((l): Column => ({
    name: p.lines.length > 1 ? text.lineOf(p.title, l.name) : p.title,
    values: l.values, text: p.text, most: l.most ?? false })));
  return (
    <details class="card fold" onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>{text.asTable}</summary>
      {open && <Table label={text.values} class="values" columns={[common.from,
        ...columns.map((c) => ({ title: c.name, class: 'number' }))]}>
        {tableOf(m, columns, ROWS).map((row) => (
          <tr key={row.time}><th scope="row">{exact(row.time)}</th>
            {row.cells.map((cell, i) => <td key={i} class="number">{cell}</td>)}
          </tr>))}</Table>}
    </details>
  );
}

/** What the marks in the charts stand for; each goes to its place in time. */
function Happened({ m, u, onAt }: { m: Metrics; u: Unikernel;
  onAt: (time: number) => void }) {
  if (m.markers.length === 0) return null;
  return (
    <section class="card stack" aria-labelledby="happened">
      <h2 id="happened">{text.happened}</h2>
      <ol class="happened">{gathered(m.markers).map((k) => (
        <li key={k.time + k.kind}>
          <button type="button" class="small" onClick={() =>
            onAt(Date.parse(k.time))}><span class={`flag-${k.kind}`} />
            <Ago time={k.time} /></button>{' '}
          <span>{k.deployment ? <a href={`${unikernelPath(u)}?tab=deployments`}>
            {k.text}</a> : k.text || text.kinds[k.kind]}{k.times > 1 && <span
            class="quiet">{text.timesSince(k.times, <Age time={k.first}
              as={dayMinute} />)}</span>}</span></li>))}</ol>
    </section>
  );
}

function isEmpty(m: Metrics): boolean {
  return ![m.cpu, m.memory].some((values) => values.some(isKnown));
}

function Charts({ m, u }: { m: Metrics; u: Unikernel }) {
  const [at, setAt] = useState<number | null>(null);
  const given = u.config?.memory;
  const panels = useMemo(() => panelsOf(m, given), [m, given]);
  const frame = useMemo((): Frame => ({ from: Date.parse(m.from),
    step: m.step * 1000, count: m.cpu.length }), [m]);
  const marks = useMemo(() => m.markers.map((k): Mark => ({ kind: k.kind,
    time: Date.parse(k.time), text: k.text || (text.kinds[k.kind] ?? '') })), [m]);
  const top = useRef<HTMLDivElement>(null);
  const lookAt = (time: number) => {
    setAt(Math.max(0, Math.min(frame.count - 1,
      Math.round((time - frame.from) / frame.step))));
    top.current?.scrollIntoView({ block: 'nearest' });
  };
  return (
    <>
      <div class="charts" ref={top}>{panels.map((p) => (
        <Chart key={p.title} {...p} frame={frame} marks={marks} at={at}
          onAt={setAt} level={p.level} />))}</div>
      <Happened m={m} u={u} onAt={lookAt} />
      <Numbers m={m} panels={panels} />
    </>
  );
}

export function MetricsTab({ u }: { u: Unikernel }) {
  const range = ranges.find((r) => r === place.value.query.get('range')) ?? '30m';
  const path = unikernelPath(u, `/metrics?range=${range}`);
  // There may be several samples in a step, and most steps are long.
  const due = useRef(0);
  const { value: m, error, at, again } = useLive(async (signal) => {
    const found = await get<Metrics>(path, signal);
    due.current = performance.now() + found.step * 1000;
    return trimmed(found);
  }, [`metrics:${u.instance}/${u.project}/${u.name}`],
  (told) => told.event === 'sample' && performance.now() > due.current, [path]);
  return (
    <div class="stack">
      <div class="row wrap"><RangePicker range={range} />
        {m && <p class="counts"><span class={error ? 'asof late' : 'asof'}>
          {text.asOf(<Ago time={m.to} />)}</span></p>}</div>
      <Stale reason={error} since={at} again={again} />
      {!m && !error && <Loading />}
      {m && (isEmpty(m) ? <Empty title={text.nothing}>
        <p>{u.state === 'running' ? text.firstComes : text.runsNot}</p>
        </Empty> : <Charts m={m} u={u} />)}
      <Code text={getLine(location.origin, path)} />
    </div>
  );
}

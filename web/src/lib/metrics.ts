// SPDX-License-Identifier: ISC
// What is measured of a unikernel, in words and as a table.
import type { Metrics } from '../api';
import { bytes } from './format';
import { notMeasured } from '../text/metrics';
import { isKnown, strideOf, thinned, type Values } from './series';

export const ranges = ['30m', '2h', '6h', '2d', '7d', '90d'] as const;
export type Range = typeof ranges[number];

export const bytesText = (value: number) => bytes(Math.round(value));
export const rateText = (value: number) => `${bytes(Math.round(value))}/s`;
export const faultsText = (value: number) =>
  `${value.toFixed(value > 0 && value < 10 ? 1 : 0)}/s`;

/** A value as text; where nothing was measured, that. */
export const told = (value: number | null | undefined,
  text: (value: number) => string) =>
  (isKnown(value) ? text(value) : notMeasured);

/** Five minutes at the finest: less would be a stroke. */
const LEAST = 30;

/**
 * Without the time before it was there, of which nothing is known: what began
 * an hour ago fills the chart of 90 days, too.
 */
export function trimmed(m: Metrics): Metrics {
  const { cpu, memory, step, from, markers } = m;
  const first = cpu.findIndex((v, i) => isKnown(v) || isKnown(memory[i]));
  const begin = Date.parse(from);
  const happened = markers.map((k) =>
    Math.floor((Date.parse(k.time) - begin) / (step * 1000)));
  const cut = Math.min(cpu.length - LEAST, ...[first, ...happened].map((i) => i - 2));
  if (first < 0 || cut <= 0) return m;
  const rest = (values: Values) => values.slice(cut);
  return { ...m, from: new Date(begin + cut * step * 1000).toISOString(),
    cpu: rest(cpu), cpu_max: rest(m.cpu_max), memory: rest(memory),
    faults: rest(m.faults), networks: m.networks.map((n) => ({ ...n,
      rx: rest(n.rx), tx: rest(n.tx) })) };
}

type Marker = Metrics['markers'][number];

/** Newest first; what happened several times in a row once, with how often. */
export function gathered(markers: Marker[]) {
  const found: (Marker & { times: number; first: string })[] = [];
  for (const m of [...markers].sort((a, b) => b.time.localeCompare(a.time))) {
    const last = found.at(-1);
    if (last && last.kind === m.kind && last.text === m.text) {
      last.times++;
      last.first = m.time;
    } else found.push({ ...m, times: 1, first: m.time });
  }
  return found;
}

export interface Column { name: string; values: Values;
  text: (value: number) => string; most?: boolean }

export interface TableRow { time: number; cells: string[] }

/** The columns as at most so many rows, the newest first. */
export function tableOf({ from, step }: Pick<Metrics, 'from' | 'step'>,
  columns: Column[], room: number): TableRow[] {
  const count = columns[0]?.values.length ?? 0;
  const stride = strideOf(count, room);
  const thin = columns.map((c) => thinned(c.values, stride,
    c.most ? 'most' : 'mean'));
  const begin = Date.parse(from);
  return Array.from({ length: Math.ceil(count / stride) }, (_, i) => ({
    time: begin + i * stride * step * 1000,
    cells: columns.map((c, k) => told(thin[k]?.[i], c.text)),
  })).reverse();
}

// SPDX-License-Identifier: ISC
// Numbers over time as a chart draws them: scales, ticks, lines with gaps.

/** One value per step; null where nothing was measured. */
export type Values = (number | null)[];

export const isKnown = (value: number | null | undefined): value is number =>
  value !== null && value !== undefined;

export type Merge = 'mean' | 'most';

function merged(values: Values, how: Merge): number | null {
  const known = values.filter(isKnown);
  if (known.length === 0) return null;
  return how === 'most' ? Math.max(...known) :
    known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** How many values stand for one when no more than room may be drawn. */
export const strideOf = (count: number, room: number) =>
  Math.max(1, Math.ceil(count / Math.max(1, room)));

/** Every so many values as one. */
export function thinned(values: Values, stride: number, how: Merge): Values {
  if (stride === 1) return values;
  const found: Values = [];
  for (let i = 0; i < values.length; i += stride)
    found.push(merged(values.slice(i, i + stride), how));
  return found;
}

const decimals = [1, 2, 5, 10];
// Of powers of 1024, as bytes are told.
const binary = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/**
 * From 0 up to at least most, in two to five steps that are round in the
 * base: 10, or 1024 for bytes.
 */
export function valueTicks(most: number, base: 10 | 1024): number[] {
  const least = most / 4;
  const unit = base ** Math.floor(Math.log(least) / Math.log(base));
  const step = ((base === 10 ? decimals : binary).find((n) =>
    n * unit >= least * (1 - 1e-9)) ?? base) * unit;
  const count = Math.max(1, Math.ceil(most / step - 1e-9));
  return Array.from({ length: count + 1 }, (_, i) => i * step);
}

const MINUTE = 60e3, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
const spans = [MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE,
  30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY,
  14 * DAY, 28 * DAY];

/** Round local times between two, at most so many, and what they lie apart. */
export function timeTicks(from: number, to: number, most: number):
{ times: number[]; span: number } {
  const span = spans.find((s) => (to - from) / s <= most) ?? 28 * DAY;
  const shift = new Date(to).getTimezoneOffset() * MINUTE;
  const times: number[] = [];
  for (let t = Math.ceil((from - shift) / span) * span + shift; t <= to; t += span)
    times.push(t);
  return { times, span };
}

/** "14:05" below a day's span, else "3 Jul". */
export function tickText(time: number, span: number): string {
  return new Date(time).toLocaleString(undefined, span < DAY ?
    { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } :
    { day: 'numeric', month: 'short' });
}

type Scale = (value: number) => number;
const place = (value: number) => Math.round(value * 10) / 10;

/** The stretches of values that are known, as [first, behind the last]. */
function stretches(values: Values): [number, number][] {
  const found: [number, number][] = [];
  let first = -1;
  for (let i = 0; i <= values.length; i++) {
    if (isKnown(values[i])) first = first < 0 ? i : first;
    else if (first >= 0) {
      found.push([first, i]);
      first = -1;
    }
  }
  return found;
}

/** The points of a stretch, one after the other. */
const pointsOf = (values: Values, [first, end]: [number, number], x: Scale,
  y: Scale) => values.slice(first, end).map((v, i) =>
  `${place(x(first + i))} ${place(y(v ?? 0))}`).join('L');

/** The path of a line; it ends at a gap, and a lone value is a dash. */
export function linePath(values: Values, x: Scale, y: Scale): string {
  return stretches(values).map(([first, end]) =>
    `M${pointsOf(values, [first, end], x, y)}${
      end - first === 1 ? 'm-1.5 0h3' : ''}`).join('');
}

/** The path of what lies below the line. */
export function areaPath(values: Values, x: Scale, y: Scale): string {
  const floor = place(y(0));
  return stretches(values).map(([first, end]) =>
    `M${place(x(first))} ${floor}L${pointsOf(values, [first, end], x, y)}L${
      place(x(end - 1))} ${floor}Z`).join('');
}

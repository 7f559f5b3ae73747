// SPDX-License-Identifier: ISC
// The line of a small chart.

export const WIDE = 64, HIGH = 18;

/** The line through the values, broken where one is missing. */
export function sparkPath(values: (number | null)[], top: number): string {
  const step = WIDE / Math.max(1, values.length - 1);
  let path = '', drawn = false;
  for (const [i, value] of values.entries()) {
    if (value !== null) {
      const y = HIGH - 1 - (HIGH - 2) * Math.min(1, Math.max(0, value / top));
      path += `${drawn ? 'L' : 'M'}${(i * step).toFixed(1)} ${y.toFixed(1)}`;
      // One alone is a point.
      if (!drawn) path += 'h.5';
    }
    drawn = value !== null;
  }
  return path;
}

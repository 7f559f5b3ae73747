// SPDX-License-Identifier: ISC
// The course of a value in a cell: a line without axes. What it is now stands
// beside it in words.
import { HIGH, sparkPath, WIDE } from '../lib/spark';
import '../pages/unikernels.css';

/** The top is the highest of them, or least. */
export function Spark({ values, least, kind }: {
  values: (number | null)[] | undefined; least: number; kind: 'cpu' | 'memory' }) {
  const top = values?.reduce<number>((most, v) => Math.max(most, v ?? 0), least);
  return (
    <svg class={`spark ${kind}`} viewBox={`0 0 ${WIDE} ${HIGH}`} width={WIDE}
      height={HIGH} aria-hidden="true" fill="none" stroke="currentColor"
      stroke-width="1.3" stroke-linejoin="round" stroke-linecap="round">
      {values && top !== undefined && <path d={sparkPath(values, top)} />}
    </svg>
  );
}

// SPDX-License-Identifier: ISC
// How an instance is, in words.
import type { Health } from '../api';

export const statusKinds = { up: 'good', degraded: 'warn', down: 'bad',
  unknown: 'plain' } as const;

/** "Up for" */
export const forText = (status: Health['status']) =>
  `${status.slice(0, 1).toUpperCase()}${status.slice(1)} for`;

/** Of the person's own making, or of the network: what to look at first. */
const categories: Record<string, string> = {
  certificate: 'Its certificate is not as expected.',
  network: 'It can not be reached.',
  credentials: 'It does not take our certificate.',
  incompatible: 'It speaks another version.',
};

export const categoryText = (category: string | null | undefined) =>
  categories[category ?? ''] ?? 'It does not answer as it should.';

const statsTexts: Record<string, string> = { live: 'live',
  displaced: 'taken by another client', off: 'none' };

export const statsText = (stats: Health['stats']) =>
  (stats ? statsTexts[stats] ?? stats : 'not known yet');

/** "12 ms" */
export const latencyText = (ms: number | null | undefined) =>
  (ms === null || ms === undefined ? '–' : `${Math.round(ms)} ms`);

/** "99.9 %"; only what never failed is 100. */
export function availabilityText(share: number | null | undefined): string {
  if (share === null || share === undefined) return '–';
  const percent = Math.floor(share * 1000) / 10;
  return `${percent === 100 ? '100' : percent.toFixed(1)} %`;
}

// SPDX-License-Identifier: ISC
// How an instance is, in words.
import type { Health, Instance } from '../api';
import * as text from '../text/instance';
import * as units from '../text/units';
import type { Filter } from './filter';

export const statusKinds = { up: 'good', degraded: 'warn', down: 'bad',
  unknown: 'plain' } as const;

export const instanceFilter: Filter<Instance> = {
  all: (i) => `${i.name} ${i.title} ${i.host ?? ''}`,
  columns: [['name', (i) => `${i.name} ${i.title}`],
    ['state', (i) => `${i.health.status} ${text.status[i.health.status]}`],
    ['host', (i) => i.host ?? ''], ['level', (i) => i.health.level ?? '']],
};

export const categoryText = (category: string | null | undefined) =>
  text.categories[category ?? ''] ?? text.otherCategory;

export const statsText = (stats: Health['stats']) =>
  (stats ? text.stats[stats] ?? stats : text.statsUnknown);

/** "12 ms" */
export const latencyText = (ms: number | null | undefined) =>
  (ms === null || ms === undefined ? '–' : `${Math.round(ms)} ${units.millisecond}`);

/** "99.9 %"; only what never failed is 100. */
export function availabilityText(share: number | null | undefined): string {
  if (share === null || share === undefined) return '–';
  const percent = Math.floor(share * 1000) / 10;
  return `${percent === 100 ? '100' : percent.toFixed(1)} %`;
}

/** What to look at first when a server that was tried did not do. */
export const adviceText = (category: string | null | undefined) =>
  text.advices[category ?? ''] ?? '';

/** What can be done with a server of a level, and what can not. */
export function levelMeans(level: string | null): string {
  if (!level) return text.levelUnknown;
  const [major = 0, minor = 0] = level.split('.').map(Number);
  const number = major * 100 + minor;
  if (number >= 207) return text.levelWhole;
  if (number >= 206) return text.levelOneCpu;
  if (number >= 205) return text.levelNoName;
  return text.levelLooks;
}

/** Beyond this it is worth a warning: commands are refused at a minute. */
const CLOCK_WARN = 10_000;

/** A sentence about its clock, and whether it is a warning. */
export function clockText(ms: number | null | undefined): { text: string;
  warn: boolean } {
  if (ms === null || ms === undefined) return { text: text.clockUnseen,
    warn: false };
  if (Math.abs(ms) < CLOCK_WARN) return { text: text.clockRight, warn: false };
  const seconds = Math.round(Math.abs(ms) / 1000);
  const amount = seconds < 120 ? `${seconds} ${units.second}` :
    `${Math.round(seconds / 60)} ${units.minute}`;
  return { text: ms > 0 ? text.clockAhead(amount) : text.clockBehind(amount),
    warn: true };
}

const DAY = 86400e3;

/** How many days a certificate has left, and how much that presses. */
export function expiryOf(time: string, now = Date.now()): { text: string;
  kind: 'good' | 'warn' | 'bad' } {
  const left = Date.parse(time) - now;
  if (left <= 0) return { text: text.expired, kind: 'bad' };
  const days = Math.floor(left / DAY);
  return { text: days === 0 ? text.lastDay : text.daysLeft(days), kind: days < 7 ? 'bad' : days < 30 ? 'warn' : 'good' };
}

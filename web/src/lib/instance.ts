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

/** What to look at first when a server that was tried did not do. */
const advices: Record<string, string> = {
  certificate: 'Is it the right server? If another CA signed its certificate, ' +
    'give that as the server CA.',
  network: 'Check host and port, the firewall between, and that ' +
    'albatross-tls-endpoint runs there.',
  credentials: 'Its albatross-tls-endpoint was started with the file of a CA: ' +
    'that CA and its key belong here.',
  incompatible: 'It answers, but not as an albatross that is known here.',
};

export const adviceText = (category: string | null | undefined) =>
  advices[category ?? ''] ?? '';

/** What can be done with a server of a level, and what can not. */
export function levelMeans(level: string | null): string {
  if (!level) return 'Which albatross it runs is not known before it answered.';
  const [major = 0, minor = 0] = level.split('.').map(Number);
  const number = major * 100 + minor;
  if (number >= 207) return 'All that mollymawk can do is possible there.';
  if (number >= 206) return 'A unikernel can use one CPU there, and none can be ' +
    'of BHyve.';
  if (number >= 205) return 'A unikernel can use one CPU there, none can be of ' +
    'BHyve, and none is told its name.';
  return 'What runs is shown, but nothing can be deployed, and no volume be read ' +
    'or written: that needs albatross 2.5.';
}

/** Beyond this it is worth a warning: commands are refused at a minute. */
const CLOCK_WARN = 10_000;

/** A sentence about its clock, and whether it is a warning. */
export function clockText(ms: number | null | undefined): { text: string;
  warn: boolean } {
  if (ms === null || ms === undefined) return { text: 'not seen lately',
    warn: false };
  if (Math.abs(ms) < CLOCK_WARN) return { text: 'as here', warn: false };
  const seconds = Math.round(Math.abs(ms) / 1000);
  const amount = seconds < 120 ? `${seconds} s` :
    `${Math.round(seconds / 60)} min`;
  return { text: `${amount} ${ms > 0 ? 'ahead' : 'behind'}`, warn: true };
}

const DAY = 86400e3;

/** How many days a certificate has left, and how much that presses. */
export function expiryOf(time: string, now = Date.now()): { text: string;
  kind: 'good' | 'warn' | 'bad' } {
  const left = Date.parse(time) - now;
  if (left <= 0) return { text: 'expired', kind: 'bad' };
  const days = Math.floor(left / DAY);
  const text = days === 0 ? 'less than a day left' :
    `${days} ${days === 1 ? 'day' : 'days'} left`;
  return { text, kind: days < 7 ? 'bad' : days < 30 ? 'warn' : 'good' };
}

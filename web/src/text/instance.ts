// SPDX-License-Identifier: ISC
// How an instance is, in words.
import type { Health } from '../api';
import { count } from '../lib/format';

export const status: Record<Health['status'], string> = { up: 'up',
  degraded: 'degraded', down: 'down', unknown: 'unknown' };

/** What stands above since when it is so. */
export const statusFor: Record<Health['status'], string> = { up: 'Up for',
  degraded: 'Degraded for', down: 'Down for', unknown: 'Unknown for' };

/** Of the person's own making, or of the network: what to look at first. */
export const categories: Record<string, string> = {
  certificate: 'Its certificate is not as expected.',
  network: 'It can not be reached.',
  credentials: 'It does not take our certificate.',
  incompatible: 'It speaks another version.',
};

export const otherCategory = 'It does not answer as it should.';

/** What to look at first when a server that was tried did not do. */
export const advices: Record<string, string> = {
  certificate: 'Is it the right server? If another CA signed its certificate, ' +
    'give that as the server CA.',
  network: 'Check host and port, the firewall between, and that ' +
    'albatross-tls-endpoint runs there.',
  credentials: 'Its albatross-tls-endpoint was started with the file of a CA: ' +
    'that CA and its key belong here.',
  incompatible: 'It answers, but not as an albatross that is known here.',
};

export const stats: Record<NonNullable<Health['stats']>, string> = { live: 'live',
  displaced: 'taken by another client', off: 'none' };
export const statsUnknown = 'not known yet';

export const levelUnknown =
  'Which albatross it runs is not known before it answers.';
export const levelWhole = 'All that mollymawk can do is possible there.';
export const levelOneCpu =
  'A unikernel can use one CPU there, and none can be of BHyve.';
export const levelNoName =
  'A unikernel can use one CPU there, none can be of BHyve, and none is told ' +
  'its name.';
export const levelLooks =
  'What runs is shown, but nothing can be deployed, and no volume be read or ' +
  'written: that needs albatross 2.5.';

export const clockUnseen = 'not seen lately';
export const clockRight = 'as here';
export const clockAhead = (amount: string) => `${amount} ahead`;
export const clockBehind = (amount: string) => `${amount} behind`;

export const expired = 'expired';
export const lastDay = 'less than a day left';
export const daysLeft = (days: number) => `${count(days, 'day')} left`;

export const keyInDer = 'is in DER (binary), not in PEM form: convert it with ' +
  'openssl pkey -inform der';

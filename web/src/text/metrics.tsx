// SPDX-License-Identifier: ISC
// The words of what a unikernel used over time.
import type { ComponentChildren } from 'preact';

export const cpu = 'CPU';
export const highest = 'highest';
export const mean = 'mean';
export const resident = 'resident';
export const given = 'given';
export const network = 'Network';
export const networkOf = (name: string) => `Network ${name}`;
export const received = 'received';
export const sent = 'sent';
export const pageFaults = 'Page faults';
export const faults = 'faults';

export const range = 'Range';
export const ranges = { '30m': '30 min', '2h': '2 h', '6h': '6 h', '2d': '2 d',
  '7d': '7 d', '90d': '90 d' };
export const lineOf = (panel: string, line: string) => `${panel}, ${line}`;
export const asTable = 'The same as a table';
export const values = 'Values';
export const kinds: Record<string, string> = { deployment: 'Deployed',
  restarted: 'Restarted', stopped: 'Stopped' };
export const happened = 'What happened';
export const timesSince = (times: number, since: ComponentChildren) =>
  <> {times} times since {since}</>;
export const nothing = 'Nothing was measured in this time';
export const firstComes = 'The first values come within a minute of its start, ' +
  'when the instance gives its statistics.';
export const runsNot =
  'It does not run. A longer range may show what it used before.';
export const notMeasured = 'not measured';
export const asOf = (age: ComponentChildren) => <>as of {age}</>;

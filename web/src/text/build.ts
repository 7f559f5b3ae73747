// SPDX-License-Identifier: ISC
// Builds, and what came of going to one.

export const latest = (time: string) => `${time} (latest)`;

export const result = {
  running: 'it runs', 'rolled-back': 'it was rolled back',
  failed: 'it failed', refused: 'it was refused',
  started: 'it was begun', waiting: 'it is tried again',
};
export const because = (what: string, detail: string) => `${what}: ${detail}`;

// SPDX-License-Identifier: ISC
// How a unikernel does.

export const unknown = 'unknown';
export const crashLoop = 'crash loop';
export const stopped = 'stopped';
export const failing = 'failing';
export const running = 'running';
export const healthy = 'healthy';

export const silent =
  'Its instance does not answer: this is what was last known.';
export const restarted = (n: number) =>
  `It was started again ${n === 1 ? 'once' : `${n} times`} in the last hour.`;
export const checkFails = 'Its health check fails.';
export const checkWorks = 'Its health check works.';

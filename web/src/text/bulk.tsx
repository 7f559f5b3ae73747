// SPDX-License-Identifier: ISC
// Updates of many unikernels.
import { count } from '../lib/format';

export const titleOne = 'Update of many';
export const titleOf = (n: number) => `Update of ${count(n, 'unikernel')}`;

export const state = {
  waiting: 'waits', running: 'under way', updated: 'updated',
  unchanged: 'was the newest', failed: 'failed', 'rolled-back': 'rolled back',
  skipped: 'skipped',
};
/** "2 updated, 1 rolled back" */
export const sum = (counts: [number, keyof typeof state][]) =>
  counts.map(([n, of]) => `${n} ${state[of]}`).join(', ');
export const stateOfAll = { running: 'under way', stopping: 'ending',
  done: 'done' };

export const deploymentsOf = (name: string) => `Deployments of ${name}`;
export const begun = 'Begun';
export const atOnce = 'At once';
export const afterFailure = 'After a failure';
export const noMore = 'no more is begun';
export const goesOn = 'it goes on';
export const done = 'Done';
export const column = { state: 'State', unikernel: 'Unikernel', where: 'Where',
  why: 'Why', look: 'Look', number: 'No.' };
export const none = 'There was none yet';
export const noneHow = 'Choose some in the list of unikernels, then Update.';
export const withUpdate = 'Those with an update';

export const ask = (n: number) => `Update ${count(n, 'unikernel')}?`;
export const each = 'Each to its newest build, with its configuration; watched, ' +
  'and taken back when it does not work.';
export const noneNewer = 'None of these has an update.';
export const othersStay = (n: number) => (n === 1 ?
  '1 other chosen without an update stays as it is.' :
  `${n} others chosen without an update stay as they are.`);
export const atOnceHint = 'One by one is slowest and safest.';
export const stopAtFailure = 'Begin no more after the first that does not work';
export const notBegun = 'Nothing was begun.';
export const update = 'Update';
export const earlier = 'Earlier updates of many';

export const restartTitle = (n: number) => `Restart ${count(n, 'unikernel')}?`;
export const restartsTitle = (n: number) => `Restart of ${count(n, 'unikernel')}`;
export const restartMeans = 'Each is stopped and starts again as it is, two at a ' +
  'time; watched, as every deployment is.';
export const restartState = { waiting: 'waits', running: 'under way',
  restarted: 'restarted', failed: 'failed', skipped: 'skipped' };
export const beginNoMore = 'Begin no more';
export const restartedOf = (done: number, failed: number) => (failed > 0 ?
  `${count(done, 'unikernel')} restarted, ${failed} not: see their deployments` :
  `${count(done, 'unikernel')} restarted`);

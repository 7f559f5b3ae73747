// SPDX-License-Identifier: ISC
// What is said to administrators of accounts that wait.
import { count } from '../lib/format';

/** "1 account waits", "2 accounts wait", "10 accounts or more wait" */
export function waiting(n: number, more: boolean): string {
  const accounts = count(n, 'account');
  return `${more ? `${accounts} or more wait` : n === 1 ? `${accounts} waits` :
    `${accounts} wait`} to be approved.`;
}
export const lookAtThem = 'Look at them';

// SPDX-License-Identifier: ISC
// Tells administrators of accounts that wait to be approved.
import { get, type List, type User } from '../api';
import { count } from '../lib/format';
import { usePolled } from '../lib/poll';
import { session } from '../store/session';
import { Banner } from './ui';

const EVERY = 60_000, SOME = 10;

/** "1 account waits", "2 accounts wait", "10 accounts or more wait" */
function waitingText({ items, next }: List<User>): string {
  const n = count(items.length, 'account');
  return next !== null ? `${n} or more wait` :
    items.length === 1 ? `${n} waits` : `${n} wait`;
}

function Waiting() {
  const { value } = usePolled((signal) => get<List<User>>(
    `/users?state=pending&limit=${SOME}`, signal), EVERY, []);
  return value && value.items.length > 0 ? (
    <Banner kind="warn" title={`${waitingText(value)} to be approved.`}>
      <a href="/users?state=pending">Look at them</a></Banner>) : null;
}

export const WaitingBanner = () =>
  (session.value?.user.admin ? <Waiting /> : null);

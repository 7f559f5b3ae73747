// SPDX-License-Identifier: ISC
// Tells administrators of accounts that wait to be approved.
import { get, type List, type User } from '../api';
import { usePolled } from '../lib/poll';
import { isAdmin } from '../store/session';
import * as text from '../text/waiting';
import { Banner } from './ui';

const EVERY = 60_000, SOME = 10;

function Waiting() {
  const { value } = usePolled((signal) => get<List<User>>(
    `/users?state=pending&limit=${SOME}`, signal), EVERY, []);
  return value && value.items.length > 0 ? (
    <Banner kind="warn" title={text.waiting(value.items.length,
      value.next !== null)}>
      <a href="/users?state=pending">{text.lookAtThem}</a></Banner>) : null;
}

export const WaitingBanner = () =>
  (isAdmin() ? <Waiting /> : null);

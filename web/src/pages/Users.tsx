// SPDX-License-Identifier: ISC
// Who has an account, who is invited, and names that are not given again.
import { getAll, hasCode, type List, type User, type UserState } from '../api';
import { AdminsOnly } from '../components/AdminsOnly';
import { Invitations } from '../components/Invitations';
import { FilterBox, NothingFits } from '../components/ListParts';
import { RetiredNames } from '../components/RetiredNames';
import { Ago, Badge, Empty, Loading, Page, Segments, Stale, Table, Tabs } from
  '../components/ui';
import { filtered } from '../lib/filter';
import { usePolled } from '../lib/poll';
import { stateKinds, userFilter } from '../lib/user';
import { place, setQuery } from '../router';
import * as pages from '../text/pages';
import * as common from '../text/common';
import * as text from '../text/users';
import './people.css';

const EVERY = 5000;

function Row({ user }: { user: User }) {
  return (
    <tr>
      <th scope="row"><a href={`/users/${user.id}`}>{user.name}</a>
        <div class="quiet">{text.whoIs(user.display_name, user.email)}</div></th>
      <td><Badge kind={stateKinds[user.state]} why={text.statesMean[user.state]}>
        {text.states[user.state]}</Badge>{' '}
        {user.admin && <Badge kind="plain">{text.administrator}</Badge>}</td>
      <td data-label={common.secondFactor}>{user.second_factor ? common.yes :
        <span class="quiet">{common.no}</span>}</td>
      <td class="wrap" data-label={pages.projects}>{text.list(user.projects
        .map((p) => p.name)) || <span class="quiet">{common.none}</span>}</td>
      <td data-label={text.lastSeen}>{user.last_seen_at ?
        <Ago time={user.last_seen_at} /> :
        <span class="quiet">{common.never}</span>}</td>
    </tr>
  );
}

const states: readonly (UserState | '')[] = ['', 'active', 'pending', 'unverified',
  'disabled'];

function Filters({ q, state, users }: { q: string; state: string;
  users: User[] }) {
  return (
    <div class="bar">
      <FilterBox value={q} what={text.what} hint={text.filterHint} items={users}
        columns={userFilter.columns} />
      <Segments label={common.state} unseen value={state}
        values={states.map((key) => [key, key ? text.stateFilters[key] :
          text.anyState])}
        onChange={(key) => setQuery('state', key, 'entry')} />
    </div>
  );
}

function People() {
  const q = place.value.query.get('q') ?? '';
  const state = place.value.query.get('state') ?? '';
  const { value, error, at, again } = usePolled((signal) =>
    getAll<List<User>>('/users?limit=1000', signal), EVERY, []);
  if (hasCode(error, 'forbidden')) return <AdminsOnly />;
  const users = value?.items ?? [];
  const there = users.filter((user) => !state || user.state === state);
  const found = filtered(there, q, userFilter);
  return (
    <>
      <Filters q={q} state={state} users={users} />
      <Stale reason={error} since={at} again={again}>
        {found.length > 0 && <Table label={pages.users}
          class="users cards" columns={[common.name, common.state,
            common.secondFactor, pages.projects, text.lastSeen]}>
          {found.map((user) => <Row key={user.id} user={user} />)}</Table>}
      </Stale>
      {!value && !error && <Loading />}
      {value && found.length === 0 && (there.length === 0 ?
        <Empty title={text.nobodyInState}>
          <p><a href="/users">{common.showAll}</a></p></Empty> : <NothingFits />)}
    </>
  );
}

const tabs = [
  { key: '', title: pages.users, href: '/users' },
  { key: 'invitations', title: text.invitations, href: '/users?tab=invitations' },
  { key: 'names', title: text.retiredNames, href: '/users?tab=names' },
];

export function Users() {
  const tab = place.value.query.get('tab') ?? '';
  return (
    <Page title={pages.users} action={<a class="button primary"
      href="/users?tab=invitations&new">{text.invite}</a>}>
      <Tabs label={pages.users} tabs={tabs} at={tab}>
        {tab === 'invitations' ? <Invitations /> :
          tab === 'names' ? <RetiredNames /> : <People />}</Tabs>
    </Page>
  );
}

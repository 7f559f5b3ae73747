// SPDX-License-Identifier: ISC
// Who has an account, who is invited, and names that are not given again.
import { hasCode, type User, type UserState } from '../api';
import { Invitations } from '../components/Invitations';
import { NothingFits } from '../components/ListParts';
import { RetiredNames } from '../components/RetiredNames';
import { Icon } from '../components/Icon';
import { Age, Badge, Empty, Page, Segments, Stale, Tabs } from '../components/ui';
import { ago } from '../lib/format';
import { usePages } from '../lib/pages';
import { stateKinds } from '../lib/user';
import { place, setQuery } from '../router';
import * as common from '../text/common';
import * as text from '../text/users';
import './people.css';

const EVERY = 5000;

function Row({ user }: { user: User }) {
  return (
    <tr>
      <th scope="row"><a href={`/users/${user.id}`}>{user.name}</a>
        {user.display_name && <div class="quiet">{user.display_name}</div>}</th>
      <td class="wrap">{user.email}</td>
      <td><Badge kind={stateKinds[user.state]} why={text.statesMean[user.state]}>
        {text.states[user.state]}</Badge>{' '}
        {user.admin && <Badge kind="plain">{text.administrator}</Badge>}</td>
      <td data-label={common.secondFactor}>{user.second_factor ? common.yes :
        <span class="quiet">{common.no}</span>}</td>
      <td class="wrap" data-label={common.projects}>{text.list(user.projects
        .map((p) => p.name)) || <span class="quiet">{common.none}</span>}</td>
      <td data-label={text.lastSeen}>{user.last_seen_at ?
        <Age time={user.last_seen_at} as={ago} /> :
        <span class="quiet">{text.never}</span>}</td>
    </tr>
  );
}

function Table({ users }: { users: User[] }) {
  return (
    <div class="table"><table class="users cards">
      <thead><tr><th scope="col">{common.name}</th>
        <th scope="col">{common.email}</th><th scope="col">{common.state}</th>
        <th scope="col">{common.secondFactor}</th>
        <th scope="col">{common.projects}</th>
        <th scope="col">{text.lastSeen}</th></tr></thead>
      <tbody>{users.map((user) => <Row key={user.id} user={user} />)}</tbody>
    </table></div>
  );
}

const states: (UserState | '')[] = ['', 'active', 'pending', 'unverified',
  'disabled'];

function Filters({ q, state }: { q: string; state: string }) {
  return (
    <div class="bar">
      <div class="search"><Icon name="search" />
        <input type="search" data-filter value={q} spellcheck={false}
          placeholder={text.filterHint} aria-label={text.filterUsers}
          onInput={(e) => setQuery('q', e.currentTarget.value)}
          onKeyDown={(e) => { if (e.key === 'Escape') e.currentTarget.blur(); }} />
        {q === '' && <kbd>/</kbd>}</div>
      <Segments label={common.state} unseen value={state} values={states.map((key) =>
        [key, key ? text.stateFilters[key] : text.anyState] as const)}
        onChange={(key) => setQuery('state', key)} />
    </div>
  );
}

function People() {
  const q = place.value.query.get('q') ?? '';
  const state = place.value.query.get('state') ?? '';
  const path = `/users?${new URLSearchParams({ limit: '50', ...(q && { q }),
    ...(state && { state }) })}`;
  const { items, error, at, again, more } = usePages<User>(path, EVERY);
  if (hasCode(error, 'forbidden')) return <NotYours />;
  return (
    <>
      <Filters q={q} state={state} />
      <Stale reason={error} since={at} again={again} />
      {!items && !error && <p class="quiet">{common.loading}</p>}
      {items?.length === 0 && (state ? <Empty title={text.nobodyInState}>
        <p><a href="/users">{common.showAll}</a></p></Empty> : <NothingFits />)}
      {items && items.length > 0 && <Table users={items} />}
      {more && <p class="more"><button type="button" onClick={more}>
        {common.showMore}</button></p>}
    </>
  );
}

/** Where one is no administrator, or no more. */
const NotYours = () => (
  <Empty title={common.onlyAdmins}>
    <p><a class="button" href="/overview">{common.overview}</a></p></Empty>
);

const tabs: [string, string][] = [['', common.users],
  ['invitations', text.invitations], ['names', text.retiredNames]];

export function Users() {
  const tab = place.value.query.get('tab') ?? '';
  return (
    <Page title={common.users} action={<a class="button primary"
      href="/users?tab=invitations&new">{text.invite}</a>}>
      <Tabs label={common.users} at={tab} tabs={tabs.map(([key, title]) =>
        ({ key, title, href: `/users${key && `?tab=${key}`}` }))}>
        {tab === 'invitations' ? <Invitations /> :
          tab === 'names' ? <RetiredNames /> : <People />}</Tabs>
    </Page>
  );
}

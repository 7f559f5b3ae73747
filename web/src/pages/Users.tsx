// SPDX-License-Identifier: ISC
// Who has an account, who is invited, and names that are not given again.
import { hasCode, type User, type UserState } from '../api';
import { Invitations } from '../components/Invitations';
import { NothingFits } from '../components/ListParts';
import { RetiredNames } from '../components/RetiredNames';
import { Icon } from '../components/Icon';
import { Age, Badge, Banner, Empty, Page } from '../components/ui';
import { ago } from '../lib/format';
import { usePages } from '../lib/pages';
import { userStates } from '../lib/user';
import { place, setQuery } from '../router';
import './people.css';

const EVERY = 5000;

function Row({ user }: { user: User }) {
  const [word, kind, why] = userStates[user.state];
  return (
    <tr>
      <th scope="row"><a href={`/users/${user.id}`}>{user.name}</a>
        {user.display_name && <div class="quiet">{user.display_name}</div>}</th>
      <td class="wrap">{user.email}</td>
      <td><Badge kind={kind} why={why}>{word}</Badge>{' '}
        {user.admin && <Badge kind="plain">administrator</Badge>}</td>
      <td>{user.second_factor ? 'yes' : <span class="quiet">no</span>}</td>
      <td class="wrap">{user.projects.map((p) => p.name).join(', ') ||
        <span class="quiet">none</span>}</td>
      <td>{user.last_seen_at ? <Age time={user.last_seen_at} as={ago} /> :
        <span class="quiet">never</span>}</td>
    </tr>
  );
}

function Table({ users }: { users: User[] }) {
  return (
    <div class="table"><table class="users cards">
      <thead><tr><th scope="col">Name</th><th scope="col">E-mail</th>
        <th scope="col">State</th><th scope="col">Second factor</th>
        <th scope="col">Projects</th><th scope="col">Last seen</th></tr></thead>
      <tbody>{users.map((user) => <Row key={user.id} user={user} />)}</tbody>
    </table></div>
  );
}

const states: [UserState | '', string][] = [['', 'All'], ['active', 'Active'],
  ['pending', 'Waiting'], ['unverified', 'Unverified'], ['disabled', 'Disabled']];

function Filters({ q, state }: { q: string; state: string }) {
  return (
    <div class="bar">
      <div class="search"><Icon name="search" />
        <input type="search" data-filter value={q} spellcheck={false}
          placeholder="Filter: a name or an address" aria-label="Filter the users"
          onInput={(e) => setQuery('q', e.currentTarget.value)}
          onKeyDown={(e) => { if (e.key === 'Escape') e.currentTarget.blur(); }} />
        {q === '' && <kbd>/</kbd>}</div>
      <fieldset class="segments ranges"><legend class="unseen">State</legend>
        {states.map(([key, title]) => (
          <label key={key}><input type="radio" name="state" value={key}
            checked={state === key} onChange={() => setQuery('state', key)} />
            <span>{title}</span></label>))}</fieldset>
    </div>
  );
}

function People() {
  const q = place.value.query.get('q') ?? '';
  const state = place.value.query.get('state') ?? '';
  const path = `/users?${new URLSearchParams({ limit: '50', ...(q && { q }),
    ...(state && { state }) })}`;
  const { items, error, more } = usePages<User>(path, EVERY);
  if (hasCode(error, 'forbidden')) return <NotYours />;
  return (
    <>
      <Filters q={q} state={state} />
      {error && <Banner kind="warn" title="Not up to date.">{error.message}</Banner>}
      {!items && !error && <p class="quiet">Loading…</p>}
      {items?.length === 0 && (state ? <Empty title="Nobody is in this state">
        <p><a href="/users">Show all</a></p></Empty> : <NothingFits />)}
      {items && items.length > 0 && <Table users={items} />}
      {more && <p class="more"><button type="button" onClick={more}>
        Show more</button></p>}
    </>
  );
}

/** Where one is no administrator, or no more. */
const NotYours = () => (
  <Empty title="Only administrators see this">
    <p><a class="button" href="/overview">Overview</a></p></Empty>
);

const tabs: [string, string][] = [['', 'Users'], ['invitations', 'Invitations'],
  ['names', 'Retired names']];

export function Users() {
  const tab = place.value.query.get('tab') ?? '';
  return (
    <Page title="Users" action={<a class="button primary"
      href="/users?tab=invitations&new=1">Invite somebody</a>}>
      <div class="tabs" role="tablist" aria-label="Users">
        {tabs.map(([key, title]) => (
          <a key={key} role="tab" id={`tab-${key}`} aria-selected={tab === key}
            href={`/users${key && `?tab=${key}`}`}>{title}</a>))}</div>
      <div class="panel" role="tabpanel" aria-labelledby={`tab-${tab}`}>
        {tab === 'invitations' ? <Invitations /> :
          tab === 'names' ? <RetiredNames /> : <People />}</div>
    </Page>
  );
}

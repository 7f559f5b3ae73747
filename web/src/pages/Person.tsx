// SPDX-License-Identifier: ISC
// One account, for administrators: what it is, and what can be done about it.
import { useState } from 'preact/hooks';
import { ask, get, hasCode, isMissing, type User } from '../api';
import { DeleteUser } from '../components/DeleteUser';
import { Ago, Badge, Banner, Dialog, Empty, Fact, FormProblem, Loading, Page,
  Stale } from '../components/ui';
import { day } from '../lib/format';
import { usePolled } from '../lib/poll';
import { useSending } from '../lib/sending';
import { stateKinds } from '../lib/user';
import { go } from '../router';
import { session } from '../store/session';
import { toast } from '../store/toasts';
import * as pages from '../text/pages';
import * as common from '../text/common';
import * as text from '../text/users';
import './people.css';

const EVERY = 5000;

interface Deed {
  what: keyof typeof text.deeds;
  danger?: boolean;
  work: () => Promise<unknown>;
}

/** What can be done about the account of somebody. */
function deedsOf(user: User): Deed[] {
  const path = `/users/${user.id}`;
  const self = session.value?.user.id === user.id;
  const change = (json: object) => () => ask('PATCH', path, json);
  const all: (Deed | false)[] = [
    !self && !user.admin && user.state === 'active' &&
      { what: 'promote', work: change({ admin: true }) },
    !self && user.admin &&
      { what: 'demote', danger: true, work: change({ admin: false }) },
    { what: 'signOut', work: () => ask('DELETE', `${path}/sessions`) },
    { what: 'reset', work: () => ask('POST', `${path}/password-reset`) },
    !self && user.second_factor && { what: 'noFactor', danger: true,
      work: () => ask('DELETE', `${path}/second-factor`) },
    user.state === 'disabled' &&
      { what: 'enable', work: change({ disabled: false }) },
    !self && user.state !== 'disabled' &&
      { what: 'disable', danger: true, work: change({ disabled: true }) },
  ];
  return all.filter((deed) => deed !== false);
}

function Sure({ user, deed, onClose, onDone }: { user: User; deed: Deed;
  onClose: () => void; onDone: () => void }) {
  const { error, busy, submit } = useSending();
  const words = text.deeds[deed.what];
  return (
    <Dialog title={text.sure(words.verb, user.name)} onClose={onClose}>
      <form class="stack" onSubmit={submit(async () => {
        await deed.work();
        toast(text.done(user.name, words.done));
        onDone();
      })}>
        <p>{words.why}</p>
        <FormProblem error={error} fields={[]} title={common.notDone} />
        <div class="row end">
          <button type="button" autofocus onClick={onClose}>{common.leaveIt}</button>
          <button class={deed.danger ? 'danger solid' : 'primary'} disabled={busy}>
            {busy ? common.oneMoment : words.verb}</button></div>
      </form>
    </Dialog>
  );
}

function Deeds({ user, onDone }: { user: User; onDone: () => void }) {
  const [asked, setAsked] = useState<Deed | null>(null);
  const [deleting, setDeleting] = useState(false);
  const self = session.value?.user.id === user.id;
  return (
    <section class="card stack" aria-labelledby="deeds">
      <h2 id="deeds">{text.whatYouCanDo}</h2>
      <ul class="rows deeds">
        {deedsOf(user).map((deed) => (
          <li key={deed.what}><p class="grow">{text.deeds[deed.what].why}</p>
            <button type="button" class={deed.danger ? 'danger' : ''}
              onClick={() => setAsked(deed)}>
              {text.more(text.deeds[deed.what].verb)}</button></li>))}
        {!self && <li><p class="grow">{text.deleteWhy}</p>
          <button type="button" class="danger" onClick={() => setDeleting(true)}>
            {text.deleteMore}</button></li>}
      </ul>
      {asked && <Sure user={user} deed={asked} onClose={() => setAsked(null)}
        onDone={() => { setAsked(null); onDone(); }} />}
      {deleting && <DeleteUser user={user} onClose={() => setDeleting(false)}
        onGone={() => {
          toast(text.isDeleted(user.name));
          go('/users', true);
        }} />}
    </section>
  );
}

function Facts({ user }: { user: User }) {
  return (
    <dl class="facts">
      <Fact name={common.email}>{user.email}</Fact>
      {user.display_name && <Fact name={common.name}>{user.display_name}</Fact>}
      <Fact name={common.secondFactor}>{user.second_factor ? common.yes : common.no}
      </Fact>
      <Fact name={pages.projects}>{user.projects.length === 0 ? common.none :
        <ul class="plain">{user.projects.map((p) => <li key={p.name}>
          {text.asRole(<a href={`/projects/${p.name}`}>{p.name}</a>, p.role)}
        </li>)}</ul>}</Fact>
      <Fact name={common.since}>{day(user.created_at)}</Fact>
      <Fact name={text.lastSeen}>{user.last_seen_at ?
        <Ago time={user.last_seen_at} /> : common.never}</Fact>
      <Fact name={text.record}><a href={`/audit?actor=${encodeURIComponent(
        user.name)}`}>{text.whatTheyDid}</a></Fact>
    </dl>
  );
}

function Waits({ user, onDone }: { user: User; onDone: () => void }) {
  const { error, busy, send } = useSending();
  return (
    <Banner kind="warn" title={text.waitsToBeApproved}>
      <button type="button" class="small" disabled={busy}
        onClick={() => send(async () => {
          await ask('PATCH', `/users/${user.id}`, { approved: true });
          toast(text.isApproved(user.name));
          onDone();
        })}>{busy ? common.oneMoment : text.approve}</button> {error?.message}
    </Banner>
  );
}

const Gone = ({ title }: { title: string }) => (
  <Empty title={title}>
    <p><a class="button" href="/users">{pages.users}</a></p></Empty>
);

export function Person({ id }: { id: string }) {
  const { value: user, error, at, again } = usePolled((signal) =>
    get<User>(`/users/${encodeURIComponent(id)}`, signal), EVERY, [id]);
  if (isMissing(error)) return <Gone title={text.noSuch} />;
  if (hasCode(error, 'forbidden'))
    return <Gone title={pages.adminsOnly} />;
  return (
    <Page title={user?.name ?? pages.user} above={<a href="/users">{pages.users}</a>}
      beside={user && <>
        <Badge kind={stateKinds[user.state]} why={text.statesMean[user.state]}>
          {text.states[user.state]}</Badge>
        {user.admin && <Badge kind="plain">{text.administrator}</Badge>}</>}>
      <Stale reason={error} since={at} again={again}>
        {user && <div class="stack narrow">
          {user.state === 'pending' && <Waits user={user} onDone={again} />}
          <Facts user={user} />
          <Deeds user={user} onDone={again} /></div>}</Stale>
      {!user && !error && <Loading />}
    </Page>
  );
}

// SPDX-License-Identifier: ISC
// One account, for administrators: what it is, and what can be done about it.
import { useState } from 'preact/hooks';
import { ask, get, hasCode, isMissing, type User } from '../api';
import { DeleteUser } from '../components/DeleteUser';
import { Age, Badge, Banner, Dialog, Empty, FormProblem, Page } from
  '../components/ui';
import { ago, day } from '../lib/format';
import { usePolled } from '../lib/poll';
import { useSending } from '../lib/sending';
import { userStates } from '../lib/user';
import { go } from '../router';
import { session } from '../store/session';
import { toast } from '../store/toasts';
import './people.css';

const EVERY = 5000;

interface Deed {
  verb: string;
  why: string;
  danger?: boolean;
  done: string;
  work: () => Promise<unknown>;
}

/** What can be done about the account of somebody. */
function deedsOf(user: User): Deed[] {
  const path = `/users/${user.id}`;
  const self = session.value?.user.id === user.id;
  const change = (json: object) => () => ask('PATCH', path, json);
  const all: (Deed | false)[] = [
    !self && !user.admin && user.state === 'active' && {
      verb: 'Make administrator', done: 'an administrator now',
      why: 'They may then do everything, also to your account.',
      work: change({ admin: true }) },
    !self && user.admin && { verb: 'Take administration away', danger: true,
      done: 'no administrator any more', why: 'They keep their projects.',
      work: change({ admin: false }) },
    { verb: 'Sign out everywhere', done: 'signed out everywhere',
      why: 'All their sessions end at once; they may sign in again.',
      work: () => ask('DELETE', `${path}/sessions`) },
    { verb: 'Send a link for a new password', done: 'told by mail',
      why: 'By mail. A second factor is still needed with it.',
      work: () => ask('POST', `${path}/password-reset`) },
    !self && user.second_factor && { verb: 'Remove the second factor', danger: true,
      done: 'without a second factor now',
      why: 'When they lost it: codes, recovery codes, passkeys and sessions end. ' +
        'Make sure that it is them who ask.',
      work: () => ask('DELETE', `${path}/second-factor`) },
    user.state === 'disabled' && { verb: 'Let them in again',
      done: 'may sign in again', why: 'They may sign in as before.',
      work: change({ disabled: false }) },
    !self && user.state !== 'disabled' && { verb: 'Disable', danger: true,
      done: 'disabled', why: 'They may not sign in, their sessions end at once, and ' +
        'their tokens and rules rest. Unikernels go on running.',
      work: change({ disabled: true }) },
  ];
  return all.filter((deed) => deed !== false);
}

function Sure({ user, deed, onClose, onDone }: { user: User; deed: Deed;
  onClose: () => void; onDone: () => void }) {
  const { error, busy, submit } = useSending();
  return (
    <Dialog title={`${deed.verb}: ${user.name}?`} onClose={onClose}>
      <form class="stack" onSubmit={submit(async () => {
        await deed.work();
        toast(`${user.name}: ${deed.done}`);
        onDone();
      })}>
        <p>{deed.why}</p>
        <FormProblem error={error} fields={[]} title="It was not done." />
        <div class="row end">
          <button type="button" autofocus onClick={onClose}>Leave it</button>
          <button class={deed.danger ? 'danger solid' : 'primary'} disabled={busy}>
            {busy ? 'One moment…' : deed.verb}</button></div>
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
      <h2 id="deeds">What you can do</h2>
      <ul class="rows deeds">
        {deedsOf(user).map((deed) => (
          <li key={deed.verb}><p class="grow">{deed.why}</p>
            <button type="button" class={deed.danger ? 'danger' : ''}
              onClick={() => setAsked(deed)}>{deed.verb}…</button></li>))}
        {!self && <li><p class="grow">What they leave is shown first, and who gets
          it is asked.</p>
          <button type="button" class="danger" onClick={() => setDeleting(true)}>
            Delete the account…</button></li>}
      </ul>
      {asked && <Sure user={user} deed={asked} onClose={() => setAsked(null)}
        onDone={() => { setAsked(null); onDone(); }} />}
      {deleting && <DeleteUser user={user} onClose={() => setDeleting(false)}
        onGone={() => {
          toast(`The account ${user.name} is deleted`);
          go('/users', true);
        }} />}
    </section>
  );
}

function Facts({ user }: { user: User }) {
  return (
    <dl class="facts">
      <div><dt>E-mail</dt><dd>{user.email}</dd></div>
      {user.display_name && <div><dt>Name</dt><dd>{user.display_name}</dd></div>}
      <div><dt>Second factor</dt><dd>{user.second_factor ? 'yes' : 'no'}</dd></div>
      <div><dt>Projects</dt><dd>{user.projects.length === 0 ? 'none' :
        user.projects.map((p) => `${p.name} (${p.role})`).join(', ')}</dd></div>
      <div><dt>Since</dt><dd>{day(user.created_at)}</dd></div>
      <div><dt>Last seen</dt><dd>{user.last_seen_at ?
        <Age time={user.last_seen_at} as={ago} /> : 'never'}</dd></div>
      <div><dt>Record</dt><dd><a href={`/audit?actor=${encodeURIComponent(
        user.name)}`}>What they did</a></dd></div>
    </dl>
  );
}

function Waits({ user, onDone }: { user: User; onDone: () => void }) {
  const { error, busy, send } = useSending();
  return (
    <Banner kind="warn" title="This account waits to be approved.">
      <button type="button" class="small" disabled={busy}
        onClick={() => send(async () => {
          await ask('PATCH', `/users/${user.id}`, { approved: true });
          toast(`${user.name} is approved`);
          onDone();
        })}>{busy ? 'One moment…' : 'Approve'}</button> {error?.message}
    </Banner>
  );
}

const Gone = ({ title }: { title: string }) => (
  <Empty title={title}><p><a class="button" href="/users">Users</a></p></Empty>
);

export function Person({ id }: { id: string }) {
  const { value: user, error, again } = usePolled((signal) =>
    get<User>(`/users/${encodeURIComponent(id)}`, signal), EVERY, [id]);
  if (isMissing(error)) return <Gone title="There is no such account" />;
  if (hasCode(error, 'forbidden'))
    return <Gone title="Only administrators see this" />;
  const state = user && userStates[user.state];
  return (
    <Page title={user?.name ?? 'User'} above={<a href="/users">Users</a>}
      beside={user && state && <>
        <Badge kind={state[1]} why={state[2]}>{state[0]}</Badge>
        {user.admin && <Badge kind="plain">administrator</Badge>}</>}>
      {error && <Banner kind="warn" title="Not up to date.">{error.message}</Banner>}
      {user ? <div class="stack narrow">
        {user.state === 'pending' && <Waits user={user} onDone={again} />}
        <Facts user={user} />
        <Deeds user={user} onDone={again} /></div> :
        !error && <p class="quiet">Loading…</p>}
    </Page>
  );
}

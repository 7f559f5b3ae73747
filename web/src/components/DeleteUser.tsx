// SPDX-License-Identifier: ISC
// Deletes somebody: what they leave is told first, and who gets it is chosen.
import { useEffect, useState } from 'preact/hooks';
import { ask, get, getAll, type Leaves, type List, type User } from '../api';
import { count } from '../lib/format';
import { heldText, isOrphan, orphans } from '../lib/user';
import { Unanswered } from './ListParts';
import { Banner, ConfirmName, Dialog, Field } from './ui';

/** Where a project of theirs goes. */
function fateOf(p: Leaves['projects'][number], orphaned: boolean): string {
  if (!isOrphan(p)) return 'stays with the others in it';
  return orphaned ? 'has no other owner' : 'is removed';
}

function What({ leaves }: { leaves: Leaves }) {
  const lost = orphans(leaves);
  return (
    <>
      <Unanswered errors={leaves.errors} lost="What it holds of theirs is not told." />
      {leaves.projects.length > 0 && <ul class="rows">{leaves.projects.map((p) => (
        <li key={p.name}><div><strong>{p.name}</strong>{' '}
          {fateOf(p, lost.includes(p))}
          <div class="quiet">{heldText(p)}{[...p.unikernels, ...p.volumes].length >
            0 && `: ${[...p.unikernels, ...p.volumes].map((u) =>
            `${u.name} on ${u.instance}`).join(', ')}`}</div></div></li>))}</ul>}
      <p>{count(leaves.tokens, 'token')}, {count(leaves.sessions, 'session')} and{' '}
        {count(leaves.rules, 'rule')} that act for them end at once.</p>
    </>
  );
}

/** Others who may get what is left. */
function useOthers(id: string): User[] {
  const [others, setOthers] = useState<User[]>([]);
  useEffect(() => {
    getAll<List<User>>('/users?state=active').then(({ items }) =>
      setOthers(items.filter((u) => u.id !== id)), () => {});
  }, [id]);
  return others;
}

function Heir({ id, value, onValue }: { id: string; value: string;
  onValue: (name: string) => void }) {
  const others = useOthers(id);
  return (
    <Field label="Projects without another owner go to"
      hint="With nobody, they stay and only administrators see them.">{(p) => (
      <select {...p} value={value} onChange={(e) => onValue(e.currentTarget.value)}>
        <option value="">nobody</option>
        {others.map((u) => (
          <option key={u.id} value={u.name}>{u.name}, {u.email}</option>))}
      </select>)}</Field>
  );
}

export function DeleteUser({ user, onClose, onGone }: { user: User;
  onClose: () => void; onGone: () => void }) {
  const [leaves, setLeaves] = useState<Leaves | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [heir, setHeir] = useState('');
  useEffect(() => {
    get<Leaves>(`/users/${user.id}/leaves`).then(setLeaves, setError);
  }, [user.id]);
  const title = `Delete ${user.name}?`;
  if (!leaves)
    return (
      <Dialog title={title} onClose={onClose}>
        {error ? <Banner title="What they leave is not known.">{error.message}
        </Banner> : <p role="status">Looking at what they leave…</p>}
        <div class="row end"><button type="button" autofocus onClick={onClose}>
          Keep the account</button></div></Dialog>);
  return (
    <ConfirmName title={title} name={user.name} verb="Delete the account"
      onClose={onClose} onConfirm={async () => {
        await ask('DELETE', `/users/${user.id}${heir &&
          `?give_to=${encodeURIComponent(heir)}`}`);
        onGone();
      }}>
      <div class="stack">
        <p>The account of {user.email} can not be brought back. Unikernels go on
          running; the name is not given again while anything may be left
          beneath it.</p>
        <What leaves={leaves} />
        {orphans(leaves).length > 0 && <Heir id={user.id} value={heir}
          onValue={setHeir} />}
      </div>
    </ConfirmName>
  );
}

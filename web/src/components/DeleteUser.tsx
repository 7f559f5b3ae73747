// SPDX-License-Identifier: ISC
// Deletes somebody: what they leave is told first, and who gets it is chosen.
import { useEffect, useState } from 'preact/hooks';
import { ask, getAll, type Leaves, type List, type User } from '../api';
import { useAsked } from '../lib/asked';
import { isOrphan, orphans } from '../lib/user';
import * as common from '../text/common';
import * as text from '../text/users';
import { Unanswered } from './ListParts';
import { Banner, ConfirmName, Dialog, Field } from './ui';

/** Where a project of theirs goes. */
function fateOf(p: Leaves['projects'][number], orphaned: boolean) {
  const name = <strong>{p.name}</strong>;
  if (!isOrphan(p)) return text.projectStays(name);
  return orphaned ? text.projectOrphaned(name) : text.projectRemoved(name);
}

function What({ leaves }: { leaves: Leaves }) {
  const lost = orphans(leaves);
  return (
    <>
      <Unanswered errors={leaves.errors} lost={text.notTold} />
      {leaves.projects.length > 0 && <ul class="rows">{leaves.projects.map((p) => (
        <li key={p.name}><div>{fateOf(p, lost.includes(p))}
          <div class="quiet">{text.heldWhat(p)}</div></div></li>))}</ul>}
      {leaves.tokens + leaves.sessions + leaves.rules > 0 &&
        <p>{text.endAtOnce(leaves)}</p>}
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
    <Field label={text.heir} hint={text.heirHint}>{(p) => (
      <select {...p} value={value} onChange={(e) => onValue(e.currentTarget.value)}>
        <option value="">{common.nobody}</option>
        {others.map((u) => (
          <option key={u.id} value={u.name}>{text.person(u.name, u.email)}
          </option>))}
      </select>)}</Field>
  );
}

export function DeleteUser({ user, onClose, onGone }: { user: User;
  onClose: () => void; onGone: () => void }) {
  const { answer: leaves, error } = useAsked<Leaves>(`/users/${user.id}/leaves`);
  const [heir, setHeir] = useState('');
  const title = text.deleteTitle(user.name);
  if (!leaves)
    return (
      <Dialog title={title} onClose={onClose}>
        {error ? <Banner title={text.leavesUnknown}>{error.message}
        </Banner> : <p role="status">{text.looking}</p>}
        <div class="row end"><button type="button" autofocus onClick={onClose}>
          {text.keepAccount}</button></div></Dialog>);
  return (
    <ConfirmName title={title} name={user.name} verb={text.deleteIt}
      onClose={onClose} onConfirm={async () => {
        await ask('DELETE', `/users/${user.id}${heir &&
          `?give_to=${encodeURIComponent(heir)}`}`);
        onGone();
      }}>
      <div class="stack">
        <p>{text.noWayBack(user.email)}</p>
        <What leaves={leaves} />
        {orphans(leaves).length > 0 && <Heir id={user.id} value={heir}
          onValue={setHeir} />}
      </div>
    </ConfirmName>
  );
}

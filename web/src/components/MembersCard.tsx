// SPDX-License-Identifier: ISC
// Who is in a project, with which role; added, changed, sent away, or leaving.
import { useState } from 'preact/hooks';
import { ask, currentSession, get, type Member, type Project,
  type Role } from '../api';
import { useLive } from '../lib/live';
import { useSending } from '../lib/sending';
import { go } from '../router';
import { session } from '../store/session';
import { toast, toastError } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/projects';
import { RoleOptions } from './RoleOptions';
import { ConfirmName, Field, FormProblem, Stale, Table } from './ui';

/** By address or name; what is typed stays when it is refused. */
function Add({ path, onDone }: { path: string; onDone: () => void }) {
  const [who, setWho] = useState('');
  const [role, setRole] = useState<Role>('deployer');
  const { error, busy, submit, say } = useSending();
  const add = submit(async () => {
    const added = await ask<Member>('POST', path, { role,
      ...(who.includes('@') ? { email: who.trim() } : { name: who.trim() }) });
    toast(text.isNow(added.name, common.roles[added.role]));
    setWho('');
    onDone();
  });
  return (
    <form class="stack add-member" onSubmit={add}>
      <div class="columns">
        <Field label={text.addSomebody} error={say('email') ?? say('name')}
          hint={text.addHint}>{(p) => (
            <input {...p} required maxLength={254} value={who} spellcheck={false}
              autocapitalize="off" autocomplete="off"
              onInput={(e) => setWho(e.currentTarget.value)} />)}</Field>
        <Field label={text.as} hint={text.roleMeans[role]}>{(p) => (
          <select {...p} value={role}
            onChange={(e) => setRole(e.currentTarget.value as Role)}>
            <RoleOptions /></select>)}</Field>
      </div>
      <FormProblem error={error} title={text.nobodyAdded}
        fields={['email', 'name']} />
      <div class="row"><button disabled={busy}>{common.add}</button></div>
    </form>
  );
}

function Row({ m, owner, archived, path, onDone, onGo }: { m: Member;
  owner: boolean; archived: boolean; path: string; onDone: () => void;
  onGo: (m: Member) => void }) {
  const self = m.name === session.value?.user.name;
  const change = async (role: Role) => {
    try {
      await ask('PUT', `${path}/${m.name}`, { role });
      toast(text.isNow(m.name, common.roles[role]));
    } catch (e) {
      toastError(e);
    }
    onDone();
  };
  return (
    <tr>
      <th scope="row">{self ? text.you(m.display_name || m.name) :
        m.display_name || m.name}
        {m.display_name && <div class="quiet">{m.name}</div>}</th>
      <td>{m.email}</td>
      <td>{owner && !archived ? <select aria-label={text.roleOf(m.name)}
        value={m.role} onChange={(e) => change(e.currentTarget.value as Role)}>
        <RoleOptions /></select> : common.roles[m.role]}</td>
      <td class="end">{(self || owner && !archived) && <button type="button"
        class="small" onClick={() => onGo(m)} aria-label={self ? text.leave :
          common.removeOf(m.name)}>
        {self ? text.leaveMember : text.removeMember}</button>}</td>
    </tr>
  );
}

/** told: the page says already that the server does not answer. */
export function MembersCard({ project, owner, told, onChanged }: {
  project: Project; owner: boolean; told: boolean; onChanged: () => void }) {
  const path = `/projects/${project.name}/members`;
  const { value: members, error: failed, at, again } = useLive(async (signal) =>
    (await get<{ items: Member[] }>(path, signal)).items, [], () => false,
  [path, project.members]);
  const [going, setGoing] = useState<Member | null>(null);
  const done = () => {
    again();
    onChanged();
  };
  const self = going?.name === session.value?.user.name;
  const send = async () => {
    await ask('DELETE', `${path}/${going?.name}`);
    setGoing(null);
    if (self) {
      toast(text.left(project.name));
      session.value = await currentSession();
      go('/projects');
    } else {
      toast(text.wasRemoved(going?.name ?? ''));
      done();
    }
  };
  return (
    <section class="card stack">
      <h2>{text.members}</h2>
      <Stale reason={!told && failed} since={at} again={again} />
      {members && members.length > 0 &&
        <Table label={text.members} class="members cards"
        columns={[common.name, common.email, text.role,
          { title: common.remove, unseen: true }]}>
        {members.map((m) => <Row key={m.name} m={m} owner={owner}
            archived={project.archived} path={path} onDone={done}
            onGo={setGoing} />)}</Table>}
      {owner && !project.archived && <Add path={path} onDone={done} />}
      {going && <ConfirmName name={going.name} title={self ?
        text.leaveTitle(project.name) : common.removeOf(going.name)} verb={self ?
        common.leaveIt : text.removeVerb} onClose={() => setGoing(null)}
      onConfirm={send}>
        <p>{self ? text.leaveMeans : text.removeMeans}</p>
      </ConfirmName>}
    </section>
  );
}

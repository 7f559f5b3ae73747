// SPDX-License-Identifier: ISC
// Who is in a project, with which role; added, changed, sent away, or leaving.
import { useEffect, useState } from 'preact/hooks';
import { ask, currentSession, get, type Member, type Project } from '../api';
import { useSending } from '../lib/sending';
import { go } from '../router';
import { session } from '../store/session';
import { toast, toastError } from '../store/toasts';
import { Banner, ConfirmName, Field, FormProblem } from './ui';

const roles = ['viewer', 'deployer', 'owner'] as const;
type Role = typeof roles[number];

const meaning: Record<Role, string> = {
  viewer: 'looks', deployer: 'deploys, restarts, destroys',
  owner: 'decides who is in, too',
};

const RoleOptions = () => <>{roles.map((r) => (
  <option key={r} value={r}>{r}</option>))}</>;

/** By address or name; what is typed stays when it is refused. */
function Add({ path, onDone }: { path: string; onDone: () => void }) {
  const [who, setWho] = useState('');
  const [role, setRole] = useState<Role>('deployer');
  const { error, busy, submit, say } = useSending();
  const add = submit(async () => {
    const added = await ask<Member>('POST', path, { role,
      ...(who.includes('@') ? { email: who.trim() } : { name: who.trim() }) });
    toast(`${added.name} is ${added.role} now`);
    setWho('');
    onDone();
  });
  return (
    <form class="stack add-member" onSubmit={add}>
      <div class="columns">
        <Field label="Add somebody" error={say('email') ?? say('name')}
          hint="Their e-mail address or name.">{(p) => (
            <input {...p} required maxLength={254} value={who} spellcheck={false}
              autocapitalize="off" autocomplete="off"
              onInput={(e) => setWho(e.currentTarget.value)} />)}</Field>
        <Field label="As" hint={`Who ${meaning[role]}.`}>{(p) => (
          <select {...p} value={role}
            onChange={(e) => setRole(e.currentTarget.value as Role)}>
            <RoleOptions /></select>)}</Field>
      </div>
      <FormProblem error={error} title="Nobody was added."
        fields={['email', 'name']} />
      <div class="row"><button disabled={busy}>Add</button></div>
    </form>
  );
}

function Row({ m, owner, archived, path, onDone, onGo }: { m: Member;
  owner: boolean; archived: boolean; path: string; onDone: () => void;
  onGo: (m: Member) => void }) {
  const self = m.name === session.value?.user.name;
  const change = async (role: string) => {
    try {
      await ask('PUT', `${path}/${m.name}`, { role });
      toast(`${m.name} is ${role} now`);
    } catch (e) {
      toastError(e);
    }
    onDone();
  };
  return (
    <tr>
      <th scope="row">{m.display_name || m.name}{self && ' (you)'}
        {m.display_name && <div class="quiet">{m.name}</div>}</th>
      <td>{m.email}</td>
      <td>{owner && !archived ? <select aria-label={`Role of ${m.name}`}
        value={m.role} onChange={(e) => change(e.currentTarget.value)}>
        <RoleOptions /></select> : m.role}</td>
      <td class="end">{(self || owner && !archived) && <button type="button"
        class="small" onClick={() => onGo(m)} aria-label={self ? 'Leave' :
          `Remove ${m.name}`}>{self ? 'Leave…' : 'Remove…'}</button>}</td>
    </tr>
  );
}

export function MembersCard({ project, owner, onChanged }: { project: Project;
  owner: boolean; onChanged: () => void }) {
  const path = `/projects/${project.name}/members`;
  const [members, setMembers] = useState<Member[] | null>(null);
  const [failed, setFailed] = useState<Error | null>(null);
  const [going, setGoing] = useState<Member | null>(null);
  const load = () => {
    get<{ items: Member[] }>(path).then((list) => {
      setMembers(list.items);
      setFailed(null);
    }, setFailed);
  };
  useEffect(load, [path, project.members]);
  const done = () => {
    load();
    onChanged();
  };
  const self = going?.name === session.value?.user.name;
  const send = async () => {
    await ask('DELETE', `${path}/${going?.name}`);
    setGoing(null);
    if (self) {
      toast(`You left ${project.name}`);
      session.value = await currentSession();
      go('/projects');
    } else {
      toast(`${going?.name} was removed`);
      done();
    }
  };
  return (
    <section class="card stack">
      <h2>Members</h2>
      {failed && <Banner title="The members can not be shown.">{failed.message}
      </Banner>}
      {members && members.length > 0 && <div class="table">
        <table class="members cards">
          <thead><tr><th scope="col">Name</th><th scope="col">E-mail</th>
            <th scope="col">Role</th><th scope="col"><span class="unseen">Remove
            </span></th></tr></thead>
          <tbody>{members.map((m) => <Row key={m.name} m={m} owner={owner}
            archived={project.archived} path={path} onDone={done}
            onGo={setGoing} />)}</tbody></table></div>}
      {owner && !project.archived && <Add path={path} onDone={done} />}
      {going && <ConfirmName name={going.name} title={self ?
        `Leave ${project.name}` : `Remove ${going.name}`} verb={self ?
        'Leave it' : 'Remove them'} onClose={() => setGoing(null)}
      onConfirm={send}>
        <p>{self ? 'You see nothing of it any more, and your tokens can do ' +
          'nothing there.' : 'They see nothing of it any more, at once, and ' +
          'their tokens can do nothing there. What they deployed goes on.'}</p>
      </ConfirmName>}
    </section>
  );
}

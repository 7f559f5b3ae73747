// SPDX-License-Identifier: ISC
// Invitations: made, shown once as a link, withdrawn.
import { useEffect, useState } from 'preact/hooks';
import { ask, getAll, type Invitation, type InvitationMade, type List,
  type Project, type Role } from '../api';
import { day, numberOf } from '../lib/format';
import { usePolled } from '../lib/poll';
import { useSending } from '../lib/sending';
import { place, setQuery } from '../router';
import { toast, toastError } from '../store/toasts';
import { Banner, Code, Dialog, Empty, Field, FormProblem } from './ui';

const EVERY = 15_000;

const roles: Role[] = ['viewer', 'deployer', 'owner'];

/** All into which one may invite, unless it is known. */
function useProjects(fixed: string | undefined): string[] {
  const [names, setNames] = useState<string[]>([]);
  useEffect(() => {
    if (!fixed) getAll<List<Project>>('/projects').then(({ items }) =>
      setNames(items.map((p) => p.name)), toastError);
  }, [fixed]);
  return names;
}

function Invite({ into, onClose, onMade }: { into: string | undefined;
  onClose: () => void; onMade: (made: InvitationMade) => void }) {
  const [email, setEmail] = useState('');
  const [project, setProject] = useState(into ?? '');
  const [role, setRole] = useState<Role>('deployer');
  const [days, setDays] = useState('7');
  const projects = useProjects(into);
  const { error, busy, submit, say } = useSending();
  return (
    <Dialog title={into ? `Invite somebody into ${into}` : 'Invite somebody'}
      onClose={onClose}>
      <form class="stack" onSubmit={submit(async () =>
        onMade(await ask<InvitationMade>('POST', '/invitations', {
          expires_in_days: numberOf(days), ...(email && { email }),
          ...(project && { project, role }) })))}>
        <p>Who opens the link makes an account of their own, once.</p>
        <Field label="E-mail (optional)" error={say('email')}
          hint="Only for this address then; the link is mailed to it.">{(p) => (
          <input {...p} type="email" autofocus maxLength={254} autocomplete="off"
            value={email} onInput={(e) => setEmail(e.currentTarget.value)} />)}
        </Field>
        <div class="columns">
          {!into && <Field label="Into project" error={say('project')}>{(p) => (
            <select {...p} value={project}
              onChange={(e) => setProject(e.currentTarget.value)}>
              <option value="">none</option>
              {projects.map((name) => <option key={name}>{name}</option>)}
            </select>)}</Field>}
          {project && <Field label="As" error={say('role')}>{(p) => (
            <select {...p} value={role}
              onChange={(e) => setRole(e.currentTarget.value as Role)}>
              {roles.map((r) => <option key={r}>{r}</option>)}</select>)}</Field>}
          <Field label="Days until it is over" error={say('expires_in_days')}>
            {(p) => <input {...p} type="number" min={1} max={30} required
              value={days} onInput={(e) => setDays(e.currentTarget.value)} />}
          </Field>
        </div>
        <FormProblem error={error} title="No invitation was made."
          fields={['email', 'project', 'role', 'expires_in_days']} />
        <div class="row end">
          <button type="button" onClick={onClose}>Cancel</button>
          <button class="primary" disabled={busy}>
            {busy ? 'One moment…' : 'Make the invitation'}</button></div>
      </form>
    </Dialog>
  );
}

function Made({ invitation, link, onClose }: InvitationMade & { onClose: () => void }) {
  return (
    <Dialog title="Copy the link now" wide onClose={onClose}>
      <p>It is shown once. {invitation.email ?
        `If mail is set up, it was also mailed to ${invitation.email}.` :
        'Whoever has it may use it, once: give it to nobody else.'}</p>
      <Code text={link} what="Link" />
      <div class="row end"><button type="button" class="primary"
        onClick={onClose}>I have it</button></div>
    </Dialog>
  );
}

/** Makes an invitation, into a project if one is said, and shows its link. */
export function Inviting({ project, onClose, onMade }: { project?: string;
  onClose: () => void; onMade?: () => void }) {
  const [made, setMade] = useState<InvitationMade | null>(null);
  if (made) return <Made {...made} onClose={onClose} />;
  return <Invite into={project} onClose={onClose} onMade={(one) => {
    setMade(one);
    onMade?.();
  }} />;
}

function Row({ i, onGone }: { i: Invitation; onGone: () => void }) {
  const [asking, setAsking] = useState(false);
  const whom = i.email ?? 'whoever has the link';
  const withdraw = async () => {
    try {
      await ask('DELETE', `/invitations/${i.id}`);
      toast('The invitation is withdrawn');
      onGone();
    } catch (e) {
      toastError(e);
    }
    setAsking(false);
  };
  return (
    <tr>
      <th scope="row" class="wrap">{whom}</th>
      <td>{i.project ? `${i.project}, as ${i.role}` :
        <span class="quiet">no project</span>}</td>
      <td>{i.invited_by}</td>
      <td>until {day(i.expires_at)}</td>
      <td class="end">{asking ? <>
        <button type="button" class="small" onClick={() => setAsking(false)}>
          Keep</button>{' '}
        <button type="button" class="small danger" onClick={withdraw}>
          Withdraw now</button></> :
        <button type="button" class="small" onClick={() => setAsking(true)}
          aria-label={`Withdraw: ${whom}`}>Withdraw</button>}</td>
    </tr>
  );
}

function Table({ items, onGone }: { items: Invitation[]; onGone: () => void }) {
  return (
    <div class="table"><table class="cards">
      <thead><tr><th scope="col">For</th><th scope="col">Into</th>
        <th scope="col">By</th><th scope="col">Good</th>
        <th scope="col"><span class="unseen">Withdraw</span></th></tr></thead>
      <tbody>{items.map((i) => <Row key={i.id} i={i} onGone={onGone} />)}</tbody>
    </table></div>
  );
}

export function Invitations() {
  const { value, error, again } = usePolled((signal) =>
    getAll<List<Invitation>>('/invitations', signal), EVERY, []);
  const inviting = place.value.query.has('new');
  return (
    <>
      {error && <Banner kind="warn" title="Not up to date.">{error.message}</Banner>}
      {!value && !error && <p class="quiet">Loading…</p>}
      {value?.items.length === 0 && <Empty title="Nobody is invited">
        <p>An invitation is a link with which somebody makes an account, into a
          project if you like. It works once.</p></Empty>}
      {value && value.items.length > 0 &&
        <Table items={value.items} onGone={again} />}
      {inviting && <Inviting onMade={again} onClose={() => setQuery('new', '')} />}
    </>
  );
}

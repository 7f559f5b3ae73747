// SPDX-License-Identifier: ISC
// Invitations: made, shown once as a link, withdrawn.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ask, getAll, type Invitation, type InvitationMade, type List,
  type Project, type Role } from '../api';
import { numberOf } from '../lib/format';
import { usePolled } from '../lib/poll';
import { useSending } from '../lib/sending';
import { queryDialog, useUnsaved } from '../router';
import { toast, toastError } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/users';
import { RoleOptions } from './RoleOptions';
import { Code, Dialog, Empty, Field, FormProblem, Loading, Stale, Table } from
  './ui';

const EVERY = 15_000;

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
  useUnsaved(email !== '');
  return (
    <Dialog title={into ? text.inviteInto(into) : text.invite}
      onClose={onClose}>
      <form class="stack" onSubmit={submit(async () =>
        onMade(await ask<InvitationMade>('POST', '/invitations', {
          expires_in_days: numberOf(days), ...(email && { email }),
          ...(project && { project, role }) })))}>
        <p>{text.inviteAbout}</p>
        <Field label={text.emailOptional} error={say('email')}
          hint={text.emailHint}>{(p) => (
          <input {...p} type="email" autofocus maxLength={254} autocomplete="off"
            value={email} onInput={(e) => setEmail(e.currentTarget.value)} />)}
        </Field>
        <div class="columns">
          {!into && <Field label={text.intoProject} error={say('project')}>{(p) => (
            <select {...p} value={project}
              onChange={(e) => setProject(e.currentTarget.value)}>
              <option value="">{common.none}</option>
              {projects.map((name) => <option key={name}>{name}</option>)}
            </select>)}</Field>}
          {project && <Field label={text.as} error={say('role')}>{(p) => (
            <select {...p} value={role}
              onChange={(e) => setRole(e.currentTarget.value as Role)}>
              <RoleOptions /></select>)}</Field>}
          <Field label={text.days} hint={text.daysHint}
            error={say('expires_in_days')}>
            {(p) => <input {...p} type="number" min={1} max={30} required
              value={days} onInput={(e) => setDays(e.currentTarget.value)} />}
          </Field>
        </div>
        <FormProblem error={error} title={text.notInvited}
          fields={['email', 'project', 'role', 'expires_in_days']} />
        <div class="row end">
          <button type="button" onClick={onClose}>{common.cancel}</button>
          <button class="primary" disabled={busy}>
            {busy ? common.oneMoment : text.makeInvitation}</button></div>
      </form>
    </Dialog>
  );
}

function Made({ invitation, link, onClose }: InvitationMade &
{ onClose: () => void }) {
  return (
    <Dialog title={text.copyLink} wide once onClose={onClose}>
      <p>{text.shownOnce(invitation.email)}</p>
      <Code text={link} what={text.link} />
      <div class="row end"><button type="button" class="primary"
        onClick={onClose}>{common.haveIt}</button></div>
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
  const buttons = useRef<HTMLTableCellElement>(null);
  const pressed = useRef(false);
  // To those that come in place of the one that was pressed.
  useLayoutEffect(() => {
    if (pressed.current) buttons.current?.querySelector('button')?.focus();
  }, [asking]);
  const swap = (to: boolean) => {
    pressed.current = true;
    setAsking(to);
  };
  const whom = i.email ?? text.whoeverHasLink;
  const withdraw = async () => {
    try {
      await ask('DELETE', `/invitations/${i.id}`);
      toast(text.withdrawn);
      onGone();
    } catch (e) {
      toastError(e);
    }
    setAsking(false);
  };
  return (
    <tr>
      <th scope="row" class="wrap">{whom}</th>
      <td>{i.project && i.role ? text.invitedAs(i.project, i.role as Role) :
        <span class="quiet">{text.noProject}</span>}</td>
      <td data-label={common.by}>{i.invited_by}</td>
      <td>{text.until(i.expires_at)}</td>
      <td class="end" ref={buttons}>{asking ? <>
        <button type="button" class="small" onClick={() => swap(false)}>
          {common.keep}</button>{' '}
        <button type="button" class="small danger" onClick={withdraw}>
          {text.withdrawNow}</button></> :
        <button type="button" class="small" onClick={() => swap(true)}
          aria-label={text.withdrawOne(whom)}>{text.withdraw}</button>}</td>
    </tr>
  );
}

export function Invitations() {
  const { value, error, at, again } = usePolled((signal) =>
    getAll<List<Invitation>>('/invitations', signal), EVERY, []);
  const inviting = queryDialog('new');
  return (
    <>
      <Stale reason={error} since={at} again={again}>
        {value && value.items.length > 0 && <Table label={text.invitations}
          class="invitations cards" columns={[text.forWhom, text.into, common.by,
            text.good, { title: text.withdraw, unseen: true }]}>
          {value.items.map((i) => <Row key={i.id} i={i} onGone={again} />)}
        </Table>}</Stale>
      {!value && !error && <Loading />}
      {value?.items.length === 0 && <Empty title={text.nobodyInvited}>
        <p>{text.invitationAbout}</p></Empty>}
      {inviting.at !== null && <Inviting onMade={again} onClose={inviting.close} />}
    </>
  );
}

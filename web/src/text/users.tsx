// SPDX-License-Identifier: ISC
// What is said to administrators about people: accounts, invitations, names.
import type { ComponentChildren } from 'preact';
import type { Leaves, Role, UserState } from '../api';
import { count, day } from '../lib/format';
import { roles } from './common';

export const administrator = 'administrator';

/** What a state is called, and what it means. */
export const states: Record<UserState, string> = {
  active: 'active', unverified: 'unverified', pending: 'waits',
  disabled: 'disabled',
};
export const statesMean: Record<UserState, string> = {
  active: 'May sign in.',
  unverified: 'Has not opened the link in the mail yet.',
  pending: 'Waits to be approved.',
  disabled: 'May not sign in.',
};

/** What the filter filters. */
export const what = 'users';
export const filterHint = 'email:…, project:…';
export const anyState = 'All';
export const stateFilters: Record<UserState, string> = {
  active: 'Active', pending: 'Waiting', unverified: 'Unverified',
  disabled: 'Disabled',
};
export const nobodyInState = 'Nobody is in this state';
export const lastSeen = 'Last seen';
export const record = 'Record';
export const whatTheyDid = 'What they did';
export const asRole = (project: ComponentChildren, as: Role) =>
  <>{project} ({roles[as]})</>;
export const list = (names: string[]) => names.join(', ');

export const whoIs = (displayName: string, email: string) =>
  (displayName ? `${displayName}, ${email}` : email);

export const noSuch = 'There is no such account';
export const waitsToBeApproved = 'This account waits to be approved.';
export const approve = 'Approve';
export const isApproved = (name: string) => `${name} is approved`;
export const whatYouCanDo = 'What you can do';
export const more = (verb: string) => `${verb}…`;
export const sure = (verb: string, name: string) => `${verb}: ${name}?`;
export const done = (name: string, what: string) => `${name}: ${what}`;

/** Of what can be done: how it is called, what it means, what is said then. */
export const deeds = {
  promote: { verb: 'Make administrator', done: 'an administrator now',
    why: 'They may then do everything, also to your account.' },
  demote: { verb: 'Take administration away', done: 'no administrator any more',
    why: 'They keep their projects.' },
  signOut: { verb: 'Sign out everywhere', done: 'signed out everywhere',
    why: 'All their sessions end at once; they may sign in again.' },
  reset: { verb: 'Send a link for a new password', done: 'told by mail',
    why: 'By mail. A second factor is still needed with it.' },
  noFactor: { verb: 'Remove the second factor',
    done: 'without a second factor now',
    why: 'When they lost it: codes, recovery codes, passkeys and sessions end. ' +
      'Make sure that it is them who ask.' },
  enable: { verb: 'Let them in again', done: 'may sign in again',
    why: 'They may sign in as before.' },
  disable: { verb: 'Disable', done: 'disabled',
    why: 'They may not sign in, their sessions end at once, and their tokens and ' +
      'rules rest. Unikernels go on running.' },
};

export const deleteMore = 'Delete the account…';
export const deleteWhy =
  'What they leave is shown first, and who gets it is asked.';
export const deleteTitle = (name: string) => `Delete ${name}?`;
export const deleteIt = 'Delete the account';
export const isDeleted = (name: string) => `The account ${name} is deleted`;
export const keepAccount = 'Keep the account';
export const looking = 'Looking at what they leave…';
export const leavesUnknown = 'What they leave is not known.';
export const noWayBack = (email: string) => `The account of ${email} can not be ` +
  'brought back. Unikernels go on running; the name is not given again while ' +
  'anything may be left beneath it.';
export const notTold = 'What it holds of theirs is not told.';

type Left = Leaves['projects'][number];

export const projectStays = (p: ComponentChildren) =>
  <>{p} stays with the others in it</>;
export const projectOrphaned = (p: ComponentChildren) =>
  <>{p} has no other owner</>;
export const projectRemoved = (p: ComponentChildren) => <>{p} is removed</>;

/** "2 unikernels and 1 volume" */
export function held({ unikernels, volumes }: Left): string {
  const u = count(unikernels.length, 'unikernel');
  const v = count(volumes.length, 'volume');
  if (unikernels.length && volumes.length) return `${u} and ${v}`;
  return unikernels.length ? u : volumes.length ? v : 'empty';
}

/** "1 unikernel: web on venus" */
export function heldWhat(p: Left): string {
  const names = [...p.unikernels, ...p.volumes].map((u) =>
    `${u.name} on ${u.instance}`);
  return names.length > 0 ? `${held(p)}: ${names.join(', ')}` : held(p);
}

export const endAtOnce = (l: Leaves) => `${count(l.tokens, 'token')}, ` +
  `${count(l.sessions, 'session')} and ${count(l.rules, 'rule')} that act for ` +
  'them end at once.';
export const heir = 'Projects without another owner go to';
export const heirHint =
  'With nobody, they stay and only administrators see them.';
export const person = (name: string, email: string) => `${name}, ${email}`;

export const invitations = 'Invitations';
export const invite = 'Invite somebody';
export const inviteInto = (project: string) => `Invite somebody into ${project}`;
export const inviteAbout = 'Who opens the link makes an account of their own, once.';
export const emailOptional = 'E-mail (optional)';
export const emailHint = 'Only for this address then; the link is mailed to it.';
export const intoProject = 'Into project';
export const as = 'As';
export const days = 'Days until it is over';
export const daysHint = 'From 1 to 30.';
export const makeInvitation = 'Make the invitation';
export const notInvited = 'No invitation was made.';
export const copyLink = 'Copy the link now';
export const shownOnce = (email: string | null) => (email ?
  `It is shown once. If mail is set up, it was also mailed to ${email}.` :
  'It is shown once. Whoever has it may use it, once: give it to nobody else.');
export const link = 'Link';
export const nobodyInvited = 'Nobody is invited';
export const invitationAbout = 'An invitation is a link with which somebody makes ' +
  'an account, into a project if you like. It works once.';
export const whoeverHasLink = 'whoever has the link';
export const invitedAs = (project: string, as: Role) =>
  `${project}, as ${roles[as]}`;
export const noProject = 'no project';
export const forWhom = 'For';
export const into = 'Into';
export const good = 'Good';
export const until = (time: string) => `until ${day(time)}`;
export const withdraw = 'Withdraw';
export const withdrawOne = (whom: string) => `Withdraw: ${whom}`;
export const withdrawNow = 'Withdraw now';
export const withdrawn = 'The invitation is withdrawn';

export const retiredNames = 'Retired names';
export const retired = 'Retired';
export const noneRetired = 'No name is retired';
export const retiredAbout = 'Names of people and projects that were deleted come ' +
  'here, so that nobody else gets what albatross may still hold beneath them.';
export const release = 'Release';
export const releaseMore = 'Release…';
export const releaseOne = (name: string) => `Release ${name}…`;
export const releaseTitle = (name: string) => `Release ${name}?`;
export const releaseAbout = 'All instances are asked whether anything of it is ' +
  'left. If nothing is, the name may be given to a person or project again.';
export const releaseIt = 'Release it';
export const notReleased = 'It was not released.';
export const insist = (name: string) => `Release ${name} all the same?`;
export const insistAbout =
  'Who gets the name next gets what is left beneath it there, too.';
export const released = (name: string) => `${name} may be given again`;

// SPDX-License-Identifier: ISC
// Projects: the list, one of them, its members, secrets and tokens, its end.
import type { ComponentChildren } from 'preact';
import type { Project } from '../api';
import { count, mb } from '../lib/format';

type Role = Project['role'];

// The list
export const newProject = 'New project';
export const filter = 'projects';
export const filterHint = 'role:owner';
export const withArchived = (n: number) => `With ${n} archived`;
export const iAm = 'I am';
export const members = 'Members';
export const policyOn = 'Policy on';
export const runs = 'Runs';
export const running = (n: number) => `${n} running`;
export const runningAndNot = (n: number, not: number) => `${n} running, ${not} not`;
export const nothing = 'nothing';
export const archived = 'archived';
export const personal = 'personal';
export const firstTitle = 'A project for what you do together';
export const firstWhat = 'Your own project is made with your account. In one with ' +
  'others, each has a role: viewers look, deployers deploy, owners decide who is in.';
export const makeOne = 'Make one';

// A new one
export const nameHint =
  'Part of all addresses of what runs in it; it stays as it is.';
export const nameExample = 'shop';
export const title = 'Title';
export const titleHint = 'May be left out.';
export const adopt = 'Take over what albatross has under this name, if anything, ' +
  'and a name that was given back';
export const notMade = 'No project was made.';

// One
export const missing = 'There is no such project.';
export const missingWhy = (name: string) =>
  `Nothing is named ${name}, or it is not yours to see.`;
export const allProjects = 'All projects';
export const changeTitle = 'Change title…';
export const youAre = 'You are';
export const alertsWhere = (webhook: (word: string) => ComponentChildren) =>
  <>Whom its {webhook('webhook')} tells is set with the notifications.</>;
export const anotherTitle = 'Another title';
export const anotherTitleHint = (name: string) =>
  `It stays ${name} in all addresses.`;
export const titleStays = 'The title stays as it is.';
export const titleChanged = 'The title is changed';
export const archivedTitle = 'This project is archived.';
export const archivedMeans = 'What runs goes on; nothing new can be deployed or ' +
  'written.';
export const bringBack = 'Bring it back';
export const ownerCan = 'An owner can bring it back.';
export const isBack = (name: string) => `${name} is back`;

// What it may use
export const mayUse = 'What it may use';
export const newPolicy = 'New policy…';
export const changePolicy = (instance: string) =>
  `Change the policy on ${instance}`;
export const policyIs = (unikernels: number, memory: number, block: number) =>
  `${count(unikernels, 'unikernel')}, ${mb(memory)} of memory${
    block ? `, ${mb(block)} of volumes` : ''}.`;
export const cpusAndBridges = (cpus: string, bridges: string) =>
  `CPUs ${cpus}${bridges && `, bridges ${bridges}`}`;
export const noPolicy =
  'It has no policy on any instance yet, so nothing can run in it.';
export const noPolicyAsk = 'It has no policy on any instance yet, so nothing can ' +
  'run in it. An administrator gives it one.';
export const unikernels = 'Unikernels';
export const nothingRuns = 'Nothing runs in it.';
export const nothingRunsYet = 'Nothing runs in it yet';

// Members
export const role = 'Role';
export const roleOf = (name: string) => `Role of ${name}`;
export const you = (name: string) => `${name} (you)`;
export const isNow = (name: string, role: string) => `${name} is ${role} now`;
export const addSomebody = 'Add somebody';
export const addHint = 'Their e-mail address or name.';
export const as = 'As';
export const roleMeans: Record<Role, string> = {
  viewer: 'Who looks.', deployer: 'Who deploys, restarts, destroys.',
  owner: 'Who decides who is in, too.' };
export const nobodyAdded = 'Nobody was added.';
export const removeMember = 'Remove…';
export const leave = 'Leave';
export const leaveMember = 'Leave…';
export const leaveTitle = (project: string) => `Leave ${project}`;
export const removeVerb = 'Remove them';
export const leaveMeans = 'You see nothing of it any more, and your tokens can do ' +
  'nothing there.';
export const removeMeans = 'They see nothing of it any more, at once, and their ' +
  'tokens can do nothing there. What they deployed goes on.';
export const left = (project: string) => `You left ${project}`;
export const wasRemoved = (name: string) => `${name} was removed`;

// Tokens
export const noTokens = 'No token is narrowed to this project. Those of members ' +
  'that are not may reach it too, as far as their owners may.';

// The end of it
export const end = 'The end of it';
export const archive = 'Archive';
export const archiveMeans =
  'What runs goes on; nothing new comes until it is brought back.';
export const archiveAsk = 'Archive…';
export const archiveTitle = (name: string) => `Archive ${name}`;
export const archiveVerb = 'Archive it';
export const archiveStops = 'Deployments, restarts, writes to volumes, policies ' +
  'and members are refused; automatic updates and schedules pause. What runs goes ' +
  'on.';
export const isArchived = (name: string) => `${name} is archived`;
export const handOver = 'Hand over';
export const handOverMeans = 'To somebody who owns it then.';
export const handOverAsk = 'Hand over…';
export const handOverTitle = (name: string) => `Hand over ${name}`;
export const handOverVerb = 'Hand it over';
export const to = 'To';
export const toHint = 'Their name; they own it then.';
export const stay = 'Stay in it as deployer';
export const staysYours = 'It stays yours.';
export const belongsTo = (name: string, to: string) => `${name} belongs to ${to} now`;
export const personalStays = 'A personal project stays with its person: it is ' +
  'neither handed over nor deleted.';
export const deleteMeans = 'When no instance has anything of it.';
export const deleteAsk = 'Delete…';
export const deleteTitle = (name: string) => `Delete ${name}`;
export const deleteVerb = 'Delete it';
export const deleteTakes = 'Its images, logs, deployments, tokens and policies go ' +
  'with it. It is refused while any instance has a unikernel or volume of it.';

// SPDX-License-Identifier: ISC
// Tokens: the list, a new one, the one time it is shown, what ends soon.
import type { Token } from '../api';

type Scope = Token['scopes'][number];

/** What the filter filters. */
export const what = 'tokens';
export const filterHint = 'expires:soon';
export const newToken = 'New token';
export const none = 'No tokens yet';
export const noneWhat = 'A token lets a script or a CI job do what you choose, and ' +
  'no more, until it expires. With one in MOLLYMAWK_TOKEN, this deploys:';

// The table
export const may = 'May';
export const expires = 'Expires';
export const lastUsed = 'Last used';
export const actions = 'Change, revoke';
export const expired = 'expired';
export const soon = 'soon';
export const later = 'later';
export const ofUser = (user: string) => `of ${user}`;
export const onlyProject = (project: string) => `project ${project}`;
export const onlyInstances = (names: string) => `on ${names}`;
export const onlyNamed = (globs: string) => `named ${globs}`;
export const only = (limits: string[]) => `only ${limits.join(', ')}`;
export const revoke = 'Revoke';
export const revokeNow = 'Revoke now';
export const revokeOf = (name: string) => `Revoke ${name}`;
export const revoked = (name: string) => `${name} was revoked`;
export const change = 'Change';
export const changeOf = (name: string) => `Change ${name}`;

// What ends soon
export const oneEnds = 'A token of yours expires soon:';
export const someEnd = (n: number) => `${n} tokens of yours expire soon:`;
export const endsOn = (name: string, day: string) => `${name} on ${day}`;
export const ends = (which: string[]) => `${which.join(', ')}.`;
export const replace = (n: number) =>
  `Make what replaces ${n === 1 ? 'it' : 'them'}`;

// Changed
export const changeMeans = 'What it may do can not be changed: for that, make ' +
  'another one and revoke this one.';
export const daysLeft = 'Days from now until it expires';
export const daysHint = (day: string) => `Empty: on ${day} as it is. Not later.`;
export const changed = (name: string) => `${name} was changed`;

// Made
export const nameHint = 'What it is for.';
export const scopeGroups = {
  unikernels: 'Unikernels: it may',
  volumes: 'Volumes: it may',
  around: 'Around them: it may',
  site: 'Of the whole site: it may',
};
export const scopes: Record<Scope, string> = {
  'unikernel:read': 'see them and their logs',
  'unikernel:deploy': 'deploy and replace',
  'unikernel:restart': 'restart',
  'unikernel:destroy': 'destroy',
  'volume:read': 'see and download them',
  'volume:write': 'make, fill and restore',
  'volume:destroy': 'delete',
  'project:read': 'see projects, policies and usage',
  'project:admin': 'manage projects and members',
  'instance:read': 'see the instances',
  'instance:admin': 'add, change and forget instances, set policies',
  'user:admin': 'administer people',
  'audit:read': 'read the audit log',
  'metrics:read': 'read the figures of all, for Prometheus',
};
export const expiresAfter = 'It expires after';
export const terms: [number, string][] = [[7, 'a week'], [30, '30 days'],
  [90, '90 days'], [180, 'half a year'], [365, 'a year, the longest there is']];
export const anotherTerm = 'another number of days';
export const inProject = 'In project';
export const allOfMine = 'all of mine';
export const globs = 'Only unikernels and volumes named';
export const globExample = 'web-*';
export const globsHint = 'All are, while none is said.';
export const onInstances = 'On instances';
export const onInstancesHint = 'None: on all.';
export const notMade = 'No token was made.';

// Shown once
export const copyNow = 'Copy it now';
export const copyNowMeans = 'This token is shown once. Keep it where secrets are ' +
  'kept, such as your CI\'s secret variables.';
export const token = 'Token';
export const deployWithIt = 'A deploy with it';
export const command = 'Command';
export const pipeline = 'Pipeline';

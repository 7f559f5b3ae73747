// SPDX-License-Identifier: ISC
// What projects may use on instances: shown, given, changed, taken away.
import type { Limit } from '../lib/policy';
import { count, mb } from '../lib/format';
import { none } from './common';

export const unikernels = 'Unikernels';
export const memory = 'Memory';
export const volumes = 'Volumes';
export const cpus = 'CPUs';
export const bridges = 'Bridges';

export const names: Record<Limit, string> = { unikernels, memory, block: volumes };
export const cpusAndBridges = (cpus: string, bridges: string) =>
  `CPUs ${cpus || none}, bridges ${bridges || none}`;

// How a policy stands
export const differs = 'differs';
export const differsWhy = 'albatross has another policy, or refused this one';
export const pending = 'not applied yet';
export const pendingWhy = 'albatross gets it with the next command';
export const overCommit = 'over-commit';
export const overCommitWhy = 'With it more is given than the instance has';
export const unikernelsGiven = 'Unikernels given';
export const memoryGiven = 'Memory given';
export const volumesGiven = 'Volumes given';
export const tooMuchGiven = 'More was given than there is: not all can use all of ' +
  'theirs at the same time.';

// The policies on an instance
export const whatMayUse = 'What projects may use';
export const give = 'Give a policy';
export const noneYet = 'No project may use it yet: give one a policy.';
export const policies = 'Policies';
export const where = 'State, CPUs and bridges';
export const edit = 'Edit';
export const editOf = (project: string) => `Edit the policy of ${project}`;
export const notGivenHere = 'not given here';
export const notGivenHereWhy =
  'albatross has this policy, which was not given here';
export const usedOf = (used: number, all: number) => `${used} of ${all}`;
export const noAnswer = 'It does not answer.';
export const noAnswerMeans = 'What it has is told as it was last; what is used is ' +
  'not known.';

// The dialog
export const title = (project: string, instance: string) =>
  `Policy of ${project} on ${instance}`;
export const titleOf = (project: string) => `Policy of ${project}`;
export const titleOn = (instance: string) => `Policy on ${instance}`;
export const labels: Record<Limit, string> = { unikernels: 'Unikernels',
  memory: 'Memory (MB)', block: 'Volumes (MB)' };
export const albatrossSays = 'albatross says:';
export const refusedOurs = 'albatross refused the one given here:';
export const limit = 'Limit';
export const givenHere = 'Given here';
export const atAlbatross = 'At albatross';
export const foundTitle = 'albatross has a policy for it already.';
export const foundMeans = 'It was not given here. Take it as it is, or set another ' +
  'below, which replaces it.';
export const found = (unikernels: number, memory: number, block: number,
  cpus: string, bridges: string) =>
  `${count(unikernels, 'unikernel')}, ${mb(memory)} memory, ${mb(block)} volumes, ` +
  cpusAndBridges(cpus, bridges);
export const takeTheirs = "Take albatross' policy";
export const takeOurs = 'Apply ours again';
export const takeNow = 'Apply it now';
export const driftTitle = 'albatross has another policy.';
export const driftMeans = (instance: string, project: string) =>
  `Somebody changed it on ${instance}, or what was given here did not get there. ` +
  `Until you choose, ${project} can start nothing new beyond either of the two.`;
export const pendingTitle = 'Not applied yet.';
export const pendingMeans = (instance: string, project: string) =>
  'albatross gets it with the next command that is sent to ' +
  `${instance} for ${project}.`;
export const noLimit = 'No limit on the server.';
export const left = (left: string, all: number) =>
  `${left} of the server's ${all} can be given.`;
export const inUse = (used: string) => `${used} in use now.`;
export const emptyNone = 'Empty: none.';
export const given = (project: string, instance: string) =>
  `${project} has its policy on ${instance}`;
export const givenLater = (instance: string, why: string) =>
  `The policy is stored; ${instance} gets it later: ${why}`;
export const takeAway = 'Take away';
export const takeAwayTitle = (instance: string) =>
  `Take away the policy on ${instance}?`;
export const takeAwayVerb = 'Take it away';
export const tookAway = (project: string, instance: string) =>
  `${project} may use nothing on ${instance} any more`;
export const takeAwayMeans = (project: string, instance: string) =>
  `${project} can start nothing on ${instance} any more. Nothing of it may run ` +
  'there, and it may have no volumes there.';
export const silentMeans = 'What you set is stored, and applied with the next ' +
  'command that gets there. Limits are as it had them last.';
export const giveMore = 'Give more than there is';
export const giveMoreMeans = (instance: string, project: string) =>
  `${instance} has less than all projects were given then: when others use ` +
  `theirs, ${project} may not get what its policy says. It is shown as over-commit.`;
export const notSet = 'The policy stays as it was.';
export const showTheirs = 'Show what albatross has';
export const asking = 'Asking albatross…';
export const set = 'Set it';
export const unknown = (instance: string) => `What ${instance} has is not known.`;
export const askingOf = (instance: string) => `Asking ${instance}…`;
export const difference = 'What differs';

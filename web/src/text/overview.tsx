// SPDX-License-Identifier: ISC
// The first page: what needs a look.
import type { ComponentChildren } from 'preact';
import { count } from '../lib/format';

export const lost = 'What ran there last is shown as unknown.';
export const inAll = 'In all';
export const ofAll = (all: number) => `of ${all}`;
export const instancesUp = 'instances up';
export const running = 'running';
export const notWell = 'not well';
export const alerts = (n: number) => (n === 1 ? 'alert' : 'alerts');
export const updates = (n: number) => (n === 1 ? 'update' : 'updates');

export const unwell = 'Unikernels that are not well';
export const allN = (n: number) => `All ${n}`;
export const allWell = 'All that is known runs and is well.';
export const ended = (when: ComponentChildren) => <>It ended {when}.</>;
export const updatesTitle = 'Updates';
export const updateThem = 'Update them';
export const noUpdates = 'No build is known that is newer than what runs.';
export const jobOf = (job: string, day: string) => `${job} of ${day}`;
export const underWay = 'Under way';
export const operations = (n: number) => count(n, 'operation');
export const nothingGoing = 'Nothing at the moment.';
export const allOfThem = 'All of them';

export const overCommitMeans = 'More was given than there is.';
export const memoryUsed = 'Memory used';
export const upFor = (since: ComponentChildren, running: number, latency: string) =>
  <>{since && <>for {since}, </>}{running} running{latency &&
    `, answers in ${latency}`}</>;
export const downFor = (since: ComponentChildren, asked: ComponentChildren) =>
  <>{since && <>for {since}, </>}asked {asked}</>;
export const policiesLeft = 'What is left of the policies';

export const noInstance = 'No instance yet';
export const noInstanceWhat =
  'An instance is an albatross server: unikernels run there.';
export const addFirst = 'Add the first';
export const nothingYours = 'Nothing is yours to see yet';
export const nothingYoursWhat = (project: string) => 'An administrator gives ' +
  `${project || 'a project of yours'} a policy on an instance; then you can deploy ` +
  'there.';
export const noneRuns = 'No unikernel runs yet';
export const deployFirst = 'Deploy the first';

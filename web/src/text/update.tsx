// SPDX-License-Identifier: ISC
// Updates of one unikernel: what is newer, going there, and by itself.
import type { ComponentChildren } from 'preact';

type Say = (text: string) => ComponentChildren;

export const noneKnows = 'No builder knows what runs';
export const notLookedUp = 'What runs was not looked up yet';
export const pickToCompare = (detail: string | null) =>
  `${detail ?? ''} Pick a build below to compare it with, and to go to.`;
export const available = 'An update is available';
export const newerBy = (time: string) => `${time} newer`;
export const newer = 'newer';
export const runsNewestIs = (job: ComponentChildren, time: string,
  platform: string | null, newest: string) => (platform ?
  <>{job} of {time} runs ({platform}); {newest} is the newest.</> :
  <>{job} of {time} runs; {newest} is the newest.</>);
export const noneForPlatform = 'No newer build for its platform';
export const isNewest = 'It is the newest build';
export const runs = (job: ComponentChildren, time: string,
  platform: string | null) =>
  (platform ? <>{job} of {time} runs ({platform}).</> : <>{job} of {time} runs.</>);
export const otherPlatform = (newest: string, platform: string | null) =>
  `The newest one, of ${newest}, is for ${platform ?? ''}.`;

export const tried = (when: ComponentChildren, failed: boolean,
  deployment: ComponentChildren, detail: string | null) => (failed ?
  <>It was tried {when} and failed ({deployment}): {detail}</> :
  <>It was tried {when} and was rolled back ({deployment}): {detail}</>);
export const deployment = (n: number) => `deployment ${n}`;
export const asked = (when: ComponentChildren) => <>asked {when}</>;
export const notAsked = 'not asked yet';
export const checkNow = 'Check now';
export const itRuns = 'It runs. If it does not do what it should:';
export const anotherBuild = 'Another build';
export const pickBuild = 'Pick a build';

export const deploymentTitle = (n: number) => `Deployment ${n}`;
export const newestBuild = 'Newest build';
export const thisBuild = 'This build';
export const comparison = 'Comparison';
export const goBackTo = 'Go back to this build';
export const updateTo = 'Update to this build';
export const revertTo = (n: number) => `Revert to deployment ${n}`;
export const withNewest = 'Compare with the newest';
export const thisRuns = 'This build runs.';
export const comparing = 'Comparing; a builder may take its time for it…';
export const notCompared = 'They are not compared.';

export const runsBuild = (name: string, time: string) =>
  `${name} runs the build of ${time}`;
export const runsNow = (name: string) => `${name} runs`;
export const notRunning = 'It does not run';
export const notRunningWhy = 'What runs can be updated; this can be deployed again.';

export const updateTitle = (name: string, time: string) =>
  `Update ${name} to the build of ${time}?`;
export const goTitle = (name: string, time: string) =>
  `Go ${name} to the build of ${time}?`;
export const checkDecides = (check: string) =>
  `Its health check decides whether it works: ${check}.`;
export const noCheck = 'It has no health check.';
export const noCheckMeans = (first: Say) => <>That it did not end within a few
  seconds is all that is seen of it. {first('Set one first')}</>;
export const downloading = (size: string, builder: string) => (size ?
  `Downloading ${size} from ${builder} and comparing its SHA-256…` :
  `Downloading from ${builder} and comparing its SHA-256…`);
export const needsNew = 'It needs what it does not have yet:';
export const drops = (devices: string) =>
  `It does not use ${devices} any more: detached, volumes stay.`;
export const bringBack = 'Bring back what runs now when it does not work';
export const change = 'Change its configuration';
export const notUpdated = 'It was not updated.';
export const goTo = 'Go to this build';
export const update = 'Update';

export const mode = { off: 'Off', notify: 'Notify', automatic: 'Automatic' };
export const modeMeans = { off: 'Nothing happens, nobody is told.',
  notify: 'Who wants to know is told once of each build.',
  automatic: 'It is updated, watched, and taken back when its health check fails.' };
export const paused = 'Nothing happens by itself.';
export const setBy = 'Set by';
export const given = (by: string, when: ComponentChildren) => <>{by}, {when}</>;
export const until = 'Until';
export const anyTime = 'at any time';
export const lastResult = (build: string, at: ComponentChildren, result: string,
  link: ComponentChildren) => (link ?
  <>build {build}, {at}: {result} ({link})</> : <>build {build}, {at}: {result}</>);
export const from = 'From (UTC)';
export const to = 'To (UTC)';
export const timeTitle = 'Hours and minutes, as 02:00';
export const needsCheck = (set: Say) => <>It needs a health check, without which
  nobody sees that an update does not work: {set('set one')}.</>;
export const whatHappens = 'What happens by itself';
export const onlyWindow = 'Only in a maintenance window';
export const yourRight = (name: string) => `It happens in your right to deploy ${
  name}, nothing else, for as long as you have it.`;

// SPDX-License-Identifier: ISC
// The history of a unikernel, and going back in it.
import type { ComponentChildren } from 'preact';

export const revertTitle = (name: string, to: number | null) => (to === null ?
  `Revert ${name}?` : `Revert ${name} to deployment ${to}?`);
export const revertSays = (to: number | null) => (to === null ?
  'Image and configuration of the deployment that ran before take the place ' +
  'of what runs now. If they do not run, what runs now is brought back.' :
  `Image and configuration of deployment ${to} take the place ` +
  'of what runs now. If they do not run, what runs now is brought back.');
export const reverted = (name: string) => `${name} was reverted`;
export const notReverted = 'It was not reverted.';

export const first = 'the first one';
export const nothing = 'nothing';
export const byToken = (name: string) => `${name}, by a token`;
export const ciRun = 'CI run';
export const builtAt = (job: string, time: string) => `${job} of ${time}`;
export const notKept = (digest: ComponentChildren, words: (text: string) =>
  ComponentChildren) => <>{digest} {words('(not kept)')}</>;
export const steps = 'Steps';
export const stepsAndWhy = 'Steps and why';
export const compare = 'Compare';
export const compareWith = (n: number) => `Compare with deployment ${n}`;
export const revertTo = 'Revert to this';
export const revertToThis = (n: number) => `Revert to this: deployment ${n}`;
export const likeThis = 'Deploy like this';
export const likeDeployment = (n: number) => `Deploy like this: deployment ${n}`;
export const noneKnown = 'No deployment is known';
export const noneKnownWhy = 'It was created by another tool. What is deployed ' +
  'from here on is kept: image, configuration, who and when, and how it ended.';
export const column = { number: 'No.', deployment: 'Deployment', state: 'State',
  when: 'When', from: 'From',
  changed: 'Changed', act: 'Do' };
export const older = 'Older ones';

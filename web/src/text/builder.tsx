// SPDX-License-Identifier: ISC
// Builders, their jobs and builds.
import type { ComponentChildren } from 'preact';
import { count } from '../lib/format';

export const shownAsOf = (time: ComponentChildren) =>
  <>What is shown is as of {time}.</>;
export const didNotAnswer = 'It did not answer when it was asked last.';

export const builder = 'Builder';
export const noAnswer = (name: string) => `${name} (does not answer)`;
export const unknown = 'The builders are not known.';
export const none = 'No builder is set';
export const nameOne = (settings: (word: string) => ComponentChildren) =>
  <>Name one in the {settings('settings')}.</>;
export const adminsName = 'Administrators name them in the settings.';

export const job = 'Job';
export const jobNamed = (name: ComponentChildren) => <>Job {name}</>;
export const anotherJob = 'Another job';
export const filterJobs = 'Filter the jobs';
export const jobWords = 'A name, or what it is for';
export const noJobFits = 'No job has these words.';
export const noJob = 'It has no job that can be deployed.';
export const jobsAsOf = (time: ComponentChildren, others: number) => (others > 0 ?
  <>As of {time}; {count(others, 'job')} more gave no image for solo5.</> :
  <>As of {time}.</>);

export const platform = 'Platform';
export const version = 'Version';
export const noneSolo5 = 'None of these gave an image for solo5.';
export const chooseOne = 'choose one';

// SPDX-License-Identifier: ISC
// What takes a while: uploads, downloads, copies and deployments.
import type { ComponentChildren } from 'preact';
import type { Operation } from '../api';

type Kind = Operation['kind'];

const titles: Record<Kind, (name: string) => string> = {
  'volume-upload': (name) => `Upload to ${name}`,
  'volume-download': (name) => `Download of ${name}`,
  'volume-save': (name) => `Copy of ${name}`,
  'volume-restore': (name) => `Restore of ${name}`,
  deployment: (name) => `Deployment of ${name}`,
};

/** "Upload to data" */
export const title = (kind: Kind, name: string) => titles[kind](name);

const stopTitles: Record<Kind, (name: string) => string> = {
  'volume-upload': (name) => `Stop the upload to ${name}?`,
  'volume-download': (name) => `Stop the download of ${name}?`,
  'volume-save': (name) => `Stop the copy of ${name}?`,
  'volume-restore': (name) => `Stop the restore of ${name}?`,
  deployment: (name) => `Stop the deployment of ${name}?`,
};

export const stopTitle = (kind: Kind, name: string) => stopTitles[kind](name);

export const steps: Record<string, string> = {
  waiting: 'Waiting for its turn', checking: 'Checking',
  saving: 'Saving what it holds', stopping: 'Stopping who uses it',
  reading: 'Reading', sending: 'Sending', 'putting-back': 'Putting back what it held',
  starting: 'Starting who uses it', storing: 'Storing', healing: 'Making it whole',
};

/** "Sending, 46 %" */
export const part = (what: string, percent: number | null) =>
  (percent === null ? what : `${what}, ${percent} %`);
export const something = 'Something is under way';

export const ends: Record<Operation['state'], string> = {
  running: 'under way', succeeded: 'done', failed: 'failed', cancelled: 'stopped',
};

export const began = (title: string) => `${title} began`;
export const ended = (title: string, end: string) => `${title} ${end}`;
/** "Upload to data: failed. The disk is full" */
export const outcome = (title: string, end: string, why: string[]) =>
  (why.length > 0 ? `${title}: ${end}. ${why.join(' ')}` : `${title}: ${end}`);
export const fieldSays = (field: string, message: string) => `${field}: ${message}`;

const halfWritten = (name: string, what: string) => `${name} then holds ` +
  `${what} and zeroes behind it; if what it held was saved first, that is put back.`;

const warnings: Record<Kind, (name: string) => string> = {
  'volume-upload': (name) => halfWritten(name, 'what has come so far'),
  'volume-restore': (name) => halfWritten(name, 'the beginning of the copy'),
  'volume-save': () => 'No copy is kept. What was stopped for it is ' +
    'started again.',
  'volume-download': () => 'What was sent so far is of no use.',
  deployment: () => 'What was sent so far is of no use.',
};

/** What is lost when it is stopped now. */
export const stopWarning = (kind: Kind, name: string) => warnings[kind](name);

// The drawer
export const operations = 'Operations';
export const underWay = (n: number) => `${n} under way`;
export const notUpToDate = 'not up to date';
export const stopIt = 'Stop it';
export const letGoOn = 'Let it go on';
export const notStopped = 'It was not stopped.';
export const stopOf = (title: string) => `Stop: ${title}`;
export const dismissEnded = 'Dismiss what ended';
export const where = (instance: string, project: string) =>
  `${instance} / ${project}`;

// Bytes on their way
export const amount = (moved: string, total: string | null) =>
  (total === null ? moved : `${moved} of ${total}`);
export const pace = (amount: string) => `${amount}/s`;
export const left = (time: string) => `${time} left`;

// A deployment while it is under way
export const deploymentNumber = (n: number) => `Deployment ${n}`;
export const deploymentOf = (number: ComponentChildren, name: string):
ComponentChildren => <>{number} of {name}</>;
export const rolledBack = 'It did not work; what ran before runs again.';
export const didNotWork = 'It did not work.';
export const albatrossSays = (what: string) => `albatross says: ${what}`;
export const lastLines = 'Last lines';
export const milliseconds = (ms: number) => (ms < 1000 ? `${ms} ms` :
  `${(ms / 1000).toFixed(1)} s`);

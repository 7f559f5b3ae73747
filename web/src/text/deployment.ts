// SPDX-License-Identifier: ISC
// Deployments: their steps, and where they come from.

/** What a step did. */
export const did: Record<string, string> = {
  received: 'Checked',
  validated: 'Waited for its turn',
  saving: 'Made what runs safe',
  creating: 'Told albatross',
  watching: 'Watched that it lives and is well',
  'rolling-back': 'Brought back what ran before',
};

/** What a step does now. */
export const does: Record<string, string> = {
  received: 'Checking',
  validated: 'Waiting for its turn',
  saving: 'Making what runs safe',
  creating: 'Telling albatross',
  watching: 'Watching that it lives and is well',
  'rolling-back': 'Bringing back what ran before',
};

export const fromBuild = (builder: string, job: string, time: string) =>
  `from ${builder}: ${job} of ${time}`;
export const fromBuilder = 'from a builder';
export const updatedFrom = (builder: string, job: string, time: string) =>
  `updated from ${builder}: ${job} of ${time}`;
export const updatedFromBuilder = 'updated from a builder';
export const rollBack = (to: number | null | undefined,
  because: number | null | undefined) =>
  (to ? `roll-back to ${to}` : 'roll-back') +
    (because ? `, because ${because} failed` : '');
export const restart = 'restart';
export const volume = 'started again after its volume was saved or restored';
export const storedImage = 'stored image';
export const upload = 'upload';

export const runs = 'running';
export const ran = 'ran';
export const rolledBackBy = (by: number) => `rolled back by ${by}`;
export const state: Record<string, string> = { received: 'received',
  validated: 'validated', saving: 'saving', creating: 'creating',
  watching: 'watching', 'rolling-back': 'rolling back', running: 'running',
  failed: 'failed', 'rolled-back': 'rolled back', refused: 'refused' };

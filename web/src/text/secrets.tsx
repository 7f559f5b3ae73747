// SPDX-License-Identifier: ISC
// The secrets of a project.
import type { ComponentChildren } from 'preact';

export const secrets = 'Secrets';
export const what = 'What unikernels need to know and nobody needs to see, such as ' +
  'a private key. Wherever arguments are shown, a reference stands for it.';
export const none = 'There are none yet.';
export const newSecret = 'New secret';
export const inArgument = 'In an argument';
export const given = 'Value given';
export const givenBy = (when: ComponentChildren, who: string) =>
  <>{when} by {who}</>;
export const newValue = 'New value';
export const newValueFor = (name: string) => `New value for ${name}`;
export const removeVerb = 'Remove it';
export const removeMeans =
  'Nothing can be started with it any more. What runs with it goes on.';
export const removed = (name: string) => `The secret ${name} was removed`;
export const writeTitle = (name: string) => `A new value for ${name}`;
export const writeMeans = 'It is used from the next deployment on. What runs goes ' +
  'on with the value it was started with.';
export const nameExample = 'tls-key';
export const value = 'Value';
export const valueHint =
  '8 to 4000 bytes. It is encrypted, and can not be read again.';
export const refers = (example: ComponentChildren) =>
  <>An argument refers to it, as a whole or behind its first “=”: {example}</>;
export const notStored = 'It was not stored.';
export const store = 'Store it';
export const stored = (name: string) => `The secret ${name} is stored`;

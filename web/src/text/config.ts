// SPDX-License-Identifier: ISC
// Devices and the rest of a configuration, where they are asked for.

export const device = {
  net: (name: string) => `network ${name}`,
  block: (name: string) => `volume ${name}`,
};

export const network = (name: string) => `Network ${name}`;
export const noBridge = 'The policy of the project has no bridge here.';
export const networkHint = 'The bridge of the server it is attached to.';
export const chooseBridge = 'choose a bridge';

export const volume = (name: string) => `Volume ${name}`;
export const volumeUsed = (size: string, users: string) =>
  `${size}, used by ${users}`;
export const volumeIs = (name: string, about: string) => `${name} has ${about}.`;
export const volumeHint = (name: string) =>
  `The volume of the project; empty: the one named ${name}.`;

export const noVolume = (name: string) => `There is no volume ${name} yet.`;
export const createOne = 'Create one';
export const volumesLeft = (left: string) => `${left} are left for volumes.`;

export const memory = 'Memory (MB)';
export const memoryLeftWith = (left: string, of: string) =>
  `${left} of ${of} are left with it`;
export const tooMuchMemory = (left: string, of: string) =>
  `Only ${left} of ${of} are left.`;
export const args = 'Arguments';
/** How an argument says what nobody is to see. */
export const secretsHint = '${secret:NAME}, also behind an =, stands for a ' +
  'secret of the project.';

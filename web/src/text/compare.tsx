// SPDX-License-Identifier: ISC
// Two builds side by side.
import type { ComponentChildren } from 'preact';
import { count } from '../lib/format';

const list = (parts: [number, string][], one: string, many?: string) =>
  parts.filter(([n]) => n > 0).map(([n, what], i) =>
    `${i === 0 ? count(n, one, many) : n} ${what}`).join(', ');

/** "2 packages changed, 1 added, 1 removed"; '' without any. */
const changes = (one: string) => (changed: number, added: number,
  removed: number) => list([[changed, 'changed'], [added, 'added'],
  [removed, 'removed']], one);

export const devices = changes('device');
export const packages = changes('package');
export const systemPackages = changes('system package');
export const variables = changes('variable');
export const opamFiles = (n: number) => `${count(n, 'opam file')} changed`;
export const sources = (n: number) => `${count(n, 'source')} changed`;
export const majors = (n: number) => count(n, 'major version');
export const nothing = 'Nothing that is compared has changed.';

export const runsNow = 'Runs now';
export const fresh = 'New';
export const how = 'How';
export const row = { job: 'Job', built: 'Built', platform: 'Platform',
  size: 'Size', devices: 'Devices', image: 'Image' };
export const noBuilder = 'not of a builder';
export const from = (job: ComponentChildren, builder: (text: string) =>
  ComponentChildren, name: string) => <>{job} {builder(`from ${name}`)}</>;
export const more = (size: string) => `+${size}`;
export const less = (size: string) => `−${size}`;

export const otherDevices = 'It needs other devices.';
export const fewerDevices = 'It needs fewer devices.';
export const attach = (names: string) =>
  `Added: ${names}, to be attached before it can start.`;
export const detach = (names: string) => `Removed: ${names}.`;

export const jump = { major: 'major', minor: 'minor', patch: 'patch',
  older: 'older' };
export const added = 'added';
export const removed = 'removed';
export const column = { package: 'Package', variable: 'Variable' };
export const systemTitle = 'System packages';
export const environmentTitle = 'Environment';

export const opamTitle = 'Opam files of the same version';
export const opamSame = '(the same for all that matters)';
export const opamNoDiff = 'The builder shows no difference.';

export const sourcesTitle = 'Sources';
export const noSources = 'Sources are not compared.';
export const otherContent = (name: ComponentChildren, words: (text: string) =>
  ComponentChildren) => <>{name} {words('has other content')}</>;
export const sourceAdded = (name: string, value: ComponentChildren) =>
  <>{name} added {value}</>;
export const sourceRemoved = (name: string, value: ComponentChildren) =>
  <>{name} removed {value}</>;
export const noPackages = 'Packages are not compared.';
export const sides = 'The two builds';

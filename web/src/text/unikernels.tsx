// SPDX-License-Identifier: ISC
// The list of unikernels.
import type { ComponentChildren } from 'preact';

type Part = ComponentChildren;

export const column = { state: 'State', name: 'Name', instance: 'Instance',
  project: 'Project', cpu: 'CPU', memory: 'Memory', network: 'Network /s',
  since: 'Up for', health: 'Health', update: 'Update', image: 'Image',
  actions: 'Actions' };
export const sortBy = 'Sort by';
export const asItComes = 'Instance, project, name';
export const upwards = (column: string) => `${column}, upwards`;
export const downwards = (column: string) => `${column}, downwards`;
export const actionsOf = (name: string) => `Actions of ${name}`;
export const act = { log: 'Log', metrics: 'Metrics', deployments: 'Deployments',
  update: 'Update…', restart: 'Restart', restartWith: 'Restart with…',
  replace: 'Replace', like: 'Deploy one like it', destroy: 'Destroy…',
  forget: 'Forget…' };
export const restarted = (name: string) => `${name} was restarted`;

export const chooseAll = 'Choose all that are shown';
export const choose = (name: string) => `Choose ${name}`;

export const updateAvailable = (unseen: (text: string) => Part) =>
  <>{unseen('update ')}available</>;
export const builtOn = (day: string) => `Built on ${day}`;
export const jobBuiltOn = (job: string, day: string) => `${job}, built on ${day}`;
export const ofMemory = (used: string | null, given: number) =>
  (used === null ? `${given} MB` : ` / ${given} MB`);
export const incoming = 'in';
export const outgoing = 'out';
export const startedAgain = (n: number) => `Started again ${n === 1 ? 'once' :
  `${n} times`} in the last hour`;
export const restarts = (n: number, unseen: (text: string) => Part) =>
  <>{n} ×{unseen(' restarted, up for ')}</>;

export const more = (n: number) => `${n} more…`;
export const noneYet = 'No unikernel runs yet';
export const onlyLook = 'What members of your projects deploy is shown here. To ' +
  'deploy yourself, you need the role of a deployer in one of them.';
export const dropAnywhere = 'Drop a solo5 image anywhere on this page, or';
export const deployFirst = 'Deploy the first';
export const noneAnswering = 'Nothing runs on the instances that answer.';

export const live = 'live';
export const asOf = (time: Part) => <>as of {time}</>;
const counted = (n: number, words: string) => <><b>{n}</b> {words}</>;
export const shown = (n: number) => counted(n, 'shown');
export const running = (n: number) => counted(n, 'running');
export const inTrouble = (n: number) => counted(n, 'in trouble');
export const unknown = (n: number) => counted(n, 'unknown');
export const stopped = (n: number) => counted(n, 'stopped');
export const megabytes = (n: number) => counted(n, 'MB');
export const updates = (n: number) => counted(n, n === 1 ? 'update' : 'updates');

export const chosen = (n: number) => counted(n, 'chosen');
export const update = 'Update…';
export const restart = 'Restart…';
export const chooseShown = (n: number) => `Choose all ${n}`;
export const chooseNone = 'Choose none';
export const notShown = 'What runs there is not shown.';
export const filterHint = 'state:stopped, update:available';
export const inFilter = 'unikernels';

// SPDX-License-Identifier: ISC
// The page of one unikernel.
import type { ComponentChildren } from 'preact';

type Part = ComponentChildren;

export const destroyTitle = (name: string) => `Destroy ${name}?`;
export const destroy = 'Destroy';
export const destroyMeans = (instance: string) => `It is stopped on ${instance} ` +
  'and does not start again. Its volumes stay.';
export const destroyed = (name: string) => `${name} was destroyed`;
export const forgetTitle = (name: string) => `Forget ${name}?`;
export const forgetMeans = 'It ended by itself. It is not listed any more; its ' +
  'volumes, deployments and log stay.';
export const forgotten = (name: string) => `${name} was forgotten`;

export const staysDown = 'stays down';
export const restartsOnFailure = 'restarts on failure';
export const restartsOn = (codes: string) => `restarts on exit code ${codes}`;

export const fact = { stopped: 'Stopped', up: 'Up for',
  restarts: 'Restarts in the last hour', memory: 'Memory', cpu: 'CPU',
  networks: 'Networks', volumes: 'Volumes', end: 'When it ends',
  deployment: 'Deployment', image: 'Image', type: 'Type', cpus: 'CPUs',
  priority: 'Start priority', arguments: 'Arguments', script: 'From a script',
  json: 'As JSON' };
export const megabytes = (n: number | undefined) => `${n ?? ''} MB`;
export const networkOn = (name: Part, bridge: Part, mac: Part) => (mac ?
  <>{name} on {bridge} with {mac}</> : <>{name} on {bridge}</>);
export const volumeIs = (device: Part, volume: Part, mb: number | undefined) =>
  (mb ? <>{device} is {volume}, {mb} MB</> : <>{device} is {volume}</>);
export const configuration = 'Configuration';
export const downloadImage = 'Download the image';
export const likeIt = 'Deploy one like it';
export const notRunning = 'It does not run';
export const unknownConfig = (again: (text: string) => Part) =>
  <>What it ran with is not known. {again('Deploy it again')}</>;

export const restartAskTitle = (name: string) => `Restart ${name}?`;
export const restartMeans = 'It is stopped and starts again as it is.';
export const restartTitle = (name: string) => `Restart ${name} with changes`;
export const restarted = (name: string) => `${name} was restarted`;
export const notRestarted = 'It was not restarted.';
export const restarting = 'Restarting…';
export const restartWith = 'Restart with…';
export const replace = 'Replace';
export const deployAgain = 'Deploy again';

export const tab = { log: 'Log', metrics: 'Metrics',
  configuration: 'Configuration', deployments: 'Deployments', update: 'Update',
  health: 'Health check' };
export const isAvailable = ' available';

export const noSuch = 'There is no such unikernel';
export const notShown = 'It can not be shown';
export const noSuchWhy = (name: string, project: string, instance: string) =>
  `Nothing named ${name} runs or ran in ${project} on ${instance}, or it is not ` +
  'yours to see.';
export const all = 'All unikernels';
export const archived = 'Its project is archived.';
export const archivedMeans = (project: (text: string) => Part) => <>What runs goes
  on, and can be destroyed. Nothing new is deployed until
  the {project('project')} is brought back.</>;
export const allAlerts = 'All alerts';
export const underWay = (n: number) => `Deployment ${n} is under way.`;

// SPDX-License-Identifier: ISC
// What may be done with a unikernel, and the addresses that lead to it.
import { unikernelPath, type Unikernel } from '../api';
import { holds, mayBring } from '../store/session';

export type Doing = 'restart' | 'restart-with' | 'update' | 'revert' | 'destroy' |
  'forget';

type Of = Pick<Unikernel, 'instance' | 'project' | 'name' | 'state' |
  'stopped_at' | 'deployment'>;

const mayChange = ({ project }: Of) => holds(project, 'deployer');

export const mayReplace = (u: Of) => mayBring(u.project);
export const mayRestart = (u: Of) => mayReplace(u) && u.state === 'running';

/** Lists do not say how many deployments there were: the page does. */
export const mayRevert = (u: Of) => mayReplace(u) &&
  (u.deployment === undefined || (u.deployment?.number ?? 0) > 1);

export const mayDestroy = (u: Of) => mayChange(u) && u.state === 'running';
export const mayForget = (u: Of) => mayChange(u) && u.state === 'stopped' &&
  !!u.stopped_at;

/** The page with a dialog open. */
export const doPath = (u: Of, what: Doing) => unikernelPath(u,
  what === 'update' ? '?tab=update&do=update' : `?do=${what}`);

/** The deploy form for the same name. */
export const replacePath = ({ instance, project, name }: Of) =>
  `/deploy?instance=${instance}&project=${project}&name=${name}`;

/** The deploy form for another one with its image and configuration. */
export const likePath = ({ instance, project, name }: Of) =>
  `/deploy?like=${instance}/${project}/${name}`;

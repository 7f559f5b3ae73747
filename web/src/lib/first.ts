// SPDX-License-Identifier: ISC
// Which of the first steps are done, by what the server has.
import type { Instance, Project, Token, UnikernelList } from '../api';

/** What is known; null: not yet. */
export interface Seen {
  instances: Instance[] | null;
  projects: Project[] | null;
  unikernels: UnikernelList | null;
  tokens: Token[] | null;
}

/** A project and where it may run something. */
export interface Place {
  project: string;
  instance: string;
}

const places = (projects: Project[]): Place[] => projects.flatMap((p) =>
  (p.archived ? [] : p.policies.map(({ instance }) =>
    ({ project: p.name, instance }))));

/** Where somebody who is in that project first, or in another, may deploy. */
export function placeOf(projects: Project[], own: string): Place | undefined {
  const all = places(projects.filter((p) => p.role !== 'viewer'));
  return all.find((at) => at.project === own) ?? all[0];
}

/** Where anybody may run something. */
export const anyPlace = (projects: Project[]): Place | undefined =>
  places(projects)[0];

const answers = ({ health: { status } }: Instance) => status === 'up' ||
  status === 'degraded';

/** One that answers, if any does. */
export const anyInstance = (instances: Instance[] | null): Instance | undefined =>
  instances?.find(answers) ?? instances?.[0];

/** Whether there are some, of which none answers. */
export const isSilent = (instances: Instance[] | null) =>
  !!instances?.length && !instances.some(answers);

/** Those that still work. */
export const working = (tokens: Token[], now = Date.now()) =>
  tokens.filter((t) => Date.parse(t.expires_at) > now);

/** Whether anything was; null where an instance does not tell. */
function isDeployed(list: UnikernelList | null): boolean | null {
  if (!list) return null;
  return list.items.length > 0 || (list.errors.length > 0 ? null : false);
}

export type StepName = 'instance' | 'policy' | 'deploy' | 'token';

/** Which there are for somebody, in order, and whether each is done; null: not
    known. */
export function stepsOf(seen: Seen, own: string, admin: boolean):
[StepName, boolean | null][] {
  const { instances, projects, unikernels, tokens } = seen;
  const first: [StepName, boolean | null][] = admin ?
    [['instance', instances && instances.length > 0]] : [];
  return [...first,
    ['policy', projects &&
      !!(admin ? anyPlace(projects) : placeOf(projects, own))],
    ['deploy', isDeployed(unikernels)],
    ['token', tokens && working(tokens).length > 0]];
}

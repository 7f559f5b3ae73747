// SPDX-License-Identifier: ISC
// Alerts in words.
import { unikernelPath, type Alert } from '../api';
import * as text from '../text/alerts';
import { dayMinute } from './format';

export const titleOf = (a: Pick<Alert, 'kind'>) => text.kinds[a.kind];

/** The sentence, with its times as they are here. */
export const detailOf = ({ detail }: Pick<Alert, 'detail'>) =>
  detail.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, dayMinute);

/** "web", or "team on i1", or "i1": what it is about. */
export function subjectOf({ instance, project, name }: Pick<Alert, 'instance' |
  'project' | 'name'>): string {
  return name ?? (project ? text.projectOn(project, instance) : instance);
}

/** The page on which one sees more of it; null: there is none for one. */
export function pageOf(a: Alert, admin: boolean): string | null {
  if (a.project && a.name)
    return unikernelPath({ instance: a.instance, project: a.project,
      name: a.name }, a.kind === 'check-failing' ? '?tab=health' : '');
  return admin ? `/instances/${a.instance}` :
    a.project ? `/unikernels?q=project:${a.project}` : null;
}

/** Critical ones first, then the newest. */
export function byWeight(a: Alert, b: Alert): number {
  const weight = (x: Alert) => (x.severity === 'critical' ? 0 : 1);
  return weight(a) - weight(b) || b.since.localeCompare(a.since);
}

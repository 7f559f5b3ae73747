// SPDX-License-Identifier: ISC
// Operations in words.
import { unikernelPath, volumePath, type Operation } from '../api';
import * as text from '../text/operation';
import { stepText as deploymentStep } from './deployment';

type Named = Pick<Operation, 'kind' | 'name'>;

/** "Upload to data" */
export const titleOf = (o: Named) => text.title(o.kind, o.name);

/** The page of what it is about. */
export function pageOf(o: Operation): string {
  return o.kind === 'deployment' ? `${unikernelPath(o)}?tab=deployments` :
    volumePath(o);
}

export function stepOf(o: Operation): string {
  return o.kind === 'deployment' ? deploymentStep(o.step, null) :
    text.steps[o.step] ?? o.step;
}

/** "Sending, 46 %"; without a share where nobody knows of how much. */
export const withPart = (what: string,
  { bytes, total }: Pick<Operation, 'bytes' | 'total'>) =>
  text.part(what, total ? Math.floor(100 * bytes / total) : null);

/** What is done with a volume now: "Sending, 46 %". */
export const doingText = (o: Operation | undefined): string =>
  (o ? withPart(stepOf(o), o) : text.something);

export const endOf = (o: Pick<Operation, 'state'>) => text.ends[o.state];

/** What is lost when it is stopped now. */
export const stopWarning = (o: Named) => text.stopWarning(o.kind, o.name);

// SPDX-License-Identifier: ISC
// Operations in words.
import { unikernelPath, volumePath, type Operation } from '../api';
import { stepText as deploymentStep } from './deployment';

const kinds: Record<Operation['kind'], string> = {
  'volume-upload': 'Upload to', 'volume-download': 'Download of',
  'volume-save': 'Copy of', 'volume-restore': 'Restore of',
  deployment: 'Deployment of',
};

/** "Upload to data" */
export const titleOf = (o: Pick<Operation, 'kind' | 'name'>) =>
  `${kinds[o.kind]} ${o.name}`;

/** The page of what it is about. */
export function pageOf(o: Operation): string {
  return o.kind === 'deployment' ? `${unikernelPath(o)}?tab=deployments` :
    volumePath(o);
}

const steps: Record<string, string> = {
  waiting: 'Waiting for its turn', checking: 'Checking',
  saving: 'Saving what it holds', stopping: 'Stopping who uses it',
  reading: 'Reading', sending: 'Sending', 'putting-back': 'Putting back what it held',
  starting: 'Starting who uses it', storing: 'Storing', healing: 'Making it whole',
};

export function stepOf(o: Operation): string {
  return o.kind === 'deployment' ? deploymentStep(o.step, null) :
    steps[o.step] ?? o.step;
}

/** ", 46 %"; '' where nobody knows of how much. */
export const partOf = ({ bytes, total }: Pick<Operation, 'bytes' | 'total'>) =>
  (total ? `, ${Math.floor(100 * bytes / total)} %` : '');

/** What is done with a volume now: "Sending, 46 %". */
export function doingText(o: Operation | undefined): string {
  return o ? stepOf(o) + partOf(o) : 'Something is under way';
}

const ends: Record<Operation['state'], string> = {
  running: 'under way', succeeded: 'done', failed: 'failed', cancelled: 'stopped',
};

export const endOf = (o: Pick<Operation, 'state'>) => ends[o.state];

const halfWritten = ({ name }: Operation, what: string) => `${name} then holds ` +
  `${what} and zeroes behind it; if what it held was saved first, that is put back.`;

/** What is lost when it is stopped now. */
export function stopWarning(o: Operation): string {
  switch (o.kind) {
    case 'volume-upload': return halfWritten(o, 'what has come so far');
    case 'volume-restore': return halfWritten(o, 'the beginning of the copy');
    case 'volume-save': return 'No copy is kept. What was stopped for it is ' +
      'started again.';
    default: return 'What was sent so far is of no use.';
  }
}

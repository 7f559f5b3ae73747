// SPDX-License-Identifier: ISC
// Deployments in words.
import type { Change, Deployment } from '../api';
import { buildTime } from './build';

const steps: Record<string, string> = {
  received: 'Checked',
  validated: 'Waited for its turn',
  saving: 'Made what runs safe',
  creating: 'Told albatross',
  watching: 'Watched that it lives and is well',
  'rolling-back': 'Brought back what ran before',
};

const doing: Record<string, string> = {
  received: 'Checking',
  validated: 'Waiting for its turn',
  saving: 'Making what runs safe',
  creating: 'Telling albatross',
  watching: 'Watching that it lives and is well',
  'rolling-back': 'Bringing back what ran before',
};

export function stepText(step: string, result: string | null): string {
  return (result === null ? doing : steps)[step] ?? step;
}

function builtText(how: string, { build }: Deployment): string {
  return build ? `${how} ${build.builder}: ${build.job} of ${buildTime(build)}` :
    `${how} a builder`;
}

/** "roll-back to 3, because 4 failed" */
export function sourceText(d: Deployment): string {
  switch (d.source) {
    case 'rollback':
      return (d.of ? `roll-back to ${d.of}` : 'roll-back') +
        (d.because ? `, because ${d.because} failed` : '');
    case 'restart': return 'restart';
    case 'volume': return 'started again after its volume was saved or restored';
    case 'image': return 'stored image';
    case 'build': return builtText('from', d);
    case 'update': return builtText('updated from', d);
    default: return 'upload';
  }
}

export function stateText(d: Deployment): string {
  if (d.state === 'running') return d.current ? 'running' : 'ran';
  if (d.state === 'rolled-back' && d.rolled_back_by)
    return `rolled back by ${d.rolled_back_by}`;
  return d.state;
}

export function stateKind(d: Deployment): 'good' | 'bad' | 'warn' | 'plain' {
  if (d.state === 'running') return d.current ? 'good' : 'plain';
  if (!d.final) return 'warn';
  return d.state === 'refused' ? 'plain' : 'bad';
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (typeof value === 'string')
    return /^[0-9a-f]{64}$/.test(value) ? value.slice(0, 12) :
      value === '' ? '(empty)' : value;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** ["memory", "32", "64"] */
export function changeTexts(change: Change): [string, string, string] {
  return [change.field, valueText(change.from), valueText(change.to)];
}

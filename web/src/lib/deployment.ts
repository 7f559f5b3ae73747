// SPDX-License-Identifier: ISC
// Deployments in words.
import type { Change, Deployment } from '../api';
import * as common from '../text/common';
import * as text from '../text/deployment';
import { buildTime } from './build';

export function stepText(step: string, result: string | null): string {
  return (result === null ? text.does : text.did)[step] ?? step;
}

/** "roll-back to 3, because 4 failed" */
export function sourceText(d: Deployment): string {
  switch (d.source) {
    case 'rollback': return text.rollBack(d.of, d.because);
    case 'restart': return text.restart;
    case 'volume': return text.volume;
    case 'image': return text.storedImage;
    case 'build': return d.build ? text.fromBuild(d.build.builder, d.build.job,
      buildTime(d.build)) : text.fromBuilder;
    case 'update': return d.build ? text.updatedFrom(d.build.builder,
      d.build.job, buildTime(d.build)) : text.updatedFromBuilder;
    default: return text.upload;
  }
}

export function stateText(d: Deployment): string {
  if (d.state === 'running') return d.current ? text.runs : text.ran;
  if (d.state === 'rolled-back' && d.rolled_back_by)
    return text.rolledBackBy(d.rolled_back_by);
  return text.state[d.state] ?? d.state;
}

export function stateKind(d: Deployment): 'good' | 'bad' | 'warn' | 'plain' {
  if (d.state === 'running') return d.current ? 'good' : 'plain';
  if (!d.final) return 'warn';
  return d.state === 'refused' ? 'plain' : 'bad';
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return common.none;
  if (typeof value === 'string')
    return /^[0-9a-f]{64}$/.test(value) ? value.slice(0, 12) :
      value === '' ? common.empty : value;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** ["memory", "32", "64"] */
export function changeTexts(change: Change): [string, string, string] {
  return [change.field, valueText(change.from), valueText(change.to)];
}

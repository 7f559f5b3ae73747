// SPDX-License-Identifier: ISC
// Deployments in words.
import type { Deployment } from '../api';

export type Kind = 'good' | 'bad' | 'warn' | 'plain';

/** The colour a state is shown in. */
export function stateKind(d: Pick<Deployment, 'state' | 'current'>): Kind {
  switch (d.state) {
    case 'running': return d.current ? 'good' : 'plain';
    case 'failed': return 'bad';
    case 'rolled-back': case 'rolling-back': return 'warn';
    default: return 'plain';
  }
}

/** "running" is what runs now; an earlier one ran. */
export function stateText(d: Pick<Deployment, 'state' | 'current'>): string {
  if (d.state === 'running') return d.current ? 'runs now' : 'ran';
  return d.state.replace('-', ' ');
}

/** Where it came from. */
export function origin(d: Pick<Deployment, 'source' | 'of' | 'because'>): string {
  const what = { upload: 'an uploaded image', image: 'a stored image',
    restart: 'a restart', rollback: 'a roll-back' }[d.source];
  const of = d.of === null ? '' :
    d.source === 'rollback' ? ` to ${d.of}` : ` of ${d.of}`;
  return what + of + (d.because === null ? '' : `, because ${d.because} failed`);
}

/** "120 ms", "3.2 s". */
export function duration(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** One side of a difference. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

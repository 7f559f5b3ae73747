// SPDX-License-Identifier: ISC
// The record of what was done: what of it is asked for.
import type { AuditRow } from '../api';

export const auditFilters = ['actor', 'action', 'target', 'result', 'from',
  'to'] as const;

export type AuditFilter = typeof auditFilters[number];

/** The filters that stand in an address; times of a form as the server wants. */
export function auditQuery(query: URLSearchParams): URLSearchParams {
  const asked = new URLSearchParams();
  for (const key of auditFilters) {
    const value = query.get(key)?.trim();
    if (!value) continue;
    const time = key === 'from' || key === 'to' ? Date.parse(value) : NaN;
    asked.set(key, Number.isNaN(time) ? value : new Date(time).toISOString());
  }
  return asked;
}

export const wentWell = ({ result }: Pick<AuditRow, 'result'>) => result === 'ok';

// SPDX-License-Identifier: ISC
// A health check in one line.
import type { HealthCheck } from '../api';
import * as text from '../text/check';

/** "HTTP to its own address, port 80, /" */
export function checkText(c: HealthCheck): string {
  const where = c.address ?? text.itsAddress;
  const what = c.type === 'http' ? c.path ?? '/' :
    c.type === 'dns' ? text.record(c.record ?? 'A', c.name ?? '') : '';
  return [text.to(c.type, where), c.port ? text.port(c.port) : '', what].filter(Boolean).join(', ');
}

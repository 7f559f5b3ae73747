// SPDX-License-Identifier: ISC
// A health check in one line.
import type { HealthCheck } from '../api';

/** "HTTP to its own address, port 80, /" */
export function checkText(c: HealthCheck): string {
  const where = c.address ?? 'its own address';
  const what = c.type === 'http' ? c.path ?? '/' :
    c.type === 'dns' ? `${c.record ?? 'A'} of ${c.name ?? ''}` : '';
  return [`${c.type.toUpperCase()} to ${where}`, c.port ? `port ${c.port}` : '',
    what].filter(Boolean).join(', ');
}

// SPDX-License-Identifier: ISC
// The words of health checks: of a unikernel, and how an instance answered.
import type { ComponentChildren } from 'preact';
import type { UnikernelHealth } from '../api';
import { count } from '../lib/format';

export const state: Record<UnikernelHealth['state'], string> = {
  healthy: 'healthy', failing: 'failing', unknown: 'unknown',
};
export const change = 'Change it';
export const set = 'Set one';
export const how = 'How';
export const types = { http: 'HTTP', tcp: 'TCP', dns: 'DNS' };
export const address = 'Address';
export const addressHint = "Empty: the unikernel's own (--ipv4, --ipv6).";
export const port = 'Port';
export const portHint = { http: '80 when empty.', dns: '53 when empty.', tcp: '' };
export const path = 'Path';
export const status = 'Status';
export const statusHint = 'Any of these is well.';
export const body = 'Text in the answer';
export const record = 'Record';
export const answer = 'Text in an answer';
export const timeout = 'Time limit (s)';
export const timeoutHint = '1 to 30.';
export const interval = 'Every (s)';
export const intervalHint = '10 to 3600.';
export const retries = 'Retries';
export const retriesHint = '0 to 20. Failures in a row before it counts.';
export const redirects = 'Follow redirects on the same address';
export const kept = 'The health check is kept';
export const notKept = 'It was not kept.';
export const remove = 'Check it no more';
export const removed = 'The health check was removed';
export const without = 'Without a health check, running means no more than that ' +
  'it did not end. With one, a deployment that does not pass is rolled back by ' +
  'itself.';

export const since = (age: ComponentChildren) => <>since {age}</>;
export const lastAsked = 'Last asked';
export const why = 'Why';
export const history = 'History';
export const attempts = 'Last attempts, newest first';
export const attempt = (at: string, what: string) => `${at}: ${what}`;
export const wellIn = (ms: number) => `well, ${ms} ms`;
export const well = 'well';
export const failed = 'failed';
export const notAsked = 'not asked yet';

export const answeredIn = (latency: string) => `answered in ${latency}`;
export const checks = (n: number, bad: number) =>
  `The last ${count(n, 'check')}: ${bad} failed`;
export const errorLog = 'Error log';
export const errorLogOf = (n: number) => `Error log (${n})`;
export const lasted = 'For';
export const code = 'Code';
export const still = (age: string) => `${age}, still`;
export const answersIn = 'Answers in';
export const most = '95 of 100 within';
export const availability = 'Answered in 24 h';
export const lastChecks = (n: number) => `Last ${n} checks`;

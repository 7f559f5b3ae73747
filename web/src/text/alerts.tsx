// SPDX-License-Identifier: ISC
// The words of alerts.
import type { ComponentChildren } from 'preact';
import type { Alert } from '../api';

export const kinds: Record<Alert['kind'], string> = {
  'crash-loop': 'Crashes again and again', stopped: 'Ended by itself',
  'check-failing': 'Fails its check',
  'instance-down': 'Does not answer',
  'certificate-expiring': 'Certificate is about to expire',
  'policy-full': 'Policy is nearly used up',
  'policy-drift': 'albatross has another policy',
};
export const severity: Record<Alert['severity'], string> = {
  critical: 'critical', warning: 'warning',
};
export const over = 'over';
export const projectOn = (project: string, instance: string) =>
  `${project} on ${instance}`;
/** How long one may wish to hear nothing of it: minutes, and in words. */
export const quietTimes: [number, string][] = [[60, '1 hour'], [240, '4 hours'],
  [1440, '1 day'], [10080, '1 week']];

export const what = 'alerts';
export const filterHint = 'kind:crash-loop';
export const open = 'Open';
export const openAndPast = 'Open and past';
export const noneOpen = 'Nothing needs a look';
export const noneYet = 'There was no alert yet';
export const opened = 'One is opened when a unikernel crashes again and again or ' +
  'fails its check, an instance does not answer, a certificate is about to ' +
  'expire, or a policy is nearly used up.';
export const whoIsTold = 'Who is told, and how';

export const silenceTitle = (subject: string) => `Silence ${subject}?`;
export const silenceAbout = (kind: string, detail: string) =>
  `${kind}: ${detail} It stays in the list; nobody is told of it until the time ` +
  'is over.';
export const silenceFor = 'For';
export const silenced = 'It is silent for now';
export const notSilenced = 'It was not silenced.';
export const silence = 'Silence';
export const silenceOne = 'Silence…';
export const silenceLabel = (subject: string, kind: string) =>
  `Silence… ${subject}: ${kind}`;
export const tellAgain = 'Tell again';
export const tellAgainLabel = (subject: string) => `Tell again: ${subject}`;
export const lasts = (age: ComponentChildren) => <>for {age}</>;
export const lasted = (since: ComponentChildren, age: string) =>
  <>{since}, for {age}</>;
export const times = (n: number) => `, ${n} times`;
export const place = (instance: string, project: string, when: ComponentChildren) =>
  <>{instance} / {project}, {when}</>;
export const silentUntil = (time: string) => `, silent until ${time}`;

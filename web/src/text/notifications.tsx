// SPDX-License-Identifier: ISC
// The words of who is told of what, and how.
import type { ComponentChildren } from 'preact';
import type { Notifications } from '../api';

type When = Notifications['updates'];
type Choices = [When, string, string][];

export const ofUpdates: Choices = [
  ['off', 'Not at all', 'No mail is sent to you.'],
  ['at-once', 'At once', 'A mail for each build that is newer than what runs, ' +
    'and for each update that happened by itself.'],
  ['daily', 'Once a day', 'One mail with all of a day, when there is something.'],
];
export const ofAlerts: Choices = [
  ['off', 'Not at all', 'They are in the list of alerts.'],
  ['at-once', 'At once', 'A mail when alerts are opened, and when they are over; ' +
    'what happens together is one mail.'],
  ['daily', 'Once a day', 'One mail with all of a day, when there was one.'],
];
export const updates = 'Updates of my unikernels';
export const updatesAbout = (email: ComponentChildren) => <>To {email}, with a
  link to each comparison. Each build is told once.</>;
export const alertsAbout = (email: ComponentChildren) => <>To {email}, when a
  unikernel of my projects crashes again and again or fails its check, or a policy
  is nearly used up.</>;
export const alertsAboutAdmin = (email: ComponentChildren) => <>To {email}, when a
  unikernel of my projects crashes again and again or fails its check, or a policy
  is nearly used up; and when an instance does not answer, or its certificate is
  about to expire.</>;
export const whenAlerts = 'When to tell alerts';
export const allProjects = 'Of all projects, not only of mine';
export const saveAlerts = 'Save alerts';
export const webhookChoice = 'Webhook of the project';
export const webhookOf = (project: string) => `Webhook of ${project}`;
export const webhookAbout = (project: string) => 'A program that is told of the ' +
  `alerts of ${project}, as JSON, signed with the secret.`;
export const noMail = 'Mail is not set up.';
export const noMailAdmin = (settings: (name: string) => ComponentChildren) =>
  <>Nothing is sent until you name a server in the {settings('settings')}.</>;
export const noMailOthers =
  'Nothing is sent until an administrator names a server.';

// SPDX-License-Identifier: ISC
// What is said about the record of what was done.
import type { AuditRow } from '../api';

export const filter = 'Filter the record';
export const only = (value: string) => `Only ${value}`;

export const at = 'At';
export const on = 'On';
export const result = 'Result';
export const until = 'Until';
export const request = 'Request';
export const number = 'Number';
export const detail = 'Detail';
export const nobodyKnown = 'nobody known';
export const ok = 'ok';

export const whoHint = 'a user name';
export const whatHint = 'an action';
export const onHint = 'what it is about';
export const resultHint = 'ok, refused or a code';

const credentials: Record<NonNullable<AuditRow['credential']>['kind'],
  (id: string) => string> = {
  session: (id) => `session ${id}`,
  token: (id) => `token ${id}`,
  grant: (id) => `grant ${id}`,
};

/** By what they asked: "session 1", "token 3f2a…". */
export const credential = (c: AuditRow['credential']) =>
  (c ? credentials[c.kind](c.id) : 'nothing');

export const live = 'Live';
export const about = <>The newest first. Each row holds the digest of the one
  before, so that <code>mollymawk-auth audit-verify</code> finds what was
  changed.</>;
export const reload = 'Reload';
export const exportIt = 'Export as JSON lines';
export const showEarlier = 'Show earlier ones';

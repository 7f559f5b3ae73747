// SPDX-License-Identifier: ISC
// What a token may do, in words, as it is offered.
import type { Token } from '../api';

export type Scope = Token['scopes'][number];

export interface ScopeGroup {
  title: string;
  /** For administrators alone. */
  admin: boolean;
  scopes: [Scope, string][];
}

export const scopeGroups: ScopeGroup[] = [
  { title: 'Unikernels: it may', admin: false, scopes: [
    ['unikernel:read', 'see them and their logs'],
    ['unikernel:deploy', 'deploy and replace'],
    ['unikernel:restart', 'restart'],
    ['unikernel:destroy', 'destroy'],
  ] },
  { title: 'Volumes: it may', admin: false, scopes: [
    ['volume:read', 'see and download them'],
    ['volume:write', 'make, fill and restore'],
    ['volume:destroy', 'delete'],
  ] },
  { title: 'Around them: it may', admin: false, scopes: [
    ['project:read', 'see projects, policies and usage'],
    ['project:admin', 'manage projects and members'],
    ['instance:read', 'see the instances'],
  ] },
  { title: 'Of the whole site: it may', admin: true, scopes: [
    ['instance:admin', 'add, change and forget instances, set policies'],
    ['user:admin', 'administer people'],
    ['audit:read', 'read the audit log'],
    ['metrics:read', 'read the figures of all, for Prometheus'],
  ] },
];

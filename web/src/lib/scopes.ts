// SPDX-License-Identifier: ISC
// What a token may do, in words, as it is offered.
import type { Token } from '../api';
import * as text from '../text/tokens';

export type Scope = Token['scopes'][number];

export interface ScopeGroup {
  title: string;
  /** For administrators alone. */
  admin: boolean;
  scopes: Scope[];
}

export const scopeGroups: ScopeGroup[] = [
  { title: text.scopeGroups.unikernels, admin: false, scopes: ['unikernel:read',
    'unikernel:deploy', 'unikernel:restart', 'unikernel:destroy'] },
  { title: text.scopeGroups.volumes, admin: false, scopes: ['volume:read',
    'volume:write', 'volume:destroy'] },
  { title: text.scopeGroups.around, admin: false, scopes: ['project:read',
    'project:admin', 'instance:read'] },
  { title: text.scopeGroups.site, admin: true, scopes: ['instance:admin',
    'user:admin', 'audit:read', 'metrics:read'] },
];

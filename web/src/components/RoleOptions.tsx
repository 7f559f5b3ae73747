// SPDX-License-Identifier: ISC
// The roles one may have in a project, to choose from.
import { roles } from '../text/common';

export const RoleOptions = () => <>{Object.entries(roles).map(([role, word]) => (
  <option key={role} value={role}>{word}</option>))}</>;

// SPDX-License-Identifier: ISC
// What is said about a password while it is typed.
import { count } from '../lib/format';

export const atLeast = (min: number) =>
  `${min} characters at least; any will do, blanks too.`;
export const soFar = (length: number, min: number) =>
  `${length} of ${min} characters`;
export const long = (length: number) => count(length, 'character');

export const show = 'Show';
export const hide = 'Hide';
export const showWhich = (label: string) => `Show ${label.toLowerCase()}`;
export const hideWhich = (label: string) => `Hide ${label.toLowerCase()}`;

export const fresh = 'New password';
export const change = 'Change the password';
export const revokeTokens = 'Revoke my tokens too';

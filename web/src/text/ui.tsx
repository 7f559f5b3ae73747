// SPDX-License-Identifier: ISC
// Words of the small parts.
import type { ComponentChildren } from 'preact';

export const typeName = (name: string) => `Type ${name} to confirm`;
/** "<b>3</b> of 8 MB"; without a limit, of is null. */
export const meter = (used: ComponentChildren, of: number | null, unit: string) =>
  <>{used}{of === null ? ', no limit' : ` of ${of}`}{unit && ` ${unit}`}</>;
/** "12 min old: the server can not be reached" */
export const staleSince = (age: ComponentChildren, why: string) =>
  <>As it was {age} ago. {why}</>;
export const difference = 'Difference';
export const copied = (what: string) => `${what} copied`;
export const notCopied = (what: string) =>
  `${what} could not be copied: select it and copy by hand`;
export const command = 'Command';
export const clickToCopy = (what: string) => `${what}: click to copy`;
export const numbered = (label: string, n: number) => `${label} ${n}`;
export const moveUp = (one: string, n: number) => `Move ${one} ${n} up`;
export const removeOne = (one: string, n: number) => `Remove ${one} ${n}`;

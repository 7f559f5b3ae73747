// SPDX-License-Identifier: ISC
// A comparison of two builds in few words, and its diffs line by line.
import type { Comparison, PackageChanges } from '../api';
import { count } from './format';

/** How far a version goes: the first of its numbers that differs. */
export type Jump = 'major' | 'minor' | 'patch' | 'older' | null;

/** The jump between two versions; null where they are not numbers. */
export function jump(left: string, right: string): Jump {
  const numbers = (version: string) =>
    (/^v?(\d+(?:\.\d+)*)/.exec(version)?.[1] ?? '').split('.').map(Number);
  if (!/^v?\d/.test(left) || !/^v?\d/.test(right)) return null;
  const from = numbers(left), to = numbers(right);
  for (let i = 0; i < Math.max(from.length, to.length); i++) {
    const a = from[i] ?? 0, b = to[i] ?? 0;
    if (b < a) return 'older';
    if (b > a) return i === 0 ? 'major' : i === 1 ? 'minor' : 'patch';
  }
  return null;
}

export function isEmpty(changes: PackageChanges): boolean {
  return changes.added.length + changes.removed.length +
    changes.changed.length === 0;
}

/** "2 packages changed, 1 added, 1 removed"; '' without any. */
function changesText(changes: PackageChanges | null, one: string, many?: string):
string {
  if (!changes) return '';
  const parts: [number, string][] = [[changes.changed.length, 'changed'],
    [changes.added.length, 'added'], [changes.removed.length, 'removed']];
  return parts.filter(([n]) => n > 0).map(([n, what], i) =>
    `${i === 0 ? count(n, one, many) : n} ${what}`).join(', ');
}

/** The counts, those which decide first; none where all is the same. */
export function countTexts(c: Comparison): string[] {
  const opam = c.opam?.length ?? 0;
  const sources = c.sources ? c.sources.added.length + c.sources.removed.length +
    c.sources.changed.length : 0;
  return [
    changesText(c.devices && { ...noVersions(c.devices), changed: [] }, 'device'),
    changesText(c.packages, 'package'),
    opam > 0 ? `${count(opam, 'opam file')} changed` : '',
    changesText(c.system_packages, 'system package'),
    changesText(c.environment, 'variable'),
    sources > 0 ? `${count(sources, 'source')} changed` : '',
  ].filter(Boolean);
}

function noVersions({ added, removed }: NonNullable<Comparison['devices']>) {
  const of = (list: { name: string }[]) =>
    list.map(({ name }) => ({ name, version: '' }));
  return { added: of(added), removed: of(removed) };
}

export interface DiffLine {
  kind: 'added' | 'removed' | 'place' | 'same';
  text: string;
}

/** The lines of a unified diff; those that name the files are left out. */
export function diffLines(diff: string): DiffLine[] {
  const lines = diff.replace(/\n$/, '').split('\n');
  return lines.filter((line, i) => !(i < 2 && /^(---|\+\+\+) /.test(line)))
    .map((text) => ({ text, kind: text.startsWith('+') ? 'added' :
      text.startsWith('-') ? 'removed' :
        text.startsWith('@@') ? 'place' : 'same' }));
}

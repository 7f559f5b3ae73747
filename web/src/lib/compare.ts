// SPDX-License-Identifier: ISC
// A comparison of two builds in few words, and its diffs line by line.
import type { Comparison, PackageChanges } from '../api';
import * as text from '../text/compare';

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

/** In words; '' without any. */
function changesText(changes: PackageChanges | null, words: (changed: number,
  added: number, removed: number) => string): string {
  return changes ? words(changes.changed.length, changes.added.length,
    changes.removed.length) : '';
}

/** The counts, those which decide first; none where all is the same. */
export function countTexts(c: Comparison): string[] {
  const opam = c.opam?.length ?? 0;
  const sources = c.sources ? c.sources.added.length + c.sources.removed.length +
    c.sources.changed.length : 0;
  return [
    changesText(c.devices && { ...noVersions(c.devices), changed: [] }, text.devices),
    changesText(c.packages, text.packages),
    opam > 0 ? text.opamFiles(opam) : '',
    changesText(c.system_packages, text.systemPackages),
    changesText(c.environment, text.variables),
    sources > 0 ? text.sources(sources) : '',
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
    .map((line) => ({ text: line, kind: line.startsWith('+') ? 'added' :
      line.startsWith('-') ? 'removed' :
        line.startsWith('@@') ? 'place' : 'same' }));
}

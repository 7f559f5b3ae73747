// SPDX-License-Identifier: ISC
// Names of things, apart from the words about them: the first load has these.
import type { VolumeName } from '../api';

export function sameVolume(a: VolumeName, b: VolumeName): boolean {
  return a.name === b.name && a.project === b.project &&
    a.instance === b.instance;
}

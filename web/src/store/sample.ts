// SPDX-License-Identifier: ISC
// The unikernel that comes with Mollymawk, as if somebody dropped it.
import { getFile } from '../api';
import { samplePath } from '../lib/curl';
import { dropped } from './dropped';

export async function dropSample(): Promise<void> {
  dropped.value = await getFile(samplePath);
}

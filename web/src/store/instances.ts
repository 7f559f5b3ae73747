// SPDX-License-Identifier: ISC
// The instances one may use, as they are now.
import { getAll, type Instance, type List } from '../api';
import { useLive } from '../lib/live';

export const useInstances = () => useLive(async (signal) =>
  (await getAll<List<Instance>>('/instances', signal)).items, ['instances'],
(told) => told.event === 'instance', []);

// SPDX-License-Identifier: ISC
// What pages show of a policy: how it stands, and how much of it is used.
import type { Amount, Capacity, Policy, ProjectPolicy } from '../api';
import * as text from '../text/policies';
import * as units from '../text/units';
import { Badge, Meter } from './ui';

/** What is worth telling of it; nothing when all is well. */
export function PolicyState({ state, over_commit }:
Pick<ProjectPolicy, 'state' | 'over_commit'>) {
  return (
    <>
      {state === 'drift' && <Badge kind="warn"
        why={text.differsWhy}>{text.differs}</Badge>}
      {state === 'pending' && <Badge kind="plain"
        why={text.pendingWhy}>{text.pending}</Badge>}
      {over_commit && <Badge kind="warn"
        why={text.overCommitWhy}>{text.overCommit}</Badge>}
    </>
  );
}

/** How much of a policy is used. */
export function PolicyBars({ policy, used }: { policy: Policy; used: Amount }) {
  return (
    <div class="meters">
      <Meter label={text.unikernels} used={used.unikernels} of={policy.unikernels} />
      <Meter label={text.memory} used={used.memory} of={policy.memory}
        unit={units.megabytes} />
      {(policy.block != null || used.block > 0) && <Meter label={text.volumes}
        used={used.block} of={policy.block ?? 0} unit={units.megabytes} />}
    </div>
  );
}

/** How much of an instance was given away, and whether it is too much. */
export function GivenBars({ capacity: { root, given, over_commit } }:
{ capacity: Capacity }) {
  return (
    <>
      {over_commit && <p><Badge kind="warn">{text.overCommit}</Badge>{' '}
        {text.tooMuchGiven}</p>}
      <div class="meters">
        <Meter label={text.unikernelsGiven} used={given.unikernels}
          of={root.unikernels} />
        <Meter label={text.memoryGiven} used={given.memory} of={root.memory}
          unit={units.megabytes} />
        {root.block != null && <Meter label={text.volumesGiven} used={given.block}
          of={root.block} unit={units.megabytes} />}
      </div>
    </>
  );
}

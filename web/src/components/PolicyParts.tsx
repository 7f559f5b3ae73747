// SPDX-License-Identifier: ISC
// What pages show of a policy: how it stands, and how much of it is used.
import type { Amount, Capacity, Policy, ProjectPolicy } from '../api';
import { Badge, Meter } from './ui';

/** What is worth telling of it; nothing when all is well. */
export function PolicyState({ state, over_commit }:
Pick<ProjectPolicy, 'state' | 'over_commit'>) {
  return (
    <>
      {state === 'drift' && <Badge kind="warn"
        why="albatross has another policy, or refused this one">differs</Badge>}
      {state === 'pending' && <Badge kind="plain"
        why="albatross gets it with the next command">not applied yet</Badge>}
      {over_commit && <Badge kind="warn"
        why="With it more is given than the instance has">over-commit</Badge>}
    </>
  );
}

/** How much of a policy is used. */
export function PolicyBars({ policy, used }: { policy: Policy; used: Amount }) {
  return (
    <div class="meters">
      <Meter label="Unikernels" used={used.unikernels} of={policy.unikernels} />
      <Meter label="Memory" used={used.memory} of={policy.memory} unit="MB" />
      {(policy.block != null || used.block > 0) && <Meter label="Volumes"
        used={used.block} of={policy.block ?? 0} unit="MB" />}
    </div>
  );
}

/** How much of an instance was given away, and whether it is too much. */
export function GivenBars({ capacity: { root, given, over_commit } }:
{ capacity: Capacity }) {
  return (
    <>
      {over_commit && <p><Badge kind="warn">over-commit</Badge> More was given
        than there is: not all can use all of theirs at the same time.</p>}
      <div class="meters">
        <Meter label="Unikernels given" used={given.unikernels}
          of={root.unikernels} />
        <Meter label="Memory given" used={given.memory} of={root.memory} unit="MB" />
        {root.block != null && <Meter label="Volumes given" used={given.block}
          of={root.block} unit="MB" />}
      </div>
    </>
  );
}

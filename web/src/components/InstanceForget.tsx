// SPDX-License-Identifier: ISC
// Before an instance is forgotten: what it would leave.
import { ask, get, type InstanceLeaves } from '../api';
import { usePolled } from '../lib/poll';
import { toast } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/instances';
import { Banner, ConfirmName } from './ui';

const SELDOM = 60_000;

type Thing = { project: string; name: string };

/** "ada/web, ada/dns and 3 more" */
function things(items: Thing[], all = items.length): string {
  const named = items.slice(0, 6).map((i) => `${i.project}/${i.name}`).join(', ');
  return all > 6 ? text.andMore(named, all - 6) : named;
}

function Leaves({ of }: { of: InstanceLeaves }) {
  const rules = [of.update_rules && text.rules(of.update_rules),
    of.schedules && text.schedules(of.schedules),
    of.health_checks && text.healthChecks(of.health_checks)]
    .filter(Boolean).join(', ');
  const underWay = of.deployments + of.operations;
  return (
    <ul class="leaves">
      {of.unikernels_count > 0 && <li>{text.leavesUnikernels(of.unikernels_count,
        things(of.unikernels, of.unikernels_count))}</li>}
      {of.volumes === null ? <li>{text.volumesUnknown}</li> :
        of.volumes.length > 0 && <li>{text.leavesVolumes(of.volumes_count ??
          of.volumes.length, things(of.volumes, of.volumes_count))}</li>}
      {of.projects.length > 0 && <li>{text.leavesProjects(of.projects.length,
        of.projects.join(', '))}</li>}
      {rules && <li>{text.removed(rules)}</li>}
      {underWay > 0 && <li>{text.leavesUnderWay(underWay)}</li>}
      {of.copies > 0 && <li>{text.leavesCopies(of.copies)}</li>}
      {of.tokens.length > 0 && <li>{text.leavesTokens(of.tokens.length, of.tokens
        .map((t) => text.tokenOf(t.name, t.user)).join(', '))}</li>}
    </ul>
  );
}

const isEmpty = (l: InstanceLeaves) => l.unikernels_count === 0 &&
  l.volumes?.length === 0 && l.projects.length === 0 && l.copies === 0 &&
  l.tokens.length === 0 && l.update_rules + l.schedules + l.health_checks +
  l.deployments + l.operations === 0;

export function InstanceForget({ name, onClose, onGone }: {
  name: string; onClose: () => void; onGone: () => void }) {
  const { value, error } = usePolled((signal) =>
    get<InstanceLeaves>(`/instances/${name}/leaves`, signal), SELDOM, [name]);
  const forget = async () => {
    await ask('DELETE', `/instances/${name}`);
    toast(text.forgotten(name));
    onGone();
  };
  return (
    <ConfirmName title={text.forgetTitle(name)} name={name} verb={common.forget}
      onConfirm={forget} onClose={onClose}>
      <p>{text.forgetMeans}</p>
      {!value && !error && <p class="quiet">{text.looking}</p>}
      {!value && error && <Banner kind="warn"
        title={text.leavesUnknown}>{error.message}</Banner>}
      {value && (isEmpty(value) ? <p>{text.leavesNothing}</p> :
        <Leaves of={value} />)}
    </ConfirmName>
  );
}

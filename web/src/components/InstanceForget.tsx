// SPDX-License-Identifier: ISC
// Before an instance is forgotten: what it would leave.
import { ask, get, type InstanceLeaves } from '../api';
import { count } from '../lib/format';
import { usePolled } from '../lib/poll';
import { toast } from '../store/toasts';
import { Banner, ConfirmName } from './ui';

const SELDOM = 60_000;

type Thing = { project: string; name: string };

/** "ada/web, ada/dns and 3 more" */
function things(items: Thing[], all = items.length): string {
  const named = items.slice(0, 6).map((i) => `${i.project}/${i.name}`).join(', ');
  return all > 6 ? `${named} and ${all - 6} more` : named;
}

function Leaves({ of }: { of: InstanceLeaves }) {
  const rules = [of.update_rules && count(of.update_rules, 'rule for updates',
    'rules for updates'), of.schedules && count(of.schedules, 'schedule of copies',
    'schedules of copies'), of.health_checks && count(of.health_checks,
    'health check')].filter(Boolean).join(', ');
  const underWay = of.deployments + of.operations;
  return (
    <ul class="leaves">
      {of.unikernels_count > 0 && <li><strong>
        {count(of.unikernels_count, 'unikernel')} {of.unikernels_count === 1 ?
          'goes' : 'go'} on running</strong> on the server, seen and commanded by nobody here:{' '}
        {things(of.unikernels, of.unikernels_count)}.</li>}
      {of.volumes === null ? <li>Which volumes are there is not known: it does not
        answer. They stay on the server.</li> : of.volumes.length > 0 && <li>
        <strong>{count(of.volumes_count ?? of.volumes.length, 'volume')}
        </strong> on the server, untouched: {things(of.volumes, of.volumes_count)}.</li>}
      {of.projects.length > 0 && <li><strong>
        {count(of.projects.length, 'project')}</strong> without the policy there:{' '}
        {of.projects.join(', ')}.</li>}
      {rules && <li><strong>{rules}</strong>, removed.</li>}
      {underWay > 0 && <li><strong>{count(underWay, 'deployment or operation',
        'deployments and operations')} under way</strong>, which will fail.</li>}
      {of.copies > 0 && <li><strong>{count(of.copies, 'saved copy',
        'saved copies')}</strong>, kept here, but to be had only while an instance
        of this name is there: download what is needed before.</li>}
      {of.tokens.length > 0 && <li><strong>{count(of.tokens.length, 'token')}
        </strong> limited to it, or to it and others: {of.tokens.map((t) =>
        `${t.name} of ${t.user}`).join(', ')}.</li>}
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
    toast(`${name} is forgotten`);
    onGone();
  };
  return (
    <ConfirmName title={`Forget ${name}?`} name={name} verb="Forget"
      onConfirm={forget} onClose={onClose}>
      <p>Its certificate and key are forgotten here; the server itself is not
        touched.</p>
      {!value && !error && <p class="quiet">Looking what it would leave…</p>}
      {!value && error && <Banner kind="warn"
        title="What it would leave is not known.">{error.message}</Banner>}
      {value && (isEmpty(value) ? <p>Nothing else is left behind.</p> :
        <Leaves of={value} />)}
    </ConfirmName>
  );
}

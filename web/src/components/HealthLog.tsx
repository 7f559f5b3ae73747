// SPDX-License-Identifier: ISC
// How an instance answered lately: latency, how often it did not, and why.
import { get, type Instance, type InstanceHistory } from '../api';
import { age, exact } from '../lib/format';
import { availabilityText, latencyText } from '../lib/instance';
import { useLive } from '../lib/live';
import * as common from '../text/common';
import * as text from '../text/health';
import { Fact, Stale, Table } from './ui';
import './health.css';

type Check = InstanceHistory['checks'][number];

const checkText = (c: Check) => (c.ok ? text.answeredIn(latencyText(c.ms)) :
  c.detail ?? c.code ?? text.failed);

/** Ticks, the newest at the right: high where it took long, bad ones full. */
function Ticks({ checks }: { checks: Check[] }) {
  const slow = Math.max(1, ...checks.map((c) => (c.ok ? c.ms : 0)));
  const wide = 6, high = 28, shown = [...checks].reverse();
  const failed = shown.filter((c) => !c.ok).length;
  return (
    <svg class="checks" role="img" viewBox={`0 0 ${shown.length * wide} ${high}`}
      preserveAspectRatio="xMaxYMid meet" height={high}
      width={shown.length * wide}
      aria-label={text.checks(shown.length, failed)}>
      {shown.map((c, i) => {
        const h = c.ok ? Math.max(4, Math.sqrt(c.ms / slow) * high) : high;
        return <rect key={c.at} class={c.ok ? 'good' : 'bad'} x={i * wide}
          y={high - h} width={wide - 2} height={h} rx="1">
          <title>{text.attempt(exact(c.at), checkText(c))}</title></rect>;
      })}</svg>
  );
}

function Outages({ outages }: Pick<InstanceHistory, 'outages'>) {
  if (outages.length === 0) return null;
  return (
    <details class="fold"><summary>{text.errorLogOf(outages.length)}
    </summary>
      <Table label={text.errorLog} class="cards errors" columns={[common.from,
        text.lasted, text.code, common.what]}>{outages.map((o) => (
          <tr key={o.since}><td>{exact(o.since)}</td>
            <td>{o.until ? age(o.since, Date.parse(o.until)) :
              text.still(age(o.since))}</td>
            <td><code>{o.code}</code></td><td class="wrap">{o.detail}</td></tr>))}
      </Table></details>
  );
}

export function HealthLog({ name }: Pick<Instance, 'name'>) {
  const { value, error, at, again } = useLive((signal) =>
    get<InstanceHistory>(`/instances/${name}/health`, signal), ['instances'],
  (told) => told.event === 'instance' && told.item.name === name, [name]);
  const stale = <Stale reason={error} since={at} again={again} />;
  if (!value || value.checks.length === 0) return stale;
  return (
    <>
      {stale}
      <dl class="strip">
        <Fact name={text.answersIn}>{latencyText(value.latency.p50)}</Fact>
        <Fact name={text.most}>{latencyText(value.latency.p95)}</Fact>
        <Fact name={text.availability}>{availabilityText(value.availability)}</Fact>
        <Fact name={text.lastChecks(value.checks.length)}>
          <Ticks checks={value.checks} /></Fact>
      </dl>
      <Outages outages={value.outages} />
    </>
  );
}

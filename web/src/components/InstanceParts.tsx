// SPDX-License-Identifier: ISC
// What is told of an instance, in the list and on its own page.
import type { Instance } from '../api';
import { ago, day } from '../lib/format';
import { categoryText, clockText, expiryOf, forText, levelMeans, statsText } from
  '../lib/instance';
import { Age, Badge, Banner, Fact } from './ui';

/** When a certificate ends, and how soon that is. */
export function Expiry({ time }: { time: string | null | undefined }) {
  if (!time) return <span class="quiet">not seen yet</span>;
  const { text, kind } = expiryOf(time);
  return <>{day(time)} {kind === 'good' ? <small>{text}</small> :
    <Badge kind={kind}>{text}</Badge>}</>;
}

/** The certificate that ends first, when that is soon. */
function Expiring({ instance }: { instance: Instance }) {
  const ends = [
    [instance.certificate_expires_at, 'The CA certificate that commands it'],
    [instance.health.server_certificate_expires_at, 'The server\'s own certificate'],
  ] as const;
  return (
    <>{ends.map(([time, what]) => {
      if (!time || expiryOf(time).kind === 'good') return null;
      const { text, kind } = expiryOf(time);
      return <Banner key={what} kind={kind === 'bad' ? 'bad' : 'warn'}
        title={`${what} ends on ${day(time)}: ${text}.`}>Without a new one nothing
        can be done there afterwards.</Banner>;
    })}</>
  );
}

/** What somebody should look at. */
export function InstanceTrouble({ instance }: { instance: Instance }) {
  const { health } = instance;
  const clock = clockText(health.clock_ms);
  const trouble = health.error?.detail || health.error?.code;
  return (
    <>
      {trouble && <Banner kind={health.status === 'down' ? 'bad' : 'warn'}
        title={categoryText(health.error?.category)}>{trouble}</Banner>}
      {clock.warn && <Banner kind="warn" title={`Its clock is ${clock.text}.`}>
        Set both by NTP: commands are refused when it is a minute behind, or five
        minutes ahead.</Banner>}
      <Expiring instance={instance} />
    </>
  );
}

export function InstanceFacts({ instance }: { instance: Instance }) {
  const { health } = instance;
  return (
    <dl class="strip">
      {instance.host && <Fact name="Address">
        <code>{instance.host.includes(':') ? `[${instance.host}]` : instance.host}:{
          instance.port}</code></Fact>}
      <Fact name="Speaks"><span title={levelMeans(health.level)}>{health.level ?
        `albatross ${health.level} or newer` : 'not known yet'}</span></Fact>
      {health.since && <Fact name={forText(health.status)}><Age
        time={health.since} /></Fact>}
      <Fact name="Asked">{health.checked_at ?
        <Age time={health.checked_at} as={ago} /> : 'not yet'}</Fact>
      {health.unikernels != null && <Fact name="Unikernels">
        <a href={`/unikernels?q=instance:${instance.name}`}>{health.unikernels}</a>
      </Fact>}
      <Fact name="Statistics">{health.stats === 'displaced' ? <Badge kind="warn">
        {statsText('displaced')}</Badge> : statsText(health.stats)}</Fact>
      <Fact name="Its clock">{clockText(health.clock_ms).text}</Fact>
    </dl>
  );
}

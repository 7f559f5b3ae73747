// SPDX-License-Identifier: ISC
// What is told of an instance, in the list and on its own page.
import type { Instance } from '../api';
import { ago, day } from '../lib/format';
import { categoryText, clockText, expiryOf, levelMeans, statsText } from
  '../lib/instance';
import { statusFor } from '../text/instance';
import * as pages from '../text/pages';
import * as text from '../text/instances';
import { Age, Badge, Banner, Fact } from './ui';

/** When a certificate ends, and how soon that is. */
export function Expiry({ time }: { time: string | null | undefined }) {
  if (!time) return <span class="quiet">{text.unseen}</span>;
  const { text: left, kind } = expiryOf(time);
  return <>{day(time)} {kind === 'good' ? <small>{left}</small> :
    <Badge kind={kind}>{left}</Badge>}</>;
}

/** The certificate that ends first, when that is soon. */
function Expiring({ instance }: { instance: Instance }) {
  const ends = [
    [instance.certificate_expires_at, text.theCa],
    [instance.health.server_certificate_expires_at, text.theServers],
  ] as const;
  return (
    <>{ends.map(([time, what]) => {
      if (!time || expiryOf(time).kind === 'good') return null;
      const { text: left, kind } = expiryOf(time);
      return <Banner key={what} kind={kind === 'bad' ? 'bad' : 'warn'}
        title={text.endsOn(what, day(time), left)}>{text.endsMeans}</Banner>;
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
      {clock.warn && <Banner kind="warn" title={text.clockIs(clock.text)}>
        {text.clockMeans}</Banner>}
      <Expiring instance={instance} />
    </>
  );
}

export function InstanceFacts({ instance }: { instance: Instance }) {
  const { health } = instance;
  return (
    <dl class="strip">
      {instance.host && <Fact name={text.address}>
        <code>{instance.host.includes(':') ? `[${instance.host}]` : instance.host}:{
          instance.port}</code></Fact>}
      <Fact name={text.speaks}><span title={levelMeans(health.level)}>{health.level ?
        text.speaksAlbatross(health.level) : text.speaksUnknown}</span></Fact>
      {health.since && <Fact name={statusFor[health.status]}><Age
        time={health.since} /></Fact>}
      <Fact name={text.asked}>{health.checked_at ?
        <Age time={health.checked_at} as={ago} /> : text.notAsked}</Fact>
      {health.unikernels != null && <Fact name={pages.unikernels}>
        <a href={`/unikernels?q=instance:${instance.name}`}>{health.unikernels}</a>
      </Fact>}
      <Fact name={text.statistics}>{health.stats === 'displaced' ? <Badge kind="warn">
        {statsText('displaced')}</Badge> : statsText(health.stats)}</Fact>
      <Fact name={text.clock}>{clockText(health.clock_ms).text}</Fact>
    </dl>
  );
}

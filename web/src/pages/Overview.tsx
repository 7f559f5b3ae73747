// SPDX-License-Identifier: ISC
// What needs a look, at a glance: alerts, instances, unikernels that are not
// well, updates, and what is under way.
import type { ComponentChildren } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import { get, unikernelPath, type Capacity, type Instance, type Unikernel,
  type UnikernelList } from '../api';
import { AlertList } from '../components/AlertList';
import { Icon } from '../components/Icon';
import { lazy } from '../components/Lazy';
import { Unanswered } from '../components/ListParts';
import { Moving } from '../components/Moving';
import { PolicyBars, PolicyState } from '../components/PolicyParts';
import { ExpiringTokens } from '../components/TokenBanner';
import { Age, Badge, Code, Empty, Loading, Meter, Page, Stale, type Kind } from
  '../components/ui';
import { WaitingBanner } from '../components/WaitingBanner';
import { sampleLine } from '../lib/curl';
import { ago, day } from '../lib/format';
import { latencyText, statusKinds } from '../lib/instance';
import { pageOf, stepOf, titleOf } from '../lib/operation';
import { usePolled } from '../lib/poll';
import { doing } from '../lib/state';
import { useBeginning, type Used } from '../store/first';
import { isGoing, operations, rateOf } from '../store/operations';
import { alerts, alertsAt, alertsError, pressing } from '../store/alerts';
import { useInstances } from '../store/instances';
import { isAdmin } from '../store/session';
import { listAt, listError, unikernels, watchUnikernels } from '../store/unikernels';
import { status as statusText } from '../text/instance';
import * as pages from '../text/pages';
import * as common from '../text/common';
import * as text from '../text/overview';
import * as policies from '../text/policies';
import * as units from '../text/units';
import './overview.css';

const FirstSteps = lazy(() => import('../components/FirstSteps').then((m) =>
  m.FirstSteps));

const FEW = 6;

/** A number with what it counts; pressing ones stand out. */
function Tile({ href, n, of, what, kind = 'plain' }: { href: string; n: number;
  of?: number; what: string; kind?: Kind }) {
  return (
    <li class={`tile ${kind}`}><a href={href}><b>{n}{of !== undefined &&
      <small> {text.ofAll(of)}</small>}</b> <span>{what}</span></a></li>
  );
}

const isUnwell = (u: Unikernel) => doing(u).kind !== 'good';

/** How much it wants somebody to look. */
const weight = (u: Unikernel) => ['bad', 'warn', 'plain'].indexOf(doing(u).kind);

function Tiles({ items, instances }: { items: Unikernel[];
  instances: Instance[] | null }) {
  const running = items.filter((u) => u.state === 'running').length;
  const unwell = items.filter(isUnwell).length;
  const newer = items.filter((u) => u.update?.available).length;
  const up = instances?.filter((i) => i.health.status === 'up').length ?? 0;
  const open = pressing.value.length;
  const all = instances?.length ?? 0;
  return (
    <ul class="tiles" aria-label={text.inAll}>
      {isAdmin() && instances && <Tile href="/instances" n={up}
        of={all} what={text.instancesUp} kind={up < all ? 'bad' : 'good'} />}
      <Tile href="/unikernels" n={running} what={text.running} kind="good" />
      <Tile href="/unikernels" n={unwell} what={text.notWell}
        kind={unwell > 0 ? 'bad' : 'plain'} />
      <Tile href="/alerts" n={open} what={text.alerts(open)}
        kind={open > 0 ? 'bad' : 'plain'} />
      <Tile href="/unikernels?q=update:available" n={newer}
        what={text.updates(newer)}
        kind={newer > 0 ? 'warn' : 'plain'} />
    </ul>
  );
}

/** A part of the page, with where there is more of it. */
function Part({ title, more, children }: { title: string;
  more?: ComponentChildren; children: ComponentChildren }) {
  return (
    <section class="card overview" aria-label={title}>
      <header><h2>{title}</h2>{more}</header>{children}</section>
  );
}

function Unwell({ items }: { items: Unikernel[] }) {
  const found = items.filter(isUnwell).sort((a, b) => weight(a) - weight(b));
  return (
    <Part title={text.unwell} more={found.length > FEW &&
      <a href="/unikernels?sort=state">{text.allN(found.length)}</a>}>
      {found.length === 0 ? <p class="quiet">{text.allWell}</p> :
        <ul class="rows">{found.slice(0, FEW).map((u) => (
          <li key={unikernelPath(u)}><Badge kind={doing(u).kind}>{doing(u).word}
            </Badge>
            <div><a href={unikernelPath(u)}>{u.name}</a> <span class="quiet">
              {u.instance} / {u.project}</span>
            <div class="quiet">{doing(u).why || (u.stopped_at && text.ended(<Age
              as={ago} time={u.stopped_at} />))}</div></div></li>))}</ul>}
    </Part>
  );
}

function Updates({ items }: { items: Unikernel[] }) {
  const newer = items.filter((u) => u.update?.available);
  return (
    <Part title={text.updatesTitle} more={newer.length > 0 && <a
      href="/unikernels?q=update:available">{newer.length > FEW ?
        text.allN(newer.length) : text.updateThem}</a>}>
      {newer.length === 0 ? <p class="quiet">{text.noUpdates}</p> :
        <ul class="rows">{newer.slice(0, FEW).map((u) => (
          <li key={unikernelPath(u)}><div><a href={`${unikernelPath(u)}?tab=update`}>
            {u.name}</a> <span class="quiet">{u.instance} / {u.project}</span>
          <div class="quiet">{u.update?.latest_started_at ? text.jobOf(
            u.update.job, day(u.update.latest_started_at)) : u.update?.job}</div></div>
          </li>))}</ul>}
    </Part>
  );
}

function UnderWay() {
  const going = operations.value.filter(isGoing);
  return (
    <Part title={text.underWay} more={going.length > 0 && <span class="quiet">
      {text.operations(going.length)}</span>}>
      {going.length === 0 ? <p class="quiet">{text.nothingGoing}</p> :
        <ul class="rows">{going.slice(0, FEW).map((o) => (
          <li key={o.url}><div class="grow"><a href={pageOf(o)}>{titleOf(o)}</a>{' '}
            <span class="quiet">{o.instance} / {o.project}</span>
            <Moving label={titleOf(o)} words={stepOf(o)} moved={o.bytes}
              total={o.total} rate={rateOf(o)} /></div></li>))}</ul>}
    </Part>
  );
}

const SELDOM = 60000;

/** What an instance has and gave away; only administrators may know. */
function Given({ instance, used }: { instance: string; used: number }) {
  const { value } = usePolled((signal) =>
    get<Capacity>(`/instances/${instance}/capacity`, signal), SELDOM, [instance]);
  if (!value) return null;
  const { root, given, over_commit } = value;
  return (
    <div class="meters">
      {over_commit && <p><Badge kind="warn">{policies.overCommit}</Badge>{' '}
        {text.overCommitMeans}</p>}
      <Meter label={policies.memoryGiven} used={given.memory} of={root.memory}
        unit={units.megabytes} />
      <Meter label={text.memoryUsed} used={used} of={root.memory}
        unit={units.megabytes} />
    </div>
  );
}

const memoryOf = (items: Unikernel[]) => items.reduce((sum, u) =>
  sum + (u.state === 'running' ? u.config?.memory ?? 0 : 0), 0);

function InstanceRow({ i, items }: { i: Instance; items: Unikernel[] }) {
  const { health } = i;
  const admin = isAdmin();
  const running = items.filter((u) => u.state === 'running').length;
  const { status } = health;
  const since = health.since && <Age time={health.since} />;
  return (
    <li><Badge kind={statusKinds[status]}>{statusText[status]}</Badge>
      <div class="grow stack"><div>
        {admin ? <a href={`/instances/${i.name}`}>{i.name}</a> :
          <strong>{i.name}</strong>}{' '}
        <span class="quiet">{status === 'up' || status === 'degraded' ?
          text.upFor(since, running, health.latency_ms == null ? '' :
            latencyText(health.latency_ms)) :
          text.downFor(since, <Age time={health.checked_at} as={ago} />)}</span>
        {health.error && <div>{health.error.detail}</div>}</div>
      {admin && status === 'up' && <Given instance={i.name}
        used={memoryOf(items)} />}</div></li>
  );
}

function Instances({ list, items }: { list: Instance[]; items: Unikernel[] }) {
  const bad = (i: Instance) => ['down', 'degraded', 'unknown', 'up']
    .indexOf(i.health.status);
  const sorted = [...list].sort((a, b) => bad(a) - bad(b) ||
    a.name.localeCompare(b.name));
  return (
    <Part title={pages.instances} more={isAdmin() && <a
      href="/instances">{text.allOfThem}</a>}>
      <ul class="rows">{sorted.map((i) => <InstanceRow key={i.name} i={i}
        items={items.filter((u) => u.instance === i.name)} />)}</ul>
    </Part>
  );
}

function Quota({ all }: { all: Used[] }) {
  return (
    <Part title={text.policiesLeft}>
      <ul class="rows">{all.map(({ project, usage }) => (
        <li key={project + usage.instance}><div class="grow stack">
          <span>{usage.instance} <span class="quiet">/ {project}</span>{' '}
            <PolicyState {...usage} /></span>
          <PolicyBars policy={usage.policy} used={usage.used} />
        </div></li>))}</ul>
    </Part>
  );
}

/** With nothing there the next step is said. */
function Begin({ project }: { project: string }) {
  if (isAdmin())
    return (
      <Empty title={text.noInstance}>
        <p>{text.noInstanceWhat}</p>
        <p><a class="button primary" href="/instances">{text.addFirst}</a></p>
      </Empty>);
  return (
    <Empty title={text.nothingYours}>
      <p>{text.nothingYoursWhat(project)}</p></Empty>
  );
}

function NoneRuns({ project }: { project: string }) {
  return (
    <Empty title={text.noneRuns}>
      <p><a class="button primary" href="/deploy">{text.deployFirst}</a></p>
      <p class="quiet">{common.scriptWith((word) =>
        <a href="/tokens">{word}</a>)}</p>
      <Code text={sampleLine(location.origin, project, '', 'hello', 'hello.spt')} />
    </Empty>
  );
}

function Parts({ items, instances, used }: { items: Unikernel[];
  instances: Instance[] | null; used: Used[] | null }) {
  const open = alerts.value ?? [];
  return (
    <div class="halves">
      <div class="stack">
        {open.length > 0 && <Part title={pages.alerts} more={<a href="/alerts">
          {text.allOfThem}</a>}><AlertList items={open} /></Part>}
        {instances && <Instances list={instances} items={items} />}
        <Unwell items={items} />
      </div>
      <div class="stack"><UnderWay /><Updates items={items} />
        {used && used.length > 0 && <Quota all={used} />}</div>
    </div>
  );
}

/** Whether there is nothing yet that one could see. */
function isBare(list: UnikernelList | null, instances: Instance[] | null,
  used: Used[] | null): boolean {
  return list?.items.length === 0 && list.errors.length === 0 &&
    (isAdmin() ? instances?.length === 0 : used?.length === 0);
}

export function Overview() {
  useLayoutEffect(watchUnikernels, []);
  const { value: instances, error, at, again } = useInstances();
  const { seen, own, shows, used, lost, look } = useBeginning(instances);
  const list = unikernels.value;
  const wrong = listError.value ?? error ?? alertsError.value ?? lost;
  const since = (listError.value ? listAt : error ? null : alertsAt)?.value ?? at;
  const bare = isBare(list, instances, used);
  return (
    <Page title={pages.overview} action={!bare && own && <a class="button primary"
      href="/deploy"><Icon name="deploy" /> {common.deploy}</a>}>
      <Stale reason={wrong} since={since} again={again} />
      {seen.tokens && <ExpiringTokens tokens={seen.tokens} />}
      {!list && !wrong && <Loading />}
      {list && <Unanswered lost={text.lost}
        errors={list.errors.filter((e) => !alerts.value?.some((a) =>
          a.kind === 'instance-down' && a.instance === e.instance))} />}
      <WaitingBanner />
      {list && shows && <FirstSteps seen={seen} own={own}
        again={() => { again(); look(); }} />}
      {bare && !shows && <Begin project={own} />}
      {list && !bare && <>
        <Tiles items={list.items} instances={instances} />
        {list.items.length === 0 && list.errors.length === 0 && !shows &&
          <NoneRuns project={own} />}
        <Parts items={list.items} instances={instances} used={used} /></>}
    </Page>
  );
}

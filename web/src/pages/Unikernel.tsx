// SPDX-License-Identifier: ISC
// One unikernel: what it is, its log, restart and destroy.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, fieldError, get, isMissing, unikernelPath, volumePath,
  type Deployment, type Unikernel as U, type UnikernelName } from '../api';
import { ConfigFields, changedFields, changesOf, unchanged } from
  '../components/ConfigFields';
import { lazy } from '../components/Lazy';
import { Age, Badge, Banner, Code, ConfirmName, Dialog, Digest, Empty,
  Fact, FormProblem, Page } from '../components/ui';
import { detailOf, titleOf } from '../lib/alert';
import { getLine, postLine } from '../lib/curl';
import { ago } from '../lib/format';
import { useLive } from '../lib/live';
import { doing } from '../lib/state';
import { go, place } from '../router';
import { pressing } from '../store/alerts';
import type { Told } from '../store/events';
import { holds, rests } from '../store/session';
import { toast, toastError } from '../store/toasts';

const Deployments = lazy(() => import('./Deployments').then((m) => m.Deployments));
const Revert = lazy(() => import('./Deployments').then((m) => m.Revert));
const HealthTab = lazy(() => import('./HealthTab').then((m) => m.HealthTab));
const MetricsTab = lazy(() => import('./MetricsTab').then((m) => m.MetricsTab));
const LogView = lazy(() => import('../components/LogView').then((m) => m.LogView));
const UpdateTab = lazy(() => import('./UpdateTab').then((m) => m.UpdateTab));

function Destroy({ u, onClose }: { u: U; onClose: () => void }) {
  const running = u.state === 'running';
  const destroy = async () => {
    await ask('DELETE', unikernelPath(u));
    toast(`${u.name} was ${running ? 'destroyed' : 'forgotten'}`);
    onClose();
    go('/unikernels');
  };
  return (
    <ConfirmName title={`${running ? 'Destroy' : 'Forget'} ${u.name}?`}
      name={u.name} verb={running ? 'Destroy' : 'Forget'} onConfirm={destroy}
      onClose={onClose}>
      <p>{running ? `It is stopped on ${u.instance} and does not start again. ` +
        'Its volumes stay.' : 'It ended by itself. It is not listed any more; ' +
        'its volumes, deployments and log stay.'}</p>
    </ConfirmName>
  );
}

function failText(config: NonNullable<U['config']>): string {
  if (config.fail_behaviour === 'quit') return 'stays down';
  const codes = config.exit_codes ?? [];
  return codes.length === 0 ? 'restarts on failure' :
    `restarts on exit code ${codes.join(', ')}`;
}

/** The volumes it has, each with a link to its page. */
function volumeLinks(u: U) {
  return u.config?.volumes?.map((v, i) => {
    const name = v.volume ?? v.name;
    return <span key={v.name}>{i > 0 && ', '}<a href={volumePath({ ...u,
      name })}>{name}</a></span>;
  });
}

/** How it does; whether its check works stands beside what runs. */
function State({ u }: { u: U }) {
  const { word, kind, why } = doing(u);
  const health = u.state === 'running' ? u.health?.state : undefined;
  return (
    <>
      <Badge kind={kind} why={why}>{word}</Badge>
      {(health === 'healthy' || (health === 'failing' && word !== 'failing')) &&
        <Badge kind={health === 'healthy' ? 'good' : 'bad'}>{health}</Badge>}
    </>
  );
}

/** What one asks first of what runs. */
function Summary({ u }: { u: U }) {
  const { config, digest } = u;
  return (
    <dl class="strip">
      {u.state === 'stopped' ? u.stopped_at && <Fact name="Stopped"><Age
        time={u.stopped_at} as={ago} /></Fact> :
        <Fact name="Up for"><Age time={u.started_at} /></Fact>}
      {!!u.restarts && <Fact name="Restarts in the last hour">{u.restarts}</Fact>}
      {config && <>
        <Fact name="Memory">{config.memory} MB</Fact>
        <Fact name="CPU">{config.cpus?.join(', ')}</Fact>
        <Fact name="Networks">{config.networks?.map((n) => n.bridge ?? n.name)
          .join(', ') || 'none'}</Fact>
        {!!config.volumes?.length && <Fact name="Volumes">{volumeLinks(u)}</Fact>}
        <Fact name="When it ends">{failText(config)}</Fact></>}
      {u.deployment && <Fact name="Deployment"><a
        href={`${unikernelPath(u)}?tab=deployments`}>{u.deployment.number}</a></Fact>}
      {digest && <Fact name="Image"><Digest of={digest} /></Fact>}
    </dl>
  );
}

/** Starts it again, with some of it changed; what is left as it is stays. */
function RestartWith({ u, onClose, onDone }: { u: U; onClose: () => void;
  onDone: () => void }) {
  const [changed, setChanged] = useState(() => unchanged(u.config));
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const body = changesOf(changed, u.config);
  const say = (name: string) => fieldError(error, name);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await ask<Deployment>('POST', unikernelPath(u, '/restart?wait=120'), body);
      toast(`${u.name} was restarted`);
      onDone();
    } catch (e) {
      setError(e as Error);
    }
    setBusy(false);
  };
  return (
    <Dialog title={`Restart ${u.name} with changes`} wide onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <ConfigFields value={changed} say={say} onChange={setChanged} />
        <FormProblem error={error} fields={changedFields}
          title="It was not restarted." />
        <div class="row end">
          <button type="button" onClick={onClose}>Leave it</button>
          <button class="primary" disabled={busy}>{busy ? 'Restarting…' :
            'Restart'}</button></div>
        <Code text={postLine(location.origin, unikernelPath(u, '/restart?wait=60'),
          body)} />
      </form>
    </Dialog>
  );
}

function Configuration({ u }: { u: U }) {
  const { config } = u;
  if (!config)
    return <Empty title="It does not run">
      <p>What it ran with is not known. <a
        href={`/deploy?instance=${u.instance}&project=${u.project}&name=${u.name}`}>
        Deploy it again</a></p></Empty>;
  return (
    <dl class="facts">
      <Fact name="Type">{config.type}</Fact>
      <Fact name="Memory">{config.memory} MB</Fact>
      <Fact name="CPUs">{config.cpus?.join(', ')}</Fact>
      <Fact name="Start priority">{config.startup ?? 50}</Fact>
      <Fact name="When it ends">{failText(config)}</Fact>
      <Fact name="Networks">{config.networks?.length ? config.networks.map((n) => (
        <div key={n.name}><code>{n.name}</code> on <code>{n.bridge ?? n.name}</code>
          {n.mac && <> with <code>{n.mac}</code></>}</div>)) : 'none'}</Fact>
      <Fact name="Volumes">{config.volumes?.length ? config.volumes.map((v) => (
        <div key={v.name}><code>{v.name}</code> is <a href={volumePath({ ...u,
          name: v.volume ?? v.name })}><code>{v.volume ?? v.name}</code></a>
          {v.size ? `, ${v.size} MB` : ''}</div>)) : 'none'}</Fact>
      <Fact name="Arguments">{config.arguments?.length ?
        <ol class="arguments">{config.arguments.map((a, i) => (
          <li key={i}><code>{a === '' ? '(empty)' : a}</code></li>))}</ol> :
        'none'}</Fact>
      <Fact name="From a script">
        <Code text={getLine(location.origin, unikernelPath(u))} /></Fact>
      <Fact name="As JSON"><Code what="Configuration"
        text={JSON.stringify(config, null, 2)} />
        {u.state === 'running' &&
          <p><a href={`/api/v1${unikernelPath(u, '/image')}`} download>
            Download the image</a></p>}</Fact>
    </dl>
  );
}

const tabs = ['log', 'metrics', 'configuration', 'deployments', 'update',
  'health'] as const;
const tabNames = { log: 'Log', metrics: 'Metrics',
  configuration: 'Configuration', deployments: 'Deployments', update: 'Update',
  health: 'Health check' };

/** Whether what was told changes what is shown of it. */
function isAbout(told: Told, id: UnikernelName): boolean {
  const of = told.event === 'unikernel' ? told.item ?? told :
    told.event === 'operation' ? told.item : null;
  return of !== null && 'name' in of && of.name === id.name &&
    of.instance === id.instance && of.project === id.project;
}

export function Unikernel({ instance, project, name }:
{ instance: string; project: string; name: string }) {
  const id = { instance, project, name };
  const { value: u, error, again } = useLive((signal) =>
    get<U>(unikernelPath(id), signal), ['operations', `states:${project}`],
  (told) => isAbout(told, id), [unikernelPath(id)]);
  const [dialog, setDialog] = useState<'destroy' | 'revert' | 'restart' | null>(
    null);
  const close = () => setDialog(null);
  const [busy, setBusy] = useState(false);
  const tab = tabs.find((t) => t === place.value.query.get('tab')) ?? 'log';

  const bar = useRef<HTMLDivElement>(null);
  // On a phone, the tabs are more than fit.
  useEffect(() => bar.current?.querySelector('[aria-selected="true"]')
    ?.scrollIntoView({ block: 'nearest', inline: 'nearest' }), [tab, u === null]);

  const restart = async () => {
    setBusy(true);
    try {
      await ask<Deployment>('POST', unikernelPath(id, '/restart?wait=120'));
      again();
      toast(`${name} was restarted`);
    } catch (e) {
      toastError(e);
    }
    setBusy(false);
  };

  if (u === null) {
    if (error === null) return <p class="quiet">Loading…</p>;
    const missing = isMissing(error);
    return (
      <Page title={name}>
        <Empty title={missing ? 'There is no such unikernel' : 'It can not be shown'}>
          <p>{missing ? `Nothing named ${name} runs or ran in ${project} on ` +
            `${instance}, or it is not yours to see.` : error.message}</p>
          <p><a class="button" href="/unikernels">All unikernels</a></p></Empty>
      </Page>);
  }
  const running = u.state === 'running';
  const awake = !rests(project);
  const target = `/deploy?instance=${instance}&project=${project}&name=${name}`;
  return (
    <Page title={name} above={<>
      <a href={`/unikernels?q=instance:${instance}`}>{instance}</a> / <a
        href={`/projects/${project}`}>{project}</a></>}
      beside={<State u={u} />}
      action={holds(project, 'deployer') && <>
        {awake && <a class="button" href={target}>{running ? 'Replace' :
          'Deploy again'}</a>}
        {awake && running && <button type="button" disabled={busy}
          onClick={restart}>{busy ? 'Restarting…' : 'Restart'}</button>}
        {awake && running && <button type="button"
          onClick={() => setDialog('restart')}>Restart with…</button>}
        {awake && (u.deployment?.number ?? 0) > 1 && <button type="button"
          onClick={() => setDialog('revert')}>Revert</button>}
        {(running || (u.state === 'stopped' && u.stopped_at)) && <button
          type="button" class="danger" onClick={() => setDialog('destroy')}>
          {running ? 'Destroy' : 'Forget'}</button>}
      </>}>
      {error && <Banner kind="warn" title="Not up to date.">{error.message}</Banner>}
      {!awake && <Banner kind="warn" title="Its project is archived.">What runs goes
        on, and can be destroyed. Nothing new is deployed until
        the <a href={`/projects/${project}`}>project</a> is brought back.</Banner>}
      {pressing.value.filter((a) => a.name === name && a.project === project &&
        a.instance === instance).map((a) => (
        <Banner key={a.id} kind={a.severity === 'critical' ? 'bad' : 'warn'}
          title={`${titleOf(a)}.`}>{detailOf(a)} <a href="/alerts">All alerts</a>
        </Banner>))}
      {u.deployment && !u.deployment.final && tab !== 'update' && <Banner kind="warn"
        title={`Deployment ${u.deployment.number} is under way.`}>
        <a href={`${unikernelPath(u)}?tab=deployments`}>Look at it</a></Banner>}
      {(u.state !== 'stopped' || u.stopped_at) && <Summary u={u} />}
      <div class="tabs" role="tablist" aria-label={name} ref={bar}>
        {tabs.map((t) => (
          <a key={t} role="tab" aria-selected={t === tab} id={`tab-${t}`}
            href={t === 'log' ? place.value.path : `${place.value.path}?tab=${t}`}>
            {tabNames[t]}{t === 'update' && u.update?.available &&
              <span class="dot"><span class="unseen"> available</span></span>}
          </a>))}
      </div>
      <div class="panel" role="tabpanel" aria-labelledby={`tab-${tab}`}>
        {tab === 'log' && <LogView u={u} />}
        {tab === 'metrics' && <MetricsTab u={u} />}
        {tab === 'configuration' && <Configuration u={u} />}
        {tab === 'deployments' && <Deployments id={id} />}
        {tab === 'update' && <UpdateTab u={u} onChanged={again} />}
        {tab === 'health' && <HealthTab id={id} />}
      </div>
      {dialog === 'destroy' && <Destroy u={u} onClose={close} />}
      {dialog === 'revert' && <Revert id={id} to={null}
        onClose={() => { close(); again(); }} />}
      {dialog === 'restart' && <RestartWith u={u} onClose={close}
        onDone={() => { close(); again(); }} />}
    </Page>
  );
}

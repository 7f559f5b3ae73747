// SPDX-License-Identifier: ISC
// One unikernel: what it is, its log, restart and destroy.
import { useState } from 'preact/hooks';
import { ask, get, isMissing, unikernelPath, volumePath,
  type Deployment, type Unikernel as U, type UnikernelName } from '../api';
import { ConfigFields, changedFields, changesOf, unchanged } from
  '../components/ConfigFields';
import { lazy } from '../components/Lazy';
import { Age, Badge, Banner, Code, ConfirmName, Dialog, Digest, Empty, Fact,
  FormProblem, Loading, Page, Stale, Tabs } from '../components/ui';
import { likePath, mayDestroy, mayForget, mayReplace, mayRestart, mayRevert,
  replacePath, type Doing } from '../lib/actions';
import { detailOf, titleOf } from '../lib/alert';
import { getLine, postLine } from '../lib/curl';
import { ago } from '../lib/format';
import { leftOf } from '../lib/form';
import { useLive } from '../lib/live';
import { useSending } from '../lib/sending';
import { doing } from '../lib/state';
import { useUsage } from '../lib/usage';
import { go, place, queryDialog, useUnsaved } from '../router';
import { pressing } from '../store/alerts';
import type { Told } from '../store/events';
import { rests } from '../store/session';
import { toast, toastError } from '../store/toasts';
import * as common from '../text/common';
import * as states from '../text/state';
import * as text from '../text/unikernel';

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
    toast((running ? text.destroyed : text.forgotten)(u.name));
    onClose();
    go('/unikernels');
  };
  return (
    <ConfirmName title={(running ? text.destroyTitle : text.forgetTitle)(u.name)}
      name={u.name} verb={running ? text.destroy : common.forget} onConfirm={destroy}
      onClose={onClose}>
      <p>{running ? text.destroyMeans(u.instance) : text.forgetMeans}</p>
    </ConfirmName>
  );
}

function failText(config: NonNullable<U['config']>): string {
  if (config.fail_behaviour === 'quit') return text.staysDown;
  const codes = config.exit_codes ?? [];
  return codes.length === 0 ? text.restartsOnFailure :
    text.restartsOn(codes.join(', '));
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
        <Badge kind={health === 'healthy' ? 'good' : 'bad'}>{states[health]}</Badge>}
    </>
  );
}

/** What one asks first of what runs. */
function Summary({ u }: { u: U }) {
  const { config, digest } = u;
  return (
    <dl class="strip">
      {u.state === 'stopped' ? u.stopped_at && <Fact name={text.fact.stopped}><Age
        time={u.stopped_at} as={ago} /></Fact> :
        <Fact name={text.fact.up}><Age time={u.started_at} /></Fact>}
      {!!u.restarts && <Fact name={text.fact.restarts}>{u.restarts}</Fact>}
      {config && <>
        <Fact name={text.fact.memory}>{text.megabytes(config.memory)}</Fact>
        <Fact name={text.fact.cpu}>{config.cpus?.join(', ')}</Fact>
        <Fact name={text.fact.networks}>{config.networks?.map((n) => n.bridge ?? n.name)
          .join(', ') || common.none}</Fact>
        {!!config.volumes?.length && <Fact name={text.fact.volumes}>{volumeLinks(u)}</Fact>}
        <Fact name={text.fact.end}>{failText(config)}</Fact></>}
      {u.deployment && <Fact name={text.fact.deployment}><a
        href={`${unikernelPath(u)}?tab=deployments`}>{u.deployment.number}</a></Fact>}
      {digest && <Fact name={text.fact.image}><Digest of={digest} /></Fact>}
    </dl>
  );
}

/** Starts it again as it is: a link must not do that without asking. */
function RestartAsk({ u, busy, onClose, onRestart }: { u: U; busy: boolean;
  onClose: () => void; onRestart: () => void }) {
  return (
    <Dialog title={text.restartAskTitle(u.name)} onClose={onClose}>
      <div class="stack">
        <p>{text.restartMeans}</p>
        <div class="row end">
          <button type="button" onClick={onClose}>{common.leaveIt}</button>
          <button type="button" class="primary" autofocus disabled={busy}
            onClick={onRestart}>{common.restart}</button></div>
      </div>
    </Dialog>
  );
}

/** Starts it again, with some of it changed; what is left as it is stays. */
function RestartWith({ u, onClose, onDone }: { u: U; onClose: () => void;
  onDone: () => void }) {
  const [changed, setChanged] = useState(() => unchanged(u.config));
  const { error, busy, say, submit } = useSending();
  const { usage } = useUsage(u.project, u.instance);
  const body = changesOf(changed, u.config);
  useUnsaved(!busy && Object.keys(body).length > 0);
  const restart = async () => {
    await ask<Deployment>('POST', unikernelPath(u, '/restart?wait=120'), body);
    toast(text.restarted(u.name));
    onDone();
  };
  return (
    <Dialog title={text.restartTitle(u.name)} wide onClose={onClose}>
      <form class="stack" onSubmit={submit(restart)}>
        <ConfigFields value={changed} say={say} onChange={setChanged}
          left={usage && leftOf(usage, u)} />
        <FormProblem error={error} fields={changedFields}
          title={text.notRestarted} />
        <div class="row end">
          <button type="button" onClick={onClose}>{common.leaveIt}</button>
          <button class="primary" disabled={busy}>{busy ? text.restarting :
            common.restart}</button></div>
        <Code text={postLine(location.origin, unikernelPath(u, '/restart?wait=60'),
          body)} />
      </form>
    </Dialog>
  );
}

function Configuration({ u }: { u: U }) {
  const { config } = u;
  if (!config)
    return <Empty title={text.notRunning}>
      <p>{text.unknownConfig((words) => <a href={replacePath(u)}>{words}</a>)}</p></Empty>;
  return (
    <dl class="facts">
      <Fact name={text.fact.type}>{config.type}</Fact>
      <Fact name={text.fact.memory}>{text.megabytes(config.memory)}</Fact>
      <Fact name={text.fact.cpus}>{config.cpus?.join(', ')}</Fact>
      <Fact name={text.fact.priority}>{config.startup ?? 50}</Fact>
      <Fact name={text.fact.end}>{failText(config)}</Fact>
      <Fact name={text.fact.networks}>{config.networks?.length ? config.networks.map((n) => (
        <div key={n.name}>{text.networkOn(<code>{n.name}</code>,
          <code>{n.bridge ?? n.name}</code>, n.mac && <code>{n.mac}</code>)}</div>)) : common.none}</Fact>
      <Fact name={text.fact.volumes}>{config.volumes?.length ? config.volumes.map((v) => (
        <div key={v.name}>{text.volumeIs(<code>{v.name}</code>,
          <a href={volumePath({ ...u, name: v.volume ?? v.name })}>
            <code>{v.volume ?? v.name}</code></a>, v.size)}</div>)) : common.none}</Fact>
      <Fact name={text.fact.arguments}>{config.arguments?.length ?
        <ol class="arguments">{config.arguments.map((a, i) => (
          <li key={i}><code>{a === '' ? common.empty : a}</code></li>))}</ol> :
        common.none}</Fact>
      <Fact name={text.fact.script}>
        <Code text={getLine(location.origin, unikernelPath(u))} /></Fact>
      <Fact name={text.fact.json}><Code what={text.configuration}
        text={JSON.stringify(config, null, 2)} />
        {u.state === 'running' &&
          <p class="row wrap"><a href={`/api/v1${unikernelPath(u, '/image')}`}
            download>{text.downloadImage}</a> <a href={likePath(u)}>
            {text.likeIt}</a></p>}</Fact>
    </dl>
  );
}

const tabs = ['log', 'metrics', 'configuration', 'deployments', 'update',
  'health'] as const;

/** Whether what was told changes what is shown of it. */
function isAbout(told: Told, id: UnikernelName): boolean {
  const of = told.event === 'unikernel' ? told.item ?? told :
    told.event === 'operation' ? told.item : null;
  return of !== null && 'name' in of && of.name === id.name &&
    of.instance === id.instance && of.project === id.project;
}

/** What one may do with it. */
function Acts({ u, busy, onRestart, onOpen }: { u: U; busy: boolean;
  onRestart: () => void; onOpen: (what: Doing) => void }) {
  const open = (what: Doing) => () => onOpen(what);
  return (
    <>
      {mayReplace(u) && <a class="button" href={replacePath(u)}>
        {u.state === 'running' ? text.replace : text.deployAgain}</a>}
      {mayRestart(u) && <button type="button" disabled={busy} onClick={onRestart}>
        {busy ? text.restarting : common.restart}</button>}
      {mayRestart(u) && <button type="button" onClick={open('restart-with')}>
        {text.restartWith}</button>}
      {mayRevert(u) && <button type="button" onClick={open('revert')}>
        {common.revert}</button>}
      {mayDestroy(u) && <button type="button" class="danger"
        onClick={open('destroy')}>{text.destroy}</button>}
      {mayForget(u) && <button type="button" class="danger"
        onClick={open('forget')}>{common.forget}</button>}
    </>
  );
}

/** What one is to know before one does something with it. */
function Warnings({ u, underWay }: { u: U; underWay: boolean }) {
  const { instance, project, name, deployment } = u;
  return (
    <>
      {rests(project) && <Banner kind="warn" title={text.archived}>
        {text.archivedMeans((words) => <a href={`/projects/${project}`}>
          {words}</a>)}</Banner>}
      {pressing.value.filter((a) => a.name === name && a.project === project &&
        a.instance === instance).map((a) => (
        <Banner key={a.id} kind={a.severity === 'critical' ? 'bad' : 'warn'}
          title={`${titleOf(a)}.`}>{detailOf(a)} <a href="/alerts">{text.allAlerts}</a>
        </Banner>))}
      {underWay && deployment && !deployment.final && <Banner kind="warn"
        title={text.underWay(deployment.number)}>
        <a href={`${unikernelPath(u)}?tab=deployments`}>{common.lookAtIt}</a></Banner>}
    </>
  );
}

export function Unikernel({ instance, project, name }:
{ instance: string; project: string; name: string }) {
  const id = { instance, project, name };
  const { value: u, error, at, again } = useLive((signal) =>
    get<U>(unikernelPath(id), signal), ['operations', `states:${project}`],
  (told) => isAbout(told, id), [unikernelPath(id)]);
  const dialog = queryDialog('do');
  const [busy, setBusy] = useState(false);
  const wanted = dialog.at === 'update' ? 'update' : place.value.query.get('tab');
  const tab = tabs.find((t) => t === wanted) ?? 'log';

  const restart = async () => {
    setBusy(true);
    try {
      await ask<Deployment>('POST', unikernelPath(id, '/restart?wait=120'));
      again();
      toast(text.restarted(name));
    } catch (e) {
      toastError(e);
    }
    setBusy(false);
  };

  if (u === null) {
    if (error === null) return <Loading />;
    const missing = isMissing(error);
    return (
      <Page title={name}>
        <Empty title={missing ? text.noSuch : text.notShown}>
          <p>{missing ? text.noSuchWhy(name, project, instance) : error.message}</p>
          <p><a class="button" href="/unikernels">{text.all}</a></p></Empty>
      </Page>);
  }
  const done = () => { dialog.close(); again(); };
  return (
    <Page title={name} above={<>
      <a href={`/unikernels?q=instance:${instance}`}>{instance}</a> / <a
        href={`/projects/${project}`}>{project}</a></>}
      beside={<State u={u} />}
      action={<Acts u={u} busy={busy} onRestart={restart} onOpen={dialog.show} />}>
      <Stale reason={error} since={at} again={again} />
      <Warnings u={u} underWay={tab !== 'update'} />
      {(u.state !== 'stopped' || u.stopped_at) && <Summary u={u} />}
      <Tabs label={name} at={tab} tabs={tabs.map((t) => ({ key: t,
        href: t === 'log' ? place.value.path : `${place.value.path}?tab=${t}`,
        title: <>{text.tab[t]}{t === 'update' && u.update?.available &&
          <span class="dot"><span class="unseen">{text.isAvailable}</span></span>}
        </> }))}>
        {tab === 'log' && <LogView u={u} />}
        {tab === 'metrics' && <MetricsTab u={u} />}
        {tab === 'configuration' && <Configuration u={u} />}
        {tab === 'deployments' && <Deployments id={id} />}
        {tab === 'update' && <UpdateTab u={u} onChanged={again} />}
        {tab === 'health' && <HealthTab id={id} />}
      </Tabs>
      {((dialog.at === 'destroy' && mayDestroy(u)) || (dialog.at === 'forget' &&
        mayForget(u))) && <Destroy u={u} onClose={dialog.close} />}
      {dialog.at === 'revert' && mayRevert(u) && <Revert id={id} to={null}
        onClose={done} />}
      {dialog.at === 'restart' && mayRestart(u) && <RestartAsk u={u} busy={busy}
        onClose={dialog.close} onRestart={() => { dialog.close(); void restart(); }} />}
      {dialog.at === 'restart-with' && mayRestart(u) && <RestartWith u={u}
        onClose={dialog.close} onDone={done} />}
    </Page>
  );
}

// SPDX-License-Identifier: ISC
// Which build runs, which is the newest, what differs, and getting there.
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, unikernelPath, type Build, type Comparison, type Deployment,
  type Unikernel, type Update } from '../api';
import { BuildPicker, type Start } from '../components/BuildPicker';
import { Comparing } from '../components/Comparing';
import { Progress } from '../components/Progress';
import { RuleCard } from '../components/RuleCard';
import { Age, Badge, Banner, Code, Empty, Loading, Stale } from
  '../components/ui';
import { UpdateDialog } from '../components/UpdateDialog';
import { mayRestart } from '../lib/actions';
import { useAsked } from '../lib/asked';
import { buildName, buildTime, sameBuild, type BuildName } from '../lib/build';
import { postLine, queryText } from '../lib/curl';
import { age, ago } from '../lib/format';
import { go, place, queryDialog } from '../router';
import { holds } from '../store/session';
import { toast } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/update';
import { Revert } from './Deployments';

const AGAIN = 5000;

/** What is known of it, asked again when something else runs or is newer. */
function useUpdate(u: Unikernel) {
  const [update, setUpdate] = useState<Update | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const load = async (query = '', signal?: AbortSignal) => {
    try {
      setUpdate(await get<Update>(unikernelPath(u, `/update${query}`), signal));
      setError(null);
    } catch (e) {
      if (!signal?.aborted) setError(e as Error);
    }
  };
  useEffect(() => {
    const control = new AbortController();
    void load('', control.signal);
    return () => control.abort();
  }, [unikernelPath(u), u.digest, u.update?.latest, u.update?.available,
    u.health === null]);
  useEffect(() => {
    if (!error) return;
    const timer = setTimeout(() => void load(), AGAIN);
    return () => clearTimeout(timer);
  }, [error]);
  const check = async () => {
    setBusy(true);
    await load('?fresh=true');
    setBusy(false);
  };
  return { update, error, busy, check, load };
}

/** What it is compared with, as the address says. */
type Target = { deployment: number } | BuildName | null;

function targetOf(query: URLSearchParams): Target {
  const [builder, job, build] = ['builder', 'job', 'build'].map((key) =>
    query.get(key) ?? '');
  const deployment = Number(query.get('deployment'));
  if (deployment) return { deployment };
  return builder && job && build ? { builder, job, build } : null;
}

const targetText = (target: NonNullable<Target>) => queryText(
  Object.entries(target).map(([key, value]): [string, string] =>
    [key, String(value)]));

/** The comparison with the target. */
const useComparison = (u: Unikernel, target: Target) => useAsked<Comparison>(
  target && unikernelPath(u, `/compare?${targetText(target)}`), [u.digest]);

/** The newest first: what one came for. */
function Headline({ update }: { update: Update }) {
  const { running, latest } = update;
  const build = running?.build;
  if (!build)
    return <><h2>{update.checked_at ? text.noneKnows : text.notLookedUp}</h2>
    <p>{text.pickToCompare(update.detail)}</p></>;
  const job = <strong>{build.job}</strong>;
  if (update.available && latest)
    return <><h2>{text.available} <Badge kind="good">{latest.started_at &&
      build.started_at ? text.newerBy(age(build.started_at, Date.parse(
        latest.started_at))) : text.newer}</Badge></h2>
      <p>{text.runsNewestIs(job, buildTime(build), build.platform,
        buildTime(latest))}</p></>;
  return <><h2>{update.other_platform ? text.noneForPlatform :
    text.isNewest}</h2>
    <p>{text.runs(job, buildTime(build), build.platform)}{
      update.other_platform && latest && <> {text.otherPlatform(
        buildTime(latest), latest.platform)}</>}</p></>;
}

/** That it did not work the last time. */
function Tried({ u, tried }: { u: Unikernel; tried: Update['tried'] }) {
  if (!tried) return null;
  return (
    <p class="note">{text.tried(<Age time={tried.at} as={ago} />,
      tried.state === 'failed', <a href={`${unikernelPath(u)}?tab=deployments`}>
        {text.deployment(tried.number)}</a>, tried.detail)}</p>
  );
}

function Head({ u, update, busy, onCheck }: { u: Unikernel; update: Update;
  busy: boolean; onCheck: () => void }) {
  return (
    <section class="card head">
      <div class="grow"><Headline update={update} />
        {update.available && <Tried u={u} tried={update.tried} />}
        {update.detail && update.running?.build && !update.other_platform &&
          <p class="quiet">{update.detail}</p>}</div>
      <p class="row"><span class="quiet">{update.checked_at ? text.asked(<Age
        time={update.checked_at} as={ago} />) : text.notAsked}</span>
      <button type="button" class="small" disabled={busy} onClick={onCheck}>
        {busy ? common.asking : text.checkNow}</button></p>
    </section>
  );
}

/** A deployment that was begun here, or is under way anyhow. */
function Going({ u, started, onEnd, onRevert }: { u: Unikernel;
  started: Deployment | null; onEnd: (d: Deployment) => void;
  onRevert: () => void }) {
  const [ended, setEnded] = useState<Deployment | null>(null);
  const last = useRef<Deployment | null>(null);
  const now = u.deployment;
  // It stays when it ended; what brings back from it is told with it.
  for (const d of [started, now?.final || now?.because ? null : now])
    if (d && d.id > (last.current?.id ?? 0)) last.current = d;
  const first = last.current;
  if (!first) return null;
  return (
    <>
      <Progress key={first.id} first={first} onEnd={(d) => {
        setEnded(d);
        onEnd(d);
      }} />
      {ended?.id === first.id && ended.state === 'running' && <p class="row wrap">
        <span>{text.itRuns}</span>
        <button type="button" class="small" onClick={onRevert}>{common.revert}</button></p>}
    </>
  );
}

function Another({ start, shown, onPick }: { start: Start; shown: BuildName | null;
  onPick: (build: Build) => void }) {
  const [picked, setPicked] = useState<Build | null>(null);
  const [open, setOpen] = useState(!start.job);
  return (
    <details class="card fold" open={open} onToggle={(e) =>
      setOpen(e.currentTarget.open)}>
      <summary>{start.job ? text.anotherBuild : text.pickBuild}</summary>
      {open && <BuildPicker start={start} preselect={false} picked={picked}
        onPick={(build) => {
          setPicked(build);
          if (build && !sameBuild(build, shown)) onPick(build);
        }} />}
    </details>
  );
}

function isOlder(to: Build, running: Build | null | undefined): boolean {
  return !!to.started_at && !!running?.started_at &&
    Date.parse(to.started_at) < Date.parse(running.started_at);
}

function titleOf(target: Target, build: Build | null, update: Update): string {
  if (target && 'deployment' in target) return text.deploymentTitle(target.deployment);
  if (sameBuild(build, update.latest)) return text.newestBuild;
  return text.thisBuild;
}

function Compared({ u, update, target, build, compared, onGo, onRevert }: {
  u: Unikernel; update: Update; target: Target; build: Build | null;
  compared: ReturnType<typeof useComparison>; onGo: () => void;
  onRevert: () => void }) {
  const { answer, error, again } = compared;
  const may = holds(u.project, 'deployer');
  const older = build !== null && isOlder(build, update.running?.build);
  const runs = sameBuild(build, update.running?.build);
  const back = target !== null && 'deployment' in target;
  return (
    <section class="stack" aria-label={text.comparison}>
      <div class="row wrap">
        {may && build && !runs && !back && <button type="button" onClick={onGo}
          class="primary big">{older ? text.goBackTo : text.updateTo}</button>}
        {may && back && <button type="button" class="primary big"
          onClick={onRevert}>{text.revertTo(target.deployment)}</button>}
        {target !== null && update.latest && update.available &&
          <a href={`${unikernelPath(u)}?tab=update`}>{text.withNewest}</a>}
        {runs && <span class="quiet">{text.thisRuns}</span>}
      </div>
      {!answer && !error && <p class="quiet" role="status">{text.comparing}</p>}
      {error && <Banner title={text.notCompared}>{error.message}{' '}
        <button type="button" class="small" onClick={again}>{common.tryAgain}</button>
      </Banner>}
      {answer && <Comparing c={answer} title={titleOf(target, build, update)} />}
    </section>
  );
}

export function UpdateTab({ u, onChanged }: { u: Unikernel;
  onChanged: () => void }) {
  const { update, error, busy, check, load } = useUpdate(u);
  const [picked, setPicked] = useState<Build | null>(null);
  const [started, setStarted] = useState<Deployment | null>(null);
  const [reverting, setReverting] = useState(false);
  const asking = queryDialog('do');
  const target = targetOf(place.value.query);
  const wanted: Target = target ?? (update?.latest && update.running?.build &&
    !sameBuild(update.latest, update.running.build) ?
    buildName(update.latest) : null);
  const compared = useComparison(u, update?.running ? wanted : null);
  if (update === null)
    return error ? <Banner title={common.notKnown}>{error.message}</Banner> :
      <Loading />;
  const named = wanted && 'build' in wanted ? wanted : null;
  // The builds of lists know their devices; the others are asked for at the end.
  const build = [compared.answer?.right.build, picked, update.latest].find((b) =>
    sameBuild(b, named)) ?? null;
  const devices = compared.answer?.right.devices ?? build?.devices ?? null;
  const number = target && 'deployment' in target ? target.deployment : null;
  const running = update.running?.build;
  const ended = (d: Deployment) => {
    onChanged();
    if (d.state !== 'running') return;
    toast(d.build ? text.runsBuild(u.name, buildTime(d.build)) :
      text.runsNow(u.name));
    if (target) go(`${unikernelPath(u)}?tab=update`, true);
  };
  if (!update.running && u.state !== 'running')
    return <Empty title={text.notRunning}><p>{text.notRunningWhy}</p></Empty>;
  return (
    <div class="split">
      <div class="stack">
        <Stale reason={error} />
        <Head u={u} update={update} busy={busy} onCheck={() => void check()} />
        <Going u={u} started={started} onEnd={ended}
          onRevert={() => setReverting(true)} />
        {wanted && <Compared u={u} update={update} target={target} build={build}
          compared={compared} onGo={() => asking.show('update')}
          onRevert={() => setReverting(true)} />}
        <Another shown={named} start={{ builder: running?.builder, job: running?.job,
          ...named, platform: (build ?? running)?.platform }}
          onPick={(to) => {
            setPicked(to);
            go(`${unikernelPath(u)}?tab=update&${targetText(buildName(to))}`, true);
          }} />
      </div>
      <aside class="stack">
        <RuleCard u={u} rule={update.rule} onSaved={() => void load()} />
        {named && <section class="card"><h2>{common.fromScript}</h2>
          <Code text={postLine(location.origin, unikernelPath(u,
            '/update?wait=120'), target ? named : {})} /></section>}
      </aside>
      {asking.at === 'update' && build && mayRestart(u) && <UpdateDialog u={u}
        build={{ ...build, devices }} older={isOlder(build, running)}
        onClose={asking.close} onRefused={compared.again}
        onGoing={(d) => { setStarted(d); asking.close(); onChanged(); }} />}
      {reverting && <Revert id={u} to={number}
        onClose={() => { setReverting(false); onChanged(); }} />}
    </div>
  );
}

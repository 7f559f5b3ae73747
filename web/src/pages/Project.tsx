// SPDX-License-Identifier: ISC
// One project: what it may use and uses, who is in it, its secrets, its end.
import { useLayoutEffect, useState } from 'preact/hooks';
import { ask, get, isMissing, unikernelPath, type Project as P, type Usage }
  from '../api';
import { lazy } from '../components/Lazy';
import { MembersCard } from '../components/MembersCard';
import { ProjectEnd } from '../components/ProjectEnd';
import { PolicyBars, PolicyState } from '../components/PolicyParts';
import { Age, Badge, Banner, Code, Dialog, Empty, Fact, Field, FormProblem,
  Loading, Page, Stale } from '../components/ui';
import { sampleLine } from '../lib/curl';
import { day } from '../lib/format';
import { useLive } from '../lib/live';
import { usePolled } from '../lib/poll';
import { useSending } from '../lib/sending';
import { doing } from '../lib/state';
import { queryDialog } from '../router';
import { useInstances } from '../store/instances';
import { holds, isAdmin } from '../store/session';
import { toast, toastError } from '../store/toasts';
import { unikernels, watchUnikernels } from '../store/unikernels';
import * as common from '../text/common';
import * as pages from '../text/pages';
import * as text from '../text/projects';
import './projects.css';

const PolicyDialog = lazy(() => import('../components/PolicyDialog').then((m) =>
  m.PolicyDialog));
const ProjectTokens = lazy(() => import('../components/ProjectTokens').then((m) =>
  m.ProjectTokens));
const SecretsCard = lazy(() => import('../components/SecretsCard').then((m) =>
  m.SecretsCard));

interface Used {
  items: Usage[];
  errors: { instance: string; detail?: string; title: string }[];
}

const EVERY = 15_000;

/** What it uses, asked of the instances now and then. */
const useUsed = (name: string, seen: string) => usePolled((signal) =>
  get<Used>(`/projects/${name}/usage`, signal), EVERY, [name, seen]);

/** One policy: how much of it is used, and how it stands at albatross. */
function OnInstance({ project, entry, usage, onEdit }: { project: string;
  entry: P['policies'][number]; usage: Usage | undefined;
  onEdit: (() => void) | null }) {
  const { instance, policy } = entry;
  return (
    <div class="stack policy">
      <div class="head"><h3><a href={`/unikernels?q=project:${project} instance:${
        instance}`}>{instance}</a> <PolicyState {...entry} /></h3>
      {onEdit && <button type="button" class="small" onClick={onEdit}
        aria-label={text.changePolicy(instance)}>{common.changeAsk}</button>}</div>
      {usage ? <PolicyBars policy={policy} used={usage.used} /> : <p class="quiet">
        {text.policyIs(policy.unikernels, policy.memory, policy.block ?? 0)}</p>}
      <p class="quiet">{text.cpusAndBridges(policy.cpus.join(', '),
        policy.bridges.join(', '))}</p>
    </div>
  );
}

function Policies({ project, told, onChanged }: { project: P; told: boolean;
  onChanged: () => void }) {
  const { value: used, error, at, again } = useUsed(project.name,
    JSON.stringify(project.policies));
  // "policy" is a new one, "policy:INSTANCE" the one there.
  const dialog = queryDialog('do');
  const [what, editing = ''] = dialog.at?.split(':') ?? [];
  const instances = useInstances().value ?? [];
  const admin = isAdmin() && !project.archived;
  const free = instances.map((i) => i.name).filter((name) =>
    !project.policies.some((p) => p.instance === name));
  return (
    <section class="card stack">
      <div class="head"><h2>{text.mayUse}</h2>
        {admin && free.length > 0 && <button type="button" class="small"
          onClick={() => dialog.show('policy')}>{text.newPolicy}</button>}</div>
      <Stale reason={!told && error} since={at} again={again} />
      {used?.errors.map((e) => <Banner key={e.instance} kind="warn"
        title={common.noAnswer(e.instance)}>{e.detail ?? e.title}</Banner>)}
      {project.policies.map((p) => <OnInstance key={p.instance} entry={p}
        project={project.name} usage={used?.items.find((u) =>
          u.instance === p.instance)}
        onEdit={admin ? () => dialog.show(`policy:${p.instance}`) : null} />)}
      {project.policies.length === 0 && <p>{admin ? text.noPolicy :
        text.noPolicyAsk}</p>}
      {admin && what === 'policy' && (editing || free.length > 0) &&
        <PolicyDialog key={editing} instance={editing} project={project.name}
        choices={free} onClose={dialog.close} onSaved={() => {
          dialog.close();
          onChanged();
        }} />}
    </section>
  );
}

function Running({ project }: { project: P }) {
  useLayoutEffect(watchUnikernels, []);
  const list = unikernels.value;
  const mine = list?.items.filter((u) => u.project === project.name) ?? [];
  return (
    <section class="card stack">
      <h2>{text.unikernels}</h2>
      {mine.length > 0 && <ul class="rows">{mine.map((u) => (
        <li key={unikernelPath(u)}><Badge kind={doing(u).kind}>{doing(u).word}
        </Badge><a class="grow" href={unikernelPath(u)}>{u.name}</a>
        <span class="quiet">{u.instance}</span></li>))}</ul>}
      {list && mine.length === 0 && (project.archived ||
        project.policies.length === 0 || !holds(project.name, 'deployer') ?
        <p class="quiet">{text.nothingRuns}</p> :
        <Empty title={text.nothingRunsYet}>
          <p><a class="button" href={`/deploy?project=${project.name}`}>
            {common.deploy}</a></p>
          <p class="quiet">{common.scriptWith((word) =>
            <a href="/tokens">{word}</a>)}</p>
          <Code text={sampleLine(location.origin, project.name,
            project.policies[0]?.instance)} /></Empty>)}
    </section>
  );
}

function Rename({ project, onClose, onDone }: { project: P; onClose: () => void;
  onDone: () => void }) {
  const [title, setTitle] = useState(project.title);
  const { error, busy, submit, say } = useSending();
  const save = submit(async () => {
    await ask('PATCH', `/projects/${project.name}`, { title });
    toast(text.titleChanged);
    onDone();
  });
  return (
    <Dialog title={text.anotherTitle} onClose={onClose}>
      <form class="stack" onSubmit={save}>
        <Field label={text.title} error={say('title')}
          hint={text.anotherTitleHint(project.name)}>{(p) => (
            <input {...p} autofocus required maxLength={200} value={title}
              onInput={(e) => setTitle(e.currentTarget.value)} />)}</Field>
        <FormProblem error={error} fields={['title']}
          title={text.titleStays} />
        <div class="row end">
          <button type="button" onClick={onClose}>{common.cancel}</button>
          <button class="primary" disabled={busy}>{common.save}</button>
        </div>
      </form>
    </Dialog>
  );
}

function Archived({ project, owner, onDone }: { project: P; owner: boolean;
  onDone: () => void }) {
  const bring = async () => {
    try {
      await ask('PATCH', `/projects/${project.name}`, { archived: false });
      toast(text.isBack(project.name));
    } catch (e) {
      toastError(e);
    }
    onDone();
  };
  return (
    <Banner kind="warn" title={text.archivedTitle}>{text.archivedMeans}{' '}
      {owner ? <button type="button" class="small" onClick={bring}>
        {text.bringBack}</button> : text.ownerCan}</Banner>
  );
}

function Missing({ name, error }: { name: string; error: Error | null }) {
  const missing = isMissing(error);
  return (
    <Page title={name} above={<a href="/projects">{pages.projects}</a>}>
      {!error && <Loading />}
      {error && <Banner kind="warn" title={missing ? text.missing :
        common.notShown}>{missing ? text.missingWhy(name) : error.message}{' '}
      <a href="/projects">{text.allProjects}</a></Banner>}
    </Page>
  );
}

export function Project({ name }: { name: string }) {
  const { value: project, error, at, again } = useLive((signal) =>
    get<P>(`/projects/${name}`, signal), ['states'], () => false, [name]);
  const dialog = queryDialog('do');
  if (!project || isMissing(error))
    return <Missing name={name} error={error} />;
  const owner = project.role === 'owner' || isAdmin();
  return (
    <Page title={project.title} above={<a href="/projects">{pages.projects}</a>}
      beside={<>{project.personal && <Badge kind="plain">{text.personal}
      </Badge>}
        {project.archived && <Badge kind="warn">{text.archived}</Badge>}</>}
      action={owner && <button type="button" onClick={() => dialog.show('title')}>
        {text.changeTitle}</button>}>
      <Stale reason={error} since={at} again={again} />
      {project.archived && <Archived project={project} owner={owner}
        onDone={again} />}
      <dl class="strip">
        <Fact name={common.name}><code>{project.name}</code></Fact>
        <Fact name={text.youAre}>{common.roles[project.role]}</Fact>
        <Fact name={text.members}>{project.members}</Fact>
        <Fact name={common.since}><Age time={project.created_at} as={day} /></Fact>
      </dl>
      <div class="split">
        <div class="stack"><Policies project={project} told={!!error}
          onChanged={again} />
          <MembersCard project={project} owner={owner} told={!!error}
            onChanged={again} />
          <SecretsCard project={name} told={!!error}
            mayWrite={project.role !== 'viewer' && !project.archived} />
          {owner && <ProjectTokens project={name} told={!!error} />}</div>
        <aside class="stack"><Running project={project} />
          {owner && <section class="card"><h2>{pages.alerts}</h2>
            <p>{text.alertsWhere((word) =>
              <a href="/notifications">{word}</a>)}</p></section>}
          {owner && <ProjectEnd project={project} onChanged={again} />}</aside>
      </div>
      {owner && dialog.at === 'title' && <Rename project={project}
        onClose={dialog.close} onDone={() => { dialog.close(); again(); }} />}
    </Page>
  );
}

// SPDX-License-Identifier: ISC
// Drop an image; its manifest asks for exactly its devices.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, fieldError, get, getProjects, glance, isMissing, ProblemError,
  unikernelPath, upload, type Deployment, type Image as Stored, type Project,
  type Unikernel, type Upload } from '../api';
import { Aside, named } from '../components/deploy/Aside';
import { Failing, Resources, Starting, Where } from '../components/deploy/Parts';
import { builtImage, FromBuilder, FromOther, FromStore, ImageDrop, Source,
  storedImage, type From, type Image } from '../components/deploy/Source';
import { DeviceFields } from '../components/DeviceFields';
import { Progress as Following } from '../components/Progress';
import { Banner, Dialog, Empty, FormProblem, Page, Stale } from '../components/ui';
import { likeOf, type Like } from '../lib/begin';
import { configOf, optionsOf, queryText, type Form } from '../lib/curl';
import { bytes } from '../lib/format';
import { beginForm, isName, leftOf, type Left } from '../lib/form';
import { useUsage } from '../lib/usage';
import { go, place } from '../router';
import { draftOf, dropDraft, keepDraft } from '../store/draft';
import { dropped } from '../store/dropped';
import { dropSample } from '../store/sample';
import { toast, toastError } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/deploy';
import './deploy.css';

function Progress({ sent, size, started, from, onStop }: { sent: number;
  size: number; started: number; from: string | undefined;
  onStop: (() => void) | null }) {
  const seconds = Math.max(0.1, (performance.now() - started) / 1000);
  return (
    <div class="upload" role="status">
      <progress {...(!from && { value: sent, max: size })}
        aria-label={from ? text.download : text.upload} />
      <span>{from ? text.downloading(from) : sent < size ? text.sent(bytes(sent),
        bytes(size), bytes(sent / seconds)) : text.stored}</span>
      {onStop && <button type="button" class="small" onClick={onStop}>
        {common.stop}</button>}
    </div>
  );
}

function Replace({ old, onClose, onReplace }: {
  old: Unikernel; onClose: () => void; onReplace: () => void }) {
  return (
    <Dialog title={text.replaceTitle(old.name)} onClose={onClose}>
      <p>{text.replaceMeans(old.instance)}</p>
      <div class="row end">
        <button type="button" autofocus onClick={onClose}>{text.keepOld}</button>
        <button type="button" class="primary" onClick={onReplace}>
          {text.replaceIt}</button>
      </div></Dialog>
  );
}

/** What is not an upload goes on when nobody waits: it can not be stopped. */
type Sending = Omit<Upload<Deployment>, 'abort'> & { abort: (() => void) | null };

/** One request with the file, or with the name of what is elsewhere. */
function request(form: Form, image: Image, progress: (sent: number) => void):
Sending {
  const options = queryText(optionsOf(form));
  const path = unikernelPath(form) + (options && `?${options}`);
  if (image.stored || !image.file)
    return { abort: null, done: ask<Deployment>('PUT', path, named(form, image)) };
  const config = configOf(form, image.manifest);
  const parts = new FormData();
  parts.append('config', JSON.stringify(config));
  parts.append('image', image.file);
  return upload<Deployment>(path, parts, progress);
}

/** The upload, the deployment, and what became of both. */
function useSending(form: Form, image: Image | null,
  onStored: (sha256: string) => void, onRuns: () => void) {
  const [problem, setProblem] = useState<Error | null>(null);
  const [sent, setSent] = useState(0);
  const [going, setGoing] =
    useState<{ upload: Sending; started: number } | null>(null);
  const [deployment, setDeployment] = useState<Deployment | null>(null);
  const [over, setOver] = useState(true);
  const send = async () => {
    if (!image) return;
    setProblem(null);
    setDeployment(null);
    setSent(0);
    const started = request(form, image, setSent);
    setGoing({ upload: started, started: performance.now() });
    try {
      const begun = await started.done;
      setOver(begun.final);
      setDeployment(begun);
    } catch (e) {
      setProblem((e as Error).name === 'AbortError' ? null : e as Error);
      // What was refused for something else need not be uploaded again.
      const kept = e instanceof ProblemError && e.problem.deployment?.image;
      if (kept && kept.stored) onStored(kept.sha256);
    }
    setGoing(null);
  };
  const ended = (d: Deployment) => {
    setOver(true);
    if (d.state !== 'running') return;
    onRuns();
    toast((d.replaced ? text.replaced : text.runs)(d.name));
    // Who went elsewhere meanwhile stays there.
    if (place.value.path === '/deploy') go(unikernelPath(d));
  };
  return { problem, setProblem, sent, going, deployment, busy: !over, ended, send };
}

const ASK_NAME = 400;

/** What has that name there now; null: nothing, or it is not known. */
function useNow({ instance, project, name }: Form): Unikernel | null {
  const [now, setNow] = useState<Unikernel | null>(null);
  useEffect(() => {
    if (!instance || !project || !isName(name)) return;
    let over = false;
    // Who types is not asked to sign in meanwhile.
    const timer = setTimeout(() => glance<Unikernel>(unikernelPath({ instance,
      project, name })).then((found) => { if (!over) setNow(found); }, () => {
      if (!over) setNow(null);
    }), ASK_NAME);
    return () => { over = true; clearTimeout(timer); };
  }, [instance, project, name]);
  return now?.name === name && now.instance === instance &&
    now.project === project ? now : null;
}

/** Warns who would reload or shut the page while a file is sent. */
function useGuard(sending: boolean): void {
  useEffect(() => {
    if (!sending) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [sending]);
}

const known = ['project', 'instance', 'name', 'memory', 'startup', 'cpus',
  'networks', 'volumes', 'arguments', 'image', 'build', 'exit_codes', 'check'];

/** The fields that are another one now. */
const changed = (a: Form, b: Form) => (Object.keys(b) as (keyof Form)[])
  .filter((key) => a[key] !== b[key]);

/** What the server calls them. */
const served: Partial<Record<keyof Form, string[]>> = { args: ['arguments'],
  exits: ['exit_codes'], hosts: ['networks', 'volumes'],
  // What is left is that of another place.
  project: [...known], instance: [...known] };

/** What was said against a field holds until it is changed. */
function useSay(problem: Error | null, form: Form) {
  const told = useRef({ problem, form });
  const mended = useRef(new Set<string>());
  if (told.current.problem !== problem) {
    told.current = { problem, form };
    mended.current = new Set();
  }
  for (const key of changed(told.current.form, form))
    for (const name of served[key] ?? [key]) mended.current.add(name);
  return (name: string) => (mended.current.has(/^\w+/.exec(name)?.[0] ?? '') ?
    undefined : fieldError(problem, name));
}

/** What is kept of a form over a reload: all but the content of a file. */
interface Draft {
  form: Form;
  from: From;
  stored: Stored | null;
  built: Image['build'];
  file: string;
}

interface State {
  form: Form;
  from: From;
  dropping: Image | null;
  built: Image | null;
  /** A file that was chosen before a reload. */
  lost: string;
}

function freshState(projects: Project[], like: Like): State {
  const { query } = place.value;
  return {
    form: beginForm(projects, { query: whereOf(query), config: like.config,
      same: like.same }),
    from: query.has('builder') ? 'builder' : 'file',
    dropping: like.image && storedImage(like.image), built: null, lost: '',
  };
}

/** Like another one: where that is, if nothing else is said. */
function whereOf(query: URLSearchParams): URLSearchParams {
  const [instance, project] = query.get('like')?.split('/') ?? [];
  return new URLSearchParams({ ...(instance && { instance }),
    ...(project && { project }), ...Object.fromEntries(query) });
}

function keptState({ form, from, stored, built, file }: Draft): State {
  return { form, from, dropping: stored && storedImage(stored),
    built: built && builtImage(built), lost: file };
}

const draftFrom = ({ form, from, dropping, built, lost }: State): Draft => ({
  form, from: from === 'like' ? 'file' : from, stored: dropping?.stored ?? null, built: built?.build ?? null,
  file: dropping ? dropping.file?.name ?? '' : lost });

/** The form as it was left, or a new one; anew begins it from the start. */
function useDraft(projects: Project[], like: Like) {
  const at = location.search;
  const [fresh] = useState(() => freshState(projects, like));
  const [kept] = useState(() => draftOf<Draft>(at));
  const [state, setState] = useState(() => (kept ? keptState(kept.what) : fresh));
  const [told, setTold] = useState(kept !== null);
  // Its manifest is read again.
  useEffect(() => {
    if (kept?.file && state.from === 'file') dropped.value ??= kept.file;
  }, []);
  const dirty = JSON.stringify(draftFrom(state)) !==
    JSON.stringify(draftFrom(fresh));
  const over = useRef(false);
  useEffect(() => {
    if (over.current) return;
    if (dirty) keepDraft(at, draftFrom(state), state.dropping?.file ?? null);
    else dropDraft(at);
  }, [state]);
  const change = (part: Partial<State>) => setState((old) => ({ ...old, ...part }));
  const anew = () => {
    setTold(false);
    setState(fresh);
  };
  const done = () => {
    over.current = true;
    dropDraft(at);
  };
  return { state, setState, change, told: told && dirty, anew, done };
}

/** A manifest's one network goes to the policy's one bridge by itself. */
function oneBridge(image: Image | null, left: Left | null, { hosts }: Form):
Form['hosts'] | null {
  const nets = image?.manifest.devices.filter((d) => d.type === 'net') ?? [];
  const [net] = nets, [bridge, ...more] = left?.policy.bridges ?? [];
  return nets.length === 1 && net && bridge && more.length === 0 &&
    bridge !== net.name && !hosts[net.name] ? { ...hosts, [net.name]: bridge } :
    null;
}

function DeployForm({ projects, like }: { projects: Project[]; like: Like }) {
  const { state, setState, change, told, anew, done } = useDraft(projects, like);
  const { form, from, dropping, built, lost } = state;
  const image = from === 'builder' ? built : dropping;
  const [replacing, setReplacing] = useState<Unikernel | null>(null);
  const { problem, setProblem, sent, going, deployment, busy, ended, send } =
    useSending(form, image, (sha256) => {
      get<Stored>(`/images/${sha256}?project=${form.project}`).then((stored) =>
        setState((now) => (now.dropping === image && image ?
          { ...now, dropping: { ...image, stored } } : now)), () => {});
    }, done);
  const { usage, error } = useUsage(form.project, form.instance);
  const old = useNow(form);
  const left = usage && leftOf(usage, old);
  const set = (part: Partial<Form>) => setState((now) =>
    ({ ...now, form: { ...now.form, ...part } }));
  const say = useSay(problem, form);
  useGuard(going?.upload.abort != null);

  useEffect(() => {
    const hosts = oneBridge(image, left, form);
    if (hosts) set({ hosts });
  }, [image, usage]);
  useEffect(() => { if (dropped.value) change({ from: 'file' }); },
    [dropped.value]);

  const submit = async (event: Event) => {
    event.preventDefault();
    setProblem(null);
    try {
      const now = await get<Unikernel>(unikernelPath(form));
      if (now.state === 'running') setReplacing(now);
      else void send();
    } catch (e) {
      if (isMissing(e)) void send();
      else setProblem(e as Error);
    }
  };
  const parts = { form, left, say, set };
  return (
    <form class="deploy" onSubmit={submit}>
      <div class="stack">
        {like.missing && <Banner kind="warn" title={text.likeMissing}>
          {text.likeMissingMeans}</Banner>}
        {told && <p class="row wrap" role="status"><span>{text.kept}</span>
          <button type="button" class="small" onClick={anew}>{text.anew}</button>
        </p>}
        <Source from={from} onFrom={(to) => change({ from: to })} />
        {from === 'builder' && <FromBuilder image={built} wrong={say('build')}
          onImage={(to) => change({ built: to })} />}
        {from === 'like' && <FromOther onLike={(to) => go(`/deploy?like=${to}`)} />}
        {from === 'file' && <>
          <ImageDrop image={image} lost={lost} wrong={say('image')}
            onImage={(to) => change({ dropping: to, lost: '' })} />
          <FromStore project={form.project} chosen={image?.stored?.sha256}
            onImage={(to) => change({ dropping: to, lost: '' })} /></>}
        <div class="card parts">
          <Where {...parts} projects={projects} old={old} />
          <Resources {...parts} />
          {image && image.manifest.devices.length > 0 && <section class="part">
            <h2>{text.devices}</h2>
            <DeviceFields at={form} devices={image.manifest.devices} left={left}
              hosts={form.hosts} say={say}
              onChange={(hosts) => set({ hosts })} /></section>}
          <Starting {...parts} />
          <Failing {...parts} />
        </div>
        <FormProblem error={problem} fields={known} title={text.notDeployed} />
        {deployment && <Following key={deployment.id} first={deployment}
          onEnd={ended} />}
        {going ? <Progress sent={sent} size={image?.stored ? 0 :
          image?.file?.size ?? 0} started={going.started}
          from={image?.build?.builder}
          onStop={going.upload.abort} /> :
          <div class="row wrap">
            <button class="primary big" disabled={!image || !form.instance || busy}>
              {common.deploy}</button>
            {!image && <span class="quiet">{text.imageFirst}</span>}
          </div>}
      </div>
      <Aside form={form} image={image} usage={usage} error={error} />
      {replacing && <Replace old={replacing} onClose={() => setReplacing(null)}
        onReplace={() => { setReplacing(null); void send(); }} />}
    </form>
  );
}

const AGAIN = 3000;

/** What the form needs, asked for until there is an answer. */
function useBegin() {
  const [begin, setBegin] = useState<{ projects: Project[]; like: Like } | null>(
    null);
  const [error, setError] = useState<Error | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let over = false, timer: number | undefined;
    Promise.all([getProjects(), likeOf(place.value.query)]).then(
      ([projects, like]) => {
        if (over) return;
        setBegin({ projects, like });
        setError(null);
      }, (e: Error) => {
        if (over) return;
        setError(e);
        timer = setTimeout(() => setTurn((n) => n + 1), AGAIN);
      });
    return () => { over = true; clearTimeout(timer); };
  }, [turn]);
  return { begin, error, again: () => setTurn((n) => n + 1) };
}

export function Deploy() {
  const { begin, error, again } = useBegin();
  useEffect(() => {
    if (place.value.query.has('sample')) dropSample().catch(toastError);
  }, []);
  return (
    <Page title={common.deploy}>
      {error && <Stale reason={error} again={again} />}
      {!begin && !error && <p class="quiet">{common.loading}</p>}
      {begin?.projects.length === 0 && <Empty title={text.noProject}>
        <p>{text.noProjectWhy}</p></Empty>}
      {begin && begin.projects.length > 0 && <DeployForm {...begin} />}
    </Page>
  );
}

// SPDX-License-Identifier: ISC
// Drop an image; its manifest asks for exactly its devices.
import { useEffect, useRef, useState } from 'preact/hooks';
import { fieldError, get, getProjects, glance, isMissing, unikernelPath,
  type Image as Stored, type Project, type Unikernel } from '../api';
import { Aside } from '../components/deploy/Aside';
import { useDraft } from '../components/deploy/draft';
import { Failing, Resources, Starting, Where } from '../components/deploy/Parts';
import { Progress, useGuard, useSending } from '../components/deploy/sending';
import { FromBuilder, FromOther, FromStore, ImageDrop, Source, type Image } from
  '../components/deploy/Source';
import { DeviceFields } from '../components/DeviceFields';
import { Progress as Following } from '../components/Progress';
import { Banner, Dialog, Empty, FormProblem, Loading, Page, Stale } from
  '../components/ui';
import { likeOf, type Like } from '../lib/begin';
import type { Form } from '../lib/curl';
import { isName, leftOf, type Left } from '../lib/form';
import { useUsage } from '../lib/usage';
import { go, place } from '../router';
import { dropped } from '../store/dropped';
import { dropSample } from '../store/sample';
import { toastError } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/deploy';
import './deploy.css';

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
      {!begin && !error && <Loading />}
      {begin?.projects.length === 0 && <Empty title={text.noProject}>
        <p>{text.noProjectWhy}</p></Empty>}
      {begin && begin.projects.length > 0 && <DeployForm {...begin} />}
    </Page>
  );
}

// SPDX-License-Identifier: ISC
// Drop an image; its manifest asks for exactly its devices.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, fieldError, get, getProjects, isMissing, ProblemError,
  unikernelPath, upload, type Build, type Deployment, type Image as Stored,
  type Policy, type Project, type Unikernel, type UnikernelConfig, type Upload,
  type Usage } from '../api';
import { BuildPicker, type Start } from '../components/BuildPicker';
import { DeviceFields } from '../components/DeviceFields';
import { Icon } from '../components/Icon';
import { PolicyBars } from '../components/PolicyParts';
import { Banner, Check, Choice, Code, Dialog, Empty, Field, FormProblem,
  ListEditor, Page } from '../components/ui';
import { Progress as Following } from '../components/Progress';
import { buildName } from '../lib/build';
import { configOf, deployLine, optionsOf, putJsonLine, queryText, type Form } from
  '../lib/curl';
import { deviceText } from '../lib/devices';
import { bytes, shortDigest } from '../lib/format';
import { readManifest, type Manifest } from '../lib/image';
import { useUsage } from '../lib/usage';
import { go, place } from '../router';
import { dropped } from '../store/dropped';
import { toast } from '../store/toasts';
import * as common from '../text/common';
import { secretsHint } from '../text/config';
import * as text from '../text/deploy';
import './deploy.css';
import '../components/drop.css';

/** A file to be uploaded, one that is in the store, or a builder's. */
interface Image {
  file: File | null;
  stored: Stored | null;
  build: Build | null;
  manifest: Manifest;
}

function storedImage(stored: Stored): Image {
  return { file: null, stored, build: null, manifest: { target: stored.target ?? 'unknown',
    version: stored.abi_version, devices: stored.devices } };
}

function builtImage(build: Build): Image {
  return { file: null, stored: null, build, manifest: {
    target: build.target ?? 'unknown', version: build.abi_version ?? 0,
    devices: build.devices ?? [] } };
}

// An address without a host, which asks nobody else.
const sampleCheck = ['http:', '', ':80', ''].join('/');
const sampleArg = '--hello=world';

type Say = (name: string) => string | undefined;
type Set = (change: Partial<Form>) => void;

const sizeOf = ({ file, stored, build }: Image): number =>
  file?.size ?? stored?.size ?? build?.size ?? 0;

/** What its manifest says. */
function Manifested({ image }: { image: Image }) {
  const { manifest: { target, version, devices } } = image;
  return (
    <span>{text.manifest(bytes(sizeOf(image)), target, version,
      devices.map(deviceText).join(', '))}</span>
  );
}

function About({ image }: { image: Image }) {
  const { file, stored } = image;
  return (
    <>
      <strong>{file?.name ?? text.storedImage(
        shortDigest(stored?.sha256 ?? ''))}</strong>
      <Manifested image={image} />
    </>
  );
}

function ImageDrop({ image, wrong, onImage }: { image: Image | null;
  wrong: string | undefined; onImage: (image: Image | null) => void }) {
  const [error, setError] = useState('');
  const take = async (file: File | undefined) => {
    if (!file) return;
    const manifest = await readManifest(file);
    setError(typeof manifest === 'string' ? manifest : '');
    onImage(typeof manifest === 'string' ? null :
      { file, stored: null, build: null, manifest });
  };
  useEffect(() => {
    if (!dropped.value) return;
    void take(dropped.value);
    dropped.value = null;
  }, [dropped.value]);
  const why = error || wrong;
  return (
    <div class={`drop ${image ? 'full' : ''} ${why ? 'bad' : ''}`}>
      <input type="file" aria-label={text.image} aria-describedby="image-about"
        onChange={(e) => take(e.currentTarget.files?.[0])} />
      <Icon name="deploy" />
      <span class="lines" id="image-about">{image ? <About image={image} /> : <>
        <strong>{text.dropHere}</strong><span>{text.orPress}</span></>}
      {why && <span class="note" role="alert">{why}</span>}</span>
      {image && <span class="button small" aria-hidden="true">{text.another}</span>}
    </div>
  );
}

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
        {text.stop}</button>}
    </div>
  );
}

/** What a form begins like: what runs, or an earlier deployment. */
interface Like {
  config: Partial<UnikernelConfig>;
  image: Stored | null;
}

/** A new form, or one filled in like that. */
function start(projects: Project[], like: Like | null): Form {
  const { query } = place.value;
  const project = projects.find((p) => p.name === query.get('project')) ??
    projects.find((p) => p.policies.length > 0) ?? projects[0];
  const config = like?.config;
  const hosts: [string, string][] = [
    ...(config?.networks ?? []).map((n): [string, string] =>
      [n.name, (n.bridge === n.name ? '' : n.bridge ?? '') +
        (n.mac && place.value.query.has('deployment') ? `@${n.mac}` : '')]),
    ...(config?.volumes ?? []).map((v): [string, string] =>
      [v.name, (v.volume === v.name ? '' : v.volume ?? '') +
        (v.sector_size && v.sector_size !== 512 ? `@${v.sector_size}` : '')]),
  ];
  return {
    project: project?.name ?? '',
    instance: query.get('instance') ?? project?.policies[0]?.instance ?? '',
    name: query.get('name') ?? '', memory: String(config?.memory ?? 32),
    cpus: config?.cpus ?? [], args: config?.arguments ?? [],
    restart: config?.fail_behaviour === 'restart',
    exits: config?.exit_codes?.join(', ') ?? '',
    addName: config?.add_name ?? true, check: '', autoRollback: true,
    startup: config?.startup === undefined || config.startup === 50 ? '' :
      String(config.startup),
    hosts: Object.fromEntries(hosts),
  };
}

function Where({ form, projects, usage, say, set }: { form: Form;
  projects: Project[]; usage: Usage | null; say: Say; set: Set }) {
  const project = projects.find((p) => p.name === form.project);
  const left = usage && usage.policy.unikernels - usage.used.unikernels;
  return (
    <section class="part"><h2>{text.where}</h2>
      <div class="columns">
        <Field label={text.project} error={say('project')}>{(p) => (
          <select {...p} value={form.project} onChange={(e) => {
            const name = e.currentTarget.value;
            const to = projects.find((q) => q.name === name);
            set({ project: name, instance: to?.policies[0]?.instance ?? '' });
          }}>{projects.map((q) => <option key={q.name}>{q.name}</option>)}
          </select>)}</Field>
        <Field label={text.instance} error={say('instance')}
          hint={project?.policies.length ? undefined :
            text.noPolicy}>{(p) => (
          <select {...p} required value={form.instance}
            onChange={(e) => set({ instance: e.currentTarget.value })}>
            {project?.policies.map((q) => (
              <option key={q.instance}>{q.instance}</option>))}
          </select>)}</Field>
      </div>
      <Field label={text.name} error={say('name')}
        hint={text.nameHint(left === null ? null : Math.max(0, left))}>
        {(p) => (
          <input {...p} required maxLength={63} spellcheck={false}
            autocomplete="off" autocapitalize="off" value={form.name}
            onInput={(e) => set({ name: e.currentTarget.value.toLowerCase() })} />)}
      </Field>
    </section>
  );
}

function Resources({ form, usage, say, set }: { form: Form; usage: Usage | null;
  say: Say; set: Set }) {
  const policy: Policy | undefined = usage?.policy;
  const left = usage && usage.policy.memory - usage.used.memory;
  return (
    <section class="part"><h2>{text.resources}</h2>
      <div class="columns">
        <Field label={text.memory} error={say('memory')}
          hint={left === null ? undefined :
            text.memoryLeft(left, policy?.memory ?? 0)}>{(p) => (
          <input {...p} type="number" min={1} required value={form.memory}
            onInput={(e) => set({ memory: e.currentTarget.value })} />)}</Field>
        <Field label={text.priority} error={say('startup')}
          hint={text.priorityHint}>{(p) => (
          <input {...p} type="number" min={0} max={100} value={form.startup}
            onInput={(e) => set({ startup: e.currentTarget.value })} />)}</Field>
      </div>
      {policy && policy.cpus.length > 1 && <Choice label={text.cpus} values={policy.cpus}
        chosen={form.cpus} error={say('cpus')} hint={text.cpusHint}
        onChange={(cpus) => set({ cpus })} />}
    </section>
  );
}

function Aside({ form, image, usage, error }: { form: Form; image: Image | null;
  usage: Usage | null; error: string }) {
  return (
    <aside class="stack">
      {error && <Banner kind="warn" title={text.silent(form.instance)}>
        {text.leftUnknown(error)}</Banner>}
      {usage && <section class="card"><h2>{text.left(form.project,
        form.instance)}</h2>
        {usage.state === 'drift' && <Banner kind="warn"
          title={text.drift}>{text.driftMeans}</Banner>}
        <PolicyBars policy={usage.policy} used={usage.used} />
      </section>}
      <section class="card"><h2>{common.fromScript}</h2>
        <Code text={image && !image.file ? putJsonLine(location.origin,
          `${unikernelPath({ ...form, name: form.name || 'NAME' })}?${
            queryText([...optionsOf(form), ['wait', image.build ? '300' :
              '60']])}`, named(form, image)) :
          deployLine(location.origin, form, image?.file?.name ?? 'app.hvt',
            image?.manifest)} />
        <p class="quiet">{text.withToken((words) =>
          <a href="/tokens">{words}</a>)}</p>
      </section>
    </aside>
  );
}

/** One of the images which the project has. */
function FromStore({ project, chosen, onImage }: { project: string;
  chosen: string | undefined; onImage: (image: Image) => void }) {
  const [images, setImages] = useState<Stored[]>([]);
  useEffect(() => {
    const control = new AbortController();
    setImages([]);
    if (project) get<{ items: Stored[] }>(`/images?project=${project}&limit=100`,
      control.signal).then(({ items }) => setImages(items), () => {});
    return () => control.abort();
  }, [project]);
  if (images.length === 0) return null;
  return (
    <Field label={text.fromStore}>{(p) => (
      <select {...p} value={chosen ?? ''} onChange={(e) => {
        const found = images.find((i) => i.sha256 === e.currentTarget.value);
        if (found) onImage(storedImage(found));
      }}>
        <option value="">{text.chooseOne}</option>
        {images.map((i) => <option key={i.sha256} value={i.sha256}>
          {text.storeOption(shortDigest(i.sha256), bytes(i.size),
            i.used_by?.map((u) => u.name).join(', ') ?? '')}</option>)}
      </select>)}</Field>
  );
}

function Replace({ old, onClose, onReplace }: {
  old: Unikernel; onClose: () => void; onReplace: () => void }) {
  return (
    <Dialog title={text.replaceTitle(old.name)} onClose={onClose}>
      <p>{text.replaceMeans(old.instance)}</p>
      <div class="row end">
        <button type="button" autofocus onClick={onClose}>{text.keepOld}</button>
        <button type="button" class="primary" onClick={onReplace}>{text.replaceIt}</button>
      </div></Dialog>
  );
}

/** What is deployed without an upload, as JSON. */
function named(form: Form, { stored, build, manifest }: Image) {
  return { ...(build ? { build: buildName(build) } : { image: stored?.sha256 }),
    config: configOf(form, manifest) };
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
  onStored: (sha256: string) => void) {
  const [problem, setProblem] = useState<Error | null>(null);
  const [sent, setSent] = useState(0);
  const [going, setGoing] =
    useState<{ upload: Sending; started: number } | null>(null);
  const [deployment, setDeployment] = useState<Deployment | null>(null);
  const send = async () => {
    if (!image) return;
    setProblem(null);
    setDeployment(null);
    setSent(0);
    const started = request(form, image, setSent);
    setGoing({ upload: started, started: performance.now() });
    try {
      setDeployment(await started.done);
    } catch (e) {
      setProblem((e as Error).name === 'AbortError' ? null : e as Error);
      // What was refused for something else need not be uploaded again.
      const kept = e instanceof ProblemError && e.problem.deployment?.image;
      if (kept && kept.stored) onStored(kept.sha256);
    }
    setGoing(null);
  };
  const ended = (d: Deployment) => {
    if (d.state !== 'running') return;
    toast((d.replaced ? text.replaced : text.runs)(d.name));
    // Who went elsewhere meanwhile stays there.
    if (place.value.path === '/deploy') go(unikernelPath(d));
  };
  return { problem, setProblem, sent, going, deployment, ended, send };
}

const known = ['project', 'instance', 'name', 'memory', 'startup', 'cpus',
  'networks', 'volumes', 'arguments', 'image', 'build', 'exit_codes', 'check'];

type From = 'file' | 'builder';

/** Where the image comes from; what was chosen of the other one stays. */
function Source({ from, onFrom }: { from: From; onFrom: (from: From) => void }) {
  const ways: From[] = ['file', 'builder'];
  return (
    <fieldset class="segments"><legend class="unseen">{text.source}</legend>
      {ways.map((way) => (
        <label key={way}><input type="radio" name="from" value={way}
          checked={from === way} onChange={() => onFrom(way)} />
          <span>{text.way[way]}</span></label>))}</fieldset>
  );
}

function FromBuilder({ image, wrong, onImage }: { image: Image | null;
  wrong: string | undefined; onImage: (image: Image | null) => void }) {
  const { query } = place.value;
  const [start] = useState<Start>(() => ({ builder: query.get('builder'),
    job: query.get('job'), build: query.get('build'), ...image?.build }));
  return (
    <section class="card stack"><h2>{text.way.builder}</h2>
      <BuildPicker start={start} preselect picked={image?.build ?? null}
        wrong={wrong} onPick={(build) => onImage(build && builtImage(build))} />
      {image && <p class="quiet"><Manifested image={image} /></p>}
    </section>
  );
}

function DeployForm({ projects, like }: {
  projects: Project[]; like: Like | null }) {
  const [form, setForm] = useState(() => start(projects, like));
  const [dropping, setImage] = useState<Image | null>(() =>
    (like?.image ? storedImage(like.image) : null));
  const [built, setBuilt] = useState<Image | null>(null);
  const [from, setFrom] = useState<From>(() =>
    (place.value.query.has('builder') ? 'builder' : 'file'));
  const image = from === 'builder' ? built : dropping;
  const [replacing, setReplacing] = useState<Unikernel | null>(null);
  const { problem, setProblem, sent, going, deployment, ended, send } =
    useSending(form, image, (sha256) => {
      get<Stored>(`/images/${sha256}?project=${form.project}`).then((stored) =>
        setImage((now) => (now === image && now ? { ...now, stored } : now)),
      () => {});
    });
  const { usage, error } = useUsage(form.project, form.instance);
  const box = useRef<HTMLFormElement>(null);
  const set: Set = (change) => setForm((old) => ({ ...old, ...change }));
  const say: Say = (name) => fieldError(problem, name);

  // A manifest's one network goes to the policy's one bridge by itself.
  useEffect(() => {
    const nets = image?.manifest.devices.filter((d) => d.type === 'net') ?? [];
    const [net] = nets, [bridge, ...more] = usage?.policy.bridges ?? [];
    if (nets.length === 1 && net && bridge && more.length === 0 &&
      bridge !== net.name && !form.hosts[net.name])
      set({ hosts: { ...form.hosts, [net.name]: bridge } });
  }, [image, usage]);
  useEffect(() => {
    if (problem) box.current?.querySelector<HTMLElement>(
      '.field.bad :is(input, select), .drop.bad input')?.focus();
  }, [problem]);

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
  const devices = image?.manifest.devices.length ?? 0;
  useEffect(() => { if (dropped.value) setFrom('file'); }, [dropped.value]);

  return (
    <form class="deploy" onSubmit={submit} ref={box}>
      <div class="stack">
        <Source from={from} onFrom={setFrom} />
        {from === 'builder' && <FromBuilder image={built} wrong={say('build')}
          onImage={setBuilt} />}
        {from === 'file' && <>
          <ImageDrop image={image} onImage={setImage} wrong={say('image')} />
          <FromStore project={form.project} chosen={image?.stored?.sha256}
            onImage={setImage} /></>}
        <div class="card parts">
          <Where form={form} projects={projects} usage={usage} say={say} set={set} />
          <Resources form={form} usage={usage} say={say} set={set} />
          {image && devices > 0 && <section class="part"><h2>{text.devices}</h2>
            <DeviceFields at={form} devices={image.manifest.devices} hosts={form.hosts}
              bridges={usage?.policy.bridges ?? []} say={say}
              onChange={(hosts) => set({ hosts })} /></section>}
          <section class="part"><h2>{text.start}</h2>
            <ListEditor label={text.args} items={form.args}
              placeholder={sampleArg} hint={form.args.length === 0 ?
                text.noArgs : secretsHint}
              error={say('arguments')} onChange={(args) => set({ args })} />
            <Check label={text.restart} checked={form.restart}
              onChange={(restart) => set({ restart })} />
            {form.restart && <Field label={text.exits}
              hint={text.exitsHint} error={say('exit_codes')}>{(p) => (
              <input {...p} value={form.exits} placeholder="2, 3"
                onInput={(e) => set({ exits: e.currentTarget.value })} />)}
            </Field>}
            <Check label={text.addName} checked={form.addName}
              onChange={(addName) => set({ addName })} />
          </section>
          <section class="part"><h2>{text.doesNotWork}</h2>
            <Field label={text.check} error={say('check')}
              hint={text.checkHint(sampleCheck)}>
              {(p) => <input {...p} value={form.check} spellcheck={false}
                autocapitalize="off" placeholder={sampleCheck}
                onInput={(e) => set({ check: e.currentTarget.value })} />}</Field>
            <Check label={text.bringBack} checked={form.autoRollback}
              onChange={(autoRollback) => set({ autoRollback })} />
          </section>
        </div>
        <FormProblem error={problem} fields={known} title={text.notDeployed} />
        {deployment && <Following key={deployment.id} first={deployment}
          onEnd={ended} />}
        {going ? <Progress sent={sent} size={image?.stored ? 0 :
          image?.file?.size ?? 0} started={going.started}
          from={image?.build?.builder}
          onStop={going.upload.abort} /> :
          <div class="row wrap">
            <button class="primary big" disabled={!image || !form.instance}>
              {text.deploy}</button>
            {!image && <span class="quiet">{text.imageFirst}</span>}
          </div>}
      </div>
      <Aside form={form} image={image} usage={usage} error={error} />
      {replacing && <Replace old={replacing} onClose={() => setReplacing(null)}
        onReplace={() => { setReplacing(null); void send(); }} />}
    </form>
  );
}

/** The deployment of that number, if it is known. */
async function numbered(path: string, number: number): Promise<Deployment | null> {
  const { items } = await get<{ items: Deployment[] }>(
    `${path}/deployments?limit=1000`);
  return items.find((d) => d.number === number) ?? null;
}

/** What the address names to begin like: a deployment, what runs, an image. */
async function begun(): Promise<Like | null> {
  const { query } = place.value;
  const [instance, project, name, image] = ['instance', 'project', 'name',
    'image'].map((key) => query.get(key) ?? '');
  const stored = (digest: string | undefined) => (digest && project ?
    get<Stored>(`/images/${digest}?project=${project}`).catch(() => null) : null);
  if (image) return { config: {}, image: await stored(image) };
  if (!instance || !project || !name) return null;
  const path = unikernelPath({ instance, project, name });
  const number = Number(query.get('deployment'));
  try {
    if (number) {
      const d = await numbered(path, number);
      return d && { config: d.config, image: await stored(d.image?.sha256) };
    }
    const u = await get<Unikernel>(path);
    const config = u.config ?? u.deployment?.config;
    return config ? { config, image: null } : null;
  } catch {
    return null;
  }
}

export function Deploy() {
  const [projects, setProjects] = useState<Project[] | null>(null);
  const [like, setLike] = useState<Like | null>(null);
  const [error, setError] = useState<Error | null>(null);
  useEffect(() => {
    Promise.all([begun(), getProjects()]).then(([found, mine]) => {
      setLike(found);
      setProjects(mine);
    }, setError);
  }, []);
  return (
    <Page title={text.title}>
      {error && <Banner title={text.noProjects}>{error.message}</Banner>}
      {projects?.length === 0 && <Empty title={text.noProject}>
        <p>{text.noProjectWhy}</p></Empty>}
      {projects && projects.length > 0 &&
        <DeployForm projects={projects} like={like} />}
    </Page>
  );
}

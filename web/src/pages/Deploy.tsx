// SPDX-License-Identifier: ISC
// Drop an image; its manifest asks for exactly its devices.
import { useEffect, useState } from 'preact/hooks';
import { get, ProblemError, unikernelPath, upload, type Deployed, type Project,
  type Unikernel, type Upload, type Usage } from '../api';
import { Banner, Check, Code, Dialog, Empty, Field, ListEditor, Meter, Page } from
  '../components/ui';
import { deployLine, queryOf, queryText, type Form } from '../lib/curl';
import { bytes } from '../lib/format';
import { readManifest, type Manifest } from '../lib/image';
import { go, place } from '../router';
import { toast } from '../store/toasts';

interface Image {
  file: File;
  manifest: Manifest;
}

function ImageDrop({ image, onImage }: {
  image: Image | null; onImage: (image: Image | null) => void }) {
  const [over, setOver] = useState(false);
  const [error, setError] = useState('');
  const take = async (file: File | undefined) => {
    if (!file) return;
    const manifest = await readManifest(file);
    setError(typeof manifest === 'string' ? manifest : '');
    onImage(typeof manifest === 'string' ? null : { file, manifest });
  };
  return (
    <label class={`drop ${over ? 'over' : ''} ${error ? 'bad' : ''}`}
      onDragOver={(e) => { e.preventDefault(); setOver(true); }}
      onDragLeave={() => setOver(false)}
      onDrop={(e) => {
        e.preventDefault();
        setOver(false);
        void take(e.dataTransfer?.files[0]);
      }}>
      <input type="file" onChange={(e) => take(e.currentTarget.files?.[0])} />
      {image ? <>
        <strong>{image.file.name}</strong>
        <span>{bytes(image.file.size)}, for solo5 {image.manifest.target} (ABI{' '}
          {image.manifest.version}), {image.manifest.devices.length === 0 ?
          'no devices' : image.manifest.devices.map((d) =>
            `${d.type === 'net' ? 'network' : 'volume'} ${d.name}`).join(', ')}</span>
      </> : <>
        <strong>Drop a solo5 image here</strong>
        <span>or press to choose a file; its devices are read at once</span></>}
      {error && <span class="note" role="alert">{error}</span>}
    </label>
  );
}

function Devices({ form, manifest, bridges, error, set }: {
  form: Form; manifest: Manifest; bridges: string[];
  error: (name: string) => string | undefined;
  set: (change: Partial<Form>) => void;
}) {
  let nets = 0, blocks = 0;
  return (
    <>{manifest.devices.map(({ name, type }) => {
      const path = type === 'net' ? `networks[${nets++}]` : `volumes[${blocks++}]`;
      const wrong = error(path) ?? error(`${path}.bridge`) ?? error(`${path}.volume`) ??
        error(`${path}.name`);
      const value = form.hosts[name] ?? '';
      const put = (host: string) => set({ hosts: { ...form.hosts, [name]: host } });
      return type === 'net' ? (
        <Field key={path} label={`Network ${name}`} error={wrong}
          hint="The bridge of the server it is attached to.">{(p) => (
          <select {...p} value={value} onChange={(e) => put(e.currentTarget.value)}>
            {!bridges.includes(name) && <option value="">choose a bridge</option>}
            {bridges.map((b) => <option key={b} value={b === name ? '' : b}>{b}</option>)}
          </select>)}</Field>
      ) : (
        <Field key={path} label={`Volume ${name}`} error={wrong}
          hint={`The volume of the project; empty: the one named ${name}.`}>{(p) => (
          <input {...p} value={value} placeholder={name} spellcheck={false}
            onInput={(e) => put(e.currentTarget.value)} />)}</Field>);
    })}</>
  );
}

/** What is left of the policy, asked when project or instance change. */
function useUsage(project: string, instance: string): Usage | null {
  const [usage, setUsage] = useState<Usage | null>(null);
  useEffect(() => {
    const control = new AbortController();
    setUsage(null);
    if (project && instance)
      get<{ items: Usage[] }>(`/projects/${project}/usage?instance=${instance}`,
        control.signal)
        .then((u) => setUsage(u.items[0] ?? null), () => {});
    return () => control.abort();
  }, [project, instance]);
  return usage;
}

function Progress({ sent, size, started, onStop }: {
  sent: number; size: number; started: number; onStop: () => void }) {
  const seconds = Math.max(0.1, (performance.now() - started) / 1000);
  return (
    <div class="upload" role="status">
      <progress value={sent} max={size} aria-label="Upload" />
      <span>{sent < size ? `${bytes(sent)} of ${bytes(size)}, ` +
        `${bytes(sent / seconds)}/s` : 'sent; albatross starts it…'}</span>
      <button type="button" class="small" onClick={onStop}>Stop</button>
    </div>
  );
}

function start(projects: Project[]): Form {
  const { query } = place.value;
  const project = projects.find((p) => p.name === query.get('project')) ??
    projects.find((p) => p.policies.length > 0) ?? projects[0];
  return {
    project: project?.name ?? '',
    instance: query.get('instance') ?? project?.policies[0]?.instance ?? '',
    name: query.get('name') ?? '', memory: '32', cpus: [], args: [],
    restart: false, startup: '', hosts: {},
  };
}

function DeployForm({ projects }: { projects: Project[] }) {
  const [form, setForm] = useState(() => start(projects));
  const [image, setImage] = useState<Image | null>(null);
  const [problem, setProblem] = useState<Error | null>(null);
  const [sending, setSending] =
    useState<{ upload: Upload<Deployed>; started: number } | null>(null);
  const [sent, setSent] = useState(0);
  const [replacing, setReplacing] = useState<Unikernel | null>(null);
  const usage = useUsage(form.project, form.instance);
  const policy = usage?.policy;
  const set = (change: Partial<Form>) => setForm({ ...form, ...change });
  const error = (name: string) =>
    problem instanceof ProblemError ? problem.field(name) : undefined;
  const project = projects.find((p) => p.name === form.project);
  const left = policy && usage ? policy.memory - usage.used.memory : undefined;

  // A manifest's one network goes to the policy's one bridge by itself.
  useEffect(() => {
    const nets = image?.manifest.devices.filter((d) => d.type === 'net') ?? [];
    const [net] = nets, bridges = policy?.bridges ?? [];
    if (nets.length === 1 && net && bridges.length === 1 && bridges[0] &&
      bridges[0] !== net.name && !form.hosts[net.name])
      set({ hosts: { ...form.hosts, [net.name]: bridges[0] } });
  }, [image, policy]);

  const send = () => {
    if (!image) return;
    setReplacing(null);
    setProblem(null);
    setSent(0);
    const query = queryText(queryOf(form, image.manifest));
    const going = upload<Deployed>(`${unikernelPath(form)}?${query}`, image.file,
      setSent);
    setSending({ upload: going, started: performance.now() });
    going.done.then((deployed) => {
      toast(`${form.name} ${deployed.replaced ? 'was replaced' : 'runs'}`);
      go(unikernelPath(deployed.unikernel));
    }, (e: Error) => {
      setSending(null);
      setProblem(e.name === 'AbortError' ? null : e);
    });
  };

  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      const now = await get<Unikernel>(unikernelPath(form));
      if (now.state === 'running') setReplacing(now);
      else send();
    } catch (e) {
      if (e instanceof ProblemError && e.problem.status === 404) send();
      else setProblem(e as Error);
    }
  };

  const general = problem && !(problem instanceof ProblemError &&
    problem.problem.errors?.length);
  return (
    <form class="deploy" onSubmit={submit}>
      <div class="stack">
        <ImageDrop image={image} onImage={setImage} />
        <div class="columns">
          <Field label="Project" error={error('project')}>{(p) => (
            <select {...p} value={form.project} onChange={(e) => {
              const name = e.currentTarget.value;
              const to = projects.find((q) => q.name === name);
              set({ project: name, instance: to?.policies[0]?.instance ?? '' });
            }}>{projects.map((q) => <option key={q.name}>{q.name}</option>)}
            </select>)}</Field>
          <Field label="Instance" error={error('instance')}
            hint={project?.policies.length ? undefined :
              'This project has no policy on any instance.'}>{(p) => (
            <select {...p} required value={form.instance}
              onChange={(e) => set({ instance: e.currentTarget.value })}>
              {project?.policies.map((q) => (
                <option key={q.instance}>{q.instance}</option>))}
            </select>)}</Field>
        </div>
        <Field label="Name" error={error('name')}
          hint="Letters, digits, - and . ; lower case.">{(p) => (
          <input {...p} required maxLength={63} spellcheck={false} autocomplete="off"
            value={form.name}
            onInput={(e) => set({ name: e.currentTarget.value.toLowerCase() })} />)}
        </Field>
        <div class="columns">
          <Field label="Memory (MB)" error={error('memory')}
            hint={left === undefined ? undefined : `${left} MB of ` +
              `${policy?.memory} MB are left`}>{(p) => (
            <input {...p} type="number" min={1} required value={form.memory}
              onInput={(e) => set({ memory: e.currentTarget.value })} />)}</Field>
          <Field label="Start priority" error={error('startup')}
            hint="0 first, 100 last; 50 when empty.">{(p) => (
            <input {...p} type="number" min={0} max={100} value={form.startup}
              onInput={(e) => set({ startup: e.currentTarget.value })} />)}</Field>
        </div>
        {policy && policy.cpus.length > 1 && (
          <fieldset class={error('cpus') ? 'field bad' : 'field'}>
            <legend>CPUs</legend>
            <div class="row wrap">{policy.cpus.map((cpu) => (
              <Check key={cpu} label={cpu} checked={form.cpus.includes(cpu)}
                onChange={(on) => set({ cpus: on ? [...form.cpus, cpu] :
                  form.cpus.filter((c) => c !== cpu) })} />))}</div>
            <p class="note">{error('cpus') ?? 'None: the one used least.'}</p>
          </fieldset>)}
        {image && <Devices form={form} manifest={image.manifest} error={error}
          bridges={policy?.bridges ?? []} set={set} />}
        <ListEditor label="Arguments" items={form.args} placeholder="--hello=world"
          error={error('arguments')} onChange={(args) => set({ args })} />
        <Check label="Restart it when it fails" checked={form.restart}
          onChange={(restart) => set({ restart })} />
        {problem && <Banner title={general ? 'It was not deployed.' :
          'Please check the fields.'}>
          {general ? problem.message : problem instanceof ProblemError &&
            problem.problem.errors?.map((e) => (
              <div key={e.field}><code>{e.field}</code> {e.message}</div>))}</Banner>}
        {sending ? <Progress sent={sent} size={image?.file.size ?? 0}
          started={sending.started} onStop={sending.upload.abort} /> :
          <button class="primary" disabled={!image || !form.instance}>Deploy</button>}
      </div>
      <aside class="stack">
        {usage && policy && <section class="card"><h2>Left in {form.project} on{' '}
          {form.instance}</h2>
          <Meter label="Unikernels" used={usage.used.unikernels}
            of={policy.unikernels} />
          <Meter label="Memory" used={usage.used.memory} of={policy.memory}
            unit="MB" />
          {policy.block != null && <Meter label="Volumes" used={usage.used.block}
            of={policy.block} unit="MB" />}
        </section>}
        <section class="card"><h2>The same from a script</h2>
          <Code text={deployLine(location.origin, form,
            image?.file.name ?? 'app.hvt', image?.manifest)} />
          <p class="quiet">With a <a href="/tokens">token</a> in
            MOLLYMAWK_TOKEN.</p>
        </section>
      </aside>
      {replacing && <Dialog title={`Replace ${replacing.name}?`}
        onClose={() => setReplacing(null)}>
        <p>It runs on {replacing.instance} now. It is stopped and the new image
          starts in its place, after all was checked.</p>
        <div class="row end">
          <button type="button" autofocus onClick={() => setReplacing(null)}>
            Keep the old one</button>
          <button type="button" class="primary" onClick={send}>Replace it</button>
        </div></Dialog>}
    </form>
  );
}

export function Deploy() {
  const [projects, setProjects] = useState<Project[] | null>(null);
  const [error, setError] = useState<Error | null>(null);
  useEffect(() => {
    get<{ items: Project[] }>('/projects').then((list) =>
      setProjects(list.items.filter((p) => p.role !== 'viewer')), setError);
  }, []);
  return (
    <Page title="Deploy">
      {error && <Banner title="The projects are not known.">{error.message}</Banner>}
      {projects?.length === 0 && <Empty title="No project to deploy to">
        <p>You are a member of no project in which you may deploy.</p></Empty>}
      {projects && projects.length > 0 && <DeployForm projects={projects} />}
    </Page>
  );
}

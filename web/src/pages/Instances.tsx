// SPDX-License-Identifier: ISC
// The albatross servers: how they are, what they have and who may use how much
// of it. For admins.
import { useEffect, useState } from 'preact/hooks';
import { ask, fieldError, get, getAll, type Capacity, type Instance, type List,
  type Project } from '../api';
import { HealthLog } from '../components/HealthLog';
import { PolicyDialog } from '../components/PolicyDialog';
import { Age, Badge, Banner, ConfirmName, Dialog, Empty, Fact, Field,
  FormProblem, Meter, Page } from '../components/ui';
import { ago } from '../lib/format';
import { categoryText, forText, statsText, statusKinds } from '../lib/instance';
import { place } from '../router';
import { useInstances } from '../store/instances';
import { toast, toastError } from '../store/toasts';

function Pem({ label, hint, value, error, onChange }: {
  label: string; hint: string; value: string; error: string | undefined;
  onChange: (text: string) => void }) {
  return (
    <Field label={label} hint={hint} error={error}>{(p) => <>
      <textarea {...p} rows={3} spellcheck={false} value={value}
        placeholder="-----BEGIN …"
        onInput={(e) => onChange(e.currentTarget.value)} />
      <input type="file" aria-label={`${label} from a file`}
        onChange={async (e) => {
          const [file] = e.currentTarget.files ?? [];
          if (file) onChange(await file.text());
        }} /></>}</Field>
  );
}

function Add({ onClose, onAdded }: { onClose: () => void; onAdded: () => void }) {
  const [form, setForm] = useState({ name: '', host: '', port: '1025',
    certificate: '', key: '', server_ca: '' });
  const [problem, setProblem] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const set = (key: keyof typeof form) => (value: string) =>
    setForm({ ...form, [key]: value });
  const error = (field: string) => fieldError(problem, field);
  const add = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      const { server_ca, ...rest } = form;
      const added = await ask<Instance>('POST', '/instances', { ...rest,
        port: Number(form.port), ...(server_ca && { server_ca }) });
      toast(added.health.status === 'up' ? `${added.name} answers` :
        `${added.name} was added, but: ${added.health.error?.detail ?? 'no answer'}`,
      added.health.status !== 'up');
      onAdded();
    } catch (e) {
      setProblem(e as Error);
      setBusy(false);
    }
  };
  return (
    <Dialog title="Add an instance" wide onClose={onClose}>
      <form class="stack" onSubmit={add}>
        <Field label="Name" error={error('name')}>{(p) => (
          <input {...p} autofocus required maxLength={63} value={form.name}
            spellcheck={false} autocapitalize="off"
            onInput={(e) => set('name')(e.currentTarget.value.toLowerCase())} />)}
        </Field>
        <div class="columns">
          <Field label="Host" hint="Name or address." error={error('host')}>{(p) => (
            <input {...p} required value={form.host}
              onInput={(e) => set('host')(e.currentTarget.value)} />)}</Field>
          <Field label="Port" error={error('port')}>{(p) => (
            <input {...p} type="number" required min={1} max={65535}
              value={form.port}
              onInput={(e) => set('port')(e.currentTarget.value)} />)}</Field>
        </div>
        <Pem label="CA certificate" hint="PEM: the CA that may command the server."
          value={form.certificate} error={error('certificate')}
          onChange={set('certificate')} />
        <Pem label="Its private key" hint="PEM: kept encrypted, never shown again."
          value={form.key} error={error('key')} onChange={set('key')} />
        <Pem label="Server CA (optional)"
          hint="PEM: when another CA signed the server's certificate."
          value={form.server_ca} error={error('server_ca')}
          onChange={set('server_ca')} />
        <FormProblem error={problem} fields={Object.keys(form)}
          title="It was not added." />
        <div class="row end">
          <button type="button" onClick={onClose}>Cancel</button>
          <button class="primary" disabled={busy}>
            {busy ? 'Connecting…' : 'Add and connect'}</button></div>
      </form>
    </Dialog>
  );
}

/** Capacity, or why it is not known. */
function useCapacity(name: string, turn: number) {
  const [capacity, setCapacity] = useState<Capacity | null>(null);
  const [error, setError] = useState('');
  useEffect(() => {
    const control = new AbortController();
    get<Capacity>(`/instances/${name}/capacity`, control.signal).then((c) => {
      setCapacity(c);
      setError('');
    }, (e: Error) => { if (!control.signal.aborted) setError(e.message); });
    return () => control.abort();
  }, [name, turn]);
  return { capacity, error };
}

const SOON = 30 * 86400e3;

function Expiry({ time }: { time: string }) {
  const left = Date.parse(time) - Date.now();
  const date = new Date(time).toLocaleDateString();
  if (left > SOON) return <>{date}</>;
  return <Badge kind={left > 0 ? 'warn' : 'bad'}>{date}</Badge>;
}

function Given({ capacity: { root, given } }: { capacity: Capacity }) {
  return (
    <div class="meters">
      <Meter label="Unikernels given" used={given.unikernels} of={root.unikernels} />
      <Meter label="Memory given" used={given.memory} of={root.memory} unit="MB" />
      {root.block != null && <Meter label="Volumes given" used={given.block}
        of={root.block} unit="MB" />}
    </div>
  );
}

function Policies({ instance, projects, onEdit }: { instance: string;
  projects: Project[]; onEdit: (project: string) => void }) {
  const all = projects.flatMap((p) => p.policies
    .filter((q) => q.instance === instance).map((q) => ({ p, ...q })));
  if (all.length === 0)
    return <p class="quiet">No project may use it yet: give one a policy.</p>;
  return (
    <div class="table"><table class="policies">
      <thead><tr><th scope="col">Project</th><th scope="col" class="number">
        Unikernels</th><th scope="col" class="number">Memory</th><th scope="col"
        class="number">Volumes</th><th scope="col">CPUs</th><th scope="col">
        Bridges</th><th scope="col"><span class="unseen">Edit</span></th></tr></thead>
      <tbody>{all.map(({ p, policy }) => (
        <tr key={p.name}><th scope="row">{p.name}</th>
          <td class="number">{policy.unikernels}</td>
          <td class="number">{policy.memory} <small>MB</small></td>
          <td class="number">{policy.block == null ? 'none' :
            <>{policy.block} <small>MB</small></>}</td>
          <td>{policy.cpus.join(', ')}</td>
          <td>{policy.bridges.join(', ') || 'none'}</td>
          <td class="end"><button type="button" class="small"
            aria-label={`Edit the policy of ${p.name}`}
            onClick={() => onEdit(p.name)}>Edit</button></td></tr>))}</tbody>
    </table></div>
  );
}

function Forget({ name, onClose, onGone }: {
  name: string; onClose: () => void; onGone: () => void }) {
  const forget = async () => {
    await ask('DELETE', `/instances/${name}`);
    toast(`${name} is forgotten`);
    onGone();
  };
  return (
    <ConfirmName title={`Forget ${name}?`} name={name} verb="Forget"
      onConfirm={forget} onClose={onClose}>
      <p>What runs there keeps running. Its certificate, key and policies
        are forgotten here.</p></ConfirmName>
  );
}

function Facts({ instance }: { instance: Instance }) {
  const { health } = instance;
  return (
    <dl class="strip">
      {instance.host && <Fact name="Address">
        <code>{instance.host}:{instance.port}</code></Fact>}
      <Fact name="Speaks">{health.level ? `albatross ${health.level} or newer` :
        'not known yet'}</Fact>
      {health.since && <Fact name={forText(health.status)}><Age
        time={health.since} /></Fact>}
      <Fact name="Asked">{health.checked_at ?
        <Age time={health.checked_at} as={ago} /> : 'not yet'}</Fact>
      {health.unikernels != null && <Fact name="Unikernels">
        {health.unikernels}</Fact>}
      <Fact name="Statistics">{health.stats === 'displaced' ? <Badge kind="warn">
        {statsText('displaced')}</Badge> : statsText(health.stats)}</Fact>
      {instance.certificate_expires_at && <Fact name="CA expires">
        <Expiry time={instance.certificate_expires_at} /></Fact>}
    </dl>
  );
}

function One({ instance, projects, onChange }: { instance: Instance;
  projects: Project[]; onChange: () => void }) {
  const { name, health } = instance;
  const [busy, setBusy] = useState(false);
  const [turn, setTurn] = useState(0);
  const [editing, setEditing] = useState<string | null>(null);
  const [forgetting, setForgetting] = useState(false);
  const { capacity, error } = useCapacity(name, turn);
  const probe = async () => {
    setBusy(true);
    try {
      await ask('POST', `/instances/${name}/probe`);
      onChange();
      setTurn(turn + 1);
    } catch (e) {
      toastError(e);
    }
    setBusy(false);
  };
  const free = projects.some((p) =>
    !p.policies.some((q) => q.instance === name));
  const trouble = health.error?.detail || health.error?.code || error;
  return (
    <section class="card instance" aria-label={name} id={name} tabIndex={-1}>
      <header>
        <h2>{name}</h2><Badge kind={statusKinds[health.status]}>{health.status}</Badge>
        <span class="grow" />
        <button type="button" class="small" disabled={busy} onClick={probe}>
          {busy ? 'Asking…' : 'Check now'}</button>
        <button type="button" class="small" disabled={!capacity || !free}
          onClick={() => setEditing('')}>Give a policy</button>
        <button type="button" class="small danger"
          onClick={() => setForgetting(true)}>Forget</button>
      </header>
      {trouble && <Banner kind={health.status === 'down' ? 'bad' : 'warn'}
        title={categoryText(health.error?.category)}>{trouble}</Banner>}
      <Facts instance={instance} />
      <HealthLog name={name} />
      {capacity && <Given capacity={capacity} />}
      <Policies instance={name} projects={projects} onEdit={setEditing} />
      {editing !== null && capacity && <PolicyDialog instance={name}
        root={capacity.root} projects={projects} project={editing}
        onClose={() => setEditing(null)} onSaved={() => {
          setEditing(null);
          setTurn(turn + 1);
          onChange();
        }} />}
      {forgetting && <Forget name={name} onClose={() => setForgetting(false)}
        onGone={onChange} />}
    </section>
  );
}

export function Instances() {
  const { value: list, error: lost, again } = useInstances();
  const [projects, setProjects] = useState<Project[]>([]);
  const [adding, setAdding] = useState(false);
  const [failed, setFailed] = useState<Error | null>(null);
  const error = lost ?? failed;
  const loadProjects = () => {
    getAll<List<Project>>('/projects')
      .then((l) => { setProjects(l.items); setFailed(null); }, setFailed);
  };
  const load = () => { again(); loadProjects(); };
  useEffect(loadProjects, []);
  // A link may be to one of them.
  const { hash } = place.value;
  useEffect(() => {
    if (!hash || !list) return;
    const one = document.getElementById(hash);
    one?.scrollIntoView();
    one?.focus({ preventScroll: true });
  }, [hash, list === null]);
  return (
    <Page title="Instances" action={<button type="button" class="primary"
      onClick={() => setAdding(true)}>Add an instance</button>}>
      {error && <Banner kind="warn" title="Not all is known.">
        {error.message}</Banner>}
      {list?.length === 0 && <Empty title="No instance yet">
        <p>An instance is an albatross server. Add one with the CA certificate
          and key that may command it.</p></Empty>}
      <div class="stack">{list?.map((i) => (
        <One key={i.name} instance={i} projects={projects} onChange={load} />))}
      </div>
      {adding && <Add onClose={() => setAdding(false)}
        onAdded={() => { setAdding(false); load(); }} />}
    </Page>
  );
}

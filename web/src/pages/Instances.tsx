// SPDX-License-Identifier: ISC
// The albatross servers: how they are, and adding one. For admins.
import { useEffect, useState } from 'preact/hooks';
import { ask, get, ProblemError, type Instance } from '../api';
import { Age, Badge, Banner, Dialog, Empty, Field, Page } from '../components/ui';
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
  const error = (field: string) =>
    problem instanceof ProblemError ? problem.field(field) : undefined;
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
    <Dialog title="Add an instance" onClose={onClose}>
      <form class="stack" onSubmit={add}>
        <Field label="Name" error={error('name')}>{(p) => (
          <input {...p} autofocus required maxLength={63} value={form.name}
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
        {problem && !(problem instanceof ProblemError &&
          problem.problem.errors?.length) &&
          <Banner title="It was not added.">{problem.message}</Banner>}
        <div class="row end">
          <button type="button" onClick={onClose}>Cancel</button>
          <button class="primary" disabled={busy}>
            {busy ? 'Connecting…' : 'Add and connect'}</button></div>
      </form>
    </Dialog>
  );
}

const kinds = { up: 'good', down: 'bad', unknown: 'plain' } as const;

function Row({ instance, onFresh }: {
  instance: Instance; onFresh: (i: Instance) => void }) {
  const [busy, setBusy] = useState(false);
  const { health } = instance;
  const probe = async () => {
    setBusy(true);
    try {
      onFresh(await ask<Instance>('POST', `/instances/${instance.name}/probe`));
    } catch (e) {
      toastError(e);
    }
    setBusy(false);
  };
  return (
    <tr>
      <td><Badge kind={kinds[health.status]}>{health.status}</Badge></td>
      <th scope="row">{instance.name}</th>
      <td>{instance.host && <code>{instance.host}:{instance.port}</code>}</td>
      <td>{health.level ? `albatross ${health.level} or newer` : '–'}
        {health.error && <div class="note bad">{health.error.detail ||
          health.error.code}</div>}</td>
      <td><Age time={health.checked_at} /></td>
      <td>{instance.certificate_expires_at &&
        new Date(instance.certificate_expires_at).toLocaleDateString()}</td>
      <td class="end"><button type="button" class="small" disabled={busy}
        onClick={probe}>{busy ? 'Asking…' : 'Check now'}</button></td>
    </tr>
  );
}

export function Instances() {
  const [list, setList] = useState<Instance[] | null>(null);
  const [adding, setAdding] = useState(false);
  const load = () => {
    get<{ items: Instance[] }>('/instances').then((l) => setList(l.items),
      toastError);
  };
  useEffect(load, []);
  return (
    <Page title="Instances" action={<button type="button" class="primary"
      onClick={() => setAdding(true)}>Add an instance</button>}>
      {list?.length === 0 && <Empty title="No instance yet">
        <p>An instance is an albatross server. Add one with the CA certificate
          and key that may command it.</p></Empty>}
      {list && list.length > 0 && <div class="table"><table>
        <thead><tr><th>Health</th><th>Name</th><th>Address</th><th>Speaks</th>
          <th>Checked</th><th>CA expires</th>
          <th><span class="unseen">Check</span></th></tr></thead>
        <tbody>{list.map((i) => <Row key={i.name} instance={i} onFresh={(fresh) =>
          setList(list.map((o) => o.name === fresh.name ? fresh : o))} />)}</tbody>
      </table></div>}
      {adding && <Add onClose={() => setAdding(false)}
        onAdded={() => { setAdding(false); load(); }} />}
    </Page>
  );
}

// SPDX-License-Identifier: ISC
// The form of an instance: to add one, or to change one. It is stored once its
// server answered, or when that does not matter.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, ProblemError, type Instance } from '../api';
import { numberOf } from '../lib/format';
import { adviceText, categoryText } from '../lib/instance';
import { readPem } from '../lib/pem';
import { useSending } from '../lib/sending';
import { toast } from '../store/toasts';
import { Banner, Check, Dialog, Field, FormProblem } from './ui';

const empty = { name: '', title: '', host: '', port: '1025', certificate: '',
  key: '', server_ca: '' };

type Form = typeof empty;
type Sent = Partial<Record<keyof Form, string | number>>;

function Pem({ label, hint, isKey, required, value, error, onChange }: {
  label: string; hint: string; isKey?: boolean; required?: boolean;
  value: string; error: string | undefined; onChange: (text: string) => void }) {
  const [unread, setUnread] = useState<string | undefined>();
  const take = (text: string) => { setUnread(undefined); onChange(text); };
  const load = async (file: File) => {
    const read = readPem(new Uint8Array(await file.arrayBuffer()), isKey === true);
    if ('text' in read) take(read.text);
    else setUnread(read.why);
  };
  return (
    <Field label={label} hint={hint} error={unread ?? error}>{(p) => <>
      <textarea {...p} rows={3} spellcheck={false} autocomplete="off"
        required={required} value={value} placeholder="-----BEGIN …"
        onInput={(e) => take(e.currentTarget.value)} />
      <input type="file" aria-label={`${label} from a file`}
        onChange={(e) => {
          const [file] = e.currentTarget.files ?? [];
          if (file) void load(file);
          e.currentTarget.value = '';
        }} /></>}</Field>
  );
}

/** What was wrong with the server, when it was the server. */
function categoryOf(error: Error | null): string | undefined {
  return error instanceof ProblemError ? error.problem.category : undefined;
}

/** Why it was not stored; what there is to do about it is brought into sight. */
function Refused({ error }: { error: Error | null }) {
  const here = useRef<HTMLDivElement>(null);
  const category = categoryOf(error);
  useEffect(() => {
    if (!error) return;
    const bad = here.current?.closest('form')
      ?.querySelector<HTMLElement>('[aria-invalid="true"]');
    if (bad) bad.focus();
    else here.current?.scrollIntoView({ block: 'nearest' });
  }, [error]);
  return <div ref={here}>{words(error, category)}</div>;
}

function words(error: Error | null, category: string | undefined) {
  if (!category)
    return <FormProblem error={error} fields={Object.keys(empty)}
      title="It was not saved." />;
  return (
    <Banner title={categoryText(category)}>{error?.message}{' '}
      {adviceText(category)} Nothing was saved.</Banner>
  );
}

/** What of the form differs from what is stored. */
function differences(form: Form, old: Instance, own: boolean): Sent {
  const sent: Sent = {};
  if (form.title !== old.title) sent.title = form.title;
  if (form.host !== old.host) sent.host = form.host;
  if (form.port !== String(old.port)) sent.port = numberOf(form.port);
  if (form.certificate) sent.certificate = form.certificate;
  if (form.key) sent.key = form.key;
  if (form.server_ca) sent.server_ca = form.server_ca;
  else if (own) sent.server_ca = '';
  return sent;
}

function whole({ title, server_ca, port, ...rest }: Form): Sent {
  return { ...rest, port: numberOf(port), ...(title && { title }),
    ...(server_ca && { server_ca }) };
}

function tell({ name, health }: Instance, sent: Sent): void {
  const { title, ...connects } = sent;
  const well = health.status === 'up' || health.status === 'degraded';
  toast(Object.keys(connects).length === 0 ? `${name} was saved` : well ?
    `${name} answers` : `${name} was saved; it does not answer yet`);
}

export function InstanceForm({ old, onClose, onSaved }: { old?: Instance;
  onClose: () => void; onSaved: (saved: Instance) => void }) {
  const [form, setForm] = useState<Form>({ ...empty, ...(old && { name: old.name,
    title: old.title, host: old.host ?? '', port: String(old.port ?? 1025) }) });
  const [own, setOwn] = useState(false);
  const { error, busy, send, say } = useSending();
  const set = (key: keyof Form) => (value: string) =>
    setForm({ ...form, [key]: value });
  const save = (force: boolean) => send(async () => {
    const sent = old ? differences(form, old, own) : whole(form);
    const saved = await (old ?
      ask<Instance>('PATCH', `/instances/${old.name}`, { ...sent, force }) :
      ask<Instance>('POST', '/instances', { ...sent, force }));
    tell(saved, sent);
    onSaved(saved);
  });
  const text = (key: keyof Form, label: string, more: object = {}, hint = '') => (
    <Field label={label} hint={hint} error={say(key)}>{(p) => (
      <input {...p} value={form[key]} spellcheck={false} autocapitalize="off"
        {...more} onInput={(e) => set(key)(e.currentTarget.value)} />)}</Field>);
  return (
    <Dialog title={old ? `Change ${old.name}` : 'Add an instance'} wide
      onClose={onClose}>
      <form class="stack" onSubmit={(e) => { e.preventDefault(); void save(false); }}>
        <div class="columns">
          {!old && <Field label="Name" hint="For good: logs and tokens go by it."
            error={say('name')}>{(p) => (
            <input {...p} autofocus required maxLength={63} value={form.name}
              spellcheck={false} autocapitalize="off"
              onInput={(e) => set('name')(e.currentTarget.value.toLowerCase())} />)}
          </Field>}
          {text('title', 'Title (optional)', { maxLength: 64,
            autofocus: !!old }, 'How people call it.')}
        </div>
        <div class="columns">
          {text('host', 'Host', { required: true },
            'Name, IPv4 or IPv6 address.')}
          {text('port', 'Port', { type: 'number', required: true, min: 1,
            max: 65535 })}
        </div>
        <Pem label="CA certificate" required={!old} value={form.certificate}
          hint={old ? 'PEM: empty leaves the one there is.' : 'PEM: the CA that ' +
            'may command the server; its chain upwards behind it, if it has one.'}
          error={say('certificate')} onChange={set('certificate')} />
        <Pem label="Its private key" isKey required={!old} value={form.key}
          hint={old ? 'PEM: given together with a new certificate.' :
            'PEM: kept encrypted, never shown again.'}
          error={say('key')} onChange={set('key')} />
        <Pem label="Server CA (optional)" value={form.server_ca}
          hint={old?.server_ca ? 'PEM: empty leaves the one there is.' :
            'PEM: when another CA signed the server\'s certificate.'}
          error={say('server_ca')} onChange={set('server_ca')} />
        {old?.server_ca && !form.server_ca && <Check checked={own}
          label="The CA above signed the server's certificate, too: forget the other"
          onChange={setOwn} />}
        <Refused error={error} />
        <div class="row wrap end">
          <button type="button" onClick={onClose}>Cancel</button>
          {categoryOf(error) && <button type="button" disabled={busy}
            onClick={() => save(true)}>Save it nevertheless</button>}
          <button class="primary" disabled={busy}>{busy ? 'Connecting…' :
            old ? 'Save' : 'Add and connect'}</button></div>
      </form>
    </Dialog>
  );
}

// SPDX-License-Identifier: ISC
// The form of an instance: to add one, or to change one. It is stored once its
// server answered, or when that does not matter.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, ProblemError, type Instance } from '../api';
import { instanceLine } from '../lib/curl';
import { numberOf } from '../lib/format';
import { adviceText, categoryText } from '../lib/instance';
import { readPem } from '../lib/pem';
import { useSending } from '../lib/sending';
import { useUnsaved } from '../router';
import { toast } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/instances';
import { Banner, Check, Dialog, Field, FormProblem, Script } from './ui';

const empty = { name: '', title: '', host: '', port: '1025', certificate: '',
  key: '', server_ca: '' };

type Form = typeof empty;
type Sent = Partial<Record<keyof Form, string | number>>;

function Pem({ label, hint, isKey, required, value, error, onChange }: {
  label: string; hint: string; isKey?: boolean; required?: boolean;
  value: string; error: string | undefined; onChange: (pem: string) => void }) {
  const [unread, setUnread] = useState<string | undefined>();
  const take = (pem: string) => { setUnread(undefined); onChange(pem); };
  const load = async (file: File) => {
    const read = readPem(new Uint8Array(await file.arrayBuffer()), isKey === true);
    if ('text' in read) take(read.text);
    else setUnread(read.why);
  };
  return (
    <Field label={label} hint={hint} error={unread ?? error}>{(p) => <>
      <textarea {...p} rows={3} spellcheck={false} autocomplete="off"
        required={required} value={value} placeholder={text.pemBegin}
        onInput={(e) => take(e.currentTarget.value)} />
      <input type="file" aria-label={text.fromFile(label)}
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
      title={common.notSaved} />;
  return (
    <Banner title={categoryText(category)}>{text.nothingSaved(
      error?.message ?? '', adviceText(category))}</Banner>
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

/** What stands in a command; certificates and keys are files there. */
const fieldsOf = ({ name, title, host, port }: Form) => ({ name: name || 'NAME',
  ...(title && { title }), host: host || 'HOST', port: numberOf(port) });

function tell({ name, health }: Instance, sent: Sent): void {
  const { title, ...connects } = sent;
  const well = health.status === 'up' || health.status === 'degraded';
  toast(Object.keys(connects).length === 0 ? text.wasSaved(name) : well ?
    text.answers(name) : text.savedSilent(name));
}

export function InstanceForm({ old, onClose, onSaved }: { old?: Instance;
  onClose: () => void; onSaved: (saved: Instance) => void }) {
  const [form, setForm] = useState<Form>({ ...empty, ...(old && { name: old.name,
    title: old.title, host: old.host ?? '', port: String(old.port ?? 1025) }) });
  const [began] = useState(() => JSON.stringify(form));
  const [own, setOwn] = useState(false);
  const { error, busy, send, say } = useSending();
  const set = (key: keyof Form) => (value: string) =>
    setForm({ ...form, [key]: value });
  useUnsaved(JSON.stringify(form) !== began);
  const save = (force: boolean) => send(async () => {
    const sent = old ? differences(form, old, own) : whole(form);
    const saved = await (old ?
      ask<Instance>('PATCH', `/instances/${old.name}`, { ...sent, force }) :
      ask<Instance>('POST', '/instances', { ...sent, force }));
    tell(saved, sent);
    onSaved(saved);
  });
  const input = (key: keyof Form, label: string, more: object = {}, hint = '') => (
    <Field label={label} hint={hint} error={say(key)}>{(p) => (
      <input {...p} value={form[key]} spellcheck={false} autocapitalize="off"
        {...more} onInput={(e) => set(key)(e.currentTarget.value)} />)}</Field>);
  return (
    <Dialog title={old ? text.changeTitle(old.name) : text.add} wide
      onClose={onClose}>
      <form class="stack" onSubmit={(e) => { e.preventDefault(); void save(false); }}>
        <div class="columns">
          {!old && <Field label={common.name} hint={text.nameHint}
            error={say('name')}>{(p) => (
            <input {...p} autofocus required maxLength={63} value={form.name}
              spellcheck={false} autocapitalize="off"
              onInput={(e) => set('name')(e.currentTarget.value.toLowerCase())} />)}
          </Field>}
          {input('title', text.title, { maxLength: 64, autofocus: !!old },
            text.titleHint)}
        </div>
        <div class="columns">
          {input('host', text.host, { required: true }, text.hostHint)}
          {input('port', text.port, { type: 'number', required: true, min: 1,
            max: 65535 })}
        </div>
        <Pem label={text.certificate} required={!old} value={form.certificate}
          hint={old ? text.certificateOld : text.certificateHint}
          error={say('certificate')} onChange={set('certificate')} />
        <Pem label={text.key} isKey required={!old} value={form.key}
          hint={old ? text.keyOld : text.keyHint}
          error={say('key')} onChange={set('key')} />
        <Pem label={text.serverCa} value={form.server_ca}
          hint={old?.server_ca ? text.serverCaOld : text.serverCaHint}
          error={say('server_ca')} onChange={set('server_ca')} />
        {old?.server_ca && !form.server_ca && <Check checked={own}
          label={text.serverCaForget}
          onChange={setOwn} />}
        {!old && <Script text={instanceLine(location.origin, fieldsOf(form),
          form.server_ca !== '')} />}
        <Refused error={error} />
        <div class="row wrap end">
          <button type="button" onClick={onClose}>{common.cancel}</button>
          {categoryOf(error) && <button type="button" disabled={busy}
            onClick={() => save(true)}>{text.saveAnyway}</button>}
          <button class="primary" disabled={busy}>{busy ? text.connecting :
            old ? common.save : text.addAndConnect}</button></div>
      </form>
    </Dialog>
  );
}

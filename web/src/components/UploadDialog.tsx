// SPDX-License-Identifier: ISC
// Fills a volume from a file, or makes it first.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, fieldError, volumePath, type Project, type Volume, type VolumeName,
  type VolumeQuota } from '../api';
import { putJsonLine, queryText, uploadLine } from '../lib/curl';
import { useData, type Data } from '../lib/data';
import { bytes, MB, numberOf } from '../lib/format';
import { sameVolume } from '../lib/names';
import { holdsText } from '../lib/volume';
import { sendFile } from '../store/operations';
import { toast } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/volumes';
import { DataField, Refused, SafeCheck, Sending } from './DataField';
import { InUse, isBusy } from './InUse';
import { Dialog, Field, Script, TypeName } from './ui';

type Query = [string, string][];

const fileName = (data: Data | null) => data?.file.name ?? 'disk.img';

const sizeQuery = (data: Data): Query => (data.unpack ?
  [['size', String(data.size)]] : []);

/** Sends, follows and forgives: the form stays filled in when it fails. */
function useUpload(volume: VolumeName, onDone: (v: Volume) => void) {
  const [id, setId] = useState<number | null>(null);
  const [error, setError] = useState<Error | null>(null);
  // Who closed the dialog meanwhile does something else now.
  const here = useRef(true);
  useEffect(() => () => { here.current = false; }, []);
  const send = async (data: Data, query: Query) => {
    setError(null);
    const sent = sendFile(volume, data.file,
      queryText([...sizeQuery(data), ...query]), data.unpack ? 'gzip' : undefined);
    setId(sent.id);
    try {
      const v = await sent.done;
      toast(text.filled(v.name));
      if (here.current) onDone(v);
    } catch (e) {
      if ((e as Error).name !== 'AbortError') setError(e as Error);
    }
    setId(null);
  };
  return { id, error, setError, send };
}

/** In place of the form, which stays as it was should it fail. */
function Underway({ title, id, onClose }: { title: string; id: number;
  onClose: () => void }) {
  return (
    <Dialog title={title} wide onClose={onClose}>
      <Sending id={id} />
      <p class="quiet">{text.goesOn}</p>
      <div class="row end"><button type="button" autofocus onClick={onClose}>
        {common.close}</button></div>
    </Dialog>
  );
}

const tooMuch = (data: Data | null, size: number) =>
  (data?.size != null && data.size > size * MB ?
    text.tooMuch(bytes(data.size), size) : undefined);

export function UploadDialog({ v, onClose, onDone }: { v: Volume;
  onClose: () => void; onDone: () => void }) {
  const { data, take, setUnpack } = useData();
  const [safe, setSafe] = useState(true);
  const [typed, setTyped] = useState('');
  const { id, error, send } = useUpload(v, onDone);
  const wrong = tooMuch(data, v.size);
  const query: Query = safe ? [['safe', 'true']] : [];
  const submit = (event: Event) => {
    event.preventDefault();
    if (data) void send(data, query);
  };
  if (id !== null)
    return <Underway title={text.uploadTitle(v.name)} id={id} onClose={onClose} />;
  // Why it failed comes before what goes on because of it.
  if (isBusy(v) && !error)
    return <InUse v={v} title={text.notWrittenNow(v.name)}
      onClose={onClose} />;
  return (
    <Dialog title={text.uploadTitle(v.name)} wide onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <p>{v.content && !error ? text.replacedOf(v.name, holdsText(v.content)) :
          text.replaced(v.name)}</p>
        <DataField data={data} wrong={wrong} onFile={take} onUnpack={setUnpack}
          hint={text.sizeHint(v.size)} />
        <SafeCheck on={safe} onChange={setSafe} />
        <TypeName name={v.name} typed={typed} onTyped={setTyped} />
        <Refused error={error} fields={[]} title={text.notUploaded} />
        <div class="row end">
          <button type="button" onClick={onClose}>{common.leaveIt}</button>
          <button class="danger solid" disabled={!data || data.size === null ||
            !!wrong || typed !== v.name}>{common.upload}</button></div>
        <Script text={uploadLine(location.origin, volumePath(v), fileName(data),
          data?.unpack ? data.size ?? 0 : undefined, query)} />
      </form>
    </Dialog>
  );
}

/** MB that are left of a quota; null: nobody knows. */
function leftOf(quotas: VolumeQuota[], { instance, project }: VolumeName):
number | null {
  const q = quotas.find((one) => one.instance === instance &&
    one.project === project);
  return q ? Math.max(0, (q.allowed ?? 0) - q.used) : null;
}

const fields = ['instance', 'project', 'name', 'size', 'body', 'create'];

/** The fields which say where a volume is, in projects one may deploy to. */
export function WhereFields({ at, projects, say, onChange }: { at: VolumeName;
  projects: Project[]; say: (name: string) => string | undefined;
  onChange: (at: VolumeName) => void }) {
  const policies = projects.find((p) => p.name === at.project)?.policies ?? [];
  return (
    <>
      <div class="columns">
        <Field label={common.project} error={say('project')}>{(p) => (
          <select {...p} value={at.project} onChange={(e) => {
            const project = e.currentTarget.value;
            const to = projects.find((q) => q.name === project)?.policies;
            onChange({ ...at, project, instance: to?.[0]?.instance ?? '' });
          }}>{projects.map((q) => <option key={q.name}>{q.name}</option>)}
          </select>)}</Field>
        <Field label={common.instance} error={say('instance')}>{(p) => (
          <select {...p} required value={at.instance} onChange={(e) =>
            onChange({ ...at, instance: e.currentTarget.value })}>
            {policies.map((q) => <option key={q.instance}>{q.instance}</option>)}
          </select>)}</Field>
      </div>
      <Field label={common.name} error={say('name')}
        hint={text.nameHint}>{(p) => (
        <input {...p} required maxLength={63} spellcheck={false} autocomplete="off"
          autocapitalize="off" value={at.name} onInput={(e) => onChange({ ...at,
            name: e.currentTarget.value.toLowerCase() })} />)}</Field>
    </>
  );
}

function firstPlace(projects: Project[]): VolumeName {
  const project = projects.find((p) => p.policies.some((q) => q.policy.block)) ??
    projects.find((p) => p.policies.length > 0) ?? projects[0];
  const policy = project?.policies.find((q) => q.policy.block) ?? project?.policies[0];
  return { project: project?.name ?? '', instance: policy?.instance ?? '',
    name: '' };
}

export function NewVolume({ projects, quotas, known, onClose, onDone }: {
  projects: Project[]; quotas: VolumeQuota[]; known: Volume[];
  onClose: () => void; onDone: (v: Volume) => void }) {
  const [at, setAt] = useState(() => firstPlace(projects));
  const [size, setSize] = useState('');
  const { data, take, setUnpack } = useData();
  const { id, error, setError, send } = useUpload(at, onDone);
  const [busy, setBusy] = useState(false);
  const needed = data?.size != null ? Math.max(1, Math.ceil(data.size / MB)) : null;
  const wanted = size || String(needed ?? '');
  const left = leftOf(quotas, at);
  const there = known.some((v) => sameVolume(v, at));
  const say = (name: string) => (name === 'name' && there ? text.nameTaken :
    fieldError(error, name));
  const over = left !== null && Number(wanted) > left ?
    text.onlyLeft(left) : undefined;
  const submit = async (event: Event) => {
    event.preventDefault();
    if (data) return send(data, [['create', wanted]]);
    setBusy(true);
    setError(null);
    try {
      const v = await ask<Volume>('PUT', volumePath(at),
        { size: numberOf(wanted) });
      toast(common.wasMade(v.name));
      onDone(v);
    } catch (e) {
      setError(e as Error);
    }
    setBusy(false);
  };
  const named = { instance: at.instance || 'INSTANCE',
    project: at.project || 'PROJECT', name: at.name || 'NAME' };
  const wrong = tooMuch(data, Number(wanted)) ?? say('body');
  if (id !== null)
    return <Underway title={text.makeTitle(at.name)} id={id}
      onClose={onClose} />;
  return (
    <Dialog title={text.newVolume} wide onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <WhereFields at={at} projects={projects} say={say} onChange={setAt} />
        <Field label={text.sizeMB} error={say('size') ?? say('create') ?? over}
          hint={left === null ? text.sizeFixed : text.sizeLeft(left)}>{(p) => (
          <input {...p} type="number" min={1} required={needed === null} value={size}
            placeholder={needed === null ? '' : String(needed)}
            onInput={(e) => setSize(e.currentTarget.value)} />)}</Field>
        <DataField data={data} wrong={wrong} onFile={take} onUnpack={setUnpack}
          hint={data ? text.zeroesBehind : text.orLeave} />
        <Refused error={error} fields={fields} title={text.notMade} />
        <div class="row end">
          <button type="button" onClick={onClose}>{common.cancel}</button>
          <button class="primary" disabled={busy || there || !!over || !!wrong ||
            (data !== null && data.size === null)}>
            {data ? text.makeAndFill : common.makeIt}</button></div>
        <Script text={data ? uploadLine(location.origin, volumePath(named),
          fileName(data), data.unpack ? data.size ?? 0 : undefined,
          [['create', wanted || '64']]) : putJsonLine(location.origin,
          volumePath(named), { size: numberOf(wanted || '64') })} />
      </form>
    </Dialog>
  );
}

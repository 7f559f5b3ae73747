// SPDX-License-Identifier: ISC
// Saves, restores and deletes copies of volumes, and downloads volumes.
import { useEffect, useState } from 'preact/hooks';
import { ask, fieldError, getAll, getProjects, volumePath, type Copy,
  type Operation, type Place, type Project, type Volume, type VolumeList,
  type VolumeName } from '../api';
import { downloadLine, postLine } from '../lib/curl';
import { bytes, dayMinute, MB } from '../lib/format';
import { measured, placeText, sameVolume, stopText } from '../lib/volume';
import { begun, download, operations } from '../store/operations';
import { holds } from '../store/session';
import { toast, toastError } from '../store/toasts';
import { SafeCheck } from './DataField';
import { InUse, isBusy } from './InUse';
import { WhereFields } from './UploadDialog';
import { Banner, Check, ConfirmName, Dialog, Field, FormProblem, Script, TypeName }
  from './ui';

/** Begins what goes on without us, and what was said against it. */
function useBegin(onBegun: () => void) {
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const begin = async (path: string, json: unknown) => {
    setBusy(true);
    setError(null);
    try {
      await ask<Operation>('POST', path, json);
      begun();
      onBegun();
    } catch (e) {
      setError(e as Error);
    }
    setBusy(false);
  };
  return { error, busy, begin };
}

export function PlaceField({ place, wrong, onChange }: { place: Place;
  wrong: string | undefined; onChange: (place: Place) => void }) {
  return (
    <Field label="Where it is kept" error={wrong}>{(p) => (
      <select {...p} value={place} onChange={(e) =>
        onChange(e.currentTarget.value as Place)}>
        {(['local', 's3'] as const).map((one) => <option key={one} value={one}>
          {placeText(one)}</option>)}</select>)}</Field>
  );
}

/** Says openly who is stopped while so many MB move, and lets one agree. */
function StopCheck({ v, size, on, onChange }: { v: Volume; size: number;
  on: boolean; onChange: (on: boolean) => void }) {
  if (!v.in_use) return null;
  const names = v.used_by.map((u) => u.name).join(', ');
  if (!holds(v.project, 'deployer'))
    return (
      <Banner kind="warn" title={`It is used by ${names || 'a unikernel'}.`}>
        A copy needs it stopped, which somebody who may deploy in {v.project}{' '}
        can do.</Banner>);
  return (
    <Banner kind="warn" title="It is in use.">
      {stopText(v.used_by, size, measured(operations.value, v.instance))}
      <div><Check label={`Stop ${names} and start again`} checked={on}
        onChange={onChange} /></div></Banner>
  );
}

export function SaveDialog({ v, onClose }: { v: Volume; onClose: () => void }) {
  const [place, setPlace] = useState<Place>('local');
  const [note, setNote] = useState('');
  const [stop, setStop] = useState(false);
  const { error, busy, begin } = useBegin(onClose);
  const body = { place, ...(note && { note }), ...(stop && { stop }) };
  const path = volumePath(v, '/copies');
  return (
    <Dialog title={`Save a copy of ${v.name}`} wide onClose={onClose}>
      <form class="stack" onSubmit={(e) => {
        e.preventDefault();
        void begin(path, body);
      }}>
        <p>Its {v.size} MB are read, compressed and kept with their SHA-256.</p>
        <StopCheck v={v} size={v.size} on={stop} onChange={setStop} />
        <PlaceField place={place} onChange={setPlace}
          wrong={fieldError(error, 'place')} />
        <Field label="Note">{(p) => <input {...p} maxLength={200} value={note}
          onInput={(e) => setNote(e.currentTarget.value)} />}</Field>
        <FormProblem error={error} fields={['place']} title="It was not saved." />
        <div class="row end">
          <button type="button" onClick={onClose}>Cancel</button>
          <button class="primary" disabled={busy || (v.in_use && !stop)}>
            {stop ? 'Stop, save, start' : 'Save it'}</button></div>
        <Script text={postLine(location.origin, `${path}?wait=600`, body)} />
      </form>
    </Dialog>
  );
}

const nameOf = (c: Copy) => `copy ${c.id} of ${dayMinute(c.created)}`;

/** Where a copy may go: any volume one may write to, or a new one. */
function useTargets(copy: Copy) {
  const [volumes, setVolumes] = useState<Volume[] | null>(null);
  const [projects, setProjects] = useState<Project[]>([]);
  useEffect(() => {
    Promise.all([getAll<VolumeList>('/volumes'), getProjects()])
      .then(([found, mine]) => {
        setVolumes(found.items.filter((v) => holds(v.project, 'deployer')));
        setProjects(mine);
      }, toastError);
  }, []);
  const own: VolumeName = { ...copy, name: copy.volume };
  return { volumes, projects, own };
}

export function RestoreDialog({ copy, onClose }: { copy: Copy;
  onClose: () => void }) {
  const { volumes, projects, own } = useTargets(copy);
  const [chosen, setChosen] = useState('');
  const [at, setAt] = useState<VolumeName>(own);
  const [safe, setSafe] = useState(true);
  const [stop, setStop] = useState(false);
  const [typed, setTyped] = useState('');
  const { error, busy, begin } = useBegin(onClose);
  if (!volumes) return null;
  const key = chosen || (volumes.some((v) => sameVolume(v, own)) ?
    volumePath(own) : 'new');
  const v = volumes.find((one) => volumePath(one) === key);
  const to = v ?? at;
  const small = v && v.size * MB < copy.bytes ?
    `The copy has ${bytes(copy.bytes)}, this volume only ${v.size} MB.` : undefined;
  const body = { copy: copy.id, ...(v ? { ...(safe && { safe }),
    ...(stop && { stop }) } : { create: true }) };
  const say = (name: string) => fieldError(error, name);
  const path = volumePath(to, '/restore');
  return (
    <Dialog title={`Restore ${nameOf(copy)}`} wide onClose={onClose}>
      <form class="stack" onSubmit={(e) => {
        e.preventDefault();
        void begin(path, body);
      }}>
        <Field label="To" error={small}>{(p) => (
          <select {...p} autofocus value={key} onChange={(e) => {
            setChosen(e.currentTarget.value);
            setStop(false);
            setTyped('');
          }}>{volumes.map((one) => <option key={volumePath(one)}
            value={volumePath(one)}>{one.name}, {one.size} MB, {one.instance} /{' '}
            {one.project}</option>)}
          <option value="new">a new volume of {copy.size} MB</option></select>)}
        </Field>
        {!v && <WhereFields at={at} projects={projects} say={say}
          onChange={setAt} />}
        {v && <p>All that {v.name} holds now is replaced by what {copy.volume}{' '}
          held then.</p>}
        {v && <StopCheck v={v} size={safe ? 2 * v.size : v.size} on={stop}
          onChange={setStop} />}
        {v && <SafeCheck on={safe} onChange={setSafe} />}
        {v && <TypeName name={v.name} typed={typed} onTyped={setTyped} />}
        <FormProblem error={error} fields={['instance', 'project', 'name']}
          title="It was not restored." />
        <div class="row end">
          <button type="button" onClick={onClose}>Leave it</button>
          <button class={v ? 'danger solid' : 'primary'} disabled={busy ||
            !!small || (v ? typed !== v.name || (v.in_use && !stop) : !at.name)}>
            {stop ? 'Stop, restore, start' : 'Restore it'}</button></div>
        <Script text={postLine(location.origin, `${path}?wait=600`, body)} />
      </form>
    </Dialog>
  );
}

export function DeleteCopy({ copy, onClose, onGone }: { copy: Copy;
  onClose: () => void; onGone: () => void }) {
  const remove = async () => {
    await ask('DELETE', `/copies/${copy.id}`);
    toast('The copy was deleted');
    onGone();
  };
  return (
    <ConfirmName title={`Delete ${nameOf(copy)}?`} name={copy.volume}
      verb="Delete" onConfirm={remove} onClose={onClose}>
      <p>What {copy.volume} held then can not be restored any more. The volume
        stays as it is.</p>
    </ConfirmName>
  );
}

export function DownloadDialog({ v, onClose }: { v: Volume; onClose: () => void }) {
  const [gzip, setGzip] = useState(false);
  const path = volumePath(v, `/data${gzip ? '?format=gzip' : ''}`);
  const start = (event: Event) => {
    event.preventDefault();
    download(path).then(() => { onClose(); begun(); }, toastError);
  };
  if (isBusy(v))
    return <InUse v={v} title={`${v.name} can not be read now`}
      onClose={onClose} />;
  return (
    <Dialog title={`Download ${v.name}`} wide onClose={onClose}>
      <form class="stack" onSubmit={start}>
        <p>All of its {v.size} MB, straight to a file. What breaks off begins anew:
          a saved copy can be gone on with.</p>
        <Check label="Compressed (gzip)" checked={gzip} onChange={setGzip} />
        <div class="row end">
          <button type="button" onClick={onClose}>Cancel</button>
          <button class="primary" autofocus>Download</button></div>
        <Script text={downloadLine(location.origin, path, `${v.name}.img${
          gzip ? '.gz' : ''}`)} />
      </form>
    </Dialog>
  );
}

export function DeleteVolume({ v, onClose, onGone }: { v: Volume;
  onClose: () => void; onGone: () => void }) {
  const remove = async () => {
    await ask('DELETE', volumePath(v));
    toast(`${v.name} was deleted`);
    onGone();
  };
  if (isBusy(v))
    return <InUse v={v} title={`${v.name} can not be deleted now`}
      onClose={onClose} />;
  return (
    <ConfirmName title={`Delete ${v.name}?`} name={v.name} verb="Delete"
      onConfirm={remove} onClose={onClose}>
      <p>All that it holds on {v.instance} is gone. Its saved copies stay.</p>
    </ConfirmName>
  );
}

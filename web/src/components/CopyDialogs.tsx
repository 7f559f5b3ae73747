// SPDX-License-Identifier: ISC
// Saves, restores and deletes copies of volumes, and downloads volumes.
import { useState } from 'preact/hooks';
import { ask, getAll, getProjects, volumePath, type Copy,
  type Operation, type Place, type Volume, type VolumeList, type VolumeName } from '../api';
import { downloadLine, postLine } from '../lib/curl';
import { bytes, dayMinute, MB } from '../lib/format';
import { useLoaded } from '../lib/kept';
import { sameVolume } from '../lib/names';
import { useSending } from '../lib/sending';
import { measured, stopText } from '../lib/volume';
import { begun, download, operations } from '../store/operations';
import { holds } from '../store/session';
import { toast, toastError } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/copies';
import * as volumes from '../text/volumes';
import { SafeCheck } from './DataField';
import { InUse, isBusy } from './InUse';
import { WhereFields } from './UploadDialog';
import { Banner, Check, ConfirmName, Dialog, Field, FormProblem, Loading, Script,
  Stale, TypeName } from './ui';

/** Begins what goes on without us, and what was said against it. */
function useBegin(onBegun: () => void) {
  const { error, busy, submit, say } = useSending();
  const begin = (path: string, json: unknown) => submit(async () => {
    await ask<Operation>('POST', path, json);
    begun();
    onBegun();
  });
  return { error, busy, begin, say };
}

export function PlaceField({ place, wrong, onChange }: { place: Place;
  wrong: string | undefined; onChange: (place: Place) => void }) {
  return (
    <Field label={text.whereKept} error={wrong}>{(p) => (
      <select {...p} value={place} onChange={(e) =>
        onChange(e.currentTarget.value as Place)}>
        {(['local', 's3'] as const).map((one) => <option key={one} value={one}>
          {text.place[one]}</option>)}</select>)}</Field>
  );
}

/** Says openly who is stopped while so many MB move, and lets one agree. */
function StopCheck({ v, size, on, onChange }: { v: Volume; size: number;
  on: boolean; onChange: (on: boolean) => void }) {
  if (!v.in_use) return null;
  const names = v.used_by.map((u) => u.name).join(', ');
  if (!holds(v.project, 'deployer'))
    return (
      <Banner kind="warn" title={text.usedBy(names)}>
        {text.needsStop(v.project)}</Banner>);
  return (
    <Banner kind="warn" title={text.inUse}>
      {stopText(v.used_by, size, measured(operations.value, v.instance))}
      <div><Check label={text.stopAndStart(names)} checked={on}
        onChange={onChange} /></div></Banner>
  );
}

export function SaveDialog({ v, onClose }: { v: Volume; onClose: () => void }) {
  const [place, setPlace] = useState<Place>('local');
  const [note, setNote] = useState('');
  const [stop, setStop] = useState(false);
  const { error, busy, begin, say } = useBegin(onClose);
  const body = { place, ...(note && { note }), ...(stop && { stop }) };
  const path = volumePath(v, '/copies');
  return (
    <Dialog title={text.saveTitle(v.name)} wide onClose={onClose}>
      <form class="stack" onSubmit={begin(path, body)}>
        <p>{text.saveAbout(v.size)}</p>
        <StopCheck v={v} size={v.size} on={stop} onChange={setStop} />
        <PlaceField place={place} onChange={setPlace}
          wrong={say('place')} />
        <Field label={text.note}>{(p) => <input {...p} maxLength={200} value={note}
          onInput={(e) => setNote(e.currentTarget.value)} />}</Field>
        <FormProblem error={error} fields={['place']} title={common.notSaved} />
        <div class="row end">
          <button type="button" onClick={onClose}>{common.cancel}</button>
          <button class="primary" disabled={busy || (v.in_use && !stop)}>
            {stop ? text.stopSave : text.save}</button></div>
        <Script text={postLine(location.origin, `${path}?wait=600`, body)} />
      </form>
    </Dialog>
  );
}

/** Where a copy may go: any volume one may write to, or a new one. */
function useTargets(copy: Copy) {
  const { value, error, again } = useLoaded(async (signal) => {
    const [found, projects] = await Promise.all([
      getAll<VolumeList>('/volumes', signal), getProjects()]);
    return { projects,
      known: found.items.filter((v) => holds(v.project, 'deployer')) };
  }, []);
  const own: VolumeName = { ...copy, name: copy.volume };
  return { known: value?.known, projects: value?.projects ?? [], own, unknown: error,
    again };
}

export function RestoreDialog({ copy, onClose }: { copy: Copy;
  onClose: () => void }) {
  const { known, projects, own, unknown, again } = useTargets(copy);
  const [chosen, setChosen] = useState('');
  const [at, setAt] = useState<VolumeName>(own);
  const [safe, setSafe] = useState(true);
  const [stop, setStop] = useState(false);
  const [typed, setTyped] = useState('');
  const { error, busy, begin, say } = useBegin(onClose);
  const title = text.restoreTitle(copy.id, dayMinute(copy.created));
  if (!known)
    return (
      <Dialog title={title} wide onClose={onClose}>
        <Stale reason={unknown} again={again} />
        {!unknown && <Loading />}
        <div class="row end"><button type="button" onClick={onClose}>
          {common.close}</button></div>
      </Dialog>);
  const key = chosen || (known.some((v) => sameVolume(v, own)) ?
    volumePath(own) : 'new');
  const v = known.find((one) => volumePath(one) === key);
  const to = v ?? at;
  const small = v && v.size * MB < copy.bytes ?
    text.tooSmall(bytes(copy.bytes), v.size) : undefined;
  const body = { copy: copy.id, ...(v ? { ...(safe && { safe }),
    ...(stop && { stop }) } : { create: true }) };
  const path = volumePath(to, '/restore');
  return (
    <Dialog title={title} wide onClose={onClose}>
      <form class="stack" onSubmit={begin(path, body)}>
        <Field label={common.to} error={small}>{(p) => (
          <select {...p} autofocus value={key} onChange={(e) => {
            setChosen(e.currentTarget.value);
            setStop(false);
            setTyped('');
          }}>{known.map((one) => <option key={volumePath(one)}
            value={volumePath(one)}>{text.target(one.name, one.size,
            one.instance, one.project)}</option>)}
          <option value="new">{text.newVolume(copy.size)}</option></select>)}
        </Field>
        {!v && <WhereFields at={at} projects={projects} say={say}
          onChange={setAt} />}
        {v && <p>{text.replaced(v.name, copy.volume)}</p>}
        {v && <StopCheck v={v} size={safe ? 2 * v.size : v.size} on={stop}
          onChange={setStop} />}
        {v && <SafeCheck on={safe} onChange={setSafe} />}
        {v && <TypeName name={v.name} typed={typed} onTyped={setTyped} />}
        <FormProblem error={error} fields={['instance', 'project', 'name']}
          title={text.notRestored} />
        <div class="row end">
          <button type="button" onClick={onClose}>{common.leaveIt}</button>
          <button class={v ? 'danger solid' : 'primary'} disabled={busy ||
            !!small || (v ? typed !== v.name || (v.in_use && !stop) : !at.name)}>
            {stop ? text.stopRestore : text.restoreIt}</button></div>
        <Script text={postLine(location.origin, `${path}?wait=600`, body)} />
      </form>
    </Dialog>
  );
}

export function DeleteCopy({ copy, onClose, onGone }: { copy: Copy;
  onClose: () => void; onGone: () => void }) {
  const remove = async () => {
    await ask('DELETE', `/copies/${copy.id}`);
    toast(text.deleted);
    onGone();
  };
  return (
    <ConfirmName title={text.deleteTitle(copy.id, dayMinute(copy.created))}
      name={copy.volume} verb={common.deleteIt} onConfirm={remove} onClose={onClose}>
      <p>{text.deleteAbout(copy.volume)}</p>
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
    return <InUse v={v} title={volumes.notReadNow(v.name)}
      onClose={onClose} />;
  return (
    <Dialog title={volumes.downloadTitle(v.name)} wide onClose={onClose}>
      <form class="stack" onSubmit={start}>
        <p>{volumes.downloadAbout(v.size)}</p>
        <Check label={volumes.compressed} checked={gzip} onChange={setGzip} />
        <div class="row end">
          <button type="button" onClick={onClose}>{common.cancel}</button>
          <button class="primary" autofocus>{common.download}</button></div>
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
    toast(common.wasDeleted(v.name));
    onGone();
  };
  if (isBusy(v))
    return <InUse v={v} title={volumes.notDeletedNow(v.name)}
      onClose={onClose} />;
  return (
    <ConfirmName title={volumes.deleteTitle(v.name)} name={v.name} verb={common.deleteIt}
      onConfirm={remove} onClose={onClose}>
      <p>{volumes.deleteAbout(v.instance)}</p>
    </ConfirmName>
  );
}

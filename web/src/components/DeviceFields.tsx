// SPDX-License-Identifier: ISC
// Asks for the bridge or volume of each device of an image.
import { useEffect, useId, useState } from 'preact/hooks';
import { get, type Device, type Volume as V, type VolumeList } from '../api';
import type { Hosts } from '../lib/devices';
import * as text from '../text/config';
import { Field } from './ui';

interface One {
  name: string;
  value: string;
  wrong: string | undefined;
  onChange: (host: string) => void;
}

function Network({ name, value, bridges, wrong, onChange }: One & {
  bridges: string[] }) {
  return (
    <Field label={text.network(name)} error={wrong}
      hint={text.networkHint}>{(p) => (
      <select {...p} value={value} onChange={(e) => onChange(e.currentTarget.value)}>
        {!bridges.includes(name) && <option value="">{text.chooseBridge}</option>}
        {bridges.map((b) => <option key={b} value={b === name ? '' : b}>{b}</option>)}
      </select>)}</Field>
  );
}

const about = (v: V) => (v.in_use ? text.volumeUsed(v.size,
  v.used_by.map((u) => u.name).join(', ')) : text.volumeSize(v.size));

function Volume({ name, value, volumes, wrong, onChange }: One & {
  volumes: V[] }) {
  const id = useId();
  const found = volumes.find((v) => v.name === (value.split('@')[0] || name));
  return (
    <Field label={text.volume(name)} error={wrong} hint={found ?
      text.volumeIs(found.name, about(found)) : text.volumeHint(name)}>{(p) => (
      <><input {...p} list={id} value={value} placeholder={name}
        spellcheck={false} autocapitalize="off"
        onInput={(e) => onChange(e.currentTarget.value)} />
      <datalist id={id}>{volumes.map((v) => (
        <option key={v.name} value={v.name}>{about(v)}</option>))}</datalist></>)}
    </Field>
  );
}

/** The volumes there are; without an answer they are typed. */
function useVolumes({ project, instance }: { project: string; instance: string },
  wanted: boolean): V[] {
  const [volumes, setVolumes] = useState<V[]>([]);
  useEffect(() => {
    const control = new AbortController();
    setVolumes([]);
    if (wanted && project && instance)
      get<VolumeList>(`/volumes?project=${project}&instance=${instance}&limit=100`,
        control.signal).then(({ items }) => setVolumes(items), () => {});
    return () => control.abort();
  }, [project, instance, wanted]);
  return volumes;
}

/** Where each device stands in a configuration: "networks[0]". */
export function devicePaths(devices: Device[]): Map<Device, string> {
  let nets = 0, blocks = 0;
  return new Map(devices.map((d) => [d, d.type === 'net' ?
    `networks[${nets++}]` : `volumes[${blocks++}]`]));
}

/** Fields for devices, or for only some of them; say has the errors. */
export function DeviceFields({ at, devices, only = devices, hosts, bridges, say,
  onChange }: {
  at: { project: string; instance: string };
  devices: Device[]; only?: Device[]; hosts: Hosts; bridges: string[];
  say: (path: string) => string | undefined; onChange: (hosts: Hosts) => void }) {
  const paths = devicePaths(devices);
  const volumes = useVolumes(at, only.some((d) => d.type === 'block'));
  return (
    <div class="columns">{only.map((d) => {
      const path = paths.get(d) ?? '';
      const props = { name: d.name, value: hosts[d.name] ?? '', wrong: say(path),
        onChange: (host: string) => onChange({ ...hosts, [d.name]: host }) };
      return d.type === 'net' ?
        <Network key={path} {...props} bridges={bridges} /> :
        <Volume key={path} {...props} volumes={volumes} />;
    })}</div>
  );
}

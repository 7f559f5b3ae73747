// SPDX-License-Identifier: ISC
// Asks for the bridge or volume of each device of an image.
import { useId } from 'preact/hooks';
import type { Device, Volume as V, VolumeList } from '../api';
import { useAsked } from '../lib/asked';
import type { Hosts } from '../lib/devices';
import { mb } from '../lib/format';
import type { Left } from '../lib/form';
import * as text from '../text/config';
import { Field } from './ui';

interface At {
  project: string;
  instance: string;
}

interface One {
  name: string;
  value: string;
  /** null: the policy is not known. */
  left: Left | null;
  wrong: string | undefined;
  onChange: (host: string) => void;
}

function Network({ name, value, left, wrong, onChange }: One) {
  const bridges = left?.policy.bridges ?? [];
  return (
    <Field label={text.network(name)} error={wrong}
      hint={left && bridges.length === 0 ? text.noBridge : text.networkHint}>{(p) => (
      <select {...p} value={value} onChange={(e) => onChange(e.currentTarget.value)}>
        {!bridges.includes(name) && <option value="">{text.chooseBridge}</option>}
        {bridges.map((b) => <option key={b} value={b === name ? '' : b}>{b}</option>)}
      </select>)}</Field>
  );
}

const about = (v: V) => (v.in_use ? text.volumeUsed(mb(v.size),
  v.used_by.map((u) => u.name).join(', ')) : mb(v.size));

/** What the volume is, or where one is made and how large it may be. */
function VolumeHint({ at, name, named, volumes, left }: { at: At; name: string;
  named: string; volumes: V[] | null; left: Left | null }) {
  const found = volumes?.find((v) => v.name === named);
  if (found) return <>{text.volumeIs(found.name, about(found))}</>;
  if (!volumes) return <>{text.volumeHint(name)}</>;
  const query = new URLSearchParams({ new: '', ...at, name: named });
  return (
    <>{text.noVolume(named)} <a href={`/volumes?${query}`}>{text.createOne}</a>
      {left?.block != null && <> {text.volumesLeft(mb(left.block))}</>}</>
  );
}

function Volume({ at, name, value, volumes, left, wrong, onChange }: One & {
  at: At; volumes: V[] | null }) {
  const id = useId();
  return (
    <Field label={text.volume(name)} error={wrong} hint={<VolumeHint at={at}
      name={name} named={value.split('@')[0] || name} volumes={volumes}
      left={left} />}>{(p) => (
      <><input {...p} list={id} value={value} placeholder={name}
        spellcheck={false} autocapitalize="off"
        onInput={(e) => onChange(e.currentTarget.value)} />
      <datalist id={id}>{volumes?.map((v) => (
        <option key={v.name} value={v.name}>{about(v)}</option>))}</datalist></>)}
    </Field>
  );
}

/** The volumes there are; without an answer they are typed. */
const useVolumes = ({ project, instance }: At, wanted: boolean) =>
  useAsked<VolumeList>(wanted && project && instance ?
    `/volumes?project=${project}&instance=${instance}&limit=100` : null)
    .answer?.items ?? null;

/** Where each device stands in a configuration: "networks[0]". */
export function devicePaths(devices: Device[]): Map<Device, string> {
  let nets = 0, blocks = 0;
  return new Map(devices.map((d) => [d, d.type === 'net' ?
    `networks[${nets++}]` : `volumes[${blocks++}]`]));
}

/** Fields for devices, or for only some of them; say has the errors. */
export function DeviceFields({ at, devices, only = devices, hosts, left, say,
  onChange }: {
  at: At; devices: Device[]; only?: Device[]; hosts: Hosts; left: Left | null;
  say: (path: string) => string | undefined; onChange: (hosts: Hosts) => void }) {
  const paths = devicePaths(devices);
  const volumes = useVolumes(at, only.some((d) => d.type === 'block'));
  return (
    <div class="columns">{only.map((d) => {
      const path = paths.get(d) ?? '';
      const props = { name: d.name, left, value: hosts[d.name] ?? '',
        wrong: say(path),
        onChange: (host: string) => onChange({ ...hosts, [d.name]: host }) };
      return d.type === 'net' ?
        <Network key={path} {...props} /> :
        <Volume key={path} {...props} at={{ project: at.project,
          instance: at.instance }} volumes={volumes} />;
    })}</div>
  );
}

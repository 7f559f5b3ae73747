// SPDX-License-Identifier: ISC
// Asks for the bridge or volume of each device of an image.
import type { Device } from '../api';
import type { Hosts } from '../lib/devices';
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
    <Field label={`Network ${name}`} error={wrong}
      hint="The bridge of the server it is attached to.">{(p) => (
      <select {...p} value={value} onChange={(e) => onChange(e.currentTarget.value)}>
        {!bridges.includes(name) && <option value="">choose a bridge</option>}
        {bridges.map((b) => <option key={b} value={b === name ? '' : b}>{b}</option>)}
      </select>)}</Field>
  );
}

function Volume({ name, value, wrong, onChange }: One) {
  return (
    <Field label={`Volume ${name}`} error={wrong}
      hint={`The volume of the project; empty: the one named ${name}.`}>{(p) => (
      <input {...p} value={value} placeholder={name} spellcheck={false}
        autocapitalize="off" onInput={(e) => onChange(e.currentTarget.value)} />)}
    </Field>
  );
}

/** Where each device stands in a configuration: "networks[0]". */
export function devicePaths(devices: Device[]): Map<Device, string> {
  let nets = 0, blocks = 0;
  return new Map(devices.map((d) => [d, d.type === 'net' ?
    `networks[${nets++}]` : `volumes[${blocks++}]`]));
}

/** Fields for devices, or for only some of them; say has the errors. */
export function DeviceFields({ devices, only = devices, hosts, bridges, say,
  onChange }: {
  devices: Device[]; only?: Device[]; hosts: Hosts; bridges: string[];
  say: (path: string) => string | undefined; onChange: (hosts: Hosts) => void }) {
  const paths = devicePaths(devices);
  return (
    <div class="columns">{only.map((d) => {
      const path = paths.get(d) ?? '';
      const props = { name: d.name, value: hosts[d.name] ?? '', wrong: say(path),
        onChange: (host: string) => onChange({ ...hosts, [d.name]: host }) };
      return d.type === 'net' ?
        <Network key={path} {...props} bridges={bridges} /> :
        <Volume key={path} {...props} />;
    })}</div>
  );
}

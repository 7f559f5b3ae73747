// SPDX-License-Identifier: ISC
// The devices an image asks for, against those a configuration has.
import type { Device, UnikernelConfig } from '../api';
import * as text from '../text/config';

/** Bridge or volume by device name; '' is the one named as the device. */
export type Hosts = Record<string, string>;

type Network = NonNullable<UnikernelConfig['networks']>[number];
type Volume = NonNullable<UnikernelConfig['volumes']>[number];

export interface Fit {
  /** Those the configuration lacks: to be asked for. */
  asked: Device[];
  /** Those the image has no use for. */
  dropped: Device[];
}

export function fit(devices: Device[], config: UnikernelConfig | null): Fit {
  const had: Device[] = [
    ...(config?.networks ?? []).map(({ name }): Device => ({ name, type: 'net' })),
    ...(config?.volumes ?? []).map(({ name }): Device => ({ name, type: 'block' }))];
  const lacks = (list: Device[]) => (d: Device) =>
    !list.some((e) => e.name === d.name && e.type === d.type);
  return { asked: devices.filter(lacks(had)), dropped: had.filter(lacks(devices)) };
}

/** All networks and volumes of an image: those it had, and what was chosen. */
export function fitted(devices: Device[], config: UnikernelConfig | null,
  hosts: Hosts): { networks: Network[]; volumes: Volume[] } {
  const names = (type: Device['type']) =>
    devices.filter((d) => d.type === type).map((d) => d.name);
  return {
    networks: names('net').map((name) =>
      config?.networks?.find((n) => n.name === name) ??
      { name, ...(hosts[name] && { bridge: hosts[name] }) }),
    volumes: names('block').map((name) => {
      const { volume, sector_size } =
        config?.volumes?.find((v) => v.name === name) ?? {};
      const host = volume ?? hosts[name];
      return { name, ...(host && { volume: host }),
        ...(sector_size && { sector_size }) };
    }),
  };
}

/** "network service", "volume storage" */
export function deviceText({ name, type }: Device): string {
  return text.device[type](name);
}

// SPDX-License-Identifier: ISC
// Asks before an update, for no more than what the new image needs.
import { useEffect, useState } from 'preact/hooks';
import { ask, get, unikernelPath, unlessMissing, type Build,
  type Deployment, type Device, type HealthCheck, type Unikernel } from '../api';
import { buildName, buildTime } from '../lib/build';
import { checkText } from '../lib/check';
import { postLine } from '../lib/curl';
import { deviceText, fit, fitted, type Hosts } from '../lib/devices';
import { bytes } from '../lib/format';
import { leftOf } from '../lib/form';
import { useSending } from '../lib/sending';
import { useUsage } from '../lib/usage';
import { useUnsaved } from '../router';
import * as common from '../text/common';
import * as text from '../text/update';
import { ConfigFields, changedFields, changesOf, unchanged } from './ConfigFields';
import { DeviceFields, devicePaths } from './DeviceFields';
import { Banner, Check, Dialog, FormProblem, Script } from './ui';
import '../pages/deploy.css';

/** The check that is kept; null: there is none; undefined: not known. */
function useCheck(u: Unikernel): HealthCheck | null | undefined {
  const [check, setCheck] = useState<HealthCheck | null | undefined>(undefined);
  useEffect(() => {
    const control = new AbortController();
    unlessMissing(get<{ check: HealthCheck }>(unikernelPath(u, '/health-check'),
      control.signal), null).then((kept) => setCheck(kept?.check ?? null), () => {});
    return () => control.abort();
  }, [unikernelPath(u), u.health === null]);
  return check;
}

function Checked({ u }: { u: Unikernel }) {
  const check = useCheck(u);
  if (check === undefined) return null;
  if (check)
    return <p>{text.checkDecides(checkText(check))}</p>;
  return (
    <Banner kind="warn" title={text.noCheck}>
      {text.noCheckMeans((words) => <a
        href={`${unikernelPath(u)}?tab=health`}>{words}</a>)}</Banner>
  );
}

function Downloading({ build }: { build: Build }) {
  return (
    <div class="upload" role="status">
      <progress aria-label={common.download} />
      <span>{text.downloading(build.size === null ? '' : bytes(build.size),
        build.builder)}</span>
    </div>
  );
}

/** Whether a bridge is known for each network that is asked for. */
function allChosen(asked: Device[], hosts: Hosts, bridges: string[]): boolean {
  return asked.every((d) => d.type === 'block' || !!hosts[d.name] ||
    bridges.includes(d.name));
}

export function UpdateDialog({ u, build, older, onClose, onRefused, onGoing }: {
  u: Unikernel; build: Build; older: boolean; onClose: () => void;
  onRefused: () => void; onGoing: (d: Deployment) => void }) {
  const config = u.config ?? u.deployment?.config ?? null;
  const [changed, setChanged] = useState(() => unchanged(config));
  const [hosts, setHosts] = useState<Hosts>({});
  const [back, setBack] = useState(true);
  const { error, busy, say, submit } = useSending();
  const { usage } = useUsage(u.project, u.instance);
  const bridges = usage?.policy.bridges ?? [];
  const devices = build.devices ?? [];
  const { asked, dropped } = fit(devices, build.devices ? config : null);
  const others = build.devices && asked.length + dropped.length > 0;
  const changes = { ...changesOf(changed, config),
    ...(others && fitted(devices, config, hosts)) };
  const body = { ...buildName(build), ...(!back && { auto_rollback: false }),
    ...(Object.keys(changes).length > 0 && { config: changes }) };
  const paths = devicePaths(devices);
  const left = usage && leftOf(usage, u);
  useUnsaved(!busy && Object.keys(changes).length > 0);
  const update = async () => {
    try {
      onGoing(await ask<Deployment>('POST', unikernelPath(u, '/update'), body));
    } catch (e) {
      onRefused();
      throw e;
    }
  };
  return (
    <Dialog title={(older ? text.goTitle : text.updateTitle)(u.name,
      buildTime(build))} wide onClose={onClose}>
      <form class="stack" onSubmit={submit(update)}>
        <Checked u={u} />
        {asked.length > 0 && <section class="stack">
          <p><strong>{text.needsNew}</strong></p>
          <DeviceFields at={u} devices={devices} only={asked} hosts={hosts}
            left={left} say={say} onChange={setHosts} /></section>}
        {dropped.length > 0 && <p>{text.drops(dropped.map(deviceText)
          .join(', '))}</p>}
        <Check label={text.bringBack} checked={back} onChange={setBack} />
        <details open={changedFields.some((f) => say(f)) || undefined}>
          <summary>{text.change}</summary>
          <div class="stack folded"><ConfigFields value={changed} say={say}
            left={left} onChange={setChanged} /></div></details>
        <FormProblem error={error} title={text.notUpdated}
          fields={[...changedFields, ...asked.map((d) => paths.get(d) ?? '')]} />
        {busy && <Downloading build={build} />}
        <div class="row end">
          <button type="button" onClick={onClose}>{busy ? common.close :
            common.keepRunning}</button>
          <button class="primary" disabled={busy ||
            !allChosen(asked, hosts, bridges)}>{older ? text.goTo : text.update}</button></div>
        <Script text={postLine(location.origin, unikernelPath(u,
          '/update?wait=120'), body)} />
      </form>
    </Dialog>
  );
}

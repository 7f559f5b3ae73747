// SPDX-License-Identifier: ISC
// Two builds side by side: what decides first, the rest folded.
import type { ComponentChildren } from 'preact';
import type { Comparison, ComparisonSide, PackageChanges } from '../api';
import { buildTime } from '../lib/build';
import { countTexts, isEmpty, jump } from '../lib/compare';
import { deviceText } from '../lib/devices';
import { bytes, count, shortDigest } from '../lib/format';
import { Badge, Banner, Diff } from './ui';
import './comparing.css';

/** A sum with its sign: "+420 kB". */
function growth(left: number | null, right: number | null): string {
  if (left === null || right === null || left === right) return '';
  return `${right > left ? '+' : '−'}${bytes(Math.abs(right - left))}`;
}

const sizeOf = ({ size, build }: ComparisonSide): number | null =>
  size ?? build?.size ?? null;

function Digest({ text }: { text: string | null | undefined }) {
  return text ? <code title={text}>{shortDigest(text)}</code> : <>–</>;
}

function Sides({ left, right, title }: { left: ComparisonSide;
  right: ComparisonSide; title: string }) {
  const rows: [string, (s: ComparisonSide) => ComponentChildren][] = [
    ['Job', ({ build }) => build ? <><a href={build.url} rel="noreferrer"
      target="_blank">{build.job}</a> <span class="quiet">from {build.builder}
    </span></> : 'not of a builder'],
    ['Built', ({ build }) => build && <time dateTime={build.started_at ?? ''}>
      {buildTime(build)}</time>],
    ['Platform', ({ build }) => build?.platform],
    ['Size', (s) => sizeOf(s) !== null && <>{bytes(sizeOf(s) ?? 0)}{s === right &&
      <span class="quiet"> {growth(sizeOf(left), sizeOf(right))}</span>}</>],
    ['Devices', ({ devices }) => devices && (devices.map(deviceText).join(', ') ||
      'none')],
    ['Image', ({ digest, build }) => <Digest text={digest ?? build?.sha256} />],
  ];
  return (
    <div class="table"><table class="sides">
      <thead><tr><th scope="col"><span class="unseen">What</span></th>
        <th scope="col">Runs now</th><th scope="col">{title}</th></tr></thead>
      <tbody>{rows.map(([name, of]) => {
        const a = of(left), b = of(right);
        if (!a && !b) return null;
        return <tr key={name}><th scope="row">{name}</th>
          <td>{a || '–'}</td><td>{b || '–'}</td></tr>;
      })}</tbody>
    </table></div>
  );
}

function Devices({ devices }: { devices: NonNullable<Comparison['devices']> }) {
  const { added, removed } = devices;
  if (added.length + removed.length === 0) return null;
  return (
    <Banner kind="warn" title={added.length > 0 ?
      'It needs other devices.' : 'It needs fewer devices.'}>
      {added.length > 0 && <>Added: {added.map(deviceText).join(', ')}, to be
        attached before it can start. </>}
      {removed.length > 0 && <>Removed: {removed.map(deviceText).join(', ')}.</>}
    </Banner>
  );
}

function Jumped({ left, right }: { left: string; right: string }) {
  const far = jump(left, right);
  return far === 'major' ? <Badge kind="warn">major</Badge> :
    far === 'older' ? <Badge kind="warn">older</Badge> :
      <span class="quiet">{far}</span>;
}

const value = (text: string) => (text === '' ? <span class="quiet">(empty)</span> :
  text);

function Changes({ changes, what, versions }: { changes: PackageChanges;
  what: string; versions: boolean }) {
  return (
    <div class="table"><table class="changed">
      <thead><tr><th scope="col">{what}</th><th scope="col">Runs now</th>
        <th scope="col">New</th><th scope="col"><span class="unseen">How</span></th>
      </tr></thead>
      <tbody>
        {changes.changed.map((c) => <tr key={`=${c.name}`}>
          <th scope="row">{c.name}</th><td>{value(c.left)}</td>
          <td>{value(c.right)}</td>
          <td>{versions && <Jumped {...c} />}</td></tr>)}
        {changes.added.map((c) => <tr key={`+${c.name}`} class="added">
          <th scope="row">{c.name}</th><td>–</td><td>{value(c.version)}</td>
          <td>added</td></tr>)}
        {changes.removed.map((c) => <tr key={`-${c.name}`} class="removed">
          <th scope="row">{c.name}</th><td>{value(c.version)}</td><td>–</td>
          <td>removed</td></tr>)}
      </tbody>
    </table></div>
  );
}

const total = (c: PackageChanges) =>
  c.changed.length + c.added.length + c.removed.length;

/** Folded: of the system, the environment. */
function Folded({ title, changes, what, versions = true }: { title: string;
  changes: PackageChanges | null; what: string; versions?: boolean }) {
  if (!changes || isEmpty(changes)) return null;
  return (
    <details class="card fold"><summary>{title}
      <span class="quiet"> {total(changes)}</span></summary>
      <Changes changes={changes} what={what} versions={versions} /></details>
  );
}

function OpamFiles({ opam }: { opam: NonNullable<Comparison['opam']> }) {
  return (
    <section class="card stack"><h2>Opam files of the same version</h2>
      {opam.map((o) => (
        <details key={o.package}><summary>{o.package}{o.equal &&
          <span class="quiet"> (the same for all that matters)</span>}</summary>
          {o.diff ? <Diff text={o.diff} /> :
            <p class="quiet">The builder shows no difference.</p>}</details>))}
    </section>
  );
}

function Sources({ c }: { c: Comparison }) {
  const { sources } = c;
  if (c.sources_detail)
    return <Banner kind="plain" title="Sources are not compared.">
      {c.sources_detail}</Banner>;
  if (!sources) return null;
  const n = sources.added.length + sources.removed.length + sources.changed.length;
  if (n === 0) return null;
  return (
    <details class="card fold"><summary>Sources <span class="quiet">{n}</span>
    </summary>
      <ul class="sources">
        {sources.changed.map((name) => <li key={name}>{name}{' '}
          <span class="quiet">has other content</span></li>)}
        {sources.added.map((s) => <li key={`+${s.name}`} class="added">
          {s.name} added <code>{s.value}</code></li>)}
        {sources.removed.map((s) => <li key={`-${s.name}`} class="removed">
          {s.name} removed <code>{s.value}</code></li>)}
      </ul></details>
  );
}

function majors(c: Comparison): number {
  return c.packages?.changed.filter((p) =>
    jump(p.left, p.right) === 'major').length ?? 0;
}

export function Comparing({ c, title }: { c: Comparison; title: string }) {
  const counts = countTexts(c);
  const far = majors(c);
  return (
    <div class="stack">
      {counts.length > 0 && <p class="sum" role="status">{counts.map((text) =>
        <span key={text}>{text}</span>)}
      {far > 0 && <Badge kind="warn">{count(far, 'major version')}</Badge>}</p>}
      {counts.length === 0 && !c.detail && <p class="sum" role="status">
        <span>Nothing that is compared has changed.</span></p>}
      {c.devices && <Devices devices={c.devices} />}
      {c.detail && <Banner kind="plain" title="Packages are not compared.">
        {c.detail}</Banner>}
      <Sides left={c.left} right={c.right} title={title} />
      {c.packages && !isEmpty(c.packages) &&
        <Changes changes={c.packages} what="Package" versions />}
      {c.opam && c.opam.length > 0 && <OpamFiles opam={c.opam} />}
      <Folded title="System packages" what="Package" changes={c.system_packages} />
      <Folded title="Environment" what="Variable" changes={c.environment}
        versions={false} />
      <Sources c={c} />
    </div>
  );
}

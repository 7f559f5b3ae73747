// SPDX-License-Identifier: ISC
// Two builds side by side: what decides first, the rest folded.
import type { ComponentChildren } from 'preact';
import type { Comparison, ComparisonSide, PackageChanges } from '../api';
import { buildTime } from '../lib/build';
import { countTexts, isEmpty, jump } from '../lib/compare';
import { deviceText } from '../lib/devices';
import { bytes, shortDigest } from '../lib/format';
import * as common from '../text/common';
import * as text from '../text/compare';
import { Badge, Banner, Diff, Table } from './ui';
import './comparing.css';

const quiet = (words: ComponentChildren) => <span class="quiet">{words}</span>;

/** A sum with its sign: "+420 kB". */
function growth(left: number | null, right: number | null): string {
  if (left === null || right === null || left === right) return '';
  const size = bytes(Math.abs(right - left));
  return right > left ? text.more(size) : text.less(size);
}

const sizeOf = ({ size, build }: ComparisonSide): number | null =>
  size ?? build?.size ?? null;

function Digest({ of }: { of: string | null | undefined }) {
  return of ? <code title={of}>{shortDigest(of)}</code> : <>–</>;
}

function Sides({ left, right, title }: { left: ComparisonSide;
  right: ComparisonSide; title: string }) {
  const rows: [string, (s: ComparisonSide) => ComponentChildren][] = [
    [text.row.job, ({ build }) => build ? text.from(<a href={build.url}
      rel="noreferrer" target="_blank">{build.job}</a>, quiet, build.builder) :
      text.noBuilder],
    [text.row.built, ({ build }) => build && <time dateTime={build.started_at ?? ''}>
      {buildTime(build)}</time>],
    [text.row.platform, ({ build }) => build?.platform],
    [text.row.size, (s) => sizeOf(s) !== null && <>{bytes(sizeOf(s) ?? 0)}{s === right &&
      <span class="quiet"> {growth(sizeOf(left), sizeOf(right))}</span>}</>],
    [text.row.devices, ({ devices }) => devices && (devices.map(deviceText).join(', ') ||
      common.none)],
    [text.row.image, ({ digest, build }) => <Digest of={digest ?? build?.sha256} />],
  ];
  return (
    <Table label={text.sides} class="sides"
      columns={[{ title: common.what, unseen: true }, text.runsNow, title]}>
      {rows.map(([name, of]) => {
        const a = of(left), b = of(right);
        if (!a && !b) return null;
        return <tr key={name}><th scope="row">{name}</th>
          <td>{a || '–'}</td><td>{b || '–'}</td></tr>;
      })}</Table>
  );
}

function Devices({ devices }: { devices: NonNullable<Comparison['devices']> }) {
  const { added, removed } = devices;
  if (added.length + removed.length === 0) return null;
  return (
    <Banner kind="warn" title={added.length > 0 ?
      text.otherDevices : text.fewerDevices}>
      {added.length > 0 && <>{text.attach(added.map(deviceText)
        .join(', '))} </>}
      {removed.length > 0 && text.detach(removed.map(deviceText)
        .join(', '))}
    </Banner>
  );
}

function Jumped({ left, right }: { left: string; right: string }) {
  const far = jump(left, right);
  return far === 'major' ? <Badge kind="warn">{text.jump.major}</Badge> :
    far === 'older' ? <Badge kind="warn">{text.jump.older}</Badge> :
      <span class="quiet">{far && text.jump[far]}</span>;
}

const value = (found: string) => (found === '' ? quiet(common.empty) : found);

function Changes({ changes, what, versions, label }: { changes: PackageChanges;
  what: string; versions: boolean; label?: string }) {
  return (
    <Table label={label ?? what} class="changed"
      columns={[what, text.runsNow, text.fresh,
        { title: text.how, unseen: true }]}>
      {changes.changed.map((c) => <tr key={`=${c.name}`}>
          <th scope="row">{c.name}</th><td>{value(c.left)}</td>
          <td>{value(c.right)}</td>
          <td>{versions && <Jumped {...c} />}</td></tr>)}
        {changes.added.map((c) => <tr key={`+${c.name}`} class="added">
          <th scope="row">{c.name}</th><td>–</td><td>{value(c.version)}</td>
          <td>{text.added}</td></tr>)}
        {changes.removed.map((c) => <tr key={`-${c.name}`} class="removed">
          <th scope="row">{c.name}</th><td>{value(c.version)}</td><td>–</td>
          <td>{text.removed}</td></tr>)}</Table>
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
      <Changes changes={changes} what={what} versions={versions} label={title} /></details>
  );
}

function OpamFiles({ opam }: { opam: NonNullable<Comparison['opam']> }) {
  return (
    <section class="card stack"><h2>{text.opamTitle}</h2>
      {opam.map((o) => (
        <details key={o.package}><summary>{o.package}{o.equal &&
          <> {quiet(text.opamSame)}</>}</summary>
          {o.diff ? <Diff text={o.diff} label={o.package} /> :
            <p class="quiet">{text.opamNoDiff}</p>}</details>))}
    </section>
  );
}

function Sources({ c }: { c: Comparison }) {
  const { sources } = c;
  if (c.sources_detail)
    return <Banner kind="plain" title={text.noSources}>
      {c.sources_detail}</Banner>;
  if (!sources) return null;
  const n = sources.added.length + sources.removed.length + sources.changed.length;
  if (n === 0) return null;
  return (
    <details class="card fold"><summary>{text.sourcesTitle} {quiet(n)}</summary>
      <ul class="sources">
        {sources.changed.map((name) => <li key={name}>
          {text.otherContent(name, quiet)}</li>)}
        {sources.added.map((s) => <li key={`+${s.name}`} class="added">
          {text.sourceAdded(s.name, <code>{s.value}</code>)}</li>)}
        {sources.removed.map((s) => <li key={`-${s.name}`} class="removed">
          {text.sourceRemoved(s.name, <code>{s.value}</code>)}</li>)}
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
      {counts.length > 0 && <p class="sum" role="status">{counts.map((one) =>
        <span key={one}>{one}</span>)}
      {far > 0 && <Badge kind="warn">{text.majors(far)}</Badge>}</p>}
      {counts.length === 0 && !c.detail && <p class="sum" role="status">
        <span>{text.nothing}</span></p>}
      {c.devices && <Devices devices={c.devices} />}
      {c.detail && <Banner kind="plain" title={text.noPackages}>
        {c.detail}</Banner>}
      <Sides left={c.left} right={c.right} title={title} />
      {c.packages && !isEmpty(c.packages) &&
        <Changes changes={c.packages} what={text.column.package} versions />}
      {c.opam && c.opam.length > 0 && <OpamFiles opam={c.opam} />}
      <Folded title={text.systemTitle} what={text.column.package} changes={c.system_packages} />
      <Folded title={text.environmentTitle} what={text.column.variable} changes={c.environment}
        versions={false} />
      <Sources c={c} />
    </div>
  );
}

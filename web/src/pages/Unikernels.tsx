// SPDX-License-Identifier: ISC
// All unikernels one may see, over all instances.
import { useEffect } from 'preact/hooks';
import type { Unikernel } from '../api';
import { Age, Badge, Banner, Code, Empty, Page } from '../components/ui';
import { getLine } from '../lib/curl';
import { filterUnikernels } from '../lib/filter';
import { shortDigest } from '../lib/format';
import { place, setQuery } from '../router';
import { session } from '../store/session';
import { listError, unikernels, watchUnikernels } from '../store/unikernels';

function Row({ u }: { u: Unikernel }) {
  return (
    <tr>
      <td><Badge kind={u.state === 'running' ? 'good' : 'plain'}>{u.state}</Badge></td>
      <th scope="row"><a href={`/unikernels/${u.instance}/${u.project}/${u.name}`}>
        {u.name}</a></th>
      <td>{u.instance}</td>
      <td>{u.project}</td>
      <td class="number">{u.config ? `${u.config.memory} MB` : '–'}</td>
      <td class="number">{u.config?.cpus?.join(', ') ?? '–'}</td>
      <td><Age time={u.started_at} /></td>
      <td><code title={u.digest ?? undefined}>
        {u.digest ? shortDigest(u.digest) : '–'}</code></td>
    </tr>
  );
}

function NoneYet() {
  const project = session.value?.projects[0]?.name ?? 'PROJECT';
  return (
    <Empty title="No unikernel runs yet">
      <p><a class="button primary" href="/deploy">Deploy the first</a></p>
      <p class="quiet">Or from a script, with a <a href="/tokens">token</a>:</p>
      <Code text={'curl -fsS -T hello.spt -H "Authorization: Bearer ' +
        `$MOLLYMAWK_TOKEN" '${location.origin}/api/v1/unikernels/INSTANCE/` +
        `${project}/hello?memory=32'`} />
    </Empty>
  );
}

export function Unikernels() {
  useEffect(watchUnikernels, []);
  const list = unikernels.value;
  const filter = place.value.query.get('q') ?? '';
  const shown = list ? filterUnikernels(list.items, filter) : [];
  return (
    <Page title="Unikernels"
      action={<a class="button primary" href="/deploy">Deploy</a>}>
      {listError.value && <Banner kind="warn" title="Not up to date.">
        {listError.value.message}</Banner>}
      {list?.errors.map((e) => (
        <Banner key={e.instance} title={`${e.instance} does not answer.`}>
          {e.detail || e.title} What runs there is not shown.</Banner>))}
      {list && list.items.length > 0 && (
        <div class="bar">
          <input type="search" data-filter value={filter} spellcheck={false}
            placeholder="Filter: a name, instance:…, project:…"
            aria-label="Filter the unikernels"
            onInput={(e) => setQuery('q', e.currentTarget.value)} />
          <span class="quiet" title={getLine(location.origin, '/unikernels')}>
            {shown.length === list.items.length ? `${shown.length} in all` :
              `${shown.length} of ${list.items.length}`}, as of <Age
              time={list.as_of} /></span>
        </div>)}
      {shown.length > 0 && (
        <div class="table"><table>
          <thead><tr><th>State</th><th>Name</th><th>Instance</th><th>Project</th>
            <th class="number">Memory</th><th class="number">CPU</th><th>Since</th>
            <th>Image</th></tr></thead>
          <tbody>{shown.map((u) => (
            <Row key={`${u.instance}/${u.project}/${u.name}`} u={u} />))}</tbody>
        </table></div>)}
      {list && list.items.length > 0 && shown.length === 0 &&
        <Empty title="Nothing fits the filter">
          <p><button type="button" onClick={() => setQuery('q', '')}>
            Show all</button></p></Empty>}
      {list && list.items.length === 0 && list.errors.length === 0 && <NoneYet />}
      {!list && !listError.value && <p class="quiet">Loading…</p>}
    </Page>
  );
}

// SPDX-License-Identifier: ISC
// All unikernels one may see, over all instances.
import { useEffect, useState } from 'preact/hooks';
import { unikernelPath, type Unikernel, type UnikernelList } from '../api';
import { Icon } from '../components/Icon';
import { lazy } from '../components/Lazy';
import { FilterBox, NothingFits, Unanswered } from '../components/ListParts';
import { Age, Badge, Banner, Code, Empty, Page } from '../components/ui';
import { sampleLine } from '../lib/curl';
import { filterUnikernels, sortUnikernels } from '../lib/filter';
import { ago, day, shortDigest } from '../lib/format';
import { place, setQuery } from '../router';
import { holds, session } from '../store/session';
import { listError, unikernels, watchUnikernels } from '../store/unikernels';

const BulkDialog = lazy(() => import('../components/BulkDialog').then((m) =>
  m.BulkDialog));

const columns: [string, string, string?][] = [['state', 'State'],
  ['name', 'Name'], ['instance', 'Instance'], ['project', 'Project'],
  ['memory', 'Memory', 'number'], ['cpu', 'CPU', 'number'],
  ['since', 'Up for', 'number'], ['update', 'Update']];

/** Several rows, chosen by their paths. */
interface Chosen {
  has: (u: Unikernel) => boolean;
  set: (items: Unikernel[], on: boolean) => void;
}

const mayChoose = (u: Unikernel) => u.state === 'running' &&
  holds(u.project, 'deployer');

function Head({ shown, chosen }: { shown: Unikernel[]; chosen: Chosen }) {
  const by = place.value.query.get('sort') ?? '';
  const able = shown.filter(mayChoose);
  return (
    <thead><tr>
      <th scope="col" class="pick"><input type="checkbox"
        aria-label="Choose all that are shown" disabled={able.length === 0}
        checked={able.length > 0 && able.every(chosen.has)}
        onChange={(e) => chosen.set(able, e.currentTarget.checked)} /></th>
      {columns.map(([key, title, kind]) => {
        const order = by === key ? 'ascending' : by === `-${key}` ? 'descending' :
          undefined;
        return (
          <th key={key} class={kind} aria-sort={order} scope="col">
            <button type="button" class="sort" onClick={() => setQuery('sort',
              order === 'ascending' ? `-${key}` : order ? '' : key)}>{title}
              {order && <Icon name={order === 'ascending' ? 'up' : 'down'} />}
            </button></th>);
      })}
      <th scope="col">Image</th></tr></thead>
  );
}

function Update({ u }: { u: Unikernel }) {
  const { update } = u;
  if (!update) return <span class="quiet">–</span>;
  const { available, job, started_at, latest_started_at } = update;
  if (available)
    return <a href={`${unikernelPath(u)}?tab=update`} class="newer">update
      available{latest_started_at && <small> {day(latest_started_at)}</small>}</a>;
  return <span class="quiet">{job}{started_at && <small> {day(started_at)}</small>}
  </span>;
}

function Row({ u, chosen }: { u: Unikernel; chosen: Chosen }) {
  const { config } = u;
  return (
    <tr class={u.state}>
      <td class="pick">{mayChoose(u) && <input type="checkbox"
        aria-label={`Choose ${u.name}`} checked={chosen.has(u)}
        onChange={(e) => chosen.set([u], e.currentTarget.checked)} />}</td>
      <td class="state"><Badge kind={u.state === 'running' ? 'good' : 'plain'}>
        {u.state}</Badge></td>
      <th scope="row"><a href={`/unikernels/${u.instance}/${u.project}/${u.name}`}>
        {u.name}</a></th>
      <td class="where">{u.instance}</td>
      <td class="where in">{u.project}</td>
      <td class="number">{config ? <>{config.memory} <small>MB</small></> : '–'}</td>
      <td class="number cpu">{config?.cpus?.join(', ') ?? '–'}</td>
      <td class="number"><Age time={u.started_at} /></td>
      <td class={u.update ? 'update' : 'update none'}><Update u={u} /></td>
      <td class="image">{u.digest ? <code title={u.digest}>
        {shortDigest(u.digest)}</code> : <span class="quiet">–</span>}</td>
    </tr>
  );
}

function NoneYet() {
  const project = session.value?.projects[0]?.name ?? '';
  return (
    <Empty title="No unikernel runs yet">
      <p>Drop a solo5 image anywhere on this page, or</p>
      <p><a class="button primary" href="/deploy">Deploy the first</a></p>
      <p class="quiet">From a script, with a <a href="/tokens">token</a>:</p>
      <Code text={sampleLine(location.origin, project, '', 'hello', 'hello.spt')} />
    </Empty>
  );
}

/** How many run where, and how fresh that is. */
function Summary({ list, shown }: { list: UnikernelList; shown: number }) {
  const running = list.items.filter((u) => u.state === 'running');
  const newer = running.filter((u) => u.update?.available).length;
  const memory = running.reduce((sum, u) => sum + (u.config?.memory ?? 0), 0);
  return (
    <p class="counts">
      {shown < list.items.length && <span><b>{shown}</b> shown</span>}
      <span><b>{running.length}</b> running</span>
      {list.items.length > running.length &&
        <span><b>{list.items.length - running.length}</b> stopped</span>}
      <span><b>{memory}</b> MB</span>
      {newer > 0 && <a href="/?q=update:available"><b>{newer}</b>{' '}
        {newer === 1 ? 'update' : 'updates'}</a>}
      <span class={listError.value ? 'asof late' : 'asof'}>as of <Age
        time={list.as_of} as={ago} /></span>
    </p>
  );
}

/** What may be done with the chosen ones. */
function Doing({ items, onNone }: { items: Unikernel[]; onNone: () => void }) {
  const [open, setOpen] = useState(false);
  if (items.length === 0) return null;
  return (
    <div class="row chosen" role="status"><b>{items.length}</b> chosen
      <button type="button" class="small primary" onClick={() => setOpen(true)}>
        Update…</button>
      <button type="button" class="small" onClick={onNone}>Choose none</button>
      {open && <BulkDialog items={items} onClose={() => setOpen(false)} />}
    </div>
  );
}

/** Chosen rows that went are not chosen any more. */
function useChosen() {
  const [paths, setPaths] = useState<Set<string>>(new Set());
  const chosen: Chosen = {
    has: (u) => paths.has(unikernelPath(u)),
    set: (items, on) => {
      const now = new Set(paths);
      for (const u of items) {
        if (on) now.add(unikernelPath(u));
        else now.delete(unikernelPath(u));
      }
      setPaths(now);
    },
  };
  return { chosen, none: () => setPaths(new Set()) };
}

export function Unikernels() {
  useEffect(watchUnikernels, []);
  const { chosen, none } = useChosen();
  const list = unikernels.value;
  const { query } = place.value;
  const filter = query.get('q') ?? '';
  const shown = list ? sortUnikernels(filterUnikernels(list.items, filter),
    query.get('sort') ?? '') : [];
  return (
    <Page title="Unikernels"
      action={<a class="button primary" href="/deploy"><Icon name="deploy" />
        Deploy</a>}>
      {listError.value && <Banner kind="warn" title="Not up to date.">
        {listError.value.message}</Banner>}
      {list && <Unanswered errors={list.errors}
        lost="What runs there is not shown." />}
      {list && list.items.length > 0 && (
        <div class="bar">
          <FilterBox value={filter} what="unikernels"
            hint="update:available" />
          <Summary list={list} shown={shown.length} />
        </div>)}
      {list && <Doing items={list.items.filter((u) => mayChoose(u) &&
        chosen.has(u))} onNone={none} />}
      {shown.length > 0 && (
        <div class="table"><table class="unikernels">
          <Head shown={shown} chosen={chosen} />
          <tbody>{shown.map((u) => (
            <Row key={unikernelPath(u)} u={u} chosen={chosen} />))}</tbody>
        </table></div>)}
      {list && list.items.length > 0 && shown.length === 0 && <NothingFits />}
      {list && list.items.length === 0 && (list.errors.length === 0 ? <NoneYet /> :
        <p class="quiet">Nothing runs on the instances that answer.</p>)}
      {!list && !listError.value && <p class="quiet">Loading…</p>}
    </Page>
  );
}

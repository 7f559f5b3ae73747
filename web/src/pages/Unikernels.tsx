// SPDX-License-Identifier: ISC
// All unikernels one may see, over all instances, as they change.
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { unikernelPath, type Unikernel, type UnikernelList } from '../api';
import { Icon } from '../components/Icon';
import { lazy } from '../components/Lazy';
import { FilterBox, NothingFits, Unanswered } from '../components/ListParts';
import { Menu } from '../components/Menu';
import { Age, Badge, Code, Empty, Loading, Page, Stale, Table, type Column } from
  '../components/ui';
import { Health, itemsOf, Since, Update, Used } from '../components/UnikernelCells';
import { mayRestart } from '../lib/actions';
import { sampleLine } from '../lib/curl';
import { filterUnikernels, sortUnikernels, unikernelFilter } from '../lib/filter';
import { ago, shortDigest } from '../lib/format';
import { doing } from '../lib/state';
import { place, setQuery } from '../router';
import { connection } from '../store/events';
import { anyProject, holds, isAdmin, session } from '../store/session';
import { listAt, listError, loadUnikernels, unikernels, watchUnikernels } from
  '../store/unikernels';
import { watchUsage } from '../store/usage';
import * as common from '../text/common';
import * as pages from '../text/pages';
import * as shell from '../text/shell';
import * as text from '../text/unikernels';
import './unikernels.css';

const BulkDialog = lazy(() => import('../components/BulkDialog').then((m) =>
  m.BulkDialog));
const RestartsDialog = lazy(() => import('../components/RestartsDialog').then((m) =>
  m.RestartsDialog));

type Key = keyof typeof text.column;

const sorted: [Key, string?][] = [['state'], ['name'], ['instance'],
  ['project'], ['cpu', 'number'], ['memory', 'number'], ['network', 'number'],
  ['since', 'number'], ['health'], ['update']];

/** The paths of the chosen rows. */
const chosen = signal<ReadonlySet<string>>(new Set());

const isChosen = (u: Unikernel) => chosen.value.has(unikernelPath(u));

function choose(items: Unikernel[], on: boolean): void {
  const now = new Set(chosen.value);
  for (const u of items) {
    if (on) now.add(unikernelPath(u));
    else now.delete(unikernelPath(u));
  }
  chosen.value = now;
}

const mayChoose = mayRestart;

/** How the list is sorted by a column. */
function orderOf(key: Key): 'ascending' | 'descending' | 'none' {
  const by = place.value.query.get('sort') ?? '';
  return by === key ? 'ascending' : by === `-${key}` ? 'descending' : 'none';
}

/** Up, down, and as it came. */
function turn(key: Key): void {
  const order = orderOf(key);
  setQuery('sort', order === 'ascending' ? `-${key}` :
    order === 'none' ? key : '');
}

function columns(shown: Unikernel[]): Column[] {
  const able = shown.filter(mayChoose);
  return [
    { title: text.chooseAll, class: 'pick', content: <input type="checkbox"
      aria-label={text.chooseAll} disabled={able.length === 0}
      checked={able.length > 0 && able.every(isChosen)}
      onChange={(e) => choose(able, e.currentTarget.checked)} /> },
    ...sorted.map(([key, kind]): Column => ({ title: text.column[key],
      class: `at-${key} ${kind ?? ''}`, sort: orderOf(key), onSort: () => turn(key) })),
    { title: text.column.image, class: 'image' },
    { title: text.column.actions, unseen: true, class: 'do' },
  ];
}

/** Where there is no room for heads of columns. */
function SortBy() {
  const by = place.value.query.get('sort') ?? '';
  return (
    <label class="sort-by"><span>{text.sortBy}</span>
      <select value={by} onChange={(e) => setQuery('sort', e.currentTarget.value)}>
        <option value="">{text.asItComes}</option>
        {sorted.flatMap(([key]) => [
          <option key={key} value={key}>{text.upwards(text.column[key])}</option>,
          <option key={`-${key}`} value={`-${key}`}>
            {text.downwards(text.column[key])}</option>])}
      </select></label>
  );
}

// Reads signals, so that it is drawn anew only when it is another item.
function Row({ u }: { u: Unikernel }) {
  const on = isChosen(u);
  const { word, kind, why } = doing(u);
  return (
    <tr class={u.state}>
      <td class="pick">{mayChoose(u) && <input type="checkbox"
        aria-label={text.choose(u.name)} checked={on}
        onChange={(e) => choose([u], e.currentTarget.checked)} />}</td>
      <td class="state"><Badge kind={kind} why={why}>{word}</Badge></td>
      <th scope="row"><a href={unikernelPath(u)}>{u.name}</a></th>
      <td class="where">{u.instance}</td>
      <td class="where in"><a href={`/projects/${u.project}`}>{u.project}</a></td>
      <Used u={u} />
      <td class="number since"><Since u={u} /></td>
      <td class={u.health && u.state === 'running' ? 'health' : 'health none'}>
        <Health u={u} /></td>
      <td class={u.update ? 'update' : 'update none'}><Update u={u} /></td>
      <td class="image">{u.digest ? <code title={u.digest}>
        {shortDigest(u.digest)}</code> : <span class="quiet">–</span>}</td>
      <td class="do"><Menu label={text.actionsOf(u.name)}
        items={() => itemsOf(u)} /></td>
    </tr>
  );
}

const PART = 150;

/** Of very many only those down to what one looks at. */
function Rows({ shown }: { shown: Unikernel[] }) {
  const [most, setMost] = useState(PART);
  const end = useRef<HTMLParagraphElement>(null);
  const left = shown.length - most;
  useEffect(() => {
    if (!end.current) return;
    const near = new IntersectionObserver(([seen]) => {
      if (seen?.isIntersecting) setMost(most + PART);
    }, { rootMargin: '1000px' });
    near.observe(end.current);
    return () => near.disconnect();
  }, [most, left > 0]);
  return (
    <>
      <Table label={pages.unikernels} class="unikernels" columns={columns(shown)}>
        {shown.slice(0, most).map((u) => <Row key={unikernelPath(u)} u={u} />)}
      </Table>
      {left > 0 && <p class="quiet" ref={end}>{text.more(left)}</p>}
    </>
  );
}

const mayDeploy = () => isAdmin() || session.value?.projects.some((p) =>
  !p.archived && holds(p.name, 'deployer'));

function NoneYet() {
  const project = anyProject();
  if (!mayDeploy())
    return <Empty title={text.noneYet}><p>{text.onlyLook}</p></Empty>;
  return (
    <Empty title={text.noneYet}>
      <p>{text.dropAnywhere}</p>
      <p><a class="button primary" href="/deploy">{text.deployFirst}</a></p>
      <p class="quiet">{common.scriptWith((words) =>
        <a href="/tokens">{words}</a>)}</p>
      <Code text={sampleLine(location.origin, project, '', 'hello', 'hello.spt')} />
    </Empty>
  );
}

/** How fresh the list is: as it happens, or as of when. */
function Fresh({ list }: { list: UnikernelList }) {
  if (!listError.value && connection.value === 'live')
    return <span class="asof" title={shell.liveMeans}>{text.live}</span>;
  // One that is out of reach is told of by itself.
  const newest = list.instances.reduce((last, { as_of: at }) =>
    (at !== null && at > last ? at : last), list.as_of);
  return <span class="asof late">{text.asOf(<Age time={newest}
    as={ago} />)}</span>;
}

/** How many do how, and how fresh that is. */
function Summary({ list, shown }: { list: UnikernelList; shown: number }) {
  const of = (state: Unikernel['state']) =>
    list.items.filter((u) => u.state === state);
  const running = of('running'), wrong = list.items.filter((u) =>
    doing(u).kind === 'bad').length;
  const newer = running.filter((u) => u.update?.available).length;
  const memory = running.reduce((sum, u) => sum + (u.config?.memory ?? 0), 0);
  return (
    <p class="counts">
      {shown < list.items.length && <span>{text.shown(shown)}</span>}
      <span>{text.running(running.length)}</span>
      {wrong > 0 && <span class="wrong">{text.inTrouble(wrong)}</span>}
      {of('unknown').length > 0 && <a href="/unikernels?q=state:unknown">
        {text.unknown(of('unknown').length)}</a>}
      {of('stopped').length > 0 && <a href="/unikernels?q=state:stopped">
        {text.stopped(of('stopped').length)}</a>}
      <span>{text.megabytes(memory)}</span>
      {newer > 0 && <a href="/unikernels?q=update:available">
        {text.updates(newer)}</a>}
      <Fresh list={list} />
    </p>
  );
}

/** What may be done with the chosen ones. */
function Doing({ items, shown }: { items: Unikernel[]; shown: Unikernel[] }) {
  const [open, setOpen] = useState<'update' | 'restart' | null>(null);
  const close = () => setOpen(null);
  const able = shown.filter(mayChoose);
  if (items.length === 0 && !open) return null;
  return (
    <div class="row wrap chosen"><span role="status">{text.chosen(items.length)}
    </span>
    <button type="button" class="small primary" onClick={() => setOpen('update')}>
      {text.update}</button>
    <button type="button" class="small" onClick={() => setOpen('restart')}>
      {text.restart}</button>
    {items.length < able.length && <button type="button" class="small"
      onClick={() => choose(able, true)}>{text.chooseShown(able.length)}</button>}
    <button type="button" class="small" onClick={() => choose(items, false)}>
      {text.chooseNone}</button>
    {open === 'update' && <BulkDialog items={items} onClose={close} />}
    {open === 'restart' && <RestartsDialog items={items} onClose={close} />}
    </div>
  );
}

/** Instances that were not heard of for a while: what they last told is shown. */
function lastHeard(list: UnikernelList, instance: string): ComponentChildren {
  const found = list.instances.find((i) => i.name === instance);
  return found?.as_of ? common.lastTold(<Age time={found.as_of}
    as={ago} />) : text.notShown;
}

export function Unikernels() {
  useLayoutEffect(() => {
    const stops = [watchUnikernels(), watchUsage()];
    return () => {
      for (const stop of stops) stop();
      chosen.value = new Set();
    };
  }, []);
  const list = unikernels.value;
  const { query } = place.value;
  const filter = query.get('q') ?? '';
  const shown = list ? sortUnikernels(filterUnikernels(list.items, filter),
    query.get('sort') ?? '') : [];
  const items = list?.items ?? [];
  return (
    <Page title={pages.unikernels} action={mayDeploy() && <a class="button primary"
      href="/deploy"><Icon name="deploy" /> {common.deploy}</a>}>
      {list && <Unanswered errors={list.errors}
        lost={(instance) => lastHeard(list, instance)} />}
      <div class="listing">
        {list && items.length > 0 && (
          <div class="bar">
            <FilterBox value={filter} what={text.inFilter} hint={text.filterHint}
              items={items} columns={unikernelFilter.columns} />
            <SortBy />
            <Summary list={list} shown={shown.length} />
          </div>)}
        <Doing items={items.filter((u) => mayChoose(u) && isChosen(u))}
          shown={shown} />
        <Stale reason={listError.value} since={listAt.value}
          again={() => void loadUnikernels()}>
          {shown.length > 0 && <Rows shown={shown} />}
          {items.length > 0 && shown.length === 0 && <NothingFits />}
          {list && items.length === 0 && (list.errors.length === 0 ? <NoneYet /> :
            <p class="quiet">{text.noneAnswering}</p>)}
          {!list && !listError.value && <Loading />}
        </Stale>
      </div>
    </Page>
  );
}

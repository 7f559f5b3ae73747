// SPDX-License-Identifier: ISC
// All volumes one may see, over all instances, and all saved copies.
import { useRef, useState } from 'preact/hooks';
import { getAll, getProjects, volumePath, type Project, type Volume,
  type VolumeList, type VolumeQuota } from '../api';
import { DeleteVolume, DownloadDialog } from '../components/CopyDialogs';
import { CopyTable, useCopies } from '../components/CopyTable';
import { Icon } from '../components/Icon';
import { Users } from '../components/InUse';
import { FilterBox, NothingFits, Unanswered } from '../components/ListParts';
import { NewVolume, UploadDialog } from '../components/UploadDialog';
import { Ago, Code, Empty, Loading, Meter, Page, Stale, Table, Tabs } from
  '../components/ui';
import { putJsonLine } from '../lib/curl';
import { mb } from '../lib/format';
import { useLoaded } from '../lib/kept';
import { doingText } from '../lib/operation';
import { usePolled } from '../lib/poll';
import { filterVolumes, holdsText, keepLast, volumeFilter, type KnownVolumes } from
  '../lib/volume';
import { go, place, queryDialog } from '../router';
import { newsOf, operationOf, operations } from '../store/operations';
import { holds, mayBring } from '../store/session';
import * as pages from '../text/pages';
import * as common from '../text/common';
import * as text from '../text/volumes';
import './volumes.css';

const EVERY = 5000;

function useVolumes() {
  const before = useRef<KnownVolumes | null>(null);
  return usePolled(async (signal) => {
    const list = await getAll<VolumeList>('/volumes', signal);
    before.current = keepLast(list, before.current);
    return before.current;
  }, EVERY, [newsOf(operations.value)]);
}

/** Instances that do not answer: what they last told is shown. */
function lostOf(list: KnownVolumes, instance: string) {
  const at = list.told.get(instance);
  return at ? common.lastTold(<Ago time={at} />) : text.lost;
}

/** The projects in which one may make volumes. */
const useProjects = () => useLoaded(getProjects, []).value;

const FEW = 6;

/** What is given and what is left of it. */
function Quotas({ all }: { all: VolumeQuota[] }) {
  const given = all.filter((q) => (q.allowed ?? 0) > 0 || q.used > 0);
  if (given.length === 0) return null;
  const meters = <div class="meters">{given.map((q) => (
    <Meter key={`${q.instance}/${q.project}`} used={q.used} of={q.allowed ?? 0}
      label={`${q.instance} / ${q.project}`}
      unit={text.quotaUnit(Math.max(0, (q.allowed ?? 0) - q.used))} />))}</div>;
  return given.length <= FEW ?
    <section class="card" aria-label={text.quota}>{meters}</section> :
    <details class="card fold"><summary>{text.quotaOf(given.length)}</summary>
      {meters}</details>;
}

type Doing = 'upload' | 'download' | 'delete';

function Row({ v, onDo }: { v: Volume; onDo: (what: Doing) => void }) {
  const may = holds(v.project, 'deployer');
  const button = (what: Doing, verb: string) => (
    <button type="button" class="small" aria-label={text.doTo(verb, v.name)}
      onClick={() => onDo(what)}>{verb}</button>);
  return (
    <tr>
      <th scope="row"><a href={volumePath(v)}>{v.name}</a></th>
      <td>{v.instance} <span class="quiet">/ {v.project}</span></td>
      <td class="number">{mb(v.size)}</td>
      <td class="wrap" data-label={common.usedBy}><Users v={v} /></td>
      <td>{v.operation === null ? <>{holdsText(v.content)}{v.content &&
        <div class="quiet">{text.writtenBy(<Ago time={v.content.at} />,
          v.content.user)}</div>}</> :
        <a href={volumePath(v)}>{doingText(operationOf(v))}</a>}</td>
      <td class="end">{mayBring(v.project) && button('upload', common.upload)}{' '}
        {button('download', common.download)}{' '}
        {may && button('delete', common.deleteIt)}</td>
    </tr>
  );
}

function List({ shown, onChanged }: { shown: Volume[]; onChanged: () => void }) {
  const [open, setOpen] = useState<{ v: Volume; what: Doing } | null>(null);
  const close = () => setOpen(null);
  const done = () => { close(); onChanged(); };
  return (
    <>
      <Table label={pages.volumes} class="cards volumes" columns={[common.name,
        text.where, { title: common.size, class: 'number' }, common.usedBy,
        text.holds, { title: common.actions, unseen: true }]}>
        {shown.map((v) => <Row key={volumePath(v)} v={v}
          onDo={(what) => setOpen({ v, what })} />)}</Table>
      {open?.what === 'upload' && <UploadDialog v={open.v} onClose={close}
        onDone={done} />}
      {open?.what === 'download' && <DownloadDialog v={open.v} onClose={close} />}
      {open?.what === 'delete' && <DeleteVolume v={open.v} onClose={close}
        onGone={done} />}
    </>
  );
}

function Head({ list, shown, value }: { list: VolumeList; shown: Volume[];
  value: string }) {
  const used = list.items.filter((v) => v.in_use).length;
  return (
    <div class="bar">
      <FilterBox value={value} what={text.what} hint={text.filterHint}
        items={list.items} columns={volumeFilter.columns} />
      <p class="counts">
        {shown.length < list.items.length && <span>{text.shown(shown.length)}
        </span>}
        <span>{text.volumes(list.items.length)}</span>
        <span>{text.inUse(used)}</span>
        <span><b>{mb(list.items.reduce((sum, v) => sum + v.size, 0))}</b></span>
        <span class="asof">{text.asOf(<Ago time={list.as_of} />)}</span>
      </p>
    </div>
  );
}

function NoneYet({ project, onNew }: { project: Project | undefined;
  onNew: () => void }) {
  const about = <p>{text.about}</p>;
  if (!project)
    return <Empty title={text.noneYet}>{about}
      <p class="quiet">{text.noneYours}</p></Empty>;
  return (
    <Empty title={text.noneYet}>
      {about}
      <p><button type="button" class="primary" onClick={onNew}>
        {text.makeFirst}</button></p>
      <p class="quiet">{common.scriptWith((word) => <a href="/tokens">{word}</a>)}</p>
      <Code text={putJsonLine(location.origin, volumePath({ name: 'data',
        project: project.name,
        instance: project.policies[0]?.instance ?? 'INSTANCE' }), { size: 64 })} />
    </Empty>
  );
}

function All({ list, projects, onNew, onChanged }: { list: KnownVolumes;
  projects: Project[] | null; onNew: () => void; onChanged: () => void }) {
  const filter = place.value.query.get('q') ?? '';
  const shown = filterVolumes(list.items, filter);
  return (
    <div class="stack">
      <Unanswered errors={list.errors}
        lost={(instance) => lostOf(list, instance)} />
      <Quotas all={list.quotas} />
      {list.items.length > 0 && <Head list={list} shown={shown} value={filter} />}
      {shown.length > 0 && <List shown={shown} onChanged={onChanged} />}
      {list.items.length > 0 && shown.length === 0 && <NothingFits />}
      {list.items.length === 0 && (list.errors.length === 0 ?
        projects && <NoneYet onNew={onNew}
          project={projects.find((p) => p.policies.length > 0)} /> :
        <p class="quiet">{text.noneAnswered}</p>)}
    </div>
  );
}

function AllCopies() {
  const { value: copies, error, at, again } = useCopies('');
  return (
    <Stale reason={error} since={at} again={again}>
      {!copies ? !error && <Loading /> :
        copies.length === 0 ?
          <Empty title={text.noCopy}><p>{text.copiesAbout}</p></Empty> :
          <CopyTable copies={copies} named onChanged={again} />}
    </Stale>
  );
}

export function Volumes() {
  const { value: list, error, at, again } = useVolumes();
  const projects = useProjects();
  const making = queryDialog('new');
  const tab = place.value.query.get('tab') === 'copies' ? 'copies' : 'volumes';
  const may = !!projects?.some((p) => p.policies.length > 0);
  return (
    <Page title={pages.volumes} action={may && <button type="button" class="primary"
      onClick={() => making.show()}><Icon name="plus" /> {text.newVolume}</button>}>
      <Tabs label={pages.volumes} at={tab} tabs={[
        { key: 'volumes', title: pages.volumes, href: '/volumes' },
        { key: 'copies', title: text.savedCopies, href: '/volumes?tab=copies' }]}>
        {tab === 'copies' ? <AllCopies /> :
          <Stale reason={error} since={at} again={again}>
            {list ? <All list={list} projects={projects}
              onNew={() => making.show()} onChanged={again} /> :
              !error && <Loading />}</Stale>}
      </Tabs>
      {making.at !== null && projects && <NewVolume projects={projects}
        quotas={list?.quotas ?? []} known={list?.items ?? []}
        onClose={making.close}
        onDone={(v) => go(volumePath(v), true)} />}
    </Page>
  );
}

// SPDX-License-Identifier: ISC
// All volumes one may see, over all instances, and all saved copies.
import { useEffect, useState } from 'preact/hooks';
import { getAll, getProjects, volumePath, type Project, type Volume,
  type VolumeList, type VolumeQuota } from '../api';
import { DeleteVolume, DownloadDialog } from '../components/CopyDialogs';
import { CopyTable, useCopies } from '../components/CopyTable';
import { Icon } from '../components/Icon';
import { Users } from '../components/InUse';
import { FilterBox, NothingFits, Unanswered } from '../components/ListParts';
import { NewVolume, UploadDialog } from '../components/UploadDialog';
import { Age, Banner, Code, Empty, Meter, Page } from '../components/ui';
import { putJsonLine } from '../lib/curl';
import { ago } from '../lib/format';
import { doingText } from '../lib/operation';
import { usePolled } from '../lib/poll';
import { filterVolumes, holdsText } from '../lib/volume';
import { go, place } from '../router';
import { newsOf, operationOf, operations } from '../store/operations';
import { holds } from '../store/session';
import { toastError } from '../store/toasts';

const EVERY = 5000;

function useVolumes() {
  return usePolled((signal) => getAll<VolumeList>('/volumes', signal), EVERY,
    [newsOf(operations.value)]);
}

/** The projects in which one may make volumes. */
function useProjects() {
  const [projects, setProjects] = useState<Project[] | null>(null);
  useEffect(() => {
    getProjects().then(setProjects, toastError);
  }, []);
  return projects;
}

const FEW = 6;

/** What is given and what is left of it. */
function Quotas({ all }: { all: VolumeQuota[] }) {
  const given = all.filter((q) => (q.allowed ?? 0) > 0 || q.used > 0);
  if (given.length === 0) return null;
  const meters = <div class="meters">{given.map((q) => (
    <Meter key={`${q.instance}/${q.project}`} used={q.used} of={q.allowed ?? 0}
      label={`${q.instance} / ${q.project}`}
      unit={`MB, ${Math.max(0, (q.allowed ?? 0) - q.used)} left`} />))}</div>;
  return given.length <= FEW ?
    <section class="card" aria-label="Quota">{meters}</section> :
    <details class="card fold"><summary>Quota of {given.length} projects</summary>
      {meters}</details>;
}

type Doing = 'upload' | 'download' | 'delete';

function Row({ v, onDo }: { v: Volume; onDo: (what: Doing) => void }) {
  const may = holds(v.project, 'deployer');
  const button = (what: Doing, text: string) => (
    <button type="button" class="small" aria-label={`${text} ${v.name}`}
      onClick={() => onDo(what)}>{text}</button>);
  return (
    <tr>
      <th scope="row"><a href={volumePath(v)}>{v.name}</a></th>
      <td>{v.instance} <span class="quiet">/ {v.project}</span></td>
      <td class="number">{v.size} <small>MB</small></td>
      <td class="wrap users"><Users v={v} /></td>
      <td>{v.operation === null ? <>{holdsText(v.content)}{v.content &&
        <div class="quiet"><Age time={v.content.at} as={ago} />
          {v.content.user && ` by ${v.content.user}`}</div>}</> :
        <a href={volumePath(v)}>{doingText(operationOf(v))}</a>}</td>
      <td class="end">{may && button('upload', 'Upload')}{' '}
        {button('download', 'Download')}{' '}
        {may && button('delete', 'Delete')}</td>
    </tr>
  );
}

function Table({ shown, onChanged }: { shown: Volume[]; onChanged: () => void }) {
  const [open, setOpen] = useState<{ v: Volume; what: Doing } | null>(null);
  const close = () => setOpen(null);
  const done = () => { close(); onChanged(); };
  return (
    <>
      <div class="table"><table class="cards volumes">
        <thead><tr><th scope="col">Name</th><th scope="col">Instance / project</th>
          <th scope="col" class="number">Size</th><th scope="col">Used by</th>
          <th scope="col">Holds</th>
          <th scope="col"><span class="unseen">Do</span></th></tr></thead>
        <tbody>{shown.map((v) => <Row key={volumePath(v)} v={v}
          onDo={(what) => setOpen({ v, what })} />)}</tbody>
      </table></div>
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
      <FilterBox value={value} what="volumes" hint="used:no" />
      <p class="counts">
        {shown.length < list.items.length && <span><b>{shown.length}</b> shown
        </span>}
        <span><b>{list.items.length}</b> {list.items.length === 1 ? 'volume' :
          'volumes'}</span>
        <span><b>{used}</b> in use</span>
        <span><b>{list.items.reduce((sum, v) => sum + v.size, 0)}</b> MB</span>
        <span class="asof">as of <Age time={list.as_of} as={ago} /></span>
      </p>
    </div>
  );
}

function NoneYet({ project, onNew }: { project: Project | undefined;
  onNew: () => void }) {
  const about = <p>A volume is a disk which a unikernel keeps when it is
    replaced.</p>;
  if (!project)
    return <Empty title="No volume yet">{about}<p class="quiet">To make one takes
      a project in which you may deploy, with a policy on an instance: an
      administrator gives it.</p></Empty>;
  return (
    <Empty title="No volume yet">
      {about}
      <p><button type="button" class="primary" onClick={onNew}>Make the first
      </button></p>
      <p class="quiet">From a script, with a <a href="/tokens">token</a>:</p>
      <Code text={putJsonLine(location.origin, volumePath({ name: 'data',
        project: project.name,
        instance: project.policies[0]?.instance ?? 'INSTANCE' }), { size: 64 })} />
    </Empty>
  );
}

function List({ list, projects, onNew, onChanged }: { list: VolumeList;
  projects: Project[] | null; onNew: () => void; onChanged: () => void }) {
  const filter = place.value.query.get('q') ?? '';
  const shown = filterVolumes(list.items, filter);
  return (
    <div class="stack">
      <Unanswered errors={list.errors} lost="Its volumes are not shown." />
      <Quotas all={list.quotas} />
      {list.items.length > 0 && <Head list={list} shown={shown} value={filter} />}
      {shown.length > 0 && <Table shown={shown} onChanged={onChanged} />}
      {list.items.length > 0 && shown.length === 0 && <NothingFits />}
      {list.items.length === 0 && (list.errors.length === 0 ?
        projects && <NoneYet onNew={onNew}
          project={projects.find((p) => p.policies.length > 0)} /> :
        <p class="quiet">There is none on the instances that answer.</p>)}
    </div>
  );
}

function AllCopies() {
  const { copies, load } = useCopies('');
  if (!copies) return <p class="quiet">Loading…</p>;
  if (copies.length === 0)
    return <Empty title="No copy is saved"><p>Copies are saved on the page of a
      volume, by hand or by a schedule.</p></Empty>;
  return <CopyTable copies={copies} named onChanged={load} />;
}

export function Volumes() {
  const { value: list, error, again } = useVolumes();
  const projects = useProjects();
  const [making, setMaking] = useState(false);
  const tab = place.value.query.get('tab') === 'copies' ? 'copies' : 'volumes';
  const may = !!projects?.some((p) => p.policies.length > 0);
  return (
    <Page title="Volumes" action={may && <button type="button" class="primary"
      onClick={() => setMaking(true)}><Icon name="plus" /> New volume</button>}>
      {error && <Banner kind="warn" title="Not up to date.">{error.message}</Banner>}
      <div class="tabs" role="tablist" aria-label="Volumes">
        <a role="tab" id="tab-volumes" aria-selected={tab === 'volumes'}
          href="/volumes">Volumes</a>
        <a role="tab" id="tab-copies" aria-selected={tab === 'copies'}
          href="/volumes?tab=copies">Saved copies</a></div>
      <div class="panel" role="tabpanel" aria-labelledby={`tab-${tab}`}>
        {tab === 'copies' ? <AllCopies /> : list ? <List list={list}
          projects={projects} onNew={() => setMaking(true)}
          onChanged={again} /> :
          !error && <p class="quiet">Loading…</p>}
      </div>
      {making && projects && <NewVolume projects={projects}
        quotas={list?.quotas ?? []} known={list?.items ?? []}
        onClose={() => setMaking(false)}
        onDone={(v) => { setMaking(false); go(volumePath(v)); }} />}
    </Page>
  );
}

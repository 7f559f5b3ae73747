// SPDX-License-Identifier: ISC
// The images of a project: what is stored, where used, until when.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { ask, getAll, unikernelPath, type Image, type List, type Project } from
  '../api';
import { FilterBox, NothingFits } from '../components/ListParts';
import { Ago, Badge, Code, Dialog, Empty, Field, FormProblem, Loading, Page,
  Stale, Table } from '../components/ui';
import { imageLines } from '../lib/curl';
import { filtered, type Filter } from '../lib/filter';
import { bytes, shortDigest } from '../lib/format';
import { useLoaded } from '../lib/kept';
import { useSending } from '../lib/sending';
import { place, setQuery } from '../router';
import { newsOf, operations } from '../store/operations';
import { holds } from '../store/session';
import { toast } from '../store/toasts';
import * as common from '../text/common';
import * as pages from '../text/pages';
import * as text from '../text/images';

const usersOf = (image: Image, key: 'name' | 'instance' = 'name') =>
  image.used_by?.map((u) => u[key]).join(' ') ?? '';

/** "used:web" asks for a unikernel, "used:no" for none. */
const imageFilter: Filter<Image> = {
  all: (i) => `${i.sha256} ${i.target ?? ''} ${usersOf(i)}`,
  columns: [['digest', (i) => i.sha256], ['used', (i) => usersOf(i) || 'no'],
    ['name', (i) => usersOf(i)], ['instance', (i) => usersOf(i, 'instance')],
    ['target', (i) => i.target ?? ''], ['kept', (i) => (i.kept ? 'yes' : 'no')]],
};

function Delete({ project, image, onClose, onGone }: { project: string;
  image: Image; onClose: () => void; onGone: () => void }) {
  const { error, send } = useSending();
  const remove = () => send(async () => {
    await ask('DELETE', `/images/${image.sha256}?project=${project}`);
    toast(text.deleted);
    onGone();
  });
  return (
    <Dialog title={text.deleteTitle} onClose={onClose}>
      <div class="stack">
        <p>{text.deleteAbout(<code>{shortDigest(image.sha256)}</code>)}</p>
        <FormProblem error={error} fields={[]} title={text.notDeleted} />
        <div class="row end">
          <button type="button" autofocus onClick={onClose}>{common.keepIt}</button>
          <button type="button" class="danger solid" onClick={remove}>
            {common.deleteIt}</button>
        </div></div>
    </Dialog>
  );
}

function Row({ project, image, onDelete }: { project: string; image: Image;
  onDelete: () => void }) {
  const digest = shortDigest(image.sha256);
  return (
    <tr>
      <th scope="row"><code title={image.sha256}>{digest}</code></th>
      <td class="number">{bytes(image.size)}</td>
      <td>{image.target ? text.target(image.target, image.abi_version) : '–'}
        <div class="quiet">{image.devices.map((d) => d.name).join(', ') ||
          text.noDevices}</div></td>
      <td><Ago time={image.stored_at} /></td>
      <td>{image.used_by?.length ? image.used_by.map((u) => (
        <div key={`${u.instance}/${u.name}`}>
          <a href={unikernelPath({ ...u, project }, '?tab=deployments')}>{u.name}
          </a>{' '}
          <span class="quiet">{u.current ? text.runsIt : text.inDeployment(u.number)}
          </span></div>)) : <span class="quiet">{text.nowhere}</span>}</td>
      <td><Badge kind={image.kept ? 'good' : 'warn'}>{image.kept ? text.kept :
        text.willGo}</Badge></td>
      <td class="end">
        {holds(project, 'deployer') && <>
        <a class="button small" aria-label={text.deployOne(digest)}
          href={`/deploy?project=${project}&image=${image.sha256}`}>
          {common.deploy}</a>{' '}
        <button type="button" class="small" onClick={onDelete}
          aria-label={text.deleteOne(digest)}>{common.deleteIt}</button></>}</td>
    </tr>
  );
}

function Rows({ project, images, onDelete }: { project: string; images: Image[];
  onDelete: (image: Image) => void }) {
  return (
    <Table label={pages.images} class="cards images" columns={[common.digest,
      { title: common.size, class: 'number' }, text.use, text.stored,
      common.usedBy, text.keptHead,
      { title: common.actions, unseen: true }]}>
      {images.map((image) => <Row key={image.sha256} image={image}
        project={project} onDelete={() => onDelete(image)} />)}</Table>
  );
}

function Found({ images, filter, children }: { images: Image[]; filter: string;
  children: (shown: Image[]) => ComponentChildren }) {
  const shown = filtered(images, filter, imageFilter);
  return (
    <div class="stack">
      <FilterBox value={filter} what={text.what} hint={text.filterHint}
        items={images} columns={imageFilter.columns} />
      {shown.length > 0 ? children(shown) : <NothingFits />}
    </div>
  );
}

/** What is stored for one project. */
function Stored({ project }: { project: string }) {
  const [deleting, setDeleting] = useState<Image | null>(null);
  const filter = place.value.query.get('q') ?? '';
  const news = newsOf(operations.value.filter((o) => o.kind === 'deployment'));
  const { value: images, error, at, again } = useLoaded((signal) =>
    getAll<List<Image>>(`/images?project=${project}`, signal)
      .then(({ items }) => items), [project, news]);
  return (
    <>
      <Stale reason={error} since={at} again={again}>
        {!images ? !error && <Loading /> :
          images.length > 0 ? <Found images={images} filter={filter}>{(shown) =>
            <Rows project={project} images={shown} onDelete={setDeleting} />}
          </Found> :
            <Empty title={text.none}><p>{text.noneAbout}</p>
              {holds(project, 'deployer') && <p><a class="button primary"
                href={`/deploy?project=${project}`}>{text.deployFirst}</a></p>}
            </Empty>}
      </Stale>
      {holds(project, 'deployer') && <section class="card">
        <h2>{text.uploadNew}</h2>
        <Code text={imageLines(location.origin, project)} /></section>}
      {deleting && <Delete project={project} image={deleting}
        onClose={() => setDeleting(null)}
        onGone={() => { setDeleting(null); again(); }} />}
    </>
  );
}

export function Images() {
  const { value: projects, error, at, again } = useLoaded((signal) =>
    getAll<List<Project>>('/projects', signal).then(({ items }) => items), []);
  const project = place.value.query.get('project') ?? projects?.[0]?.name ?? '';
  return (
    <Page title={pages.images} action={projects?.some((p) =>
      holds(p.name, 'deployer')) && <a class="button primary" href="/deploy">
      {common.deploy}</a>}>
      <div class="stack">
        <Stale reason={error} since={at} again={again} />
        {!projects && !error && <Loading />}
        {projects && projects.length > 1 && <Field label={common.project}>{(p) => (
          <select {...p} value={project} onChange={(e) =>
            setQuery('project', e.currentTarget.value, 'entry')}>
            {projects.map((q) => <option key={q.name}>{q.name}</option>)}
          </select>)}</Field>}
        {projects && (project ? <Stored key={project} project={project} /> :
          <Empty title={text.none}><p>{text.noProject}</p></Empty>)}
      </div>
    </Page>
  );
}

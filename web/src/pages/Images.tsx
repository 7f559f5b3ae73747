// SPDX-License-Identifier: ISC
// The images of a project: what is stored, where used, until when.
import { useEffect, useState } from 'preact/hooks';
import { ask, getAll, getProjects, type Image, type List, type Project } from
  '../api';
import { Age, Badge, Code, Dialog, Empty, Field, FormProblem, Page } from
  '../components/ui';
import { imageLines } from '../lib/curl';
import { ago, bytes, shortDigest } from '../lib/format';
import { place, setQuery } from '../router';
import { toast, toastError } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/images';

function Delete({ project, image, onClose, onGone }: { project: string;
  image: Image; onClose: () => void; onGone: () => void }) {
  const [error, setError] = useState<Error | null>(null);
  const remove = async () => {
    try {
      await ask('DELETE', `/images/${image.sha256}?project=${project}`);
      toast(text.deleted);
      onGone();
    } catch (e) {
      setError(e as Error);
    }
  };
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
  return (
    <tr>
      <th scope="row"><code title={image.sha256}>{shortDigest(image.sha256)}</code>
      </th>
      <td>{bytes(image.size)}</td>
      <td>{image.target ? text.target(image.target, image.abi_version) : '–'}
        <div class="quiet">{image.devices.map((d) => d.name).join(', ') ||
          text.noDevices}</div></td>
      <td><Age time={image.stored_at} as={ago} /></td>
      <td>{image.used_by?.length ? image.used_by.map((u) => (
        <div key={`${u.instance}/${u.name}`}>
          <a href={`/unikernels/${u.instance}/${project}/${u.name}` +
            '?tab=deployments'}>{u.name}</a>{' '}
          <span class="quiet">{u.current ? text.runsIt : text.inDeployment(u.number)}
          </span></div>)) : <span class="quiet">{text.nowhere}</span>}</td>
      <td><Badge kind={image.kept ? 'good' : 'warn'}>{image.kept ? text.kept : text.willGo}</Badge></td>
      <td class="end">
        <a class="button small" aria-label={text.deployOne(shortDigest(image.sha256))}
          href={`/deploy?project=${project}&image=${image.sha256}`}>
          {common.deploy}</a>{' '}
        <button type="button" class="small" onClick={onDelete}
          aria-label={text.deleteOne(shortDigest(image.sha256))}>
          {common.deleteIt}</button></td>
    </tr>
  );
}

export function Images() {
  const [projects, setProjects] = useState<Project[]>([]);
  const [images, setImages] = useState<Image[] | null>(null);
  const [deleting, setDeleting] = useState<Image | null>(null);
  const project = place.value.query.get('project') ?? projects[0]?.name ?? '';
  useEffect(() => {
    getProjects().then(setProjects, toastError);
  }, []);
  const load = () => {
    if (project) getAll<List<Image>>(`/images?project=${project}`)
      .then(({ items }) => setImages(items), toastError);
  };
  useEffect(load, [project]);
  return (
    <Page title={text.title} action={<a class="button primary" href="/deploy">
      {common.deploy}</a>}>
      <div class="stack">
        {projects.length > 1 && <Field label={common.project}>{(p) => (
          <select {...p} value={project} onChange={(e) => {
            setImages(null);
            setQuery('project', e.currentTarget.value);
          }}>{projects.map((q) => <option key={q.name}>{q.name}</option>)}
          </select>)}</Field>}
        {images?.length === 0 && <Empty title={text.none}>
          <p>{text.noneAbout}</p></Empty>}
        {images && images.length > 0 && <div class="table"><table class="images">
          <thead><tr><th scope="col">{common.digest}</th>
            <th scope="col">{common.size}</th><th scope="col">{text.use}</th>
            <th scope="col">{text.stored}</th><th scope="col">{common.usedBy}</th>
            <th scope="col">{text.keptHead}</th>
            <th scope="col"><span class="unseen">{common.actions}</span></th>
          </tr></thead>
          <tbody>{images.map((image) => <Row key={image.sha256} image={image}
            project={project} onDelete={() => setDeleting(image)} />)}</tbody>
        </table></div>}
        {project && <section class="card"><h2>{text.uploadNew}</h2>
          <Code text={imageLines(location.origin, project)} /></section>}
      </div>
      {deleting && <Delete project={project} image={deleting}
        onClose={() => setDeleting(null)}
        onGone={() => { setDeleting(null); load(); }} />}
    </Page>
  );
}

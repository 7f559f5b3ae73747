// SPDX-License-Identifier: ISC
// What the store keeps of a project, where it is used, and how to remove it.
import { useEffect, useState } from 'preact/hooks';
import { ask, getAll, type Image } from '../api';
import { Age, Badge, Banner, Code, Dialog, Empty, Field, FormProblem, Page } from
  '../components/ui';
import { uploadLines } from '../lib/curl';
import { ago, bytes, shortDigest } from '../lib/format';
import { place, setQuery } from '../router';
import { holds, session } from '../store/session';
import { toast } from '../store/toasts';

interface List {
  items: Image[];
  next: string | null;
}

function Remove({ image, project, onClose }: {
  image: Image; project: string; onClose: (removed: boolean) => void }) {
  const [error, setError] = useState<Error | null>(null);
  const remove = async () => {
    try {
      await ask('DELETE', `/images/${image.sha256}?project=${project}`);
      toast(`${shortDigest(image.sha256)} was removed`);
      onClose(true);
    } catch (e) {
      setError(e as Error);
    }
  };
  return (
    <Dialog title={`Remove ${shortDigest(image.sha256)}?`}
      onClose={() => onClose(false)}>
      <p>Deployments of it can not be gone back to any more, unless it is uploaded
        again.</p>
      <FormProblem error={error} fields={[]} title="It was not removed." />
      <div class="row end">
        <button type="button" autofocus onClick={() => onClose(false)}>Keep it</button>
        <button type="button" class="danger solid" onClick={remove}>Remove</button>
      </div>
    </Dialog>
  );
}

function Row({ image, project, onRemove }: {
  image: Image; project: string; onRemove: () => void }) {
  const short = shortDigest(image.sha256);
  return (
    <tr>
      <th scope="row"><code title={image.sha256}>{short}</code></th>
      <td>{bytes(image.size)}</td>
      <td>{image.target ? `${image.target}, ABI ${image.abi_version}` : 'unknown'}</td>
      <td class="may">{image.devices.map((d) => d.name).join(', ') || 'no devices'}</td>
      <td><Age time={image.stored_at} as={ago} /></td>
      <td class="may">{image.used_by?.map((u) => (
        <div key={`${u.instance}/${u.name}`}><a
          href={`/unikernels/${u.instance}/${project}/${u.name}?tab=deployments`}>
          {u.name}</a> {u.number}{u.current && ', now'}</div>))}</td>
      <td><Badge kind={image.kept ? 'good' : 'warn'}>
        {image.kept ? 'kept' : 'will be removed'}</Badge></td>
      <td class="end">{holds(project, 'deployer') && <button type="button"
        class="small danger" aria-label={`Remove ${short}`} onClick={onRemove}>
        Remove</button>}</td>
    </tr>
  );
}

export function Images() {
  const projects = session.value?.projects ?? [];
  const project = place.value.query.get('project') ?? projects[0]?.name ?? '';
  const [list, setList] = useState<List | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [removing, setRemoving] = useState<Image | null>(null);
  useEffect(() => {
    const control = new AbortController();
    setList(null);
    setError(null);
    if (project) getAll<List>(`/images?project=${project}`, control.signal)
      .then(setList, (e: Error) => { if (!control.signal.aborted) setError(e); });
    return () => control.abort();
  }, [project]);
  const removed = (image: Image) => setList((old) => old && { ...old,
    items: old.items.filter((i) => i.sha256 !== image.sha256) });
  return (
    <Page title="Images">
      <div class="stack">
        {projects.length > 1 && <Field label="Project">{(p) => (
          <select {...p} value={project}
            onChange={(e) => setQuery('project', e.currentTarget.value)}>
            {projects.map((q) => <option key={q.name}>{q.name}</option>)}
          </select>)}</Field>}
        {error && <Banner title="The images are not known.">{error.message}</Banner>}
        {list?.items.length === 0 && <Empty title="No image is stored">
          <p>Each deploy stores its image.</p></Empty>}
        {list && list.items.length > 0 && <div class="table"><table class="images">
          <thead><tr>{['Image', 'Size', 'Target', 'Devices', 'Stored', 'Used by',
            'State'].map((t) => <th key={t} scope="col">{t}</th>)}
            <td /></tr></thead>
          <tbody>{list.items.map((i) => (
            <Row key={i.sha256} image={i} project={project}
              onRemove={() => setRemoving(i)} />))}</tbody></table></div>}
        <section class="card stack"><h2>Upload only what is new</h2>
          <Code text={uploadLines(location.origin, project)} />
          <p class="quiet">With a <a href="/tokens">token</a> in
            MOLLYMAWK_TOKEN.</p></section>
      </div>
      {removing && <Remove image={removing} project={project} onClose={(gone) => {
        if (gone) removed(removing);
        setRemoving(null);
      }} />}
    </Page>
  );
}

// SPDX-License-Identifier: ISC
// Where the image comes from: a file, the store, a builder, or what runs.
import { useEffect, useState } from 'preact/hooks';
import { unikernelPath, type Build, type Image as Stored, type List,
  type Unikernel, type UnikernelList } from '../../api';
import { useAsked } from '../../lib/asked';
import { deviceText } from '../../lib/devices';
import { bytes, shortDigest } from '../../lib/format';
import { readManifest, type Manifest } from '../../lib/image';
import { place } from '../../router';
import { dropped } from '../../store/dropped';
import * as text from '../../text/deploy';
import { BuildPicker, type Start } from '../BuildPicker';
import { Icon } from '../Icon';
import { Field, Segments } from '../ui';
import '../drop.css';

/** A file to be uploaded, one that is in the store, or a builder's. */
export interface Image {
  file: File | null;
  stored: Stored | null;
  build: Build | null;
  manifest: Manifest;
}

export function storedImage(stored: Stored): Image {
  return { file: null, stored, build: null, manifest: {
    target: stored.target ?? text.unknownTarget, version: stored.abi_version,
    devices: stored.devices } };
}

export function builtImage(build: Build): Image {
  return { file: null, stored: null, build, manifest: {
    target: build.target ?? text.unknownTarget, version: build.abi_version ?? 0,
    devices: build.devices ?? [] } };
}

const sizeOf = ({ file, stored, build }: Image): number =>
  file?.size ?? stored?.size ?? build?.size ?? 0;

/** What its manifest says. */
function Manifested({ image }: { image: Image }) {
  const { manifest: { target, version, devices } } = image;
  return (
    <span>{text.manifest(bytes(sizeOf(image)), target, version,
      devices.map(deviceText).join(', '))}</span>
  );
}

function About({ image }: { image: Image }) {
  const { file, stored } = image;
  return (
    <>
      <strong>{file?.name ?? text.storedImage(
        shortDigest(stored?.sha256 ?? ''))}</strong>
      <Manifested image={image} />
    </>
  );
}

/** lost: the name of a file that a reload of the page took away. */
export function ImageDrop({ image, lost, wrong, onImage }: { image: Image | null;
  lost: string; wrong: string | undefined;
  onImage: (image: Image | null) => void }) {
  const [error, setError] = useState('');
  const take = async (file: File | undefined) => {
    if (!file) return;
    const manifest = await readManifest(file);
    setError(typeof manifest === 'string' ? manifest : '');
    onImage(typeof manifest === 'string' ? null :
      { file, stored: null, build: null, manifest });
  };
  useEffect(() => {
    if (!dropped.value) return;
    void take(dropped.value);
    dropped.value = null;
  }, [dropped.value]);
  const why = error || wrong;
  return (
    <div class={`drop ${image ? 'full' : ''} ${why ? 'bad' : ''}`}>
      <input type="file" aria-label={text.image} aria-describedby="image-about"
        aria-invalid={!!why}
        onChange={(e) => take(e.currentTarget.files?.[0])} />
      <Icon name="deploy" />
      <span class="lines" id="image-about">{image ? <About image={image} /> : <>
        <strong>{lost ? text.chooseAgain(lost) : text.dropHere}</strong>
        <span>{text.orPress}</span></>}
        {why && <span class="note" role="alert">{why}</span>}</span>
      {image && <span class="button small" aria-hidden="true">{text.another}</span>}
    </div>
  );
}

/** One of the images which the project has. */
export function FromStore({ project, chosen, onImage }: { project: string;
  chosen: string | undefined; onImage: (image: Image) => void }) {
  const images = useAsked<List<Stored>>(project ?
    `/images?project=${project}&limit=100` : null).answer?.items ?? [];
  if (images.length === 0) return null;
  return (
    <Field label={text.fromStore}>{(p) => (
      <select {...p} value={chosen ?? ''} onChange={(e) => {
        const found = images.find((i) => i.sha256 === e.currentTarget.value);
        if (found) onImage(storedImage(found));
      }}>
        <option value="">{text.chooseOne}</option>
        {images.map((i) => <option key={i.sha256} value={i.sha256}>
          {text.storeOption(shortDigest(i.sha256), bytes(i.size),
            i.used_by?.map((u) => u.name).join(', ') ?? '')}</option>)}
      </select>)}</Field>
  );
}

export function FromBuilder({ image, wrong, onImage }: { image: Image | null;
  wrong: string | undefined; onImage: (image: Image | null) => void }) {
  const { query } = place.value;
  const [start] = useState<Start>(() => ({ builder: query.get('builder'),
    job: query.get('job'), build: query.get('build'), ...image?.build }));
  return (
    <section class="card stack"><h2>{text.way.builder}</h2>
      <BuildPicker start={start} preselect picked={image?.build ?? null}
        wrong={wrong} onPick={(build) => onImage(build && builtImage(build))} />
      {image && <p class="quiet"><Manifested image={image} /></p>}
    </section>
  );
}

/** "INSTANCE/PROJECT/NAME", as the address has it. */
const likeOf = (u: Unikernel) => unikernelPath(u).replace('/unikernels/', '');

/** What runs, to begin a new one with its image and configuration. */
export function FromOther({ onLike }: { onLike: (like: string) => void }) {
  const { answer, error } = useAsked<UnikernelList>('/unikernels');
  const list = answer?.items.filter((u) => u.config);
  const [which, setWhich] = useState('');
  return (
    <section class="card stack"><h2>{text.way.like}</h2>
      <Field label={text.likeWhich} error={error?.message}
        hint={list?.length === 0 ? text.likeNone : text.likeHint}>{(p) => (
        <select {...p} value={which} disabled={!list?.length}
          onChange={(e) => setWhich(e.currentTarget.value)}>
          <option value="">{text.chooseOne}</option>
          {list?.map((u) => <option key={likeOf(u)} value={likeOf(u)}>
            {text.likeOption(u.name, u.instance, u.project)}</option>)}
        </select>)}</Field>
      <div class="row"><button type="button" disabled={which === ''}
        onClick={() => onLike(which)}>{text.likeIt}</button></div>
    </section>
  );
}

export type From = 'file' | 'builder' | 'like';

const ways: From[] = ['file', 'builder', 'like'];

/** Where it comes from; what was chosen of the other ones stays. */
export function Source({ from, onFrom }: { from: From;
  onFrom: (from: From) => void }) {
  return (
    <Segments label={text.source} unseen value={from} onChange={onFrom}
      values={ways.map((way) => [way, text.way[way]] as const)} />
  );
}

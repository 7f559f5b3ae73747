// SPDX-License-Identifier: ISC
// One volume: who uses it, what it holds, its saved copies.
import { get, isMissing, volumePath, type Volume as V, type VolumeName } from
  '../api';
import { DeleteVolume, DownloadDialog, SaveDialog } from
  '../components/CopyDialogs';
import { CopyTable, useCopies } from '../components/CopyTable';
import { Users } from '../components/InUse';
import { ScheduleCard } from '../components/ScheduleCard';
import { UploadDialog } from '../components/UploadDialog';
import { Ago, Badge, Banner, Code, Digest, Empty, Fact, Loading, Page, Stale }
  from '../components/ui';
import { downloadLine, postLine, uploadLine } from '../lib/curl';
import { mb } from '../lib/format';
import { sameVolume } from '../lib/names';
import { doingText, titleOf } from '../lib/operation';
import { usePolled } from '../lib/poll';
import { holdsText, isWritten } from '../lib/volume';
import { go, queryDialog } from '../router';
import { openDrawer, operationOf, operations } from '../store/operations';
import { holds, mayBring } from '../store/session';
import * as common from '../text/common';
import * as text from '../text/volumes';

const EVERY = 3000;

function useVolume(id: VolumeName) {
  const news = operations.value.filter((o) => sameVolume(o, id))
    .map((o) => o.url + o.state + o.step).join();
  return usePolled((signal) => get<V>(volumePath(id), signal), EVERY,
    [volumePath(id), news]);
}

/** What it holds, in albatross' and our own words. */
function Holds({ v }: { v: V }) {
  const { content } = v;
  return (
    <section class="card"><h2>{text.whatItHolds}</h2>
      {isWritten(v) ? <p>{text.isWritten}</p> : !content ?
        <p class="quiet">{text.neverWritten}</p> : <>
        <p>{content.detail}</p>
        <dl class="given">
          <Fact name={text.written}>{text.writtenBy(
            <Ago time={content.at} />, content.user)}</Fact>
          {content.sha256 && <Fact name="SHA-256"><Digest of={content.sha256} />
          </Fact>}
        </dl></>}
    </section>
  );
}

/** What is done with it just now, and by whom. */
function Doing({ v }: { v: V }) {
  const o = operationOf(v);
  return (
    <Banner kind="warn" title={o ? text.doing(titleOf(o)) :
      text.doingSomething}>
      {o && text.doingBy(doingText(o), o.user)}
      <button type="button" class="small" onClick={() => openDrawer()}>
        {common.lookAtIt}</button></Banner>
  );
}

function Scripts({ v }: { v: V }) {
  const path = volumePath(v);
  return (
    <section class="card"><h2>{text.fromScript}</h2>
      {holds(v.project, 'deployer') && <Code
        text={uploadLine(location.origin, path)} />}
      <Code text={downloadLine(location.origin, `${path}/data`,
        `${v.name}.img`)} />
      {v.in_use && <p>{text.refusedInUse}</p>}
      <p class="quiet">{common.withToken((word) => <a href="/tokens">{word}</a>)}</p>
    </section>
  );
}

function Copies({ id, v, onSave }: { id: VolumeName; v: V | null;
  onSave: () => void }) {
  const { value: copies, error, at, again } = useCopies(`instance=${id.instance}&project=${
    id.project}&volume=${id.name}`);
  // What was saved of a volume that is gone stays; nothing is to be told of none.
  if (!v && !copies?.length) return null;
  return (
    <section class="stack"><div class="head"><h2>{text.savedCopies}</h2>
      {v && <button type="button" onClick={onSave}>{text.saveCopy}</button>}</div>
    <Stale reason={error} since={at} again={again} />
    {copies?.length === 0 && <Empty title={text.noCopy}>
      <p>{text.copyAbout}</p>
      {v && <Code text={postLine(location.origin,
        volumePath(id, '/copies?wait=600'), v.in_use ? { stop: true } : {})} />}</Empty>}
    {copies && copies.length > 0 && <CopyTable copies={copies} onChanged={again} />}
    </section>
  );
}

export function Volume({ id }: { id: VolumeName }) {
  const { value: v, error, at, again } = useVolume(id);
  const { at: open, show, close } = queryDialog('do');
  const missing = isMissing(error);
  const may = holds(id.project, 'deployer');
  const above = <><a href={`/volumes?q=instance:${id.instance}`}>{id.instance}</a>{
    ' / '}<a href={`/volumes?q=project:${id.project}`}>{id.project}</a></>;
  if (missing || !v)
    return (
      <Page title={id.name} above={above}>
        {!error && <Loading />}
        {error && <div class="stack"><Banner kind="warn" title={missing ?
          text.notThere : common.notShown}>{missing ?
          text.notThereAbout(id.name, id.project, id.instance) : error.message}
          {' '}<a href="/volumes">{text.all}</a></Banner>
        {missing && <Copies id={id} v={null} onSave={close} />}</div>}
      </Page>);
  return (
    <Page title={id.name} above={above} beside={<Badge kind={v.in_use ? 'good' :
      'plain'}>{v.in_use ? text.used : text.free}</Badge>}
      action={<>
        {mayBring(id.project) && <button type="button" class="primary"
          onClick={() => show('upload')}>{text.uploadTo}</button>}
        <button type="button" onClick={() => show('download')}>
          {text.downloadIt}</button>
        {may && <button type="button" class="danger"
          onClick={() => show('delete')}>{text.deleteIt}</button>}</>}>
      <Stale reason={error} since={at} again={again} />
      {v.operation !== null && <Doing v={v} />}
      <dl class="strip">
        <Fact name={common.size}>{mb(v.size)}</Fact>
        <Fact name={common.usedBy}><Users v={v} /></Fact>
        <Fact name={text.holds}>{isWritten(v) ? text.beingWritten :
          holdsText(v.content)}</Fact>
      </dl>
      <div class="split">
        <Copies id={id} v={v} onSave={() => show('save')} />
        <aside class="stack"><Holds v={v} /><ScheduleCard v={v} />
          <Scripts v={v} /></aside>
      </div>
      {mayBring(id.project) && open === 'upload' && <UploadDialog v={v} onClose={close}
        onDone={() => { close(); again(); }} />}
      {open === 'download' && <DownloadDialog v={v} onClose={close} />}
      {open === 'save' && <SaveDialog v={v} onClose={close} />}
      {may && open === 'delete' && <DeleteVolume v={v} onClose={close}
        onGone={() => go('/volumes', true)} />}
    </Page>
  );
}

// SPDX-License-Identifier: ISC
// Saved copies of volumes: of one of them, or of all.
import { useState } from 'preact/hooks';
import { getAll, streamUrl, unlessMissing, volumePath, type Copy, type List } from
  '../api';
import { bytes, shortDigest } from '../lib/format';
import { useLoaded } from '../lib/kept';
import { download, newsOf, operations } from '../store/operations';
import { holds } from '../store/session';
import { toastError } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/copies';
import * as volumes from '../text/volumes';
import { DeleteCopy, RestoreDialog } from './CopyDialogs';
import { Ago, Table } from './ui';
import '../pages/volumes.css';

/** Asked again whenever a save or restore begins or ends. */
export function useCopies(query: string) {
  const news = newsOf(operations.value.filter((o) => o.kind !== 'deployment'));
  return useLoaded((signal) => unlessMissing(
    getAll<List<Copy>>(`/copies${query && `?${query}`}`, signal)
      .then(({ items }) => items), []), [query, news]);
}

function Row({ copy, named, onRestore, onDelete }: { copy: Copy; named: boolean;
  onRestore: () => void; onDelete: () => void }) {
  const at = { ...copy, name: copy.volume };
  const may = holds(copy.project, 'deployer');
  const data = `/copies/${copy.id}/data`;
  return (
    <tr>
      <th scope="row">{text.copy(copy.id, <Ago time={copy.created} />)}
        <div class="quiet">{text.causeBy(text.cause[copy.cause], copy.user)}
        </div>{copy.note && <div class="note">{copy.note}</div>}</th>
      {named && <td><a href={volumePath(at)}>{copy.volume}</a>
        <div class="quiet">{copy.instance} / {copy.project}</div></td>}
      <td>{bytes(copy.bytes)}, <code class="quiet" title={copy.sha256}>
        {shortDigest(copy.sha256)}</code>
      <div class="quiet">{text.kept(bytes(copy.stored),
        text.place[copy.place])}</div>
      </td>
      <td class="end">
        {may && <button type="button" class="small" onClick={onRestore}
          aria-label={text.restoreOne(copy.id)}>{text.restore}</button>}{' '}
        <a class="button small" download href={streamUrl(data)}
          onClick={(e) => {
            e.preventDefault();
            download(data).catch(toastError);
          }} aria-label={text.downloadOne(copy.id)}>{common.download}</a>{' '}
        {may && <button type="button" class="small" onClick={onDelete}
          aria-label={text.removeOne(copy.id)}>{common.deleteIt}</button>}</td>
    </tr>
  );
}

export function CopyTable({ copies, named = false, onChanged }: { copies: Copy[];
  named?: boolean; onChanged: () => void }) {
  const [restoring, setRestoring] = useState<Copy | null>(null);
  const [deleting, setDeleting] = useState<Copy | null>(null);
  return (
    <>
      <Table label={volumes.savedCopies} class="cards copies" columns={[common.saved,
        ...(named ? [common.volume] : []), text.sizeSha,
        { title: common.actions, unseen: true }]}>
        {copies.map((copy) => <Row key={copy.id} copy={copy} named={named}
          onRestore={() => setRestoring(copy)}
          onDelete={() => setDeleting(copy)} />)}</Table>
      {restoring && <RestoreDialog copy={restoring}
        onClose={() => setRestoring(null)} />}
      {deleting && <DeleteCopy copy={deleting} onClose={() => setDeleting(null)}
        onGone={() => { setDeleting(null); onChanged(); }} />}
    </>
  );
}

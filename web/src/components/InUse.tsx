// SPDX-License-Identifier: ISC
// Why something can not be done with a volume, and what can.
import { unikernelPath, volumePath, type Volume } from '../api';
import { openDrawer } from '../store/operations';
import * as common from '../text/common';
import * as text from '../text/volumes';
import { Dialog } from './ui';

/** Links to the unikernels that use a volume. */
export function Users({ v }: { v: Volume }) {
  if (v.used_by.length === 0)
    return <span class="quiet">{v.in_use ? text.used : common.nobody}</span>;
  return (
    <>{v.used_by.map((u, i) => (
      <span key={u.name}>{i > 0 && ', '}<a href={unikernelPath({ ...v,
        name: u.name })}>{u.name}</a>{u.device !== v.name &&
        <span class="quiet">{text.usedAs(u.device)}</span>}</span>))}</>
  );
}

/** Whether its content can not be had or given now. */
export const isBusy = (v: Volume) => v.in_use || v.operation !== null;

export function InUse({ v, title, onClose }: { v: Volume; title: string;
  onClose: () => void }) {
  const look = () => { onClose(); openDrawer(); };
  return (
    <Dialog title={title} onClose={onClose}>
      {v.operation !== null && <p>{text.underWay((word) => <button
        type="button" class="small" onClick={look}>{word}</button>)}</p>}
      {v.in_use && <>
        <p>{text.usedWhy(<Users v={v} />)}</p>
        <p>{text.copyInstead((words) => <a href={volumePath(v)}
          onClick={onClose}>{words}</a>, v.name)}</p>
      </>}
      <div class="row end"><button type="button" autofocus onClick={onClose}>
        {common.close}</button></div>
    </Dialog>
  );
}

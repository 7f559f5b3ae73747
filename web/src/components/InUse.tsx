// SPDX-License-Identifier: ISC
// Why something can not be done with a volume, and what can.
import { unikernelPath, volumePath, type Volume } from '../api';
import { openDrawer } from '../store/operations';
import { Dialog } from './ui';

/** Links to the unikernels that use a volume. */
export function Users({ v }: { v: Volume }) {
  if (v.used_by.length === 0)
    return <span class="quiet">{v.in_use ? 'in use' : 'nobody'}</span>;
  return (
    <>{v.used_by.map((u, i) => (
      <span key={u.name}>{i > 0 && ', '}<a href={unikernelPath({ ...v,
        name: u.name })}>{u.name}</a>{u.device !== v.name &&
        <span class="quiet"> as {u.device}</span>}</span>))}</>
  );
}

/** Whether its content can not be had or given now. */
export const isBusy = (v: Volume) => v.in_use || v.operation !== null;

export function InUse({ v, title, onClose }: { v: Volume; title: string;
  onClose: () => void }) {
  const look = () => { onClose(); openDrawer(); };
  return (
    <Dialog title={title} onClose={onClose}>
      {v.operation !== null && <p>Something is under way with it. <button
        type="button" class="small" onClick={look}>Look at it</button></p>}
      {v.in_use && <>
        <p>It is used by <Users v={v} />, and albatross neither takes nor gives the
          content of a volume while a unikernel has it.</p>
        <p>A copy can be saved, and one restored, with a short stop of who uses it:
          on the <a href={volumePath(v)} onClick={onClose}>page of {v.name}</a>.</p>
      </>}
      <div class="row end"><button type="button" autofocus onClick={onClose}>
        Close</button></div>
    </Dialog>
  );
}

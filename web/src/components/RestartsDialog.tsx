// SPDX-License-Identifier: ISC
// Asks before many unikernels are restarted, and tells how that goes.
import { useState } from 'preact/hooks';
import { unikernelPath, type Unikernel } from '../api';
import { postLine } from '../lib/curl';
import { isRestarting, restartAll, restarts, stopRestarts, type Restart } from
  '../store/restarts';
import { toast } from '../store/toasts';
import * as text from '../text/bulk';
import * as common from '../text/common';
import { Names } from './Names';
import { Badge, Check, Dialog, Script, type Kind } from './ui';

const kinds: Record<Restart['state'], Kind> = {
  waiting: 'plain', running: 'warn', restarted: 'good', failed: 'bad',
  skipped: 'plain',
};

function Going({ items }: { items: Restart[] }) {
  return (
    <ul class="names" role="status">{items.map(({ u, state, detail }) => (
      <li key={unikernelPath(u)}><Badge kind={kinds[state]}>
        {text.restartState[state]}</Badge>{' '}
      <a href={unikernelPath(u)}>{u.name}</a>{' '}
      <span class="quiet">{u.instance} / {u.project}</span>
      {detail && <p class="note">{detail}</p>}</li>))}</ul>
  );
}

/** Said when nobody looks at the dialog any more. */
function tell(): void {
  const all = restarts.value ?? [];
  const failed = all.filter((r) => r.state === 'failed').length;
  toast(text.restartedOf(all.filter((r) => r.state === 'restarted').length, failed),
    failed > 0);
}

export function RestartsDialog({ items, onClose }: { items: Unikernel[];
  onClose: () => void }) {
  const [stop, setStop] = useState(true);
  const [begun, setBegun] = useState(isRestarting);
  const busy = isRestarting();
  const submit = (event: Event) => {
    event.preventDefault();
    setBegun(true);
    void restartAll(items, stop).then(tell);
  };
  return (
    <Dialog title={begun ? text.restartsTitle(restarts.value?.length ?? 0) :
      text.restartTitle(items.length)} wide onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        {!begun && <>
          <p>{text.restartMeans}</p>
          <Names items={items} />
          <Check label={text.stopAtFailure} checked={stop} onChange={setStop} /></>}
        {begun && restarts.value && <Going items={restarts.value} />}
        <div class="row end">
          {busy && <button type="button" onClick={stopRestarts}>
            {text.beginNoMore}</button>}
          <button type="button" onClick={onClose}>{begun ? common.close :
            common.cancel}</button>
          {!begun && <button class="primary">{common.restart}</button>}</div>
        {!begun && <Script text={items.map((u) => postLine(location.origin,
          unikernelPath(u, '/restart?wait=60'), {})).join('\n')} />}
      </form>
    </Dialog>
  );
}

// SPDX-License-Identifier: ISC
// What is done seldom with a log, and how much of it is kept.
import { useRef, useState } from 'preact/hooks';
import { ask, unikernelPath, type Unikernel } from '../api';
import { bytes, dayMinute } from '../lib/format';
import { asText, type Entry } from '../lib/log';
import type { Log } from '../store/log';
import { holds } from '../store/session';
import { toast } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/log';
import { Icon } from './Icon';
import { Check, ConfirmName, copy } from './ui';

export function LogMenu({ u, log, shown, times, onTimes }: { u: Unikernel; log: Log;
  shown: Entry[]; times: boolean; onTimes: (on: boolean) => void }) {
  const [forget, setForget] = useState(false);
  const box = useRef<HTMLDetailsElement>(null);
  const { value: kept } = log.kept;
  const close = () => box.current?.removeAttribute('open');
  return <>
    <details class="log-menu" ref={box} onKeyDown={(e) => {
      if (e.key !== 'Escape') return;
      close();
      box.current?.querySelector('summary')?.focus();
    }}>
      <summary class="button small" aria-label={text.more}><Icon name="more" /></summary>
      <div>
        <Check label={text.times} checked={times} onChange={onTimes} />
        <p>{kept && kept.entries > 0 ? text.kept(kept.entries, bytes(kept.bytes),
          kept.first_at && dayMinute(kept.first_at)) : text.nothingKept}</p>
        <button type="button" class="small" onClick={() => {
          close();
          void copy(asText(shown), common.log);
        }}>{text.copyShown}</button>
        {holds(u.project, 'deployer') && kept !== null && kept.entries > 0 &&
          <button type="button" class="small" onClick={() => {
            close();
            setForget(true);
          }}>{text.forget}</button>}
      </div>
    </details>
    {forget && <ConfirmName title={text.forgetTitle(u.name)} name={u.name}
      verb={common.forget} onClose={() => setForget(false)} onConfirm={async () => {
        await ask('DELETE', unikernelPath(u, '/log'));
        toast(text.forgotten(u.name));
        setForget(false);
        await log.anew();
      }}><p>{text.forgetAbout}</p></ConfirmName>}
  </>;
}

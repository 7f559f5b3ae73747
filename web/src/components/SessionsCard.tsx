// SPDX-License-Identifier: ISC
// Where one is signed in, and how to end it.
import { useState } from 'preact/hooks';
import { ask, getAll, type List, type MySession } from '../api';
import { deviceOf } from '../lib/device';
import { day } from '../lib/format';
import { usePolled } from '../lib/poll';
import { toast, toastError } from '../store/toasts';
import * as text from '../text/account';
import { Ago, Badge, Loading, Stale } from './ui';

const EVERY = 15_000;

function Row({ s, onEnd }: { s: MySession; onEnd: () => void }) {
  const device = deviceOf(s.device);
  const from = s.last_used_from ?? s.address;
  return (
    <li>
      <div class="grow">
        <strong title={s.device ?? undefined}>{device}</strong>{' '}
        {s.current && <Badge kind="good">{text.thisOne}</Badge>}
        <p>{text.used(<Ago time={s.last_used_at ?? s.created_at} />,
          from)}</p>
        <p class="quiet">{text.signedIn(<Ago time={s.created_at} />,
          s.method, s.address === from ? null : s.address, day(s.expires_at))}</p>
      </div>
      {!s.current && <button type="button" class="small" onClick={onEnd}
        aria-label={text.endOf(device)}>{text.end}</button>}
    </li>
  );
}

const currentFirst = (items: MySession[]) =>
  items.toSorted((a, b) => Number(b.current) - Number(a.current));

export function SessionsCard() {
  const { value, error, at, again } = usePolled((signal) =>
    getAll<List<MySession>>('/me/sessions', signal), EVERY, []);
  const [busy, setBusy] = useState(false);
  const end = async (path: string, what: string) => {
    setBusy(true);
    try {
      await ask('DELETE', `/me/sessions${path}`);
      toast(what);
    } catch (e) {
      toastError(e);
    }
    setBusy(false);
    again();
  };
  const others = value?.items.some((s) => !s.current);
  return (
    <section class="card stack" aria-labelledby="sessions">
      <div class="row"><h2 id="sessions" class="grow">{text.sessions}</h2>
        {others && <button type="button" class="small" disabled={busy}
          onClick={() => end('', text.othersEnded)}>
          {text.endOthers}</button>}</div>
      <p>{text.sessionsAbout}</p>
      <Stale reason={error} since={at} again={again}>
        {value && <ul class="rows sessions">{currentFirst(value.items).map((s) => (
          <Row key={s.id} s={s} onEnd={() =>
            end(`/${s.id}`, text.sessionEnded)} />))}</ul>}</Stale>
      {!value && !error && <Loading />}
    </section>
  );
}

// SPDX-License-Identifier: ISC
// Where one is signed in, and how to end it.
import { useState } from 'preact/hooks';
import { ask, getAll, type List, type MySession } from '../api';
import { deviceOf } from '../lib/device';
import { ago, day } from '../lib/format';
import { usePolled } from '../lib/poll';
import { toast, toastError } from '../store/toasts';
import { Age, Badge, Banner } from './ui';

const EVERY = 15_000;

const methods: Record<MySession['method'], string> = {
  password: 'by password', totp: 'by password and code',
  'recovery-code': 'by password and recovery code', passkey: 'by passkey',
};

function Row({ s, onEnd }: { s: MySession; onEnd: () => void }) {
  const device = deviceOf(s.device);
  const from = s.last_used_from ?? s.address;
  return (
    <li>
      <div class="grow">
        <strong title={s.device ?? undefined}>{device}</strong>{' '}
        {s.current && <Badge kind="good">this one</Badge>}
        <p>Used <Age time={s.last_used_at ?? s.created_at} as={ago} />
          {from && <> from {from}</>}</p>
        <p class="quiet">Signed in <Age time={s.created_at} as={ago} />
          {' '}{methods[s.method]}
          {s.address && s.address !== from && ` from ${s.address}`}, until{' '}
          {day(s.expires_at)} at most</p>
      </div>
      {!s.current && <button type="button" class="small" onClick={onEnd}
        aria-label={`End ${device}`}>End</button>}
    </li>
  );
}

export function SessionsCard() {
  const { value, error, again } = usePolled((signal) =>
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
      <div class="row"><h2 id="sessions" class="grow">Sessions</h2>
        {others && <button type="button" class="small" disabled={busy}
          onClick={() => end('', 'All other sessions have ended')}>
          End all others</button>}</div>
      <p>Where you are signed in. End what you do not know, and change your
        password then.</p>
      {error && <Banner kind="warn" title="Not up to date.">{error.message}</Banner>}
      {!value && !error && <p class="quiet">Loading…</p>}
      {value && <ul class="rows">{value.items.map((s) => (
        <Row key={s.id} s={s} onEnd={() =>
          end(`/${s.id}`, 'The session has ended')} />))}</ul>}
    </section>
  );
}

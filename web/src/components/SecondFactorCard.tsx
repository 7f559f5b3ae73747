// SPDX-License-Identifier: ISC
// Codes of an authenticator app, and recovery codes: set up, made anew, removed.
import { useEffect, useState } from 'preact/hooks';
import { ask, type Otp, type SecondFactor } from '../api';
import { count } from '../lib/format';
import { useSending } from '../lib/sending';
import { toast } from '../store/toasts';
import { lazy } from './Lazy';
import { RecoveryCodes } from './RecoveryCodes';
import { Badge, Code, Dialog, Field, FormProblem } from './ui';

const QrCode = lazy(() => import('./QrCode').then((m) => m.QrCode));

type Made = { recovery_codes: string[] };
type Asked = { onDone: () => void; onClose: () => void };

const inFours = (secret: string) => secret.replace(/(.{4})(?=.)/g, '$1 ');

/** The secret to scan or to type, and a first code of it. */
function Scan({ otp, onMade, onClose }: { otp: Otp; onClose: () => void;
  onMade: (codes: string[]) => void }) {
  const [code, setCode] = useState('');
  const { error, busy, submit, say } = useSending();
  return (
    <form class="stack" onSubmit={submit(async () => {
      const made = await ask<Made>('POST', '/me/otp/confirm', { code });
      onMade(made.recovery_codes);
    })}>
      <p>Scan this with an authenticator app, or type the secret into it.</p>
      <QrCode text={otp.uri} label="QR code of the secret below" />
      <Code text={inFours(otp.secret)} what="Secret" />
      <Field label="Code" error={say('code')}
        hint="The six digits that the app shows now.">{(p) => (
        <input {...p} class="mono" required autofocus autocomplete="one-time-code"
          inputMode="numeric" maxLength={64} value={code}
          onInput={(e) => setCode(e.currentTarget.value)} />)}</Field>
      <FormProblem error={error} fields={['code']} title="It was not turned on." />
      <div class="row end">
        <button type="button" onClick={onClose}>Cancel</button>
        <button class="primary" disabled={busy}>Turn it on</button></div>
    </form>
  );
}

function SetUp({ onDone, onClose }: Asked) {
  const [otp, setOtp] = useState<Otp | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const { error, send } = useSending();
  useEffect(() => {
    void send(async () => setOtp(await ask<Otp>('POST', '/me/otp')));
  }, []);
  return (
    <Dialog title={codes ? 'Recovery codes' : 'Codes from an app'}
      onClose={codes ? onDone : onClose}>
      <FormProblem error={error} fields={[]} title="It could not begin." />
      {codes ? <RecoveryCodes codes={codes} onDone={onDone} /> :
        otp && <Scan otp={otp} onMade={setCodes} onClose={onClose} />}
    </Dialog>
  );
}

function Renew({ onDone, onClose }: Asked) {
  const [codes, setCodes] = useState<string[] | null>(null);
  const { error, busy, submit } = useSending();
  return (
    <Dialog title="Recovery codes" onClose={codes ? onDone : onClose}>
      {codes ? <RecoveryCodes codes={codes} onDone={onDone} /> : (
        <form class="stack" onSubmit={submit(async () => setCodes((await
        ask<Made>('POST', '/me/otp/recovery-codes')).recovery_codes))}>
          <p>Those you have are then good no more.</p>
          <FormProblem error={error} fields={[]} title="None were made." />
          <div class="row end">
            <button type="button" onClick={onClose}>Cancel</button>
            <button class="primary" autofocus disabled={busy}>
              Make new ones</button></div>
        </form>)}
    </Dialog>
  );
}

function Remove({ onDone, onClose }: Asked) {
  const { error, busy, submit } = useSending();
  return (
    <Dialog title="Remove the codes?" onClose={onClose}>
      <form class="stack" onSubmit={submit(async () => {
        await ask('DELETE', '/me/otp');
        toast('Codes are not asked for any more');
        onDone();
      })}>
        <p>No codes of the app are then asked for. Recovery codes go with the last
          second factor.</p>
        <FormProblem error={error} fields={[]} title="They were not removed." />
        <div class="row end">
          <button type="button" autofocus onClick={onClose}>Keep them</button>
          <button class="danger solid" disabled={busy}>Remove</button></div>
      </form>
    </Dialog>
  );
}

const dialogs = { setUp: SetUp, renew: Renew, remove: Remove };

export function SecondFactorCard({ has, onChange }: { has: SecondFactor;
  onChange: () => void }) {
  const [open, setOpen] = useState<keyof typeof dialogs | null>(null);
  const Opened = open && dialogs[open];
  const close = () => setOpen(null);
  const any = has.totp || has.passkeys > 0;
  return (
    <section class="card stack" aria-labelledby="second-factor">
      <h2 id="second-factor">Second factor{' '}
        {has.totp && <Badge kind="good">on</Badge>}</h2>
      <p>A code from an authenticator app, which is asked for behind your password:
        who learns the password can then still not sign in.
        {has.required && ' Administrators must have a second factor here.'}</p>
      {any && <p>{count(has.recovery_codes, 'recovery code')} left, for when you
        have lost it.</p>}
      <div class="row">
        <button type="button" class={has.totp ? '' : 'primary'}
          onClick={() => setOpen('setUp')}>
          {has.totp ? 'Another device' : 'Set up codes'}</button>
        {any && <button type="button"
          onClick={() => setOpen('renew')}>New recovery codes</button>}
        {has.totp && <button type="button" class="danger"
          onClick={() => setOpen('remove')}>Remove</button>}
      </div>
      {Opened && <Opened onClose={close}
        onDone={() => { close(); onChange(); }} />}
    </section>
  );
}

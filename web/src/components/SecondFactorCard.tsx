// SPDX-License-Identifier: ISC
// Codes of an authenticator app, and recovery codes: set up, made anew, removed.
import { useEffect, useState } from 'preact/hooks';
import { ask, type Otp, type SecondFactor } from '../api';
import { useSending } from '../lib/sending';
import { toast } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/factors';
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
      <p>{text.scan}</p>
      <QrCode text={otp.uri} label={text.qrCode} />
      <Code text={inFours(otp.secret)} what={text.secret} />
      <Field label={text.code} error={say('code')}
        hint={text.codeHint}>{(p) => (
        <input {...p} class="mono" required autofocus autocomplete="one-time-code"
          inputMode="numeric" maxLength={64} value={code}
          onInput={(e) => setCode(e.currentTarget.value)} />)}</Field>
      <FormProblem error={error} fields={['code']} title={text.notOn} />
      <div class="row end">
        <button type="button" onClick={onClose}>{common.cancel}</button>
        <button class="primary" disabled={busy}>{text.turnOn}</button></div>
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
    <Dialog title={codes ? text.recoveryCodes : text.codesFromApp}
      onClose={codes ? onDone : onClose}>
      <FormProblem error={error} fields={[]} title={text.notBegun} />
      {codes ? <RecoveryCodes codes={codes} onDone={onDone} /> :
        otp && <Scan otp={otp} onMade={setCodes} onClose={onClose} />}
    </Dialog>
  );
}

function Renew({ onDone, onClose }: Asked) {
  const [codes, setCodes] = useState<string[] | null>(null);
  const { error, busy, submit } = useSending();
  return (
    <Dialog title={text.recoveryCodes} once={codes !== null}
      onClose={codes ? onDone : onClose}>
      {codes ? <RecoveryCodes codes={codes} onDone={onDone} /> : (
        <form class="stack" onSubmit={submit(async () => setCodes((await
        ask<Made>('POST', '/me/otp/recovery-codes')).recovery_codes))}>
          <p>{text.oldOnesEnd}</p>
          <FormProblem error={error} fields={[]} title={text.noneMade} />
          <div class="row end">
            <button type="button" onClick={onClose}>{common.cancel}</button>
            <button class="primary" autofocus disabled={busy}>
              {text.makeNew}</button></div>
        </form>)}
    </Dialog>
  );
}

function Remove({ onDone, onClose }: Asked) {
  const { error, busy, submit } = useSending();
  return (
    <Dialog title={text.removeTitle} onClose={onClose}>
      <form class="stack" onSubmit={submit(async () => {
        await ask('DELETE', '/me/otp');
        toast(text.removedCodes);
        onDone();
      })}>
        <p>{text.removeAbout}</p>
        <FormProblem error={error} fields={[]} title={text.notRemovedCodes} />
        <div class="row end">
          <button type="button" autofocus onClick={onClose}>{text.keepThem}</button>
          <button class="danger solid" disabled={busy}>{common.remove}</button></div>
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
      <h2 id="second-factor">{common.secondFactor}{' '}
        {has.totp && <Badge kind="good">{text.on}</Badge>}</h2>
      <p>{text.about(has.required)}</p>
      {any && <p>{text.codesLeft(has.recovery_codes)}</p>}
      <div class="row wrap">
        <button type="button" class={has.totp ? '' : 'primary'}
          onClick={() => setOpen('setUp')}>
          {has.totp ? text.otherDevice : text.setUp}</button>
        {any && <button type="button"
          onClick={() => setOpen('renew')}>{text.newCodes}</button>}
        {has.totp && <button type="button" class="danger"
          onClick={() => setOpen('remove')}>{common.remove}</button>}
      </div>
      {Opened && <Opened onClose={close}
        onDone={() => { close(); onChange(); }} />}
    </section>
  );
}

// SPDX-License-Identifier: ISC
// The password again, or a passkey, before what gives or takes power.
import { useState } from 'preact/hooks';
import { ask, hasCode, type Session } from '../api';
import { useSending } from '../lib/sending';
import { confirmed, session } from '../store/session';
import * as common from '../text/common';
import * as text from '../text/shell';
import { CodeField } from './CodeField';
import { PasskeyButton } from './PasskeyButton';
import { WhoseField } from './PasswordField';
import { Dialog, Field } from './ui';

export function ConfirmDialog() {
  const [password, setPassword] = useState('');
  const [otp, setOtp] = useState('');
  const [asked, setAsked] = useState(false);
  const { error, busy, submit, send, say } = useSending();

  const confirm = async () => {
    try {
      confirmed(await ask<Session>('POST', '/session/confirm',
        { password, ...asked && { otp } }));
    } catch (e) {
      setOtp('');
      if (asked || !hasCode(e, 'second-factor')) throw e;
      setAsked(true);
    }
  };
  const wrong = say('password');

  const cancel = () => confirmed(null);
  return (
    <Dialog title={text.confirmTitle} onClose={cancel}>
      <form class="stack" onSubmit={submit(confirm)}>
        <p>{text.confirmAbout}</p>
        <WhoseField email={session.value?.user.email ?? ''} />
        <Field label={common.password} error={wrong ?? (asked ? undefined :
          error?.message)}>{(p) => (
          <input {...p} type="password" autocomplete="current-password" required
            autofocus value={password}
            onInput={(e) => setPassword(e.currentTarget.value)} />)}
        </Field>
        {asked && <CodeField value={otp} onValue={setOtp}
          error={wrong ? undefined : error?.message} />}
        <div class="row end">
          <button type="button" onClick={cancel}>{common.cancel}</button>
          <PasskeyButton verb={text.withPasskey} busy={busy} send={send}
            onShown={async (passkey) => confirmed(await ask<Session>('POST',
              '/session/confirm', { passkey }))} />
          <button class="primary" disabled={busy}>
            {busy ? text.checking : text.confirm}</button>
        </div>
      </form>
    </Dialog>
  );
}

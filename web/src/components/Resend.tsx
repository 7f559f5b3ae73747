// SPDX-License-Identifier: ISC
// The mail with the link that confirms an address did not come: once more.
import { useState } from 'preact/hooks';
import { ask } from '../api';
import { useSending } from '../lib/sending';
import { FormProblem } from './ui';

export function Resend({ email }: { email: string }) {
  const [sent, setSent] = useState(false);
  const { error, busy, send } = useSending();
  return (
    <>
      <FormProblem error={error} fields={[]} title="It was not sent." />
      {sent && <p role="status">It was sent again. Is it among the unwanted
        mails?</p>}
      <p><button type="button" disabled={busy} onClick={() => send(async () => {
        await ask('POST', '/accounts/verify/resend', { email });
        setSent(true);
      })}>{busy ? 'Sending…' : 'Send the mail again'}</button></p>
    </>
  );
}

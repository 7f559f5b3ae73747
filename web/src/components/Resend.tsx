// SPDX-License-Identifier: ISC
// The mail with the link that confirms an address did not come: once more.
import { useState } from 'preact/hooks';
import { ask } from '../api';
import { useSending } from '../lib/sending';
import * as common from '../text/common';
import * as text from '../text/join';
import { FormProblem } from './ui';

export function Resend({ email }: { email: string }) {
  const [sent, setSent] = useState(false);
  const { error, busy, send } = useSending();
  return (
    <>
      <FormProblem error={error} fields={[]} title={text.notSent} />
      {sent && <p role="status">{text.sentAgain}</p>}
      <p><button type="button" disabled={busy} onClick={() => send(async () => {
        await ask('POST', '/accounts/verify/resend', { email });
        setSent(true);
      })}>{busy ? common.sending : text.sendAgain}</button></p>
    </>
  );
}

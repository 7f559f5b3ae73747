// SPDX-License-Identifier: ISC
// Tries what a form of settings has saved, and says what came of it.
import { ask } from '../api';
import { useSending } from '../lib/sending';
import { toast } from '../store/toasts';
import { trial } from '../text/settings';
import { FormProblem } from './ui';

export function Trial({ kind, path, body }: { kind: keyof typeof trial;
  path: string; body?: unknown }) {
  const words = trial[kind];
  const { error, busy, send } = useSending();
  const run = () => send(async () => {
    await ask('POST', path, body);
    toast(words.sent);
  });
  return (
    <>
      <button type="button" disabled={busy} onClick={run}>
        {busy ? words.busy : words.send}</button>
      <FormProblem error={error} fields={[]} title={words.failed} />
    </>
  );
}

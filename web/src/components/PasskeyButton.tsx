// SPDX-License-Identifier: ISC
// Shows a passkey, where the browser has them, instead of anything typed.
import type { PasskeyAnswer } from '../api';
import { hasPasskeys } from '../lib/secure';

export function PasskeyButton({ verb, busy, send, onShown }: { verb: string;
  busy: boolean; send: (work: () => Promise<void>) => void;
  onShown: (shown: PasskeyAnswer) => Promise<void> }) {
  if (!hasPasskeys()) return null;
  return (
    <button type="button" disabled={busy} onClick={() => send(async () => {
      const { showPasskey } = await import('../lib/passkey');
      await onShown(await showPasskey());
    })}>{verb}</button>
  );
}

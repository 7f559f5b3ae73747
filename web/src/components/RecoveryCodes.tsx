// SPDX-License-Identifier: ISC
// Recovery codes, shown this once.
import { Code } from './ui';

export function RecoveryCodes({ codes, onDone }: { codes: string[];
  onDone: () => void }) {
  return (
    <div class="stack">
      <p>Store these recovery codes where you find them without this device: each
        signs you in once instead of a second factor. <b>They are not shown
        again.</b></p>
      <Code text={codes.join('\n')} what="Recovery codes" />
      <div class="row end"><button type="button" class="primary" autofocus
        onClick={onDone}>I have stored them</button></div>
    </div>
  );
}

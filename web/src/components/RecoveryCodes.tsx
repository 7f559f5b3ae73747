// SPDX-License-Identifier: ISC
// Recovery codes, shown this once.
import * as text from '../text/factors';
import { Code } from './ui';

export function RecoveryCodes({ codes, onDone }: { codes: string[];
  onDone: () => void }) {
  return (
    <div class="stack">
      <p>{text.store}</p>
      <Code text={codes.join('\n')} what={text.recoveryCodes} />
      <div class="row end"><button type="button" class="primary" autofocus
        onClick={onDone}>{text.stored}</button></div>
    </div>
  );
}

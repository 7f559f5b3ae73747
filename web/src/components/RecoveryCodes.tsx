// SPDX-License-Identifier: ISC
// Recovery codes, shown this once.
import { useId } from 'preact/hooks';
import * as text from '../text/factors';
import { Code } from './ui';

export function RecoveryCodes({ codes, onDone }: { codes: string[];
  onDone: () => void }) {
  const id = useId();
  return (
    <div class="stack">
      <p id={id}>{text.store}</p>
      <Code text={codes.join('\n')} what={text.recoveryCodes} />
      <div class="row end"><button type="button" class="primary" autofocus
        aria-describedby={id}
        onClick={onDone}>{text.stored}</button></div>
    </div>
  );
}

// SPDX-License-Identifier: ISC
// What is copied: commands, digests.
import { shortDigest } from '../../lib/format';
import { toast } from '../../store/toasts';
import * as common from '../../text/common';
import * as text from '../../text/ui';
import { Icon } from '../Icon';

export async function copy(value: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(value);
    toast(text.copied(what));
  } catch {
    toast(text.notCopied(what), true);
  }
}

/** Text for a terminal, with a button that copies it. */
export function Code({ text: line, what = text.command }: { text: string;
  what?: string }) {
  return (
    <div class="code">
      <button type="button" class="small" onClick={() => copy(line, what)}>
        <Icon name="copy" /> {common.copy}</button>
      <pre tabIndex={0}>{line}</pre></div>
  );
}

/** The first of a digest; a click copies all of it. */
export function Digest({ of }: { of: string }) {
  return (
    <button type="button" class="digest" title={text.clickToCopy(of)}
      onClick={() => copy(of, common.digest)}><code>{shortDigest(of)}</code></button>
  );
}

/** What a form does, as a command, for who asks. */
export function Script({ text: line }: { text: string }) {
  return (
    <details><summary>{common.fromScript}</summary><Code text={line} />
    </details>
  );
}

// SPDX-License-Identifier: ISC
import { diffLines } from '../../lib/compare';
import * as text from '../../text/ui';
import './diff.css';

/** A unified diff; the signs say what the colours say. */
export function Diff({ text: diff, label = text.difference }: {
  text: string; label?: string }) {
  return (
    <pre class="diff" tabIndex={0} role="region" aria-label={label}>
      {diffLines(diff).map(({ kind, text: line }, i) =>
        kind === 'added' ? <ins key={i}>{line}{'\n'}</ins> :
          kind === 'removed' ? <del key={i}>{line}{'\n'}</del> :
            <span key={i} class={kind === 'place' ? 'quiet' : undefined}>{line}
              {'\n'}</span>)}</pre>
  );
}

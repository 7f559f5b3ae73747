// SPDX-License-Identifier: ISC
// Bytes on their way: how many, how fast, how long it still takes.
import { bytes } from '../lib/format';
import { duration, type Rate } from '../lib/rate';
import * as text from '../text/operation';
import './drawer.css';

export function Moving({ label, words, moved, total, rate }: { label: string;
  words: string; moved: number; total: number | null; rate: Rate }) {
  const pace = rate.perSecond(), left = rate.left(total);
  return (
    <div class="moving">
      <progress aria-label={label} {...(total && { value: moved, max: total })} />
      <span>{[words, (total || moved > 0) && text.amount(bytes(moved),
        total ? bytes(total) : null), pace && text.pace(bytes(Math.round(pace))),
      left !== null && left > 0 && text.left(duration(left))]
        .filter(Boolean).join(', ')}</span>
    </div>
  );
}

// SPDX-License-Identifier: ISC
// Bytes on their way: how many, how fast, how long it still takes.
import { bytes } from '../lib/format';
import { duration, type Rate } from '../lib/rate';

export function Moving({ label, words, moved, total, rate }: { label: string;
  words: string; moved: number; total: number | null; rate: Rate }) {
  const pace = rate.perSecond(), left = rate.left(total);
  return (
    <div class="moving">
      <progress aria-label={label} {...(total && { value: moved, max: total })} />
      <span>{[words, total ? `${bytes(moved)} of ${bytes(total)}` :
        moved > 0 && bytes(moved), pace && `${bytes(Math.round(pace))}/s`,
      left !== null && left > 0 && `${duration(left)} left`]
        .filter(Boolean).join(', ')}</span>
    </div>
  );
}

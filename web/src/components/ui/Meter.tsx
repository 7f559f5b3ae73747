// SPDX-License-Identifier: ISC
import { NO_LIMIT } from '../../lib/format';
import * as text from '../../text/ui';

/** How much of something is used. */
export function Meter({ label, used, of, unit = '' }: {
  label: string; used: number; of: number; unit?: string }) {
  const full = of === 0 ? 1 : Math.min(1, used / of);
  return (
    <div class="meter">
      <div><span>{label}</span>
        <span class="number">{text.meter(<b>{used}</b>,
          of < NO_LIMIT ? of : null, unit)}</span></div>
      <progress class={full > 0.9 ? 'high' : ''} value={full} max={1}
        aria-label={label} />
    </div>
  );
}

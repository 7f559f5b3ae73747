// SPDX-License-Identifier: ISC
import { age, ago, exact } from '../../lib/format';
import { clock } from '../../store/clock';
import { areExact } from '../../store/times';

/**
 * A time as an age, the exact one on hover. The key x, a tap on one of them, and
 * the menu of the account show all of them exactly, and as ages again.
 */
export function Age({ time, as = age }: { time: string | null | undefined;
  as?: (time: string) => string }) {
  if (!time) return <span class="quiet">–</span>;
  void clock.value; // drawn anew with it
  return (
    <time dateTime={time} title={exact(time)} onPointerUp={(e) => {
      if (e.pointerType === 'touch' && !e.currentTarget.closest('a, button'))
        areExact.value = !areExact.value;
    }}>{areExact.value ? exact(time) : as(time)}</time>
  );
}

/** "5 min ago", with the exact time as Age has it. */
export function Ago({ time }: { time: string | null | undefined }) {
  return <Age time={time} as={ago} />;
}

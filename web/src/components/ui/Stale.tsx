// SPDX-License-Identifier: ISC
import type { ComponentChildren } from 'preact';
import * as common from '../../text/common';
import * as text from '../../text/ui';
import { Banner } from './Banner';
import { Age } from './Time';

/**
 * Says that what is shown is older than it should be, since when, and why;
 * nothing without a reason. What stands within is marked as well: a page puts
 * what it keeps showing there.
 */
export function Stale({ reason, since, again, children }: {
  reason: Error | string | null | undefined | false;
  /** When what is shown was true, as ISO text or milliseconds. */
  since?: string | number | null | undefined;
  /** Asks again now. */
  again?: () => void; children?: ComponentChildren;
}) {
  const why = reason instanceof Error ? reason.message : reason;
  return (
    <>
      {why && <Banner kind="warn" title={common.notUpToDate}>
        {since ? text.staleSince(
          <Age time={new Date(since).toISOString()} />, why) : why}
        {again && <>{' '}<button type="button" class="small" onClick={again}>
          {common.askAgain}</button></>}</Banner>}
      {children &&
        <div class={why ? 'held stale' : 'held'}>{children}</div>}
    </>
  );
}

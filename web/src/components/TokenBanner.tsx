// SPDX-License-Identifier: ISC
// Which of one's tokens stop working within a week.
import type { Token } from '../api';
import { day } from '../lib/format';
import * as text from '../text/tokens';
import { Banner } from './ui';

export function ExpiringTokens({ tokens }: { tokens: Token[] }) {
  const soon = tokens.filter((t) => t.expires_soon);
  if (soon.length === 0) return null;
  return (
    <Banner kind="warn" title={soon.length === 1 ? text.oneEnds :
      text.someEnd(soon.length)}>
      {text.ends(soon.map((t) => text.endsOn(t.name, day(t.expires_at))))}{' '}
      <a href="/tokens">{text.replace(soon.length)}</a>
    </Banner>
  );
}

// SPDX-License-Identifier: ISC
// Which of one's tokens stop working within a week.
import { useEffect, useState } from 'preact/hooks';
import { getAll, type List, type Token } from '../api';
import { day } from '../lib/format';
import { Banner } from './ui';

export function ExpiringTokens({ tokens }: { tokens: Token[] }) {
  const soon = tokens.filter((t) => t.expires_soon);
  if (soon.length === 0) return null;
  return (
    <Banner kind="warn" title={soon.length === 1 ? 'A token of yours expires soon:' :
      `${soon.length} tokens of yours expire soon:`}>
      {soon.map((t) => `${t.name} on ${day(t.expires_at)}`).join(', ')}.{' '}
      <a href="/tokens">Make what replaces {soon.length === 1 ? 'it' : 'them'}</a>
    </Banner>
  );
}

/** The same where they are not known yet. It fails in silence: it is a hint. */
export function TokenBanner() {
  const [tokens, setTokens] = useState<Token[]>([]);
  useEffect(() => {
    getAll<List<Token>>('/tokens').then((list) => setTokens(list.items), () => {});
  }, []);
  return <ExpiringTokens tokens={tokens} />;
}

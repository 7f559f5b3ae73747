// SPDX-License-Identifier: ISC
// Tokens for scripts and CI: made, shown once, changed, revoked.
import { useEffect, useState } from 'preact/hooks';
import { getAll, type List, type Token } from '../api';
import { ExpiringTokens } from '../components/TokenBanner';
import { TokenChange } from '../components/TokenChange';
import { TokenForm, type MadeToken } from '../components/TokenForm';
import { TokenMade } from '../components/TokenMade';
import { TokenTable } from '../components/TokenTable';
import { Banner, Code, Empty, Page } from '../components/ui';
import { sampleLine } from '../lib/curl';
import { queryDialog } from '../router';
import { anyProject } from '../store/session';
import * as common from '../text/common';
import * as text from '../text/tokens';

function None() {
  return (
    <Empty title={text.none}>
      <p>{text.noneWhat}</p>
      <Code text={sampleLine(location.origin,
        anyProject())} /></Empty>
  );
}

export function Tokens() {
  const [tokens, setTokens] = useState<Token[] | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const creating = queryDialog('new');
  const [changing, setChanging] = useState<Token | null>(null);
  const [made, setMade] = useState<MadeToken | null>(null);
  const load = () => {
    setError(null);
    getAll<List<Token>>('/tokens').then((list) => setTokens(list.items), setError);
  };
  useEffect(load, []);
  const create = <button type="button" class="primary"
    onClick={() => creating.show()}>{text.newToken}</button>;
  return (
    <Page title={text.tokens} action={create}>
      {error && <Banner title={text.notLoaded}>{error.message}{' '}
        <button type="button" class="small" onClick={load}>{common.tryAgain}</button>
      </Banner>}
      {tokens && <ExpiringTokens tokens={tokens} />}
      {tokens?.length === 0 && <None />}
      {tokens && tokens.length > 0 && <TokenTable tokens={tokens} path="/tokens"
        onGone={load} onChange={setChanging} />}
      {changing && <TokenChange token={changing} onClose={() => setChanging(null)}
        onDone={() => {
          setChanging(null);
          load();
        }} />}
      {creating.at !== null && <TokenForm onClose={creating.close}
        onMade={(now) => {
          creating.close();
          setMade(now);
          load();
        }} />}
      {made && <TokenMade made={made} onClose={() => setMade(null)} />}
    </Page>
  );
}

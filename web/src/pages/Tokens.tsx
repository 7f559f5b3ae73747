// SPDX-License-Identifier: ISC
// Tokens for scripts and CI: made, shown once, changed, revoked.
import { useState } from 'preact/hooks';
import { getAll, type List, type Token } from '../api';
import { ExpiringTokens } from '../components/TokenBanner';
import { TokenChange } from '../components/TokenChange';
import { TokenForm, type MadeToken } from '../components/TokenForm';
import { TokenMade } from '../components/TokenMade';
import { TokenTable } from '../components/TokenTable';
import { Code, Empty, Page, Stale } from '../components/ui';
import { sampleLine } from '../lib/curl';
import { useLive } from '../lib/live';
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
  const { value: tokens, error, at, again } = useLive(async (signal) =>
    (await getAll<List<Token>>('/tokens', signal)).items, [], () => false, []);
  const creating = queryDialog('new');
  const [changing, setChanging] = useState<Token | null>(null);
  const [made, setMade] = useState<MadeToken | null>(null);
  const create = <button type="button" class="primary"
    onClick={() => creating.show()}>{text.newToken}</button>;
  return (
    <Page title={text.tokens} action={create}>
      <Stale reason={error} since={at} again={again} />
      {!tokens && !error && <p class="quiet">{common.loading}</p>}
      {tokens && <ExpiringTokens tokens={tokens} />}
      {tokens?.length === 0 && <None />}
      {tokens && tokens.length > 0 && <TokenTable tokens={tokens} path="/tokens"
        onGone={again} onChange={setChanging} />}
      {changing && <TokenChange token={changing} onClose={() => setChanging(null)}
        onDone={() => {
          setChanging(null);
          again();
        }} />}
      {creating.at !== null && <TokenForm onClose={creating.close}
        onMade={(now) => {
          creating.close();
          setMade(now);
          again();
        }} />}
      {made && <TokenMade made={made} onClose={() => setMade(null)} />}
    </Page>
  );
}

// SPDX-License-Identifier: ISC
// Tokens for scripts and CI: made, shown once, changed, revoked.
import { useState } from 'preact/hooks';
import { getAll, type List, type Token } from '../api';
import { FilterBox, NothingFits } from '../components/ListParts';
import { ExpiringTokens } from '../components/TokenBanner';
import { TokenChange } from '../components/TokenChange';
import { TokenForm, type MadeToken } from '../components/TokenForm';
import { TokenMade } from '../components/TokenMade';
import { isOver, TokenTable } from '../components/TokenTable';
import { Code, Empty, Loading, Page, Stale } from '../components/ui';
import { sampleLine } from '../lib/curl';
import { filtered, type Filter } from '../lib/filter';
import { useLive } from '../lib/live';
import { place, queryDialog } from '../router';
import { anyProject } from '../store/session';
import * as pages from '../text/pages';
import * as text from '../text/tokens';

const endsHow = (t: Token) => (isOver(t) ? text.expired : t.expires_soon ?
  text.soon : text.later);

/** "may:volume:read", "project:all" for one that is limited to none. */
const tokenFilter: Filter<Token> = {
  all: (t) => `${t.name} ${t.scopes.join(' ')} ${t.project ?? ''} ` +
    `${t.instances?.join(' ') ?? ''} ${t.unikernels?.join(' ') ?? ''}`,
  columns: [['name', (t) => t.name], ['may', (t) => t.scopes.join(' ')],
    ['project', (t) => t.project ?? 'all'],
    ['instance', (t) => t.instances?.join(' ') ?? 'all'],
    ['expires', endsHow], ['used', (t) => (t.last_used_at ? 'yes' : 'no')]],
};

function Found({ tokens, onGone, onChange }: { tokens: Token[];
  onGone: () => void; onChange: (token: Token) => void }) {
  const filter = place.value.query.get('q') ?? '';
  const shown = filtered(tokens, filter, tokenFilter);
  return (
    <>
      <div class="bar">
        <FilterBox value={filter} what={text.what} hint={text.filterHint}
          items={tokens} columns={tokenFilter.columns} /></div>
      {shown.length > 0 ? <TokenTable tokens={shown} path="/tokens"
        onGone={onGone} onChange={onChange} /> : <NothingFits />}
    </>
  );
}

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
    <Page title={pages.tokens} action={create}>
      <Stale reason={error} since={at} again={again} />
      {!tokens && !error && <Loading />}
      {tokens && <ExpiringTokens tokens={tokens} />}
      {tokens?.length === 0 && <None />}
      {tokens && tokens.length > 0 && <Found tokens={tokens} onGone={again}
        onChange={setChanging} />}
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

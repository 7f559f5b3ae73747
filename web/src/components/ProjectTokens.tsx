// SPDX-License-Identifier: ISC
// The tokens that are narrowed to a project, for those who own it.
import { useEffect, useState } from 'preact/hooks';
import { getAll, type List, type Token } from '../api';
import { TokenTable } from './TokenTable';
import * as text from '../text/projects';
import { Banner } from './ui';

export function ProjectTokens({ project }: { project: string }) {
  const [tokens, setTokens] = useState<Token[] | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const path = `/projects/${project}/tokens`;
  const load = () => {
    getAll<List<Token>>(path).then((list) => setTokens(list.items), setError);
  };
  useEffect(load, [project]);
  return (
    <section class="card stack" aria-labelledby="project-tokens">
      <h2 id="project-tokens">{text.tokens}</h2>
      {error && <Banner title={text.tokensUnknown}>{error.message}</Banner>}
      {tokens?.length === 0 && <p class="quiet">{text.noTokens}</p>}
      {tokens && tokens.length > 0 && <TokenTable tokens={tokens} path={path}
        whose onGone={load} />}
    </section>
  );
}

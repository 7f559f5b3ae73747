// SPDX-License-Identifier: ISC
// The tokens that are narrowed to a project, for those who own it.
import { getAll, type List, type Token } from '../api';
import { useLive } from '../lib/live';
import * as pages from '../text/pages';
import * as text from '../text/projects';
import { TokenTable } from './TokenTable';
import { Stale } from './ui';

/** told: the page says already that the server does not answer. */
export function ProjectTokens({ project, told }: { project: string;
  told: boolean }) {
  const path = `/projects/${project}/tokens`;
  const { value: tokens, error, at, again } = useLive(async (signal) =>
    (await getAll<List<Token>>(path, signal)).items, [], () => false, [path]);
  return (
    <section class="card stack" aria-labelledby="project-tokens">
      <h2 id="project-tokens">{pages.tokens}</h2>
      <Stale reason={!told && error} since={at} again={again} />
      {tokens?.length === 0 && <p class="quiet">{text.noTokens}</p>}
      {tokens && tokens.length > 0 && <TokenTable tokens={tokens} path={path}
        whose onGone={again} />}
    </section>
  );
}

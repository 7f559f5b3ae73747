// SPDX-License-Identifier: ISC
// Beside the deploy form: what is left of the policy, and the same as a command.
import { ProblemError, unikernelPath, type Usage } from '../../api';
import { buildName } from '../../lib/build';
import { configOf, deployLine, optionsOf, putJsonLine, queryText, type Form } from
  '../../lib/curl';
import * as common from '../../text/common';
import * as text from '../../text/deploy';
import { PolicyBars } from '../PolicyParts';
import { Banner, Code, Stale } from '../ui';
import type { Image } from './Source';

/** What is deployed without an upload, as JSON. */
export function named(form: Form, { stored, build, manifest }: Image) {
  return { ...(build ? { build: buildName(build) } : { image: stored?.sha256 }),
    config: configOf(form, manifest) };
}

/** The form as one command. */
function lineOf(form: Form, image: Image | null): string {
  if (!image || image.file)
    return deployLine(location.origin, form, image?.file?.name ?? 'app.hvt',
      image?.manifest);
  const query = queryText([...optionsOf(form), ['wait', image.build ? '300' :
    '60']]);
  return putJsonLine(location.origin,
    `${unikernelPath({ ...form, name: form.name || 'NAME' })}?${query}`,
    named(form, image));
}

export function Aside({ form, image, usage, error }: { form: Form;
  image: Image | null; usage: Usage | null; error: Error | null }) {
  return (
    <aside class="stack">
      {error instanceof ProblemError ? <Stale reason={error} /> : error &&
        <Banner kind="warn" title={common.noAnswer(form.instance)}>
          {text.leftUnknown(error.message)}</Banner>}
      {usage && <section class="card"><h2>{text.used(form.project,
        form.instance)}</h2>
        {usage.state === 'drift' && <Banner kind="warn" title={text.drift}>
          {text.driftMeans}</Banner>}
        <PolicyBars policy={usage.policy} used={usage.used} />
      </section>}
      <section class="card"><h2>{common.fromScript}</h2>
        <Code text={lineOf(form, image)} />
        <p class="quiet">{common.withToken((words) =>
          <a href="/tokens">{words}</a>)}</p>
      </section>
    </aside>
  );
}

// SPDX-License-Identifier: ISC
// The one time that a token's secret is shown, with how CI systems use it.
import { useState } from 'preact/hooks';
import { ciNames, ciSecret, ciText, type Ci } from '../lib/ci';
import { anyProject } from '../store/session';
import type { MadeToken } from './TokenForm';
import { Code, Dialog } from './ui';

function Pipelines({ project, instance }: { project: string; instance: string }) {
  const [ci, setCi] = useState<Ci>('github');
  return (
    <>
      <fieldset class="segments"><legend>A deploy with it</legend>
        {ciNames.map(([value, name]) => (
          <label key={value}><input type="radio" name="ci" value={value}
            checked={ci === value} onChange={() => setCi(value)} />
            <span>{name}</span></label>))}</fieldset>
      <p>{ciSecret[ci]}</p>
      <Code text={ciText(ci, { origin: location.origin, instance,
        project: project || anyProject() })}
        what={ci === 'curl' ? 'Command' : 'Pipeline'} />
    </>
  );
}

export function TokenMade({ made, onClose }: {
  made: MadeToken; onClose: () => void }) {
  return (
    <Dialog title="Copy it now" wide onClose={onClose}>
      <p>This token is shown once. Keep it where secrets are kept, such as your
        CI's secret variables.</p>
      <Code text={made.secret} what="Token" />
      <Pipelines project={made.project} instance={made.instance} />
      <div class="row end"><button type="button" class="primary"
        onClick={onClose}>I have it</button></div>
    </Dialog>
  );
}

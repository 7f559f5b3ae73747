// SPDX-License-Identifier: ISC
// The one time that a token's secret is shown, with how CI systems use it.
import { useState } from 'preact/hooks';
import { ciNames, ciSecret, ciText, type Ci } from '../lib/ci';
import { anyProject } from '../store/session';
import * as common from '../text/common';
import * as text from '../text/tokens';
import type { MadeToken } from './TokenForm';
import { Code, Dialog, Segments } from './ui';

function Pipelines({ project, instance }: { project: string; instance: string }) {
  const [ci, setCi] = useState<Ci>('github');
  return (
    <>
      <Segments label={text.deployWithIt} values={ciNames} value={ci}
        onChange={setCi} />
      <p>{ciSecret[ci]}</p>
      <Code text={ciText(ci, { origin: location.origin, instance,
        project: project || anyProject() })}
        what={ci === 'curl' ? text.command : text.pipeline} />
    </>
  );
}

export function TokenMade({ made, onClose }: {
  made: MadeToken; onClose: () => void }) {
  return (
    <Dialog title={text.copyNow} wide once onClose={onClose}>
      <p>{text.copyNowMeans}</p>
      <Code text={made.secret} what={text.token} />
      <Pipelines project={made.project} instance={made.instance} />
      <div class="row end"><button type="button" class="primary"
        onClick={onClose}>{common.haveIt}</button></div>
    </Dialog>
  );
}

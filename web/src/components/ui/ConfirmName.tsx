// SPDX-License-Identifier: ISC
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useSending } from '../../lib/sending';
import * as common from '../../text/common';
import { Dialog } from './Dialog';
import { FormProblem, TypeName } from './Field';

/** Asks for the name before what can not be undone. */
export function ConfirmName({ title, name, verb, children, onConfirm, onClose }: {
  title: string; name: string; verb: string;
  onConfirm: () => Promise<void>; onClose: () => void;
  children?: ComponentChildren;
}) {
  const [typed, setTyped] = useState('');
  const { error, busy, submit } = useSending();
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="stack" onSubmit={submit(onConfirm)}>
        <div>{children}</div>
        <TypeName name={name} typed={typed} first onTyped={setTyped} />
        <FormProblem error={error} fields={[]} title={common.notDone} />
        <div class="row end">
          <button type="button" onClick={onClose}>{common.keepIt}</button>
          <button class="danger solid" disabled={typed !== name || busy}>
            {busy ? common.oneMoment : verb}</button>
        </div>
      </form>
    </Dialog>
  );
}

// SPDX-License-Identifier: ISC
// The secrets of a project: given to its unikernels, shown to nobody.
import { useState } from 'preact/hooks';
import { ask, get, type Secret } from '../api';
import { secretLine } from '../lib/curl';
import { ago } from '../lib/format';
import { useLive } from '../lib/live';
import { useSending } from '../lib/sending';
import { queryDialog, useUnsaved } from '../router';
import { toast } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/secrets';
import { Age, ConfirmName, Dialog, Field, FormProblem, Script, Stale, Table }
  from './ui';

const path = (project: string, name = '') =>
  `/projects/${project}/secrets${name && `/${name}`}`;

const reference = (name: string) => `\${secret:${name || 'NAME'}}`;

// not prose
const example = (name: string) => `--key=${reference(name)}`;

/** A new one, or another value for the one of that name. */
function Write({ project, name: old, onClose, onDone }: { project: string;
  name: string; onClose: () => void; onDone: () => void }) {
  const [name, setName] = useState(old);
  const [value, setValue] = useState('');
  const { error, busy, submit, say } = useSending();
  useUnsaved(value !== '');
  const write = submit(async () => {
    await ask('PUT', path(project, encodeURIComponent(name)), { value });
    toast(text.stored(name));
    onDone();
  });
  return (
    <Dialog title={old ? text.writeTitle(old) : text.newSecret} wide
      onClose={onClose}>
      <form class="stack" onSubmit={write}>
        {old ? <p>{text.writeMeans}</p> :
        <Field label={common.name} error={say('name')}>{(p) => (
          <input {...p} autofocus required maxLength={63} value={name}
            spellcheck={false} autocapitalize="off" placeholder={text.nameExample}
            onInput={(e) => setName(e.currentTarget.value.toLowerCase())} />)}
        </Field>}
        <Field label={text.value} error={say('value')}
          hint={text.valueHint}>
          {(p) => <textarea {...p} rows={4} required spellcheck={false}
            autofocus={old !== ''} autocomplete="off" class="mono" value={value}
            onInput={(e) => setValue(e.currentTarget.value)} />}</Field>
        <p class="note">{text.refers(<code>{example(name)}</code>)}</p>
        <FormProblem error={error} title={text.notStored}
          fields={['name', 'value']} />
        <div class="row end">
          <button type="button" onClick={onClose}>{common.cancel}</button>
          <button class="primary" disabled={busy}>{text.store}</button>
        </div>
      </form>
    </Dialog>
  );
}

function Row({ secret, mayWrite, onWrite, onRemove }: { secret: Secret;
  mayWrite: boolean; onWrite: () => void; onRemove: () => void }) {
  const { name } = secret;
  return (
    <tr>
      <th scope="row" class="mono">{name}</th>
      <td><code>{reference(name)}</code></td>
      <td>{text.givenBy(<Age time={secret.changed_at} as={ago} />, secret.by)}</td>
      <td class="end">{mayWrite && <>
        <button type="button" class="small" aria-label={text.newValueFor(name)}
          onClick={onWrite}>{text.newValue}</button>{' '}
        <button type="button" class="small" aria-label={common.removeOf(name)}
          onClick={onRemove}>
          {common.remove}</button></>}</td>
    </tr>
  );
}

/** told: the page says already that the server does not answer. */
export function SecretsCard({ project, mayWrite, told }: { project: string;
  mayWrite: boolean; told: boolean }) {
  const { value: secrets, error: failed, at, again } = useLive(async (signal) =>
    (await get<{ items: Secret[] }>(path(project), signal)).items, [], () => false,
  [project]);
  const [removing, setRemoving] = useState<string | null>(null);
  // "secret" is a new one, "secret:NAME" another value for the one there.
  const dialog = queryDialog('do');
  const [what, writing = ''] = dialog.at?.split(':') ?? [];
  return (
    <section class="card stack">
      <h2>{text.secrets}</h2>
      <p class="quiet">{text.what}</p>
      <Stale reason={!told && failed} since={at} again={again} />
      {secrets && secrets.length > 0 &&
        <Table label={text.secrets} class="cards"
        columns={[common.name, text.inArgument, text.given,
          { title: common.actions, unseen: true }]}>
        {secrets.map((s) => (
          <Row key={s.name} secret={s} mayWrite={mayWrite}
            onWrite={() => dialog.show(`secret:${s.name}`)}
            onRemove={() => setRemoving(s.name)} />))}
        </Table>}
      {secrets?.length === 0 && <p>{text.none}</p>}
      {mayWrite && <>
        <div class="row"><button type="button"
          onClick={() => dialog.show('secret')}>
          {text.newSecret}</button></div>
        <Script text={secretLine(location.origin, path(project, 'NAME'))} /></>}
      {mayWrite && what === 'secret' && <Write key={writing} project={project}
        name={writing} onClose={dialog.close} onDone={() => {
          dialog.close();
          again();
        }} />}
      {removing && <ConfirmName title={common.removeOf(removing)}
        name={removing} verb={text.removeVerb} onClose={() => setRemoving(null)}
        onConfirm={async () => {
          await ask('DELETE', path(project, removing));
          toast(text.removed(removing));
          setRemoving(null);
          again();
        }}><p>{text.removeMeans}</p></ConfirmName>}
    </section>
  );
}

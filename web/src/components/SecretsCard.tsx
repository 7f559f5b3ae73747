// SPDX-License-Identifier: ISC
// The secrets of a project: given to its unikernels, shown to nobody.
import { useState } from 'preact/hooks';
import { ask, get, type Secret } from '../api';
import { secretLine } from '../lib/curl';
import { ago } from '../lib/format';
import { useLive } from '../lib/live';
import { useSending } from '../lib/sending';
import { useUnsaved } from '../router';
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
        <Field label={text.name} error={say('name')}>{(p) => (
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

type Doing = { what: 'write' | 'remove'; name: string };

function Row({ secret, mayWrite, onDo }: { secret: Secret; mayWrite: boolean;
  onDo: (doing: Doing) => void }) {
  const { name } = secret;
  return (
    <tr>
      <th scope="row" class="mono">{name}</th>
      <td><code>{reference(name)}</code></td>
      <td>{text.givenBy(<Age time={secret.changed_at} as={ago} />, secret.by)}</td>
      <td class="end">{mayWrite && <>
        <button type="button" class="small" aria-label={text.newValueFor(name)}
          onClick={() => onDo({ what: 'write', name })}>{text.newValue}</button>{' '}
        <button type="button" class="small" aria-label={common.removeOf(name)}
          onClick={() => onDo({ what: 'remove', name })}>
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
  const [doing, setDoing] = useState<Doing | null>(null);
  const done = () => {
    setDoing(null);
    again();
  };
  return (
    <section class="card stack">
      <h2>{text.secrets}</h2>
      <p class="quiet">{text.what}</p>
      <Stale reason={!told && failed} since={at} again={again} />
      {secrets && secrets.length > 0 &&
        <Table label={text.secrets} class="cards"
        columns={[text.name, text.inArgument, text.given,
          { title: common.actions, unseen: true }]}>
        {secrets.map((s) => (
          <Row key={s.name} secret={s} mayWrite={mayWrite} onDo={setDoing} />))}
        </Table>}
      {secrets?.length === 0 && <p>{text.none}</p>}
      {mayWrite && <>
        <div class="row"><button type="button"
          onClick={() => setDoing({ what: 'write', name: '' })}>
          {text.newSecret}</button></div>
        <Script text={secretLine(location.origin, path(project, 'NAME'))} /></>}
      {doing?.what === 'write' && <Write project={project} name={doing.name}
        onClose={() => setDoing(null)} onDone={done} />}
      {doing?.what === 'remove' && <ConfirmName title={common.removeOf(doing.name)}
        name={doing.name} verb={text.removeVerb} onClose={() => setDoing(null)}
        onConfirm={async () => {
          await ask('DELETE', path(project, doing.name));
          toast(text.removed(doing.name));
          done();
        }}><p>{text.removeMeans}</p></ConfirmName>}
    </section>
  );
}

// SPDX-License-Identifier: ISC
// The secrets of a project: given to its unikernels, shown to nobody.
import { useEffect, useState } from 'preact/hooks';
import { ask, fieldError, get, type Secret } from '../api';
import { ago } from '../lib/format';
import { toast } from '../store/toasts';
import { Age, Banner, Code, ConfirmName, Dialog, Field, FormProblem } from './ui';

const path = (project: string, name = '') =>
  `/projects/${project}/secrets${name && `/${name}`}`;

const reference = (name: string) => `\${secret:${name || 'NAME'}}`;

const line = (project: string) =>
  `printf %s "$VALUE" | jq -Rs '{value: .}' |\n` +
  `  curl -fsS -X PUT --json @- -H "Authorization: Bearer $MOLLYMAWK_TOKEN" \\\n` +
  `  ${location.origin}/api/v1${path(project, 'NAME')}`;

/** A new one, or another value for the one of that name. */
function Write({ project, name: old, onClose, onDone }: { project: string;
  name: string; onClose: () => void; onDone: () => void }) {
  const [name, setName] = useState(old);
  const [value, setValue] = useState('');
  const [problem, setProblem] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const write = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await ask('PUT', path(project, encodeURIComponent(name)), { value });
      toast(`The secret ${name} is stored`);
      onDone();
    } catch (e) {
      setProblem(e as Error);
      setBusy(false);
    }
  };
  return (
    <Dialog title={old ? `A new value for ${old}` : 'New secret'} wide
      onClose={onClose}>
      <form class="stack" onSubmit={write}>
        {old ? <p>It is used from the next deployment on. What runs goes on with
          the value it was started with.</p> :
        <Field label="Name" error={fieldError(problem, 'name')}>{(p) => (
          <input {...p} autofocus required maxLength={63} value={name}
            spellcheck={false} autocapitalize="off" placeholder="tls-key"
            onInput={(e) => setName(e.currentTarget.value.toLowerCase())} />)}
        </Field>}
        <Field label="Value" error={fieldError(problem, 'value')}
          hint="8 to 4000 bytes. It is encrypted, and can not be read again.">
          {(p) => <textarea {...p} rows={4} required spellcheck={false}
            autofocus={old !== ''} autocomplete="off" class="mono" value={value}
            onInput={(e) => setValue(e.currentTarget.value)} />}</Field>
        <p class="note">An argument refers to it, as a whole or behind its first
          “=”: <code>--key={reference(name)}</code></p>
        <FormProblem error={problem} title="It was not stored."
          fields={['name', 'value']} />
        <div class="row end">
          <button type="button" onClick={onClose}>Cancel</button>
          <button class="primary" disabled={busy}>Store it</button>
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
      <td><Age time={secret.changed_at} as={ago} /> by {secret.by}</td>
      <td class="end">{mayWrite && <>
        <button type="button" class="small" aria-label={`New value for ${name}`}
          onClick={() => onDo({ what: 'write', name })}>New value</button>{' '}
        <button type="button" class="small" aria-label={`Remove ${name}`}
          onClick={() => onDo({ what: 'remove', name })}>Remove</button></>}</td>
    </tr>
  );
}

export function SecretsCard({ project, mayWrite }: { project: string;
  mayWrite: boolean }) {
  const [secrets, setSecrets] = useState<Secret[] | null>(null);
  const [failed, setFailed] = useState<Error | null>(null);
  const [doing, setDoing] = useState<Doing | null>(null);
  const load = () => {
    get<{ items: Secret[] }>(path(project)).then((list) => {
      setSecrets(list.items);
      setFailed(null);
    }, setFailed);
  };
  useEffect(load, [project]);
  const done = () => {
    setDoing(null);
    load();
  };
  return (
    <section class="card stack">
      <h2>Secrets</h2>
      <p class="quiet">What unikernels need to know and nobody needs to see, such
        as a private key. Wherever arguments are shown, a reference stands for
        it.</p>
      {failed && <Banner title="The secrets can not be shown.">
        {failed.message}</Banner>}
      {secrets && secrets.length > 0 && <div class="table"><table class="cards">
        <thead><tr><th scope="col">Name</th><th scope="col">In an argument</th>
          <th scope="col">Value given</th><th scope="col"><span class="unseen">
            Actions</span></th></tr></thead>
        <tbody>{secrets.map((s) => (
          <Row key={s.name} secret={s} mayWrite={mayWrite} onDo={setDoing} />))}
        </tbody></table></div>}
      {secrets?.length === 0 && <p>There are none yet.</p>}
      {mayWrite && <>
        <div class="row"><button type="button"
          onClick={() => setDoing({ what: 'write', name: '' })}>
          New secret</button></div>
        <details><summary>By a script</summary><Code text={line(project)} />
        </details></>}
      {doing?.what === 'write' && <Write project={project} name={doing.name}
        onClose={() => setDoing(null)} onDone={done} />}
      {doing?.what === 'remove' && <ConfirmName title={`Remove ${doing.name}`}
        name={doing.name} verb="Remove it" onClose={() => setDoing(null)}
        onConfirm={async () => {
          await ask('DELETE', path(project, doing.name));
          toast(`The secret ${doing.name} was removed`);
          done();
        }}><p>Nothing can be started with it any more. What runs with it goes
          on.</p></ConfirmName>}
    </section>
  );
}

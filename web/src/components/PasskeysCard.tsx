// SPDX-License-Identifier: ISC
// One's passkeys: made, named, removed.
import { useEffect, useState } from 'preact/hooks';
import { ask, getAll, type List, type Passkey, type PasskeyMade } from '../api';
import { ago } from '../lib/format';
import { hasPasskeys } from '../lib/secure';
import { useSending } from '../lib/sending';
import { toast } from '../store/toasts';
import { RecoveryCodes } from './RecoveryCodes';
import { Age, Banner, Dialog, Field, FormProblem } from './ui';

type Asked = { onDone: () => void; onClose: () => void };

function NameForm({ first, verb, onName, onClose }: { first: string; verb: string;
  onName: (name: string) => Promise<void>; onClose: () => void }) {
  const [name, setName] = useState(first);
  const { error, busy, submit, say } = useSending();
  return (
    <form class="stack" onSubmit={submit(() => onName(name))}>
      <Field label="Name" error={say('name')}
        hint="What it is kept on: “my phone”, “the blue key”.">{(p) => (
        <input {...p} required autofocus maxLength={40} autocomplete="off"
          value={name} onInput={(e) => setName(e.currentTarget.value)} />)}</Field>
      <FormProblem error={error} fields={['name']} title="It was not done." />
      <div class="row end">
        <button type="button" onClick={onClose}>Cancel</button>
        <button class="primary" disabled={busy}>
          {busy ? 'One moment…' : verb}</button></div>
    </form>
  );
}

function Add({ onDone, onClose }: Asked) {
  const [codes, setCodes] = useState<string[] | null>(null);
  return (
    <Dialog title={codes ? 'Recovery codes' : 'Add a passkey'}
      onClose={codes ? onDone : onClose}>
      {codes ? <RecoveryCodes codes={codes} onDone={onDone} /> :
        <NameForm first="" verb="Add" onClose={onClose} onName={async (name) => {
          const { makePasskey } = await import('../lib/passkey');
          const made = await ask<PasskeyMade>('POST', '/me/passkeys',
            { ...await makePasskey(), name });
          toast(`${name} is a passkey now`);
          if (made.recovery_codes) setCodes(made.recovery_codes);
          else onDone();
        }} />}
    </Dialog>
  );
}

function Rename({ passkey, onDone, onClose }: Asked & { passkey: Passkey }) {
  return (
    <Dialog title={`Rename ${passkey.name}`} onClose={onClose}>
      <NameForm first={passkey.name} verb="Rename" onClose={onClose}
        onName={async (name) => {
          await ask('PATCH', `/me/passkeys/${passkey.id}`, { name });
          onDone();
        }} />
    </Dialog>
  );
}

function Remove({ passkey, onDone, onClose }: Asked & { passkey: Passkey }) {
  const { error, busy, submit } = useSending();
  return (
    <Dialog title={`Remove ${passkey.name}?`} onClose={onClose}>
      <form class="stack" onSubmit={submit(async () => {
        await ask('DELETE', `/me/passkeys/${passkey.id}`);
        toast(`${passkey.name} is no passkey any more`);
        onDone();
      })}>
        <p>It signs nobody in any more. What the device keeps of it you may remove
          there.</p>
        <FormProblem error={error} fields={[]} title="It was not removed." />
        <div class="row end">
          <button type="button" autofocus onClick={onClose}>Keep it</button>
          <button class="danger solid" disabled={busy}>Remove</button></div>
      </form>
    </Dialog>
  );
}

function Row({ passkey, onChange }: { passkey: Passkey; onChange: () => void }) {
  const [open, setOpen] = useState<'rename' | 'remove' | null>(null);
  const close = () => setOpen(null);
  const asked = { passkey, onClose: close,
    onDone: () => { close(); onChange(); } };
  return (
    <li>
      <div class="grow">
        <strong>{passkey.name}</strong>
        <p class="quiet">Made <Age time={passkey.created_at} as={ago} />,{' '}
          {passkey.last_used_at ? <>used <Age time={passkey.last_used_at}
            as={ago} /></> : 'never used'}</p>
      </div>
      <button type="button" class="small" aria-label={`Rename ${passkey.name}`}
        onClick={() => setOpen('rename')}>Rename</button>
      <button type="button" class="small danger"
        aria-label={`Remove ${passkey.name}`}
        onClick={() => setOpen('remove')}>Remove</button>
      {open === 'rename' && <Rename {...asked} />}
      {open === 'remove' && <Remove {...asked} />}
    </li>
  );
}

export function PasskeysCard({ onChange }: { onChange: () => void }) {
  const [items, setItems] = useState<Passkey[]>([]);
  const [error, setError] = useState<Error | null>(null);
  const [adding, setAdding] = useState(false);
  const load = () => {
    setError(null);
    getAll<List<Passkey>>('/me/passkeys').then((l) => setItems(l.items), setError);
  };
  useEffect(load, []);
  const changed = () => {
    load();
    onChange();
  };
  return (
    <section class="card stack" aria-labelledby="passkeys">
      <h2 id="passkeys">Passkeys</h2>
      <p>A key that your phone, your computer or a security key keeps. It signs you
        in without a password; as it is a second factor, the password alone then
        does not.</p>
      {error && <Banner title="Your passkeys could not be loaded.">
        {error.message}{' '}
        <button type="button" class="small" onClick={load}>Try again</button>
      </Banner>}
      {items.length > 0 && <ul class="rows">{items.map((passkey) => (
        <Row key={passkey.id} passkey={passkey} onChange={changed} />))}</ul>}
      {hasPasskeys() ? <div class="row"><button type="button"
        onClick={() => setAdding(true)}>Add a passkey</button></div> :
        <p class="quiet">There are none here: browsers have them for pages with a
          name and TLS.</p>}
      {adding && <Add onClose={() => setAdding(false)}
        onDone={() => { setAdding(false); changed(); }} />}
    </section>
  );
}

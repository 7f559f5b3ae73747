// SPDX-License-Identifier: ISC
// One's passkeys: made, named, removed.
import { useState } from 'preact/hooks';
import { ask, getAll, type List, type Passkey, type PasskeyMade } from '../api';
import { usePolled } from '../lib/poll';
import { hasPasskeys } from '../lib/secure';
import { useSending } from '../lib/sending';
import { toast } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/factors';
import { RecoveryCodes } from './RecoveryCodes';
import { Ago, Dialog, Field, FormProblem, Stale } from './ui';

const EVERY = 15_000;

type Asked = { onDone: () => void; onClose: () => void };

function NameForm({ first, verb, onName, onClose }: { first: string; verb: string;
  onName: (name: string) => Promise<void>; onClose: () => void }) {
  const [name, setName] = useState(first);
  const { error, busy, submit, say } = useSending();
  return (
    <form class="stack" onSubmit={submit(() => onName(name))}>
      <Field label={common.name} error={say('name')}
        hint={text.nameHint}>{(p) => (
        <input {...p} required autofocus maxLength={40} autocomplete="off"
          value={name} onInput={(e) => setName(e.currentTarget.value)} />)}</Field>
      <FormProblem error={error} fields={['name']} title={common.notDone} />
      <div class="row end">
        <button type="button" onClick={onClose}>{common.cancel}</button>
        <button class="primary" disabled={busy}>
          {busy ? common.oneMoment : verb}</button></div>
    </form>
  );
}

function Add({ onDone, onClose }: Asked) {
  const [codes, setCodes] = useState<string[] | null>(null);
  return (
    <Dialog title={codes ? text.recoveryCodes : text.addPasskey}
      onClose={codes ? onDone : onClose}>
      {codes ? <RecoveryCodes codes={codes} onDone={onDone} /> :
        <NameForm first="" verb={common.add} onClose={onClose}
        onName={async (name) => {
          const { makePasskey } = await import('../lib/passkey');
          const made = await ask<PasskeyMade>('POST', '/me/passkeys',
            { ...await makePasskey(), name });
          toast(text.isPasskey(name));
          if (made.recovery_codes) setCodes(made.recovery_codes);
          else onDone();
        }} />}
    </Dialog>
  );
}

function Rename({ passkey, onDone, onClose }: Asked & { passkey: Passkey }) {
  return (
    <Dialog title={text.renameOne(passkey.name)} onClose={onClose}>
      <NameForm first={passkey.name} verb={text.rename} onClose={onClose}
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
    <Dialog title={text.removePasskey(passkey.name)} onClose={onClose}>
      <form class="stack" onSubmit={submit(async () => {
        await ask('DELETE', `/me/passkeys/${passkey.id}`);
        toast(text.isGone(passkey.name));
        onDone();
      })}>
        <p>{text.signsNobodyIn}</p>
        <FormProblem error={error} fields={[]} title={text.notRemoved} />
        <div class="row end">
          <button type="button" autofocus onClick={onClose}>{common.keepIt}</button>
          <button class="danger solid" disabled={busy}>{common.remove}</button></div>
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
        <p class="quiet">{text.made(<Ago time={passkey.created_at} />,
          passkey.last_used_at && <Ago time={passkey.last_used_at} />)}</p>
      </div>
      <button type="button" class="small" aria-label={text.renameOne(passkey.name)}
        onClick={() => setOpen('rename')}>{text.rename}</button>
      <button type="button" class="small danger"
        aria-label={common.removeOf(passkey.name)}
        onClick={() => setOpen('remove')}>{common.remove}</button>
      {open === 'rename' && <Rename {...asked} />}
      {open === 'remove' && <Remove {...asked} />}
    </li>
  );
}

export function PasskeysCard({ onChange }: { onChange: () => void }) {
  const { value, error, at, again } = usePolled((signal) =>
    getAll<List<Passkey>>('/me/passkeys', signal), EVERY, []);
  const [adding, setAdding] = useState(false);
  const changed = () => {
    again();
    onChange();
  };
  return (
    <section class="card stack" aria-labelledby="passkeys">
      <h2 id="passkeys">{text.passkeys}</h2>
      <p>{text.passkeysAbout}</p>
      <Stale reason={error} since={at} again={again}>
        {value && value.items.length > 0 && <ul class="rows">
          {value.items.map((passkey) => (
            <Row key={passkey.id} passkey={passkey} onChange={changed} />))}</ul>}
      </Stale>
      {hasPasskeys() ? <div class="row"><button type="button"
        onClick={() => setAdding(true)}>
        {text.addPasskey}</button></div> :
        <p class="quiet">{text.noPasskeys}</p>}
      {adding && <Add onClose={() => setAdding(false)}
        onDone={() => { setAdding(false); changed(); }} />}
    </section>
  );
}

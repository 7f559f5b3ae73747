// SPDX-License-Identifier: ISC
// How people and programs are told: the mail server, and the webhook.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ask, get, type MailSettings, type WebhookSettings } from '../api';
import { useSaving } from '../lib/saving';
import { session } from '../store/session';
import { toast, toastError } from '../store/toasts';
import { Banner, Check, Field, FormProblem } from './ui';

type Tls = MailSettings['tls'];

/** Sends one now, and says what came of it. */
function Trial({ what, path, body }: { what: string; path: string;
  body: unknown }) {
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const send = async () => {
    setBusy(true);
    setError(null);
    try {
      await ask('POST', path, body);
      toast(`The ${what} was sent`);
    } catch (e) {
      setError(e as Error);
    }
    setBusy(false);
  };
  return (
    <>
      <button type="button" disabled={busy} onClick={send}>
        {busy ? 'Sending…' : `Send a test ${what}`}</button>
      <FormProblem error={error} fields={[]} title={`The ${what} was not sent.`} />
    </>
  );
}

/** A secret that is kept unless another one is typed, or none is wanted. */
function Secret({ label, kept, value, none, wrong, onValue, onNone }: {
  label: string; kept: boolean; value: string; none: boolean;
  wrong: string | undefined; onValue: (value: string) => void;
  onNone: (none: boolean) => void }) {
  return (
    <div>
      <Field label={label} error={wrong} hint={kept ?
        'One is kept; empty keeps it.' : undefined}>{(p) => (
        <input {...p} type="password" autocomplete="new-password" value={value}
          disabled={none} onInput={(e) => onValue(e.currentTarget.value)} />)}
      </Field>
      {kept && <Check label={`Forget the ${label.toLowerCase()}`}
        checked={none} onChange={onNone} />}
    </div>
  );
}

const secretOf = (value: string, none: boolean) =>
  (none ? null : value === '' ? undefined : value);

const ways: [Tls, string][] = [['starttls', 'STARTTLS'],
  ['tls', 'TLS from the start'], ['none', 'Plain, on this machine only']];

function MailServer({ mail }: { mail: MailSettings }) {
  const [server, setServer] = useState(mail.server ?? '');
  const [tls, setTls] = useState(mail.tls);
  const [from, setFrom] = useState(mail.from ?? '');
  const [user, setUser] = useState(mail.user ?? '');
  const [kept, setKept] = useState(mail.password_set);
  const [password, setPassword] = useState('');
  const [none, setNone] = useState(false);
  const [to, setTo] = useState(session.value?.user.email ?? '');
  const { error, save, say } = useSaving();
  const submit = async (event: Event) => {
    event.preventDefault();
    const saved = await save('/settings/mail', { server: server || null, tls,
      from: from || null, user: user || null,
      password: secretOf(password, none) });
    if (!saved) return;
    setKept(!none && (kept || password !== ''));
    setPassword('');
    setNone(false);
  };
  const text = (label: string, key: string, value: string,
    set: (value: string) => void, placeholder = '') => (
    <Field label={label} error={say(key)}>{(p) => (
      <input {...p} value={value} placeholder={placeholder} spellcheck={false}
        autocapitalize="off" autocomplete="off"
        onInput={(e) => set(e.currentTarget.value)} />)}</Field>);
  return (
    <form class="card stack" onSubmit={submit}>
      <h2>Mail</h2>
      {mail.folder ? <Banner kind="plain"
        title="Mails go to a folder of this machine.">It was started so; the
        server below is not used.</Banner> :
        <p>Who wants to know of updates and alerts is told by this server. Without
          one, nobody is.</p>}
      <div class="columns">
        {text('Server', 'server', server, setServer, 'smtp://mail.example.org:587')}
        <Field label="Encryption" error={say('tls')}>{(p) => (
          <select {...p} value={tls} onChange={(e) =>
            setTls(e.currentTarget.value as Tls)}>{ways.map(([way, label]) =>
            <option key={way} value={way}>{label}</option>)}</select>)}</Field>
        {text('From', 'from', from, setFrom, 'mollymawk@example.org')}
        {text('User', 'user', user, setUser)}
        <Secret label="Password" kept={kept} value={password} none={none}
          wrong={say('password')} onValue={setPassword} onNone={setNone} />
      </div>
      <FormProblem error={error} title="It was not saved."
        fields={['server', 'tls', 'from', 'user', 'password']} />
      <div class="row"><button class="primary">Save mail</button></div>
      <div class="trial">
        <Field label="Test mail to">{(p) => <input {...p} type="email" value={to}
          onInput={(e) => setTo(e.currentTarget.value)} />}</Field>
        <Trial what="mail" path="/settings/mail/test" body={{ to }} />
      </div>
    </form>
  );
}

/** The webhook that is set at a path, and a message to try it. */
export function WebhookForm({ path, title, hook, children }: { path: string;
  title: string; hook: WebhookSettings; children: ComponentChildren }) {
  const [url, setUrl] = useState(hook.url ?? '');
  const [kept, setKept] = useState(hook.secret_set);
  const [secret, setSecret] = useState('');
  const [none, setNone] = useState(false);
  const { error, save, say } = useSaving();
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!await save(path, { url: url || null,
      secret: secretOf(secret, none) })) return;
    setKept(!none && (kept || secret !== ''));
    setSecret('');
    setNone(false);
  };
  return (
    <form class="card stack" onSubmit={submit}>
      <h2>{title}</h2>
      {children}
      <div class="columns">
        <Field label="Webhook address" error={say('url')}
          hint="https, or http on this machine; empty for none.">{(p) => (
          <input {...p} value={url} spellcheck={false} autocapitalize="off"
            onInput={(e) => setUrl(e.currentTarget.value)} />)}</Field>
        <Secret label="Secret" kept={kept} value={secret} none={none}
          wrong={say('secret')} onValue={setSecret} onNone={setNone} />
      </div>
      <FormProblem error={error} fields={['url', 'secret']}
        title="It was not saved." />
      <div class="row"><button class="primary">Save webhook</button></div>
      <div class="trial"><Trial what="message" path={`${path}/test`}
        body={undefined} /></div>
    </form>
  );
}

export function PostForms() {
  const [mail, setMail] = useState<MailSettings | null>(null);
  const [hook, setHook] = useState<WebhookSettings | null>(null);
  useEffect(() => {
    get<MailSettings>('/settings/mail').then(setMail, toastError);
    get<WebhookSettings>('/settings/webhook').then(setHook, toastError);
  }, []);
  return (
    <>
      {mail && <MailServer mail={mail} />}
      {hook && <WebhookForm path="/settings/webhook" title="Webhook" hook={hook}>
        <p>A program that is told the same, and of all alerts, as JSON, signed
          with the secret.</p></WebhookForm>}
    </>
  );
}

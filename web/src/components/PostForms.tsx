// SPDX-License-Identifier: ISC
// How people and programs are told: the mail server, and the webhook.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { MailSettings, WebhookSettings } from '../api';
import { useChanges } from '../lib/kept';
import { useSaving } from '../lib/saving';
import { session } from '../store/session';
import * as common from '../text/common';
import * as text from '../text/settings';
import '../pages/settings.css';
import { Kept } from './Kept';
import { Trial } from './Trial';
import { Banner, Check, Field, FormProblem } from './ui';

type Tls = MailSettings['tls'];

/** A secret that is kept unless another one is typed, or none is wanted. */
function Secret({ label, forget, kept, value, none, wrong, onValue, onNone }: {
  label: string; forget: string; kept: boolean; value: string; none: boolean;
  wrong: string | undefined; onValue: (value: string) => void;
  onNone: (none: boolean) => void }) {
  return (
    <div>
      <Field label={label} error={wrong} hint={kept ?
        text.keptSecret : undefined}>{(p) => (
        <input {...p} type="password" autocomplete="new-password" value={value}
          disabled={none} onInput={(e) => onValue(e.currentTarget.value)} />)}
      </Field>
      {kept && <Check label={forget}
        checked={none} onChange={onNone} />}
    </div>
  );
}

const secretOf = (value: string, none: boolean) =>
  (none ? null : value === '' ? undefined : value);

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
  const form = { server, tls, from, user };
  const unchanged = useChanges({ ...form, password, none });
  const submit = async (event: Event) => {
    event.preventDefault();
    const saved = await save('/settings/mail', { server: server || null, tls,
      from: from || null, user: user || null,
      password: secretOf(password, none) });
    if (!saved) return;
    setKept(!none && (kept || password !== ''));
    setPassword('');
    setNone(false);
    unchanged({ ...form, password: '', none: false });
  };
  const input = (label: string, key: string, value: string,
    set: (value: string) => void, placeholder = '') => (
    <Field label={label} error={say(key)}>{(p) => (
      <input {...p} value={value} placeholder={placeholder} spellcheck={false}
        autocapitalize="off" autocomplete="off"
        onInput={(e) => set(e.currentTarget.value)} />)}</Field>);
  return (
    <form class="card stack" onSubmit={submit}>
      <h2>{text.mail}</h2>
      {mail.folder ? <Banner kind="plain"
        title={text.mailToFolder}>{text.mailToFolderAbout}</Banner> :
        <p>{text.mailAbout}</p>}
      <div class="columns">
        {input(text.server, 'server', server, setServer, 'smtp://mail.example.org:587')}
        <Field label={text.encryption} error={say('tls')}>{(p) => (
          <select {...p} value={tls} onChange={(e) =>
            setTls(e.currentTarget.value as Tls)}>{text.ways.map(([way, label]) =>
            <option key={way} value={way}>{label}</option>)}</select>)}</Field>
        {input(common.from, 'from', from, setFrom, 'mollymawk@example.org')}
        {input(text.user, 'user', user, setUser)}
        <Secret label={common.password} forget={text.forgetPassword} kept={kept}
          value={password} none={none} wrong={say('password')} onValue={setPassword} onNone={setNone} />
      </div>
      <FormProblem error={error} title={common.notSaved}
        fields={['server', 'tls', 'from', 'user', 'password']} />
      <div class="row"><button class="primary">{text.saveMail}</button></div>
      <div class="trial">
        <Field label={text.testTo}>{(p) => <input {...p} type="email" value={to}
          onInput={(e) => setTo(e.currentTarget.value)} />}</Field>
        <Trial kind="mail" path="/settings/mail/test" body={{ to }} />
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
  const unchanged = useChanges({ url, secret, none });
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!await save(path, { url: url || null,
      secret: secretOf(secret, none) })) return;
    setKept(!none && (kept || secret !== ''));
    setSecret('');
    setNone(false);
    unchanged({ url, secret: '', none: false });
  };
  return (
    <form class="card stack" onSubmit={submit}>
      <h2>{title}</h2>
      {children}
      <div class="columns">
        <Field label={text.webhookUrl} error={say('url')}
          hint={text.webhookUrlHint}>{(p) => (
          <input {...p} value={url} spellcheck={false} autocapitalize="off"
            onInput={(e) => setUrl(e.currentTarget.value)} />)}</Field>
        <Secret label={text.secret} forget={text.forgetSecret} kept={kept}
          value={secret} none={none} wrong={say('secret')} onValue={setSecret} onNone={setNone} />
      </div>
      <FormProblem error={error} fields={['url', 'secret']}
        title={common.notSaved} />
      <div class="row"><button class="primary">{text.saveWebhook}</button></div>
      <div class="trial"><Trial kind="message" path={`${path}/test`} />
      </div>
    </form>
  );
}

export function PostForms() {
  return (
    <>
      <Kept<MailSettings> path="/settings/mail" title={text.mail}>{(mail) =>
        <MailServer mail={mail} />}</Kept>
      <Kept<WebhookSettings> path="/settings/webhook" title={text.webhook}>{
        (hook) => <WebhookForm path="/settings/webhook" title={text.webhook}
          hook={hook}><p>{text.webhookAbout}</p></WebhookForm>}</Kept>
    </>
  );
}

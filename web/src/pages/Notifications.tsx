// SPDX-License-Identifier: ISC
// Of what one is told by mail, and the programs that are told for projects.
import { useEffect, useState } from 'preact/hooks';
import { ask, get, type Notifications as Mine, type WebhookSettings } from '../api';
import { WebhookForm } from '../components/PostForms';
import { Banner, Check, Field, FormProblem, Page } from '../components/ui';
import { holds, session } from '../store/session';
import { toast } from '../store/toasts';

type When = Mine['updates'];
type Choices = [When, string, string][];

const ofUpdates: Choices = [
  ['off', 'Not at all', 'No mail is sent to you.'],
  ['at-once', 'At once', 'A mail for each build that is newer than what runs, ' +
    'and for each update that happened by itself.'],
  ['daily', 'Once a day', 'One mail with all of a day, when there is something.'],
];

const ofAlerts: Choices = [
  ['off', 'Not at all', 'They are in the list of alerts.'],
  ['at-once', 'At once', 'A mail when alerts are opened, and when they are over; ' +
    'what happens together is one mail.'],
  ['daily', 'Once a day', 'One mail with all of a day, when there was one.'],
];

function Radios({ name, label, choices, chosen, onChange }: { name: string;
  label: string; choices: Choices; chosen: When; onChange: (when: When) => void }) {
  return (
    <fieldset class="field options"><legend class="unseen">{label}</legend>
      {choices.map(([key, title, about]) => (
        <label key={key} class="check"><input type="radio" name={name}
          value={key} checked={chosen === key} onChange={() => onChange(key)} />
          <span><strong>{title}</strong><br />
            <span class="quiet">{about}</span></span></label>))}</fieldset>
  );
}

function useWish() {
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const save = async (event: Event, json: Partial<Mine>) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await ask('PUT', '/me/notifications', json);
      toast('Saved');
    } catch (e) {
      setError(e as Error);
    }
    setBusy(false);
  };
  return { error, busy, save };
}

function Updates({ mine }: { mine: Mine }) {
  const [updates, setUpdates] = useState(mine.updates);
  const { error, busy, save } = useWish();
  return (
    <form class="card stack narrow" onSubmit={(e) => save(e, { updates })}>
      <h2>Updates of my unikernels</h2>
      <p>To <strong>{mine.email}</strong>, with a link to each comparison. Each
        build is told once.</p>
      <Radios name="updates" label="When" choices={ofUpdates} chosen={updates}
        onChange={setUpdates} />
      <FormProblem error={error} fields={[]} title="It was not saved." />
      <div class="row"><button class="primary" disabled={busy}>Save</button></div>
    </form>
  );
}

function Alerts({ mine }: { mine: Mine }) {
  const [alerts, setAlerts] = useState(mine.alerts);
  const [all, setAll] = useState(mine.alerts_all);
  const { error, busy, save } = useWish();
  const admin = session.value?.user.admin === true;
  return (
    <form class="card stack narrow" onSubmit={(e) => save(e, { alerts,
      ...(admin && { alerts_all: all }) })}>
      <h2>Alerts</h2>
      <p>To <strong>{mine.email}</strong>, when a unikernel of my projects crashes
        again and again or fails its check, or a policy is nearly used up
        {admin && '; and when an instance does not answer, or its certificate is ' +
          'about to expire'}.</p>
      <Radios name="alerts" label="When to tell alerts" choices={ofAlerts}
        chosen={alerts} onChange={setAlerts} />
      {admin && <Check label="Of all projects, not only of mine" checked={all}
        onChange={setAll} />}
      <FormProblem error={error} fields={[]} title="It was not saved." />
      <div class="row"><button class="primary" disabled={busy}>Save alerts
      </button></div>
    </form>
  );
}

/** A program that is told of the alerts of one project, by its owners. */
function ProjectWebhook() {
  const mine = (session.value?.projects ?? []).filter((p) =>
    holds(p.name, 'owner'));
  const [project, setProject] = useState(mine[0]?.name ?? '');
  const [hook, setHook] = useState<WebhookSettings | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const path = `/projects/${project}/webhook`;
  useEffect(() => {
    const control = new AbortController();
    setHook(null);
    setError(null);
    if (project) get<WebhookSettings>(path, control.signal).then(setHook, (e) => {
      if (!control.signal.aborted) setError(e as Error);
    });
    return () => control.abort();
  }, [path]);
  if (mine.length === 0) return null;
  return (
    <div class="stack narrow">
      {mine.length > 1 && <Field label="Webhook of the project">{(p) => (
        <select {...p} value={project} onChange={(e) =>
          setProject(e.currentTarget.value)}>{mine.map((q) => (
          <option key={q.name}>{q.name}</option>))}</select>)}</Field>}
      {error && <Banner title="Its webhook is not known.">{error.message}</Banner>}
      {hook && <WebhookForm key={project} path={path} hook={hook}
        title={`Webhook of ${project}`}><p>A program that is told of the alerts
          of {project}, as JSON, signed with the secret.</p></WebhookForm>}
    </div>
  );
}

export function Notifications() {
  const [mine, setMine] = useState<Mine | null>(null);
  const [error, setError] = useState<Error | null>(null);
  useEffect(() => { get<Mine>('/me/notifications').then(setMine, setError); }, []);
  return (
    <Page title="Notifications">
      {error && <Banner title="They are not known.">{error.message}</Banner>}
      {!mine && !error && <p class="quiet">Loading…</p>}
      {mine && !mine.mail_set_up && <Banner kind="warn"
        title="Mail is not set up.">Nothing is sent until{' '}
        {session.value?.user.admin ? <>you name a server in the <a
          href="/settings">settings</a>.</> :
          'an administrator names a server.'}</Banner>}
      {mine && <div class="stack"><Alerts mine={mine} /><Updates mine={mine} />
        <ProjectWebhook /></div>}
    </Page>
  );
}

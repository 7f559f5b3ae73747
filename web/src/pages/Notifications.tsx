// SPDX-License-Identifier: ISC
// Of what one is told by mail, and the programs that are told for projects.
import { useState } from 'preact/hooks';
import { type Notifications as Mine, type WebhookSettings } from '../api';
import { Kept } from '../components/Kept';
import { Options } from '../components/Options';
import { WebhookForm } from '../components/PostForms';
import { Banner, Check, Field, FormProblem, Loading, Page, Stale } from
  '../components/ui';
import { useChanges, useKept } from '../lib/kept';
import { useSaving } from '../lib/saving';
import { holds, isAdmin, session } from '../store/session';
import * as pages from '../text/pages';
import * as common from '../text/common';
import * as text from '../text/notifications';

const path = '/me/notifications';

function useWish() {
  const { error, busy, save } = useSaving();
  const wish = async (event: Event, json: Partial<Mine>, onSaved: () => void) => {
    event.preventDefault();
    if (await save(path, json)) onSaved();
  };
  return { error, busy, wish };
}

function Updates({ mine }: { mine: Mine }) {
  const [updates, setUpdates] = useState(mine.updates);
  const { error, busy, wish } = useWish();
  const unchanged = useChanges(updates);
  return (
    <form class="card stack narrow" onSubmit={(e) =>
      wish(e, { updates }, unchanged)}>
      <h2>{text.updates}</h2>
      <p>{text.updatesAbout(<strong>{mine.email}</strong>)}</p>
      <Options name="updates" label={common.when} choices={text.ofUpdates}
        chosen={updates} onChange={setUpdates} />
      <FormProblem error={error} fields={[]} title={common.notSaved} />
      <div class="row"><button class="primary" disabled={busy}>{common.save}
      </button></div>
    </form>
  );
}

function Alerts({ mine }: { mine: Mine }) {
  const [alerts, setAlerts] = useState(mine.alerts);
  const [all, setAll] = useState(mine.alerts_all);
  const { error, busy, wish } = useWish();
  const unchanged = useChanges({ alerts, all });
  const admin = isAdmin();
  return (
    <form class="card stack narrow" onSubmit={(e) => wish(e, { alerts,
      ...(admin && { alerts_all: all }) }, unchanged)}>
      <h2>{pages.alerts}</h2>
      <p>{(admin ? text.alertsAboutAdmin : text.alertsAbout)(
        <strong>{mine.email}</strong>)}</p>
      <Options name="alerts" label={text.whenAlerts} choices={text.ofAlerts}
        chosen={alerts} onChange={setAlerts} />
      {admin && <Check label={text.allProjects} checked={all}
        onChange={setAll} />}
      <FormProblem error={error} fields={[]} title={common.notSaved} />
      <div class="row"><button class="primary" disabled={busy}>{text.saveAlerts}
      </button></div>
    </form>
  );
}

/** A program that is told of the alerts of one project, by its owners. */
function ProjectWebhook() {
  const mine = (session.value?.projects ?? []).filter((p) =>
    holds(p.name, 'owner'));
  const [project, setProject] = useState(mine[0]?.name ?? '');
  if (mine.length === 0) return null;
  return (
    <div class="stack narrow">
      {mine.length > 1 && <Field label={text.webhookChoice}>{(p) => (
        <select {...p} value={project} onChange={(e) =>
          setProject(e.currentTarget.value)}>{mine.map((q) => (
          <option key={q.name}>{q.name}</option>))}</select>)}</Field>}
      <Kept<WebhookSettings> key={project} path={`/projects/${project}/webhook`}
        title={text.webhookOf(project)}>{(hook) => <WebhookForm hook={hook}
          path={`/projects/${project}/webhook`} title={text.webhookOf(project)}>
          <p>{text.webhookAbout(project)}</p></WebhookForm>}</Kept>
    </div>
  );
}

export function Notifications() {
  const { value: mine, error, at, again } = useKept<Mine>(path);
  return (
    <Page title={pages.notifications}>
      <Stale reason={error} since={at} again={again} />
      {!mine && !error && <Loading />}
      {mine && !mine.mail_set_up && <Banner kind="warn"
        title={text.noMail}>{isAdmin() ?
          text.noMailAdmin((name) => <a href="/settings?tab=post">{name}</a>) :
          text.noMailOthers}</Banner>}
      {mine && <div class="stack"><Alerts mine={mine} /><Updates mine={mine} />
        <ProjectWebhook /></div>}
    </Page>
  );
}

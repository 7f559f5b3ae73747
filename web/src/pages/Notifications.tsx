// SPDX-License-Identifier: ISC
// Of what one is told by mail.
import { useEffect, useState } from 'preact/hooks';
import { ask, get, type Notifications as Mine } from '../api';
import { Banner, FormProblem, Page } from '../components/ui';
import { session } from '../store/session';
import { toast } from '../store/toasts';

type When = Mine['updates'];

const choices: [When, string, string][] = [
  ['off', 'Not at all', 'No mail is sent to you.'],
  ['at-once', 'At once', 'A mail for each build that is newer than what runs, ' +
    'and for each update that happened by itself.'],
  ['daily', 'Once a day', 'One mail with all of a day, when there is something.'],
];

function Form({ mine }: { mine: Mine }) {
  const [when, setWhen] = useState(mine.updates);
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const save = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await ask('PUT', '/me/notifications', { updates: when });
      toast('Saved');
    } catch (e) {
      setError(e as Error);
    }
    setBusy(false);
  };
  return (
    <form class="card stack narrow" onSubmit={save}>
      <h2>Updates of my unikernels</h2>
      <p>To <strong>{mine.email}</strong>, with a link to each comparison. Each
        build is told once.</p>
      <fieldset class="field options"><legend class="unseen">When</legend>
        {choices.map(([key, label, about]) => (
          <label key={key} class="check"><input type="radio" name="updates"
            value={key} checked={when === key} onChange={() => setWhen(key)} />
            <span><strong>{label}</strong><br />
              <span class="quiet">{about}</span></span></label>))}</fieldset>
      <FormProblem error={error} fields={[]} title="It was not saved." />
      <div class="row"><button class="primary" disabled={busy}>Save</button></div>
    </form>
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
      {mine && <Form mine={mine} />}
    </Page>
  );
}

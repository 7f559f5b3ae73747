// SPDX-License-Identifier: ISC
// What administrators set for the whole service.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../api';
import { BuildersForm } from '../components/BuildersForm';
import { CopiesForm } from '../components/CopiesForm';
import { PostForms } from '../components/PostForms';
import { Field, FormProblem, ListEditor, Page } from '../components/ui';
import { useSaving } from '../lib/saving';
import { toastError } from '../store/toasts';

interface Retention { deployments: number; days: number }

function RetentionForm() {
  const [at, setAt] = useState<{ deployments: string; days: string } | null>(null);
  const { error, save, say } = useSaving();
  useEffect(() => {
    get<Retention>('/settings/retention').then((r) => setAt({
      deployments: String(r.deployments), days: String(r.days) }), toastError);
  }, []);
  if (!at) return <p class="quiet">Loading…</p>;
  return (
    <form class="card stack" onSubmit={(e) => {
      e.preventDefault();
      void save('/settings/retention', { deployments: Number(at.deployments),
        days: Number(at.days) });
    }}>
      <h2>How long images are kept</h2>
      <p>What runs, what ran before it and what is being deployed always stays.
        Beyond that, an image is kept for whichever is longer:</p>
      <div class="columns">
        <Field label="Deployments of each unikernel" error={say('deployments')}>
          {(p) => <input {...p} type="number" min={1} max={1000}
            value={at.deployments} onInput={(e) =>
              setAt({ ...at, deployments: e.currentTarget.value })} />}</Field>
        <Field label="Days" error={say('days')}>{(p) => (
          <input {...p} type="number" min={0} max={3650} value={at.days}
            onInput={(e) => setAt({ ...at, days: e.currentTarget.value })} />)}
        </Field>
      </div>
      <FormProblem error={error} fields={['deployments', 'days']}
        title="It was not saved." />
      <div class="row"><button class="primary">Save retention</button></div>
    </form>
  );
}

function ChecksForm() {
  const [allowed, setAllowed] = useState<string[] | null>(null);
  const { error, save, say } = useSaving();
  useEffect(() => {
    get<{ allowed: string[] }>('/settings/health-checks').then((s) =>
      setAllowed(s.allowed), toastError);
  }, []);
  if (!allowed) return <p class="quiet">Loading…</p>;
  return (
    <form class="card stack" onSubmit={(e) => {
      e.preventDefault();
      void save('/settings/health-checks', { allowed });
    }}>
      <h2>Where health checks may ask</h2>
      <p>The addresses in a unikernel's own arguments are always allowed, unless
        they are this machine's. Further ranges:</p>
      <ListEditor label="Ranges" items={allowed} placeholder="10.0.0.0/8"
        error={say('allowed')} onChange={setAllowed} />
      <FormProblem error={error} fields={['allowed']} title="It was not saved." />
      <div class="row"><button class="primary">Save ranges</button></div>
    </form>
  );
}

export function Settings() {
  return (
    <Page title="Settings">
      <div class="stack settings"><BuildersForm /><RetentionForm /><ChecksForm />
        <CopiesForm /><PostForms /></div>
    </Page>
  );
}

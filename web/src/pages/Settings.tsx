// SPDX-License-Identifier: ISC
// What administrators set for all projects.
import { useEffect, useState } from 'preact/hooks';
import { ask, get, ProblemError, type HealthCheckSettings, type Retention } from
  '../api';
import { Banner, Field, FormProblem, ListEditor, Page } from '../components/ui';
import { toast } from '../store/toasts';

/** One resource as a form: asked for at first, put when sent. */
function useSetting<T>(path: string) {
  const [value, setValue] = useState<T | null>(null);
  const [problem, setProblem] = useState<Error | null>(null);
  useEffect(() => { get<T>(path).then(setValue, setProblem); }, [path]);
  const save = async (event: Event) => {
    event.preventDefault();
    setProblem(null);
    try {
      setValue(await ask<T>('PUT', path, value));
      toast('The setting was saved');
    } catch (e) {
      setProblem(e as Error);
    }
  };
  const say = (field: string) =>
    problem instanceof ProblemError ? problem.field(field) : undefined;
  return { value, setValue, problem, save, say };
}

function RetentionForm() {
  const { value, setValue, problem, save, say } =
    useSetting<Retention>('/settings/retention');
  if (!value) return problem && <Banner title="The retention is not known.">
    {problem.message}</Banner>;
  const number = (key: keyof Retention, label: string, min: number, max: number) => (
    <Field label={label} error={say(key)}>{(p) => (
      <input {...p} type="number" min={min} max={max} required value={value[key]}
        onInput={(e) => setValue({ ...value,
          [key]: Number(e.currentTarget.value) })} />)}</Field>);
  return (
    <form class="card stack" onSubmit={save}>
      <h2>How long images are kept</h2>
      <p class="quiet">Whichever is longer.</p>
      <div class="columns">
        {number('deployments', 'Last deployments of each unikernel', 1, 1000)}
        {number('days', 'Days', 0, 3650)}
      </div>
      <FormProblem error={problem} fields={['deployments', 'days']}
        title="It was not saved." />
      <button class="primary">Save retention</button>
    </form>
  );
}

function HealthChecksForm() {
  const { value, setValue, problem, save, say } =
    useSetting<HealthCheckSettings>('/settings/health-checks');
  if (!value) return problem && <Banner title="The addresses are not known.">
    {problem.message}</Banner>;
  return (
    <form class="card stack" onSubmit={save}>
      <h2>Where health checks may ask</h2>
      <p class="quiet">Besides the unikernels' own addresses.</p>
      <ListEditor label="Addresses" items={value.allowed} placeholder="10.0.0.0/8"
        error={say('allowed')} onChange={(allowed) => setValue({ allowed })} />
      <FormProblem error={problem} fields={['allowed']} title="It was not saved." />
      <button class="primary">Save addresses</button>
    </form>
  );
}

export function Settings() {
  return (
    <Page title="Settings">
      <div class="stack settings"><RetentionForm /><HealthChecksForm /></div>
    </Page>
  );
}

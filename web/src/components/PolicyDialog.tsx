// SPDX-License-Identifier: ISC
// What a project may use on an instance: given or changed by an admin.
import { useState } from 'preact/hooks';
import { ask, fieldError, type Policy, type Project } from '../api';
import { toast } from '../store/toasts';
import { Choice, Dialog, Field, FormProblem, NO_LIMIT } from './ui';

interface Numbers {
  unikernels: string;
  memory: string;
  block: string;
}

const labels: [keyof Numbers, string, string][] = [
  ['unikernels', 'Unikernels', 'How many may run.'],
  ['memory', 'Memory (MB)', 'In all.'],
  ['block', 'Volumes (MB)', 'In all; empty: none.'],
];

export function PolicyDialog({ instance, root, projects, project, onClose, onSaved }:
{ instance: string; root: Policy; projects: Project[]; project: string;
  onClose: () => void; onSaved: () => void }) {
  const old = projects.find((p) => p.name === project)?.policies
    .find((q) => q.instance === instance)?.policy;
  const without = projects.filter((p) =>
    !p.policies.some((q) => q.instance === instance));
  const [name, setName] = useState(project || without[0]?.name || '');
  const [numbers, setNumbers] = useState<Numbers>({
    unikernels: String(old?.unikernels ?? 4), memory: String(old?.memory ?? 256),
    block: old ? String(old.block ?? '') : '' });
  const [cpus, setCpus] = useState(old?.cpus ?? root.cpus);
  const [bridges, setBridges] = useState(old?.bridges ?? root.bridges);
  const [problem, setProblem] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const error = (field: string) => fieldError(problem, field);
  const save = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await ask<Policy>('PUT', `/projects/${name}/policies/${instance}`, {
        unikernels: Number(numbers.unikernels), memory: Number(numbers.memory),
        block: numbers.block === '' ? null : Number(numbers.block),
        cpus, bridges } satisfies Policy);
      toast(`${name} has its policy on ${instance}`);
      onSaved();
    } catch (e) {
      setProblem(e as Error);
      setBusy(false);
    }
  };
  const most = { unikernels: root.unikernels, memory: root.memory,
    block: root.block ?? 0 };
  return (
    <Dialog title={`Policy on ${instance}`} wide onClose={onClose}>
      <form class="stack" onSubmit={save}>
        <Field label="Project">{(p) => (
          <select {...p} required value={name} disabled={project !== ''}
            onChange={(e) => setName(e.currentTarget.value)}>
            {(project ? [project] : without.map((q) => q.name)).map((q) => (
              <option key={q}>{q}</option>))}</select>)}</Field>
        <div class="columns three">{labels.map(([key, label, hint]) => (
          <Field key={key} label={label} error={error(key)}
            hint={(most[key] ?? 0) < NO_LIMIT ?
              `${hint} The server has ${most[key]}.` : hint}>{(p) => (
            <input {...p} type="number" min={0} required={key !== 'block'}
              value={numbers[key]} onInput={(e) =>
                setNumbers({ ...numbers, [key]: e.currentTarget.value })} />)}
          </Field>))}</div>
        <Choice label="CPUs" values={root.cpus} chosen={cpus} error={error('cpus')}
          onChange={setCpus} />
        {root.bridges.length > 0 && <Choice label="Bridges" values={root.bridges}
          chosen={bridges} error={error('bridges')} onChange={setBridges} />}
        <FormProblem error={problem} title="The policy was not set."
          fields={['unikernels', 'memory', 'block', 'cpus', 'bridges']} />
        <div class="row end">
          <button type="button" onClick={onClose}>Cancel</button>
          <button class="primary" disabled={busy || name === ''}>Set it</button>
        </div>
      </form>
    </Dialog>
  );
}

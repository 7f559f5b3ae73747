// SPDX-License-Identifier: ISC
// What an instance has, and which projects may use how much of it.
import { useState } from 'preact/hooks';
import { get, getAll, type Capacity, type List, type Project } from '../api';
import { usePolled } from '../lib/poll';
import { PolicyDialog } from './PolicyDialog';
import { Banner, Meter } from './ui';

const SELDOM = 60_000;

function Given({ capacity: { root, given } }: { capacity: Capacity }) {
  return (
    <div class="meters">
      <Meter label="Unikernels given" used={given.unikernels} of={root.unikernels} />
      <Meter label="Memory given" used={given.memory} of={root.memory} unit="MB" />
      {root.block != null && <Meter label="Volumes given" used={given.block}
        of={root.block} unit="MB" />}
    </div>
  );
}

function Policies({ instance, projects, onEdit }: { instance: string;
  projects: Project[]; onEdit: (project: string) => void }) {
  const all = projects.flatMap((p) => p.policies
    .filter((q) => q.instance === instance).map((q) => ({ p, ...q })));
  if (all.length === 0)
    return <p class="quiet">No project may use it yet: give one a policy.</p>;
  return (
    <div class="table" tabIndex={0} role="region" aria-label="Policies">
      <table class="policies">
        <thead><tr><th scope="col">Project</th><th scope="col" class="number">
          Unikernels</th><th scope="col" class="number">Memory</th><th scope="col"
          class="number">Volumes</th><th scope="col">CPUs</th><th scope="col">
          Bridges</th><th scope="col"><span class="unseen">Edit</span></th></tr>
        </thead>
        <tbody>{all.map(({ p, policy }) => (
          <tr key={p.name}><th scope="row">{p.name}</th>
            <td class="number">{policy.unikernels}</td>
            <td class="number">{policy.memory} <small>MB</small></td>
            <td class="number">{policy.block == null ? 'none' :
              <>{policy.block} <small>MB</small></>}</td>
            <td>{policy.cpus.join(', ')}</td>
            <td>{policy.bridges.join(', ') || 'none'}</td>
            <td class="end"><button type="button" class="small"
              aria-label={`Edit the policy of ${p.name}`}
              onClick={() => onEdit(p.name)}>Edit</button></td></tr>))}</tbody>
      </table></div>
  );
}

/** news changes when the instance may have something else to say. */
export function InstancePolicies({ instance, news }: { instance: string;
  news: string }) {
  const { value: capacity, error, again } = usePolled((signal) =>
    get<Capacity>(`/instances/${instance}/capacity`, signal), SELDOM,
  [instance, news]);
  const { value: list, error: lost, again: reload } = usePolled((signal) =>
    getAll<List<Project>>('/projects', signal), SELDOM, []);
  const [editing, setEditing] = useState<string | null>(null);
  const projects = list?.items ?? [];
  const free = projects.some((p) =>
    !p.policies.some((q) => q.instance === instance));
  return (
    <section class="card instance" aria-label="What projects may use">
      <header><h2>What projects may use</h2><span class="grow" />
        <button type="button" class="small" disabled={!capacity || !free}
          onClick={() => setEditing('')}>Give a policy</button></header>
      {(error ?? lost) && <Banner kind="warn" title="Not all is known.">
        {(error ?? lost)?.message}</Banner>}
      {capacity && <Given capacity={capacity} />}
      {list && <Policies instance={instance} projects={projects}
        onEdit={setEditing} />}
      {editing !== null && capacity && <PolicyDialog instance={instance}
        root={capacity.root} projects={projects} project={editing}
        onClose={() => setEditing(null)} onSaved={() => {
          setEditing(null);
          again();
          reload();
        }} />}
    </section>
  );
}

// SPDX-License-Identifier: ISC
// What an instance has, and which projects may use, and use, how much of it.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { get, getAll, type Amount, type Capacity, type List, type Policy,
  type Project } from '../api';
import { limits, type Limit } from '../lib/policy';
import { usePolled } from '../lib/poll';
import * as common from '../text/common';
import * as text from '../text/policies';
import * as units from '../text/units';
import { lazy } from './Lazy';
import { GivenBars, PolicyState } from './PolicyParts';
import './policies.css';
import { Badge, Banner, Stale, Table } from './ui';

const PolicyDialog = lazy(() => import('./PolicyDialog')
  .then((m) => m.PolicyDialog));

const SELDOM = 60_000;

/** "64 of 512 MB" */
function Used({ policy, used, limit }: { policy: Policy; used: Amount | null;
  limit: Limit }) {
  const all = policy[limit];
  if (all == null) return <>{common.none}</>;
  return (
    <>{used ? text.usedOf(used[limit], all) : all}
      {limit !== 'unikernels' && <small> {units.megabytes}</small>}</>);
}

function Row({ project, policy, used, state, onEdit }: { project: string;
  policy: Policy; used: Amount | null; state: ComponentChildren;
  onEdit: (() => void) | null }) {
  return (
    <tr><th scope="row">{project}</th>
      <td class="wrap">{state} <span class="quiet">{text.cpusAndBridges(
        policy.cpus.join(', '), policy.bridges.join(', '))}</span></td>
      {limits.map((limit) => (
        <td key={limit} class="number" data-label={text.names[limit]}>
          <Used policy={policy} used={used} limit={limit} /></td>))}
      <td class="end">{onEdit && <button type="button" class="small"
        aria-label={text.editOf(project)} onClick={onEdit}>{text.edit}
      </button>}</td></tr>
  );
}

const number = (title: string) => ({ title, class: 'number' });

const columns = [common.project, text.where, ...limits.map((limit) =>
  number(text.names[limit])), { title: text.edit, unseen: true }];

function Policies({ capacity: { policies, others }, known, onEdit }: {
  capacity: Capacity; known: string[]; onEdit: (project: string) => void }) {
  if (policies.length + others.length === 0)
    return <p class="quiet">{text.noneYet}</p>;
  return (
    <Table label={text.policies} class="policies cards" columns={columns}>
      {policies.map((p) => (
        <Row key={p.project} {...p} state={<PolicyState {...p} />}
          onEdit={() => onEdit(p.project)} />))}
      {others.map((p) => (
        <Row key={p.project} {...p} used={null} state={<Badge kind="plain"
          why={text.notGivenHereWhy}>{text.notGivenHere}</Badge>}
        onEdit={known.includes(p.project) ? () => onEdit(p.project) : null} />))}
    </Table>
  );
}

/**
 * news changes when the instance may have something else to say; told: the page
 * says already that the server does not answer.
 */
export function InstancePolicies({ instance, news, told }: { instance: string;
  news: string; told: boolean }) {
  const { value: capacity, error, at, again } = usePolled((signal) =>
    get<Capacity>(`/instances/${instance}/capacity`, signal), SELDOM,
  [instance, news]);
  const { value: list, error: lost, again: reload } = usePolled((signal) =>
    getAll<List<Project>>('/projects', signal), SELDOM, []);
  const [editing, setEditing] = useState<string | null>(null);
  const projects = list?.items ?? [];
  const free = projects.filter((p) =>
    !p.policies.some((q) => q.instance === instance)).map((p) => p.name);
  return (
    <section class="card instance" aria-label={text.whatMayUse}>
      <header><h2>{text.whatMayUse}</h2><span class="grow" />
        {free.length > 0 && <button type="button" class="small"
          onClick={() => setEditing('')}>{text.give}</button>}</header>
      <Stale reason={!told && (error ?? lost)} since={at}
        again={() => { again(); reload(); }} />
      {capacity?.error && <Banner kind="warn" title={text.noAnswer}>
        {text.noAnswerMeans}</Banner>}
      {capacity && <GivenBars capacity={capacity} />}
      {capacity && <Policies capacity={capacity}
        known={projects.map((p) => p.name)} onEdit={setEditing} />}
      {editing !== null && <PolicyDialog instance={instance} project={editing}
        choices={free} onClose={() => setEditing(null)} onSaved={() => {
          setEditing(null);
          again();
          reload();
        }} />}
    </section>
  );
}

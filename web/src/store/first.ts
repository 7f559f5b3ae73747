// SPDX-License-Identifier: ISC
// Whether somebody is led through the first steps. What is done of them the
// server tells; this browser keeps only that they were put away.
import { effect, signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { get, getAll, type Instance, type List, type Project, type Token,
  type Usage } from '../api';
import { stepsOf, type Seen } from '../lib/first';
import { usePolled } from '../lib/poll';
import { place } from '../router';
import { isAdmin, ownProject } from './session';
import { unikernels } from './unikernels';

const key = 'first-steps';

export const away = signal(localStorage.getItem(key) === 'away');

effect(() => localStorage.setItem(key, away.value ? 'away' : 'shown'));

const FEW = 6;

export interface Used { project: string; usage: Usage }

/** What is used of the policies of projects. */
async function usageOf(projects: Project[], signal: AbortSignal): Promise<Used[]> {
  const some = projects.filter((p) => p.policies.length > 0).slice(0, FEW);
  const all = await Promise.all(some.map(async ({ name }) =>
    (await get<{ items: Usage[] }>(`/projects/${name}/usage`, signal)).items
      .map((usage) => ({ project: name, usage }))));
  return all.flat();
}

/** The projects and tokens of the person, and what is used of the former. */
async function whatIHave(signal: AbortSignal) {
  const [{ items: projects }, { items: tokens }] = await Promise.all([
    getAll<List<Project>>('/projects', signal),
    getAll<List<Token>>('/tokens', signal)]);
  return { projects, tokens, used: await usageOf(projects, signal) };
}

const SOON = 2000, SELDOM = 60_000;

/**
 * What one has, and whether one is led through the first steps: an
 * administrator while there is one left, others while they see nothing, unless
 * they were put away; and who asks for them. Who began sees the end, too.
 */
export function useBeginning(instances: Instance[] | null) {
  const [begun, setBegun] = useState(false);
  const { value, error, again } = usePolled(whatIHave, begun ? SOON : SELDOM,
    [begun]);
  const list = unikernels.value;
  const seen: Seen = { instances, projects: value?.projects ?? null,
    tokens: value?.tokens ?? null, unikernels: list };
  const own = ownProject();
  const isLeft = stepsOf(seen, own, isAdmin())
    .some(([, done]) => done === false);
  const begins = isLeft && (isAdmin() ||
    list?.items.length === 0);
  useEffect(() => { if (begins) setBegun(true); }, [begins]);
  const shows = place.value.query.has('first') ||
    (!away.value && (begins || begun));
  return { seen, own, shows, used: value?.used ?? null, lost: error,
    look: again };
}

// SPDX-License-Identifier: ISC
// What is left of a policy: asked when project or instance change, when what
// runs there does, and again while there is no answer.
import { useEffect, useState } from 'preact/hooks';
import { get, glance, type Usage } from '../api';
import { watchTopics } from '../store/events';
import { keepLoaded, pace } from './live';

const AGAIN = 5000;
/** Told of what runs; volumes that come and go are not told. */
const CALM = 60_000;

interface Answer {
  items: Usage[];
  errors: { detail: string }[];
}

function usageOf({ items: [usage], errors: [wrong] }: Answer): Usage | null {
  if (wrong) throw new Error(wrong.detail);
  return usage ?? null;
}

/**
 * What was last known stays, with why it is not newer: a ProblemError where this
 * server did not answer, another where the instance did not.
 */
export function useUsage(project: string, instance: string) {
  const [usage, setUsage] = useState<Usage | null>(null);
  const [error, setError] = useState<Error | null>(null);
  useEffect(() => {
    setUsage(null);
    setError(null);
    if (!project || !instance) return;
    const control = new AbortController();
    const path = `/projects/${project}/usage?instance=${instance}`;
    let known = false, wrong = false;
    const load = async () => {
      try {
        // Who fills in a form is not asked to sign in for what is beside it.
        const answer = known ? await glance<Answer>(path) :
          await get<Answer>(path, control.signal);
        if (control.signal.aborted || !answer) return;
        setUsage(usageOf(answer));
        setError(null);
        known = true;
        wrong = false;
      } catch (e) {
        if (!control.signal.aborted) setError(e as Error);
        wrong = true;
      }
    };
    const { soon, stop } = keepLoaded(load, () => (wrong ? AGAIN :
      pace(CALM, AGAIN)));
    const deaf = watchTopics([`states:${project}`], () => soon());
    return () => { control.abort(); stop(); deaf(); };
  }, [project, instance]);
  return { usage, error };
}

// SPDX-License-Identifier: ISC
// What is left of a policy, asked when project or instance change, and again
// while there is no answer.
import { useEffect, useState } from 'preact/hooks';
import { get, type Usage } from '../api';

const AGAIN = 5000;

async function ask(project: string, instance: string, signal: AbortSignal):
Promise<Usage | null> {
  const { items: [usage], errors: [wrong] } = await get<{ items: Usage[];
    errors: { detail: string }[] }>(
    `/projects/${project}/usage?instance=${instance}`, signal);
  if (wrong) throw new Error(wrong.detail);
  return usage ?? null;
}

export function useUsage(project: string, instance: string) {
  const [usage, setUsage] = useState<Usage | null>(null);
  const [error, setError] = useState('');
  useEffect(() => {
    const control = new AbortController();
    let timer: number | undefined;
    const turn = () => ask(project, instance, control.signal).then((found) => {
      setUsage(found);
      setError('');
    }, (e: Error) => {
      if (control.signal.aborted) return;
      setError(e.message);
      timer = setTimeout(turn, AGAIN);
    });
    setUsage(null);
    setError('');
    if (project && instance) void turn();
    return () => { control.abort(); clearTimeout(timer); };
  }, [project, instance]);
  return { usage, error };
}

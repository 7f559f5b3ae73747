// SPDX-License-Identifier: ISC
// What is left of a policy, asked when project or instance change.
import { useEffect, useState } from 'preact/hooks';
import { get, type Usage } from '../api';

export function useUsage(project: string, instance: string) {
  const [usage, setUsage] = useState<Usage | null>(null);
  const [error, setError] = useState('');
  useEffect(() => {
    const control = new AbortController();
    setUsage(null);
    setError('');
    if (project && instance)
      get<{ items: Usage[]; errors: { detail: string }[] }>(
        `/projects/${project}/usage?instance=${instance}`, control.signal)
        .then((u) => {
          setUsage(u.items[0] ?? null);
          setError(u.errors[0]?.detail ?? '');
        }, (e: Error) => { if (!control.signal.aborted) setError(e.message); });
    return () => control.abort();
  }, [project, instance]);
  return { usage, error };
}

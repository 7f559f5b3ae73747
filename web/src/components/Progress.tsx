// SPDX-License-Identifier: ISC
// A deployment while it is under way, and how it ended.
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, streamUrl, unikernelPath, type Deployment } from '../api';
import { plain } from '../lib/ansi';
import { stepText } from '../lib/deployment';
import { state } from '../text/deployment';
import * as text from '../text/operation';
import { Badge, Banner } from './ui';
import './progress.css';

/** Follows it by its events; asks now and then where these do not come. */
function useDeployment(first: Deployment,
  onEnd?: (d: Deployment) => void): Deployment {
  const [d, setD] = useState(first);
  const end = useRef(onEnd);
  end.current = onEnd;
  useEffect(() => {
    let over = first.final, timer: number | undefined;
    const control = new AbortController();
    const take = (now: Deployment) => {
      if (over) return;
      setD(now);
      if (!now.final) return;
      over = true;
      source.close();
      end.current?.(now);
    };
    const source = new EventSource(streamUrl(`/deployments/${first.id}`));
    source.addEventListener('deployment', (event) =>
      take(JSON.parse((event as MessageEvent<string>).data) as Deployment));
    const turn = async () => {
      await get<Deployment>(`/deployments/${first.id}`, control.signal)
        .then(take, () => {});
      if (!over && !control.signal.aborted) timer = setTimeout(turn, 2000);
    };
    timer = setTimeout(turn, 2000);
    if (over) source.close();
    return () => { over = true; source.close(); control.abort(); clearTimeout(timer); };
  }, [first.id]);
  return d;
}

/** The steps, each with how long it took. */
export function Steps({ d }: { d: Deployment }) {
  return (
    <ol class="steps">{d.steps?.map((s, i) => (
      <li key={i} class={s.result === null ? 'now' : s.result === 'ok' ? 'done' :
        'bad'}>
        <span>{stepText(s.step, s.result)}</span>
        <span class="quiet number">{s.ms === null ? '…' :
          text.milliseconds(s.ms)}</span></li>))}
    </ol>
  );
}

/** Why it does not run, and what it said last. */
export function Failure({ d }: { d: Deployment }) {
  if (!d.error) return null;
  return (
    <>
      <Banner title={d.state === 'rolled-back' ?
        text.rolledBack : text.didNotWork}>
        {d.error.detail || d.error.title}
        {d.error.albatross && <div class="quiet">{text.albatrossSays(
          d.error.albatross)}</div>}
        {d.error.errors?.map((e) => (
          <div key={e.field}><code>{e.field}</code> {e.message}</div>))}
      </Banner>
      {d.log.length > 0 && <pre class="excerpt" tabIndex={0}
        aria-label={text.lastLines}>{d.log.map(plain).join('\n')}</pre>}
    </>
  );
}

export function Progress({ first, onEnd }: { first: Deployment;
  onEnd?: (d: Deployment) => void }) {
  const d = useDeployment(first, onEnd);
  return (
    <section class="card stack progress-card" role="status"
      aria-label={text.deploymentNumber(d.number)}>
      <h2>{text.deploymentOf(<a href={`${unikernelPath(d)}?tab=deployments`}>
        {text.deploymentNumber(d.number)}</a>, d.name)}{' '}
        <Badge kind={!d.final ? 'warn' : d.state === 'running' ? 'good' : 'bad'}>
          {state[d.state] ?? d.state}</Badge></h2>
      <Steps d={d} />
      <Failure d={d} />
    </section>
  );
}

// SPDX-License-Identifier: ISC
// The numbered history of a unikernel; the one under way is live.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { ask, unikernelPath, type Change, type Deployment, type Unikernel } from
  '../api';
import { duration, origin, stateKind, stateText, valueText } from
  '../lib/deployment';
import { ago, shortDigest } from '../lib/format';
import { holds } from '../store/session';
import { openHistory } from '../store/deployments';
import { toast, toastError } from '../store/toasts';
import { Age, Badge, Banner, Dialog, Empty, FormProblem } from './ui';

type Id = Pick<Unikernel, 'instance' | 'project' | 'name'>;

/** Asks before going back; without a number to the last one that ran. */
export function Revert({ id, to, onClose }: {
  id: Id; to: number | null; onClose: () => void }) {
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const revert = async () => {
    setBusy(true);
    try {
      const d = await ask<Deployment>('POST', unikernelPath(id, '/rollback'),
        to === null ? {} : { deployment: to });
      toast(`Deployment ${d.number} goes back to ${d.of}`);
      onClose();
    } catch (e) {
      setError(e as Error);
      setBusy(false);
    }
  };
  return (
    <Dialog title={to === null ? `Revert ${id.name}?` :
      `Revert ${id.name} to ${to}?`} onClose={onClose}>
      <p>Image and configuration of {to === null ? 'the deployment that ran before' :
        `deployment ${to}`} take the place of what runs now. Should they fail, what
        runs now is brought back.</p>
      <FormProblem error={error} fields={[]} title="It was not reverted." />
      <div class="row end">
        <button type="button" autofocus onClick={onClose}>Keep what runs</button>
        <button type="button" class="primary" disabled={busy} onClick={revert}>
          {busy ? 'One moment…' : 'Revert'}</button>
      </div>
    </Dialog>
  );
}

function Steps({ d }: { d: Deployment }) {
  if (!d.steps?.length) return null;
  return (
    <ol class="steps">{d.steps.map((s, i) => (
      <li key={i} class={s.result === null ? 'now' : s.result === 'ok' ? 'ok' :
        'bad'} title={s.detail ?? undefined}>{s.step.replace('-', ' ')}{' '}
        <span class="quiet">{s.ms === null ? (d.final ? '' : '…') :
          duration(s.ms)}</span></li>))}</ol>
  );
}

function Changes({ changes }: { changes: Change[] }) {
  return (
    <ul class="changes">{changes.map((c) => (
      <li key={c.field}><code>{c.field}</code>: <del>{valueText(c.from)}</del>{' '}
        <span aria-hidden="true">→</span><span class="unseen"> becomes </span>{' '}
        <ins>{valueText(c.to)}</ins></li>))}</ul>
  );
}

function Why({ d }: { d: Deployment }) {
  if (!d.error) return null;
  return (
    <Banner kind={d.state === 'rolled-back' ? 'warn' : 'bad'}
      title={d.error.title}>{d.error.detail}
      {d.error.albatross && <div>albatross: {d.error.albatross}</div>}
      {d.error.errors?.map((e) => (
        <div key={e.field}><code>{e.field}</code> {e.message}</div>))}</Banner>
  );
}

function One({ d, onRevert }: { d: Deployment; onRevert: () => void }) {
  const may = holds(d.project, 'deployer') && d.final && !d.current &&
    d.state === 'running' && d.image?.stored !== false;
  return (
    <li class="card deployment" aria-label={`Deployment ${d.number}`}>
      <header class="row wrap">
        <strong>{d.number}</strong>
        <Badge kind={stateKind(d)}>{stateText(d)}</Badge>
        {d.rolled_back_by !== null && <span>rolled back by {d.rolled_back_by}</span>}
        <span class="quiet"><Age time={d.created_at} as={ago} /> by {d.by.name},
          from {origin(d)}</span>
        {d.link && <a href={d.link} rel="noreferrer noopener" target="_blank">
          CI run</a>}
        {d.image && <code title={d.image.sha256}>
          {shortDigest(d.image.sha256)}</code>}
        {may && <button type="button" class="small" onClick={onRevert}>
          Revert to {d.number}</button>}
      </header>
      <Steps d={d} />
      <Why d={d} />
      {d.changes && d.changes.length > 0 && <Changes changes={d.changes} />}
      {d.log.length > 0 && <pre class="excerpt" tabIndex={0}
        aria-label={`The last lines of deployment ${d.number}`}>
        {d.log.join('\n')}</pre>}
    </li>
  );
}

export function Deployments({ id }: { id: Id }) {
  const history = useMemo(() => openHistory(id),
    [id.instance, id.project, id.name]);
  useEffect(() => history.close, [history]);
  const [to, setTo] = useState<number | null>(null);
  const items = history.items.value;
  return (
    <>
      {history.error.value && <Banner kind="warn" title="Not up to date.">
        {history.error.value.message}</Banner>}
      {items?.length === 0 && <Empty title="No deployment yet">
        <p>What runs here was not deployed from here.</p></Empty>}
      {items && items.length > 0 && <ol class="stack deployments" reversed>
        {items.map((d) => (
          <One key={d.number} d={d} onRevert={() => setTo(d.number)} />))}</ol>}
      {history.next.value !== null && <button type="button"
        onClick={() => history.more().catch(toastError)}>Earlier ones</button>}
      {to !== null && <Revert id={id} to={to} onClose={() => setTo(null)} />}
    </>
  );
}

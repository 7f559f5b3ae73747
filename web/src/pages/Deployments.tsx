// SPDX-License-Identifier: ISC
// The history of a unikernel: what was deployed when, and going back.
import { useState } from 'preact/hooks';
import { ask, get, unikernelPath, type Deployment, type List, type Unikernel } from
  '../api';
import { Failure, Progress, Steps } from '../components/Progress';
import { Age, Badge, Dialog, Empty, FormProblem, Loading, Script, Stale, Table }
  from '../components/ui';
import { buildTime } from '../lib/build';
import { postLine } from '../lib/curl';
import { changeTexts, sourceText, stateKind, stateText } from '../lib/deployment';
import { ago, shortDigest } from '../lib/format';
import { usePolling } from '../lib/poll';
import { useSending } from '../lib/sending';
import { mayBring } from '../store/session';
import { toast, toastError } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/deployments';
import './deployments.css';

type Id = Pick<Unikernel, 'instance' | 'project' | 'name'>;

/** Goes back to an earlier one, and shows how that goes. */
export function Revert({ id, to, onClose }: { id: Id; to: number | null;
  onClose: () => void }) {
  const [going, setGoing] = useState<Deployment | null>(null);
  const { error, send } = useSending();
  const start = () => send(async () => setGoing(await ask<Deployment>('POST',
    unikernelPath(id, '/rollback'), to === null ? {} : { deployment: to })));
  return (
    <Dialog title={text.revertTitle(id.name, to)} onClose={onClose} wide>
      <div class="stack">
        {going === null && <p>{text.revertSays(to)}</p>}
        {going && <Progress first={going} onEnd={(d) => {
          if (d.state === 'running') toast(text.reverted(id.name));
        }} />}
        <FormProblem error={error} fields={[]} title={text.notReverted} />
        <div class="row end">
          <button type="button" autofocus onClick={onClose}>
            {going ? common.close : common.keepRunning}</button>
          {!going && <button type="button" class="primary" onClick={start}>
            {common.revert}</button>}
        </div>
      </div>
    </Dialog>
  );
}

function Changes({ d }: { d: Deployment }) {
  if (!d.changes) return <span class="quiet">{text.first}</span>;
  if (d.changes.length === 0) return <span class="quiet">{text.nothing}</span>;
  return (
    <ul class="changes">{d.changes.map((change) => {
      const [field, from, to] = changeTexts(change);
      return <li key={field}><code>{field}</code>{' '}
        <del>{from}</del> <ins>{to}</ins></li>;
    })}</ul>
  );
}

function ImageOf({ image }: { image: NonNullable<Deployment['image']> }) {
  const digest = <code title={image.sha256}>{shortDigest(image.sha256)}</code>;
  return image.stored ? digest : <>{text.notKept(digest, (words) =>
    <span class="quiet">{words}</span>)}</>;
}

function Row({ d, may, onRevert }: { d: Deployment; may: boolean;
  onRevert: (number: number) => void }) {
  const like = `/deploy?instance=${d.instance}&project=${d.project}` +
    `&name=${d.name}&deployment=${d.number}`;
  const back = d.state === 'running' && !d.current &&
    (d.image === null || d.image.stored);
  return (
    <tr>
      <th scope="row" data-label={text.column.deployment}>{d.number}</th>
      <td><Badge kind={stateKind(d)}>{stateText(d)}</Badge></td>
      <td><Age time={d.created_at} as={ago} />
        <div class="quiet">{d.by.token ? text.byToken(d.by.name) :
          d.by.name}</div></td>
      <td>{sourceText(d)}{d.link && <div><a href={d.link}
        rel="noreferrer">{text.ciRun}</a></div>}
        {d.build && d.source !== 'build' && d.source !== 'update' && <div
          class="quiet">{text.builtAt(d.build.job, buildTime(d.build))}</div>}
        {d.image && <div><ImageOf image={d.image} /></div>}</td>
      <td><Changes d={d} />
        <details><summary>{d.error ? text.stepsAndWhy :
          text.steps}</summary>
          <Steps d={d} /><Failure d={d} /></details></td>
      <td class="end"><div>
        {back && <a class="button small" href={`${unikernelPath(d)}?tab=update` +
          `&deployment=${d.number}`} aria-label={
          text.compareWith(d.number)}>{text.compare}</a>}
        {may && back && <button type="button" class="small"
          aria-label={text.revertToThis(d.number)}
          onClick={() => onRevert(d.number)}>{text.revertTo}</button>}
        {may && <a class="button small" href={like}
          aria-label={text.likeDeployment(d.number)}>{text.likeThis}</a>}
      </div></td>
    </tr>
  );
}

export function Deployments({ id }: { id: Id }) {
  const [list, setList] = useState<List<Deployment> | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const [to, setTo] = useState<number | null>(null);
  const path = unikernelPath(id, '/deployments');
  usePolling(async (signal) => {
    try {
      const first = await get<List<Deployment>>(path, signal);
      // What was shown of older ones stays.
      setList((old) => !old || old.items.length <= first.items.length ? first :
        { items: [...first.items, ...old.items.filter((d) =>
          d.number < (first.items.at(-1)?.number ?? 0))], next: old.next });
      setAt(Date.now());
      setError(null);
    } catch (e) {
      if (!signal.aborted) setError(e as Error);
    }
  }, 3000, [path]);
  const more = async () => {
    if (!list?.next) return;
    try {
      const next = await get<List<Deployment>>(
        `${path}?cursor=${encodeURIComponent(list.next)}`);
      setList({ items: [...list.items, ...next.items], next: next.next });
    } catch (e) {
      toastError(e);
    }
  };
  if (list === null)
    return error ? <Stale reason={error} /> :
      <Loading />;
  if (list.items.length === 0)
    return <Empty title={text.noneKnown}><p>{text.noneKnownWhy}</p></Empty>;
  const back = list.items.find((d) => d.state === 'running' && !d.current);
  return (
    <div class="stack">
      <Stale reason={error} since={at} />
      <Table label={common.deployments} class="deployments cards"
        columns={[text.column.number, text.column.state, text.column.when,
          text.column.from, text.column.changed,
          { title: text.column.act, unseen: true }]}>
        {list.items.map((d) => <Row key={d.id} d={d} onRevert={setTo}
          may={mayBring(d.project)} />)}</Table>
      {list.next && <button type="button" onClick={more}>{text.older}</button>}
      {back && <Script text={postLine(location.origin, unikernelPath(id,
        '/rollback?wait=60'), { deployment: back.number })} />}
      {to !== null && <Revert id={id} to={to} onClose={() => setTo(null)} />}
    </div>
  );
}

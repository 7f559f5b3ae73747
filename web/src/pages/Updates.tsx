// SPDX-License-Identifier: ISC
// Updates of many unikernels: those there were, and how one of them goes.
import { useRef, useState } from 'preact/hooks';
import { ask, get, unikernelPath, type BulkUpdate, type BulkUpdateItem } from
  '../api';
import { Age, Badge, Banner, Empty, Fact, Loading, Page, Stale, Table, type Kind }
  from '../components/ui';
import { ago } from '../lib/format';
import { usePolled, usePolling } from '../lib/poll';
import { holds } from '../store/session';
import { toastError } from '../store/toasts';
import * as pages from '../text/pages';
import * as text from '../text/bulk';
import * as common from '../text/common';

type State = BulkUpdateItem['state'];

const kinds: Record<State, Kind> = {
  waiting: 'plain', running: 'warn', updated: 'good', unchanged: 'plain',
  failed: 'bad', 'rolled-back': 'bad', skipped: 'plain',
};

function sumText(items: BulkUpdateItem[]): string {
  const counts = (Object.keys(kinds) as State[]).map((state): [number, State] =>
    [items.filter((i) => i.state === state).length, state]);
  return text.sum(counts.filter(([n]) => n > 0));
}

function Row({ item }: { item: BulkUpdateItem }) {
  const path = unikernelPath(item);
  return (
    <tr>
      <td><Badge kind={kinds[item.state]}>{text.state[item.state]}</Badge></td>
      <th scope="row"><a href={`${path}?tab=update`}>{item.name}</a></th>
      <td class="quiet">{item.instance} / {item.project}</td>
      <td class="may">{item.detail}</td>
      <td class="end">{item.deployment !== null && <a class="button small"
        href={`${path}?tab=deployments`} aria-label={
          text.deploymentsOf(item.name)}>{common.deployments}</a>}</td>
    </tr>
  );
}

function ended(bulk: BulkUpdate): number {
  return bulk.items?.filter((i) => i.state !== 'waiting' &&
    i.state !== 'running').length ?? 0;
}

const mayStop = (items: BulkUpdateItem[]) =>
  items.some((i) => holds(i.project, 'deployer'));

export function BulkUpdatePage({ id }: { id: string }) {
  const [bulk, setBulk] = useState<BulkUpdate | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const over = useRef(false);
  usePolling(async (signal) => {
    if (over.current || document.hidden) return;
    try {
      const now = await get<BulkUpdate>(`/updates/${encodeURIComponent(id)}`,
        signal);
      over.current = now.state === 'done';
      setBulk(now);
      setError(null);
    } catch (e) {
      if (!signal.aborted) setError(e as Error);
    }
  }, 1500, [id]);
  const stop = () => ask<BulkUpdate>('DELETE', `/updates/${id}`)
    .then(setBulk, toastError);
  const items = bulk?.items ?? [];
  return (
    <Page title={bulk ? text.titleOf(items.length) : text.titleOne}
      above={<a href="/updates">{pages.updates}</a>}
    beside={bulk && <Badge kind={bulk.state === 'done' ? 'plain' : 'warn'}>
      {text.stateOfAll[bulk.state]}</Badge>}
    action={bulk?.state === 'running' && mayStop(items) && <button
      type="button" onClick={stop}>{common.stop}</button>}>
      {error && <Banner kind={bulk ? 'warn' : 'bad'} title={bulk ?
        common.notUpToDate : common.notKnown}>{error.message}</Banner>}
      {!bulk && !error && <Loading />}
      {bulk && <div class="stack">
        <dl class="strip">
          <Fact name={text.begun}><Age time={bulk.created_at} as={ago} /></Fact>
          <Fact name={common.by}>{bulk.by}</Fact>
          <Fact name={text.atOnce}>{bulk.at_once}</Fact>
          <Fact name={text.afterFailure}>{bulk.stop_at_failure ?
            text.noMore : text.goesOn}</Fact></dl>
        <p role="status">{sumText(items)}</p>
        {bulk.state !== 'done' && <progress aria-label={text.done} max={items.length}
          value={ended(bulk)} />}
        <Table label={pages.updates} class="cards"
          columns={[text.column.state, text.column.unikernel, text.column.where,
            text.column.why, { title: text.column.look, unseen: true }]}>
          {items.map((item) => <Row key={unikernelPath(item)}
            item={item} />)}</Table>
      </div>}
    </Page>
  );
}

export function BulkUpdates() {
  const { value: list, error, at, again } = usePolled(async (signal) =>
    (await get<{ items: BulkUpdate[] }>('/updates', signal)).items, 5000, []);
  return (
    <Page title={pages.updates}>
      <Stale reason={error} since={at} again={again} />
      {!list && !error && <Loading />}
      {list?.length === 0 && <Empty title={text.none}><p>{text.noneHow}</p>
        <p><a class="button" href="/unikernels?q=update:available">
          {text.withUpdate}</a></p></Empty>}
      {list && list.length > 0 && <Table label={pages.updates}
        columns={[text.column.number, text.column.state, text.begun, common.by]}>
        {list.map((b) => <tr key={b.id}>
          <th scope="row"><a href={`/updates/${b.id}`}>{b.id}</a></th>
          <td><Badge kind={b.state === 'done' ? 'plain' : 'warn'}>
            {text.stateOfAll[b.state]}</Badge></td>
          <td><Age time={b.created_at} as={ago} /></td><td>{b.by}</td></tr>)}
        </Table>}
    </Page>
  );
}

// SPDX-License-Identifier: ISC
// Updates of many unikernels: those there were, and how one of them goes.
import { useRef, useState } from 'preact/hooks';
import { ask, get, unikernelPath, type BulkUpdate, type BulkUpdateItem } from
  '../api';
import { Age, Badge, Banner, Empty, Fact, Page } from '../components/ui';
import { ago, count } from '../lib/format';
import { usePolled, usePolling } from '../lib/poll';
import { toastError } from '../store/toasts';

type State = BulkUpdateItem['state'];

const kinds: Record<State, 'good' | 'bad' | 'warn' | 'plain'> = {
  waiting: 'plain', running: 'warn', updated: 'good', unchanged: 'plain',
  failed: 'bad', 'rolled-back': 'bad', skipped: 'plain',
};
const words: Record<State, string> = {
  waiting: 'waits', running: 'under way', updated: 'updated',
  unchanged: 'was the newest', failed: 'failed', 'rolled-back': 'rolled back',
  skipped: 'skipped',
};

/** "2 updated, 1 rolled back" */
function sumText(items: BulkUpdateItem[]): string {
  return (Object.keys(words) as State[]).map((state) => {
    const n = items.filter((i) => i.state === state).length;
    return n > 0 ? `${n} ${words[state]}` : '';
  }).filter(Boolean).join(', ');
}

function Row({ item }: { item: BulkUpdateItem }) {
  const path = unikernelPath(item);
  return (
    <tr>
      <td><Badge kind={kinds[item.state]}>{words[item.state]}</Badge></td>
      <th scope="row"><a href={`${path}?tab=update`}>{item.name}</a></th>
      <td class="quiet">{item.instance} / {item.project}</td>
      <td class="may">{item.detail}</td>
      <td class="end">{item.deployment !== null && <a class="button small"
        href={`${path}?tab=deployments`} aria-label={`Deployments of ${
          item.name}`}>Deployments</a>}</td>
    </tr>
  );
}

function ended(bulk: BulkUpdate): number {
  return bulk.items?.filter((i) => i.state !== 'waiting' &&
    i.state !== 'running').length ?? 0;
}

const states = { running: 'under way', stopping: 'ending', done: 'done' };

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
    <Page title={bulk ? `Update of ${count(items.length, 'unikernel')}` :
      'Update of many'} above={<a href="/updates">Updates of many</a>}
    beside={bulk && <Badge kind={bulk.state === 'done' ? 'plain' : 'warn'}>
      {states[bulk.state]}</Badge>}
    action={bulk?.state === 'running' && <button type="button" onClick={stop}>
      Stop</button>}>
      {error && <Banner kind={bulk ? 'warn' : 'bad'} title={bulk ?
        'Not up to date.' : 'It is not known.'}>{error.message}</Banner>}
      {!bulk && !error && <p class="quiet">Loading…</p>}
      {bulk && <div class="stack">
        <dl class="strip">
          <Fact name="Begun"><Age time={bulk.created_at} as={ago} /></Fact>
          <Fact name="By">{bulk.by}</Fact>
          <Fact name="At once">{bulk.at_once}</Fact>
          <Fact name="After a failure">{bulk.stop_at_failure ?
            'no more is begun' : 'it goes on'}</Fact></dl>
        <p role="status">{sumText(items)}</p>
        {bulk.state !== 'done' && <progress aria-label="Done" max={items.length}
          value={ended(bulk)} />}
        <div class="table"><table class="cards">
          <thead><tr><th scope="col">State</th><th scope="col">Unikernel</th>
            <th scope="col">Where</th><th scope="col">Why</th>
            <th scope="col"><span class="unseen">Look</span></th></tr></thead>
          <tbody>{items.map((item) => <Row key={unikernelPath(item)}
            item={item} />)}</tbody></table></div>
      </div>}
    </Page>
  );
}

export function BulkUpdates() {
  const { value: list, error } = usePolled(async (signal) =>
    (await get<{ items: BulkUpdate[] }>('/updates', signal)).items, 5000, []);
  return (
    <Page title="Updates of many">
      {error && <Banner kind="warn" title="Not up to date.">{error.message}</Banner>}
      {!list && !error && <p class="quiet">Loading…</p>}
      {list?.length === 0 && <Empty title="There was none yet">
        <p>Choose some in the list of unikernels, then Update.</p>
        <p><a class="button" href="/unikernels?q=update:available">Those with an update
        </a></p></Empty>}
      {list && list.length > 0 && <div class="table"><table>
        <thead><tr><th scope="col">No.</th><th scope="col">State</th>
          <th scope="col">Begun</th><th scope="col">By</th></tr></thead>
        <tbody>{list.map((b) => <tr key={b.id}>
          <th scope="row"><a href={`/updates/${b.id}`}>{b.id}</a></th>
          <td><Badge kind={b.state === 'done' ? 'plain' : 'warn'}>
            {states[b.state]}</Badge></td>
          <td><Age time={b.created_at} as={ago} /></td><td>{b.by}</td></tr>)}
        </tbody></table></div>}
    </Page>
  );
}

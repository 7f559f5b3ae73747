// SPDX-License-Identifier: ISC
// The history of one unikernel, and the deployment under way as it goes on:
// told by its event stream, or asked for where that does not come through.
import { signal, type Signal } from '@preact/signals';
import { freshen, get, streamUrl, unikernelPath, type Deployment, type Unikernel }
  from '../api';

export interface History {
  /** Newest first; null: not known yet. */
  items: Signal<Deployment[] | null>;
  /** Where older ones begin; null: there are none. */
  next: Signal<string | null>;
  error: Signal<Error | null>;
  more: () => Promise<void>;
  close: () => void;
}

interface Page {
  items: Deployment[];
  next: string | null;
}

const EVERY = 3000;
const RETRY = 1000;

/** Tells each change of a deployment until it has ended. */
function follow(id: number, tell: (d: Deployment) => void): () => void {
  let source: EventSource | undefined;
  let timer: number | undefined;
  let stopped = false;
  const take = (d: Deployment) => {
    tell(d);
    if (d.final) stop();
  };
  const stop = () => {
    stopped = true;
    clearTimeout(timer);
    source?.close();
  };
  const poll = async () => {
    try {
      take(await get<Deployment>(`/deployments/${id}`));
    } catch { /* asked again below */ }
    if (!stopped) timer = setTimeout(poll, RETRY);
  };
  const listen = () => {
    if (stopped) return;
    source = new EventSource(streamUrl(`/deployments/${id}`));
    source.addEventListener('deployment', (event: MessageEvent<string>) =>
      take(JSON.parse(event.data) as Deployment));
    source.onerror = () => {
      source?.close();
      if (!stopped) void poll();
    };
  };
  freshen().then(listen, poll);
  return stop;
}

export function openHistory(u: Pick<Unikernel, 'instance' | 'project' | 'name'>):
History {
  const items = signal<Deployment[] | null>(null);
  const next = signal<string | null>(null);
  const error = signal<Error | null>(null);
  const path = unikernelPath(u, '/deployments');
  const followed = new Map<number, () => void>();
  let timer: number | undefined;
  let closed = false;

  /** Puts newer tellings in place of older ones. */
  const merge = (found: Deployment[]) => {
    const known = new Map((items.value ?? []).map((d) => [d.number, d]));
    for (const d of found) known.set(d.number, { ...known.get(d.number), ...d });
    items.value = [...known.values()].sort((a, b) => b.number - a.number);
  };
  const load = async (query: string) => {
    const page = await get<Page>(path + query);
    if (closed) return page;
    merge(page.items);
    for (const { id, final } of page.items)
      if (!final && !followed.has(id))
        followed.set(id, follow(id, (d) => { if (!closed) merge([d]); }));
    return page;
  };
  const turn = async () => {
    try {
      const first = items.value === null;
      const page = await load('');
      if (first) next.value = page.next;
      error.value = null;
    } catch (e) {
      error.value = e as Error;
    }
    if (!closed) timer = setTimeout(turn, EVERY);
  };
  void turn();
  return {
    items, next, error,
    more: async () => {
      const page = await load(`?cursor=${encodeURIComponent(next.value ?? '')}`);
      next.value = page.next;
    },
    close: () => {
      closed = true;
      clearTimeout(timer);
      for (const stop of followed.values()) stop();
    },
  };
}

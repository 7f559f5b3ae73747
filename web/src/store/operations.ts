// SPDX-License-Identifier: ISC
// What is under way or ended a short while ago: as the server tells it, and
// the uploads of this page, which end with it.
import { computed, signal } from '@preact/signals';
import { ask, changes, freshen, glance, ProblemError, streamUrl, upload,
  volumePath, type Content, type List, type Operation, type Volume,
  type VolumeName } from '../api';
import { keepLoaded, pace } from '../lib/live';
import { Rate } from '../lib/rate';
import { sameVolume } from '../lib/names';
import * as text from '../text/operation';
import { watchTopics } from './events';
import { forgetWithUser } from './session';

/** How often they are asked for: while nothing is told of them, and while it is. */
const BUSY = 1000, IDLE = 15_000;
const PROGRESS = 2000, CALM = 60_000;
/** What was begun here is looked for at least so long. */
const EXPECTED = 5000;
/** How long what ended is told. */
const KEPT = 10 * 60 * 1000;

/** An upload of this page that is sent, or which the server knows nothing of. */
export interface Transfer {
  id: number;
  volume: VolumeName;
  file: string;
  sent: number;
  size: number;
  /** Why it failed; null while it is being sent. */
  error: Error | null;
  rate: Rate;
  stop: (why?: Error) => void;
}

const all = signal<Operation[]>([]);
const dismissed = signal<ReadonlySet<string>>(new Set());

forgetWithUser(() => { all.value = []; });

/** Newest first. */
export const operations = computed(() => all.value.filter((o) =>
  !dismissed.value.has(o.url) &&
  (!o.ended || Date.now() - Date.parse(o.ended) < KEPT)));
/** Why the last question had no answer, or null. */
export const operationsError = signal<Error | null>(null);
export const transfers = signal<Transfer[]>([]);
/** What began or ended last, for those who hear the page. */
export const said = signal('');
/** Whether the drawer shows all of it. */
export const drawerOpen = signal(false);
/** It was opened for what was begun here, not by the person. */
let openedItself = false;

let rates = new Map<string, Rate>();

/** How fast an operation goes. */
export const rateOf = (o: Operation): Rate => rates.get(o.url) ?? new Rate();

export const isGoing = (o: Operation) => o.state === 'running';

/** The operation that a volume is busy with, as far as it is known. */
export const operationOf = (v: Volume) => operations.value.find((o) =>
  o.url === `/operations/${v.operation}`);

/** The upload of this page that an operation is. */
export const transferOf = (o: Operation) => transfers.value.find((t) =>
  !t.error && o.kind === 'volume-upload' && isGoing(o) &&
  sameVolume(t.volume, o));

/** Whether an upload of this page is on its way. */
export const isSending = () => transfers.value.some((t) => !t.error);

/** Changes with what begins or ends among those. */
export const newsOf = (some: Operation[]) =>
  some.map((o) => o.url + o.state).join();

function say(now: Operation[], before: Operation[]): void {
  const news = now.flatMap((o) => {
    const old = before.find((b) => b.url === o.url);
    if (old?.state === o.state || (!old && !isGoing(o))) return [];
    const title = text.title(o.kind, o.name);
    return [isGoing(o) ? text.began(title) : text.ended(title, text.ends[o.state])];
  });
  if (news.length > 0) said.value = news.join(', ');
}

/** What an upload left in its volume, as the server keeps it. */
async function contentAfter(o: Operation): Promise<Content | undefined> {
  const v = await glance<Volume>(volumePath(o)).catch(() => null);
  return v?.content && `/operations/${v.content.operation}` === o.url ?
    v.content : undefined;
}

/**
 * What the server gave up is not sent to its end. That it did may be told
 * before its answer is here, and says as much.
 */
async function stopSending(old: Operation, o: Operation): Promise<void> {
  if (!o.error || !transferOf(old)) return;
  const content = await contentAfter(o);
  const said = [o.error.detail, content ? '' : o.detail];
  transferOf(old)?.stop(new ProblemError({ type: 'about:blank', status: 502,
    request_id: '', ...o.error, detail: [...new Set(said)].filter(Boolean).join(' '),
    operation: o, ...(content && { content }) }));
}

function giveUp(before: Operation[], now: Operation[]): void {
  for (const old of before.filter(isGoing)) {
    const o = now.find((one) => one.url === old.url);
    if (o?.state === 'failed') void stopSending(old, o);
  }
}

/** Opens or shuts the drawer as the person wants it. */
export function openDrawer(open = true): void {
  drawerOpen.value = open;
  openedItself = false;
}

/** What opened itself is shut when all ended, unless somebody is in it. */
export function calm(): void {
  if (openedItself && !isBusy() && !isSending() &&
    !document.getElementById('operations-list')?.contains(document.activeElement))
    openDrawer(false);
}

function set(items: Operation[]): void {
  rates = new Map(items.filter(isGoing).map((o) => [o.url, rateOf(o)]));
  for (const o of items) rates.get(o.url)?.add(o.bytes);
  say(items, all.value);
  giveUp(all.value, items);
  all.value = items;
  calm();
}

/** One as it is now; a new one is the newest. */
function take(item: Operation): void {
  const at = all.value.findIndex((o) => o.url === item.url);
  set(at < 0 ? [item, ...all.value] : all.value.with(at, item));
}

async function load(): Promise<void> {
  try {
    set((await glance<List<Operation>>('/operations?limit=100'))?.items ?? []);
    operationsError.value = null;
  } catch (error) {
    operationsError.value = error as Error;
  }
}

let soon = () => {};
let expected = 0;

const isBusy = () => all.value.some(isGoing) || Date.now() < expected;

/** Keeps them as they are told; returns how to stop. */
export function watchOperations(): () => void {
  const kept = keepLoaded(load, () => (isBusy() ? pace(PROGRESS, BUSY) :
    pace(CALM, IDLE)));
  ({ soon } = kept);
  let asked = changes.value;
  const ignore = changes.subscribe((n) => {
    if (n !== asked) soon();
    asked = n;
  });
  const deaf = watchTopics(['operations'], (told) => {
    if (told.event === 'operation') take(told.item);
    else soon();
  });
  return () => { kept.stop(); ignore(); deaf(); };
}

/** Something long began here: the drawer shows it while it lasts. */
export function begun(): void {
  openedItself ||= !drawerOpen.value;
  drawerOpen.value = true;
  expected = Date.now() + EXPECTED;
  soon();
}

/** Asks one to stop; what is sent from here stops at once. */
export async function stopOperation(o: Operation): Promise<void> {
  await ask('DELETE', o.url);
  transferOf(o)?.stop();
}

/** What ended is not told any more. */
export function dismissEnded(): void {
  dismissed.value = new Set([...dismissed.value, ...all.value.filter((o) =>
    !isGoing(o)).map((o) => o.url)]);
  transfers.value = transfers.value.filter((t) => !t.error);
  // Emptied, it is put away: what begins next opens it anew.
  if (operations.value.length + transfers.value.length === 0) openDrawer(false);
}

function warn(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

/** Who would leave while something is sent is asked first. */
function guardLeaving(): void {
  if (isSending()) addEventListener('beforeunload', warn);
  else removeEventListener('beforeunload', warn);
}

let next = 1;

/** Sends a file to a volume; goes on whatever page is shown. */
export function sendFile(volume: VolumeName, file: File, query: string,
  encoding?: 'gzip'): { id: number; done: Promise<Volume> } {
  const id = next++, rate = new Rate();
  const set = (part: Partial<Transfer> | null) => {
    transfers.value = transfers.value.flatMap((t) => (t.id !== id ? [t] :
      part ? [{ ...t, ...part }] : []));
    guardLeaving();
  };
  const { done, abort } = upload<Volume>(volumePath(volume, '/data') +
    (query && `?${query}`), file, (sent) => {
    rate.add(sent);
    set({ sent });
  }, encoding);
  transfers.value = [...transfers.value, { id, volume, file: file.name, sent: 0,
    size: file.size, error: null, rate, stop: abort }];
  guardLeaving();
  begun();
  done.then(() => set(null), (error: Error) => {
    const told = error.name === 'AbortError' ||
      (error instanceof ProblemError && error.problem.operation);
    set(told ? null : { error });
  }).finally(soon);
  return { id, done };
}

/** Lets the browser save what an address gives, with a session that lives. */
export async function download(path: string): Promise<void> {
  await freshen();
  const link = document.createElement('a');
  link.href = streamUrl(path);
  link.download = '';
  link.click();
}

// SPDX-License-Identifier: ISC
// What the server tells by itself: one stream for all that the page shows. It
// is opened anew from where it was when the page shows something else, it broke
// or the session was renewed, so that nothing is lost and nothing comes twice.
import { signal } from '@preact/signals';
import { freshen, streamUrl, type Alert, type Instance, type Operation, type Sample,
  type Unikernel } from '../api';
import type { NoteKind } from '../lib/log';
import * as text from '../text/api';

export type Change = 'appeared' | 'vanished' | 'restarted' | 'replaced' |
  'crash-loop' | 'settled' | 'changed';

/** The topic is as it was asked for; id is where it then is. */
export type Told = { topic: string; id: string } & (
  | { event: 'unikernel'; change: Change; item: Unikernel }
  | { event: 'unikernel'; change: Change; item: null; instance: string;
    project: string; name: string }
  | { event: 'sample'; instance: string; project: string; time: string;
    items: (Omit<Sample, 'time'> & { name: string })[] }
  | { event: 'operation'; item: Operation }
  | { event: 'instance'; item: Instance }
  | { event: 'alert'; item: Alert }
  | { event: 'line'; seq: number; time: string; line: string }
  | { event: 'note'; seq: number; time: string; note: NoteKind; text: string;
    deployment?: number }
  | { event: 'end'; code: string; title: string; detail: string }
  | { event: 'back' }
  | { event: 'reset' });

export type Connection = 'connecting' | 'live' | 'broken';

/** How the stream is; broken ones are tried again for as long as needed. */
export const connection = signal<Connection>('connecting');

/** Since when nothing is told, and why, as far as it is known. */
export const trouble = signal<{ since: number; why: string } | null>(null);

const names = ['unikernel', 'sample', 'operation', 'instance', 'alert', 'line',
  'note', 'end', 'back', 'reset'];
const RETRY = 1000, LONGEST = 30_000;
/** What a page shows begins together: the stream is opened once for all. */
const TOGETHER = 30;
/** A page that nobody sees is not told any more after that. */
const UNSEEN = 60_000;
/** A session that was looked at no longer ago lives. */
const FRESH = 60_000;
/** Of a log from which nothing was read yet. */
const LINES = 1000;

interface Listener {
  topics: string[];
  hear: (told: Told) => void;
}

const listeners = new Set<Listener>();
/** Where each topic is; one that is not here begins with what is new. */
const places = new Map<string, string>();
let source: EventSource | undefined;
let told: string[] = [];
let timer: number | undefined;
let failures = 0;
let attempt = 0;
/** The page began with a look at it. */
let freshened = Date.now();

function wanted(): string[] {
  return [...new Set([...listeners].flatMap((l) => l.topics))].sort();
}

function tell(news: Told): void {
  for (const listener of [...listeners])
    if (listener.topics.includes(news.topic)) listener.hear(news);
}

function shut(): void {
  clearTimeout(timer);
  source?.close();
  source = undefined;
  told = [];
  attempt++;
}

function later(ms: number): void {
  shut();
  timer = setTimeout(open, ms);
}

/** Not all at once when a server comes back. */
function retry(error?: Error): void {
  connection.value = 'broken';
  trouble.value = { since: trouble.value?.since ?? Date.now(),
    why: error?.message ?? trouble.value?.why ?? text.streamBroke };
  later(Math.min(LONGEST, RETRY * 2 ** failures++) * (0.5 + Math.random() / 2));
}

function take(event: string, { data, lastEventId }: MessageEvent<string>): void {
  for (const [i, id] of lastEventId.split(',').entries()) {
    const topic = told[i];
    if (topic === undefined) continue;
    if (id === '-') places.delete(topic);
    else places.set(topic, id);
  }
  const news = JSON.parse(data) as { topic: string };
  tell({ ...news, event, id: places.get(news.topic) ?? '' } as Told);
}

function addressOf(topics: string[]): string {
  const fresh = topics.filter((t) => !places.has(t));
  return streamUrl(`/events?topics=${topics.map(encodeURIComponent).join()}` +
    (fresh.length < topics.length ?
      `&last_id=${topics.map((t) => places.get(t) ?? '-').join()}` : '') +
    (fresh.some((t) => t.startsWith('log:')) ? `&lines=${LINES}` : ''));
}

function listen(topics: string[]): void {
  const now = new EventSource(addressOf(topics));
  const fresh = topics.filter((t) => !places.has(t));
  source = now;
  told = topics;
  now.onopen = () => {
    failures = 0;
    connection.value = 'live';
    trouble.value = null;
    for (const topic of fresh) tell({ topic, id: '', event: 'reset' });
  };
  now.onerror = () => retry();
  for (const name of names)
    now.addEventListener(name, (e) => take(name, e as MessageEvent<string>));
  // The session ended or was renewed, or the server is about to go.
  now.addEventListener('bye', () => {
    failures = 1;
    later(RETRY * Math.random());
  });
}

async function open(): Promise<void> {
  shut();
  const topics = wanted();
  for (const topic of places.keys())
    if (!topics.includes(topic)) places.delete(topic);
  if (topics.length === 0) return;
  const mine = attempt;
  try {
    if (failures > 0 || Date.now() - freshened > FRESH) await freshen();
    freshened = Date.now();
    if (mine === attempt) listen(topics);
  } catch (error) {
    if (mine === attempt) retry(error as Error);
  }
}

/** Tries at once, for who does not want to wait. */
export const askNow = () => void open();

function fit(): void {
  if (!source || wanted().join() !== told.join()) later(TOGETHER);
}

/**
 * Hears of topics, a reset first: what is shown is loaded at each, as what came
 * before it is not told. One that was read up to a place goes on from there.
 */
export function watchTopics(topics: string[], hear: (told: Told) => void,
  from?: string): () => void {
  const listener = { topics, hear };
  listeners.add(listener);
  if (from) {
    for (const topic of topics) places.set(topic, from);
    later(TOGETHER);
  } else fit();
  return () => {
    listeners.delete(listener);
    fit();
  };
}

let unseen: number | undefined;

document.addEventListener('visibilitychange', () => {
  clearTimeout(unseen);
  if (document.hidden) unseen = setTimeout(shut, UNSEEN);
  else if (!source) void open();
});
addEventListener('online', () => { if (connection.value === 'broken') void open(); });

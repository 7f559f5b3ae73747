// SPDX-License-Identifier: ISC
// One console as a growing list of lines: an EventSource that the browser
// resumes; where the server refused it (the session ran out), it is opened anew
// from the last line on, so that nothing is lost and nothing comes twice.
import { signal, type Signal } from '@preact/signals';
import { freshen, streamUrl, unikernelPath, type Unikernel } from '../api';
import { plain } from '../lib/ansi';
import { Seen } from '../lib/seen';

export interface Line {
  n: number;
  time: string;
  text: string;
  /** Without colours, for search and download. */
  plain: string;
}

export type LogState = 'connecting' | 'live' | 'broken';

export interface Log {
  lines: Signal<Line[]>;
  state: Signal<LogState>;
  /** Why it ended, when albatross said so. */
  ended: Signal<string>;
  close: () => void;
}

const KEEP = 100_000;
const RETRY = 3000;

export function openLog(u: Pick<Unikernel, 'instance' | 'project' | 'name'>):
Log {
  const lines = signal<Line[]>([]);
  const state = signal<LogState>('connecting');
  const ended = signal('');
  let source: EventSource | undefined;
  let timer: number | undefined;
  let frame = 0;
  let pending: Line[] = [];
  let n = 0;
  let closed = false;
  const seen = new Seen();

  // A busy console brings many lines a frame: drawn once for all of them.
  const flush = () => {
    frame = 0;
    const all = [...lines.value, ...pending];
    pending = [];
    lines.value = all.length > KEEP ? all.slice(-KEEP) : all;
  };
  const onLine = (event: MessageEvent<string>) => {
    const { time, line } = JSON.parse(event.data) as { time: string; line: string };
    if (!seen.isNew(time, line)) return;
    pending.push({ n: n++, time, text: line, plain: plain(line) });
    frame ||= requestAnimationFrame(flush);
  };
  const connect = async () => {
    if (closed) return;
    try {
      await freshen();
    } catch {
      timer = setTimeout(connect, RETRY);
      return;
    }
    if (closed) return;
    const since = seen.resume();
    source = new EventSource(streamUrl(unikernelPath(u, since ?
      `/console?since=${encodeURIComponent(since)}` : '/console?lines=1024')));
    source.onopen = () => { state.value = 'live'; ended.value = ''; };
    source.addEventListener('line', onLine);
    source.addEventListener('end', (event: MessageEvent<string>) => {
      const end = JSON.parse(event.data) as { title: string; detail: string };
      ended.value = end.detail || end.title;
    });
    source.onerror = () => {
      state.value = 'broken';
      if (source?.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(connect, RETRY);
    };
  };
  void connect();
  return {
    lines, state, ended,
    close: () => {
      closed = true;
      clearTimeout(timer);
      cancelAnimationFrame(frame);
      source?.close();
    },
  };
}

// SPDX-License-Identifier: ISC
// The lines of a log that are picked: they are copied whole and with their
// times, also those that are not drawn or not even loaded.
import { useLayoutEffect, useState } from 'preact/hooks';
import { asText, indexOf, rangeOf, spotText, within, type Spot } from '../lib/log';
import { setQuery } from '../router';
import type { Log } from '../store/log';
import { toast, toastError } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/log';
import * as ui from '../text/ui';
import { Icon } from './Icon';
import { copy } from './ui';

type Range = [first: number, last: number];

async function copyLines(log: Log, [first, last]: Range): Promise<void> {
  try {
    const lines = await log.between(first, last);
    await copy(asText(lines), text.lines(lines.length));
  } catch (e) {
    toastError(e);
  }
}

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;

const lineOf = (node: Node) => (node instanceof Element ? node :
  node.parentElement)?.closest<HTMLElement>('.log-box [data-seq]') ?? null;

/** The lines over which text is selected, as by touch; null: within one. */
function selected(): Range | null {
  const selection = getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const { startContainer, endContainer, endOffset } = selection.getRangeAt(0);
  const first = lineOf(startContainer);
  let last = lineOf(endContainer);
  // Of three clicks: up to the begin of the next one.
  if (last === endContainer && endOffset === 0)
    last = last.previousElementSibling as HTMLElement | null;
  if (!first?.dataset['seq'] || !last?.dataset['seq'] || first === last) return null;
  return [Number(first.dataset['seq']), Number(last.dataset['seq'])];
}

/** Whether text is selected that is none of a log. */
function isElsewhere(): boolean {
  const { anchorNode: at, isCollapsed } = getSelection() ?? {};
  return !!at && !isCollapsed && !(at instanceof Element ? at :
    at.parentElement)?.closest('.log-box');
}

/** Ctrl-C, and the browser's own menu. */
function useCopying(log: Log, spot: Spot | null) {
  // At once: the keys that pick and the one that copies come quickly.
  useLayoutEffect(() => {
    const onCopy = (event: ClipboardEvent) => {
      const range = isTyping(event.target) || isElsewhere() ? null :
        spot?.on ? rangeOf(spot) : selected();
      if (!range || !event.clipboardData) return;
      event.preventDefault();
      const lines = within(log.entries.value, ...range);
      if (!lines) return void copyLines(log, range);
      event.clipboardData.setData('text/plain', asText(lines));
      toast(ui.copied(text.lines(lines.length)));
    };
    document.addEventListener('copy', onCopy);
    return () => document.removeEventListener('copy', onCopy);
  }, [log, spot]);
}

/** Where one is in a log; told to screen readers, for it is no focus. */
export function useSpot(log: Log, first: Spot | null) {
  const [spot, setSpot] = useState(() => (first?.on ? first : null));
  const [extending, setExtending] = useState(false);
  useCopying(log, spot);
  const onSpot = (next: Spot | null) => {
    if (next?.on && !spot?.on) getSelection()?.removeAllRanges();
    if (extending && next?.anchor !== next?.end) setExtending(false);
    setSpot(next);
  };
  const entries = log.entries.value;
  const here = spot && entries[indexOf(entries, spot.end)];
  return { spot, onSpot, extending, setExtending,
    told: here && here.seq === spot.end ? asText([here]) : '' };
}

export function Picks({ log, spot, extending, onExtend, onSpot }: { log: Log;
  spot: Spot; extending: boolean; onExtend: (on: boolean) => void;
  onSpot: (spot: Spot | null) => void }) {
  const range = rangeOf(spot);
  const [first, last] = range;
  const lines = within(log.entries.value, first, last);
  const link = () => {
    setQuery('at', spotText(spot));
    void copy(location.href, text.link);
  };
  return (
    <div class="log-picks" role="group" aria-label={text.picks}>
      <strong role="status">{text.picked(lines?.length ?? last - first + 1)}</strong>
      <button type="button" class="small" onClick={() => copyLines(log, range)}>
        <Icon name="copy" /> {common.copy}</button>
      <button type="button" class="small" onClick={link}>{text.copyLink}</button>
      <button type="button" class="small" aria-pressed={extending}
        onClick={() => onExtend(!extending)}>{text.extend}</button>
      <button type="button" class="small bare" aria-label={text.pickNone}
        title={text.pickNone} onClick={() => onSpot(null)}><Icon name="close" />
      </button>
    </div>
  );
}

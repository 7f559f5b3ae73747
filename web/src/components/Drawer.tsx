// SPDX-License-Identifier: ISC
// The drawer below every page: what is under way, and what became of what
// ended a short while ago.
import { useEffect, useRef, useState } from 'preact/hooks';
import { volumePath, type Operation } from '../api';
import { ago } from '../lib/format';
import { endOf, pageOf, stepOf, stopWarning, titleOf, withPart } from
  '../lib/operation';
import { calm, dismissEnded, drawerOpen, isGoing, openDrawer, operations,
  operationsError, rateOf, stopOperation, transferOf, transfers, type Transfer }
  from '../store/operations';
import * as text from '../text/operation';
import * as common from '../text/common';
import { Icon } from './Icon';
import { Moving } from './Moving';
import { Age, Badge, Dialog, FormProblem } from './ui';
import './drawer.css';

/** Uploads of this page which the server does not tell of itself. */
const ownTransfers = (all: Operation[]): Transfer[] => transfers.value.filter((t) =>
  !all.some((o) => transferOf(o)?.id === t.id));

/** Why it failed, and what it leaves: each once. */
function outcome(o: Operation): string[] {
  const { error, detail } = o;
  const why = error && !(detail && o.state === 'cancelled') ?
    [error.detail || error.title, ...error.errors.map((e) =>
      text.fieldSays(e.field, e.message))] : [];
  return [...new Set([...why, detail ?? ''])].filter(Boolean);
}

function Going({ o, onStop }: { o: Operation; onStop: () => void }) {
  return (
    <>
      <Moving label={titleOf(o)} words={stepOf(o)} moved={o.bytes} total={o.total}
        rate={rateOf(o)} />
      {o.cancellable && <button type="button" class="small"
        aria-label={text.stopOf(titleOf(o))} onClick={onStop}>
        {common.stop}</button>}
    </>
  );
}

function Row({ o, onStop }: { o: Operation; onStop: () => void }) {
  const kind = o.state === 'succeeded' ? 'good' : o.state === 'failed' ? 'bad' :
    isGoing(o) ? 'warn' : 'plain';
  return (
    <li>
      <div class="head"><span><a href={pageOf(o)}>{titleOf(o)}</a>{' '}
        <span class="quiet">{text.where(o.instance, o.project)}</span></span>
      <span class="quiet"><Badge kind={kind}>{endOf(o)}</Badge>{' '}
        {o.ended && <Age time={o.ended} as={ago} />}</span></div>
      {isGoing(o) ? <Going o={o} onStop={onStop} /> :
        outcome(o).map((line) => <p key={line}>{line}</p>)}
    </li>
  );
}

function OwnRow({ t }: { t: Transfer }) {
  const title = titleOf({ kind: 'volume-upload', name: t.volume.name });
  return (
    <li>
      <div class="head"><a href={volumePath(t.volume)}>{title}</a>
        <Badge kind={t.error ? 'bad' : 'warn'}>{endOf({ state: t.error ? 'failed' :
          'running' })}</Badge></div>
      {t.error ? <p>{t.error.message}</p> : <>
        <Moving label={title} words={t.file} moved={t.sent} total={t.size}
          rate={t.rate} />
        <button type="button" class="small" aria-label={text.stopOf(title)}
          onClick={() => t.stop()}>{common.stop}</button></>}
    </li>
  );
}

function Stop({ o, onClose }: { o: Operation; onClose: () => void }) {
  const [error, setError] = useState<Error | null>(null);
  const stop = () => { stopOperation(o).then(onClose, setError); };
  return (
    <Dialog title={text.stopTitle(o.kind, o.name)} onClose={onClose}>
      <p>{stopWarning(o)}</p>
      <FormProblem error={error} fields={[]} title={text.notStopped} />
      <div class="row end">
        <button type="button" autofocus onClick={onClose}>{text.letGoOn}</button>
        <button type="button" class="danger solid" onClick={stop}>
          {text.stopIt}</button>
      </div>
    </Dialog>
  );
}

/** One line of all of it. */
function Sum({ all, own }: { all: Operation[]; own: Transfer[] }) {
  const going = all.filter(isGoing);
  const n = going.length + own.filter((t) => !t.error).length;
  const [o] = n > 0 ? going : all;
  const line = o && (isGoing(o) ? withPart(titleOf(o), o) :
    text.outcome(titleOf(o), endOf(o), o.state === 'succeeded' ? [] : outcome(o)));
  return (
    <span class="sum-line">
      {n > 0 && <b>{text.underWay(n)}</b>}
      {line && <span class="quiet">{line}</span>}
    </span>
  );
}

/** Toasts stand above the drawer, however high it is. */
function useHeight() {
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    const { style } = document.documentElement;
    const seen = new ResizeObserver(() => {
      style.setProperty('--drawer', `${box.current?.offsetHeight ?? 0}px`);
    });
    if (box.current) seen.observe(box.current);
    return () => { seen.disconnect(); style.removeProperty('--drawer'); };
  }, []);
  return box;
}

/** Who goes from one row to the next is still in the list. */
function leaveList(event: FocusEvent): void {
  const list = event.currentTarget as Element;
  if (!list.contains(event.relatedTarget as Node | null)) calm();
}

export function Drawer() {
  const [stopping, setStopping] = useState<Operation | null>(null);
  const box = useHeight();
  const all = operations.value;
  const own = ownTransfers(all);
  const open = drawerOpen.value;
  const ended = all.some((o) => !isGoing(o)) || own.some((t) => t.error);
  return (
    <section class="drawer" aria-label={text.operations} ref={box}>
      <button type="button" class="drawer-bar" id="operations" aria-expanded={open}
        aria-controls={open ? 'operations-list' : undefined}
        onClick={() => openDrawer(!open)}>
        <span>{text.operations}</span><Sum all={all} own={own} />
        {operationsError.value && <Badge kind="warn">{text.notUpToDate}
        </Badge>}
        <Icon name="more" /></button>
      {open && <div id="operations-list" tabIndex={-1} onFocusOut={leaveList}>
        <ul>{own.map((t) => <OwnRow key={t.id} t={t} />)}
          {all.map((o) => <Row key={o.url} o={o} onStop={() => setStopping(o)} />)}
        </ul>
        {ended && <div class="row end"><button type="button" class="small"
          onClick={() => {
            dismissEnded();
            document.getElementById(operations.value.length > 0 ? 'operations' :
              'main')?.focus();
          }}>{text.dismissEnded}</button></div>}
      </div>}
      {stopping && <Stop o={stopping} onClose={() => setStopping(null)} />}
    </section>
  );
}

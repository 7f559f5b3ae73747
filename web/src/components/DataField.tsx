// SPDX-License-Identifier: ISC
// Takes the file for a volume, counts it, and tells how its upload goes; and
// what else is asked before a volume is written to.
import { ProblemError, type Operation } from '../api';
import type { Data } from '../lib/data';
import { bytes } from '../lib/format';
import { stepOf } from '../lib/operation';
import { operations, rateOf, stopOperation, transferOf, transfers } from
  '../store/operations';
import { toastError } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/volumes';
import { Icon } from './Icon';
import { Moving } from './Moving';
import { Banner, Check, FormProblem } from './ui';
import './drop.css';
import './drawer.css';

function About({ data: { file, unpack, size, read } }: { data: Data }) {
  return (
    <>
      <strong>{file.name}</strong>
      <span>{unpack && size !== null ?
        text.unpacked(bytes(file.size), bytes(size)) : bytes(file.size)}</span>
      {unpack && size === null && read < file.size && <span role="status">
        {text.counting(Math.floor(100 * read / file.size))}</span>}
    </>
  );
}

export function DataField({ data, wrong, hint, onFile, onUnpack }: {
  data: Data | null; wrong: string | undefined; hint: string;
  onFile: (file: File | undefined) => void; onUnpack: (on: boolean) => void }) {
  const bad = data?.error || wrong;
  return (
    <div class="stack">
      <div class={`drop ${data ? 'full' : ''} ${bad ? 'bad' : ''}`}>
        <input type="file" aria-label={text.data} aria-describedby="data-about"
          onChange={(e) => onFile(e.currentTarget.files?.[0])} />
        <Icon name="volume" />
        <span class="lines" id="data-about">{data ? <About data={data} /> : <>
          <strong>{text.drop}</strong><span>{text.orPress}</span></>}
          <span>{hint}</span>
          {bad && <span class="note" role="alert">{bad}</span>}</span>
        {data && <span class="button small" aria-hidden="true">{text.another}
        </span>}
      </div>
      {data?.gzip && <Check label={text.unpack}
        checked={data.unpack} onChange={onUnpack} />}
    </div>
  );
}

/** Whether what a volume holds is saved before it is written to. */
export function SafeCheck({ on, onChange }: { on: boolean;
  onChange: (on: boolean) => void }) {
  return <Check label={text.safe}
    checked={on} onChange={onChange} />;
}

/** An upload of this page while it lasts. */
export function Sending({ id }: { id: number }) {
  const t = transfers.value.find((one) => one.id === id);
  if (!t) return null;
  const o: Operation | undefined = operations.value.find((one) =>
    transferOf(one)?.id === id);
  const stop = () => {
    if (o) stopOperation(o).catch(toastError);
    else t.stop();
  };
  return (
    <div class="sending">
      {o && o.step !== 'sending' ? <Moving label={common.upload} words={stepOf(o)}
        moved={o.bytes} total={o.total} rate={rateOf(o)} /> :
        <Moving label={common.upload} words={t.file} moved={t.sent} total={t.size}
          rate={t.rate} />}
      <button type="button" class="small" onClick={stop}>{common.stop}</button>
    </div>
  );
}

/** What a volume holds after what was refused or broke off. */
export function Refused({ error, fields, title }: { error: Error | null;
  fields: string[]; title: string }) {
  const content = error instanceof ProblemError && error.problem.content;
  return (
    <>
      <FormProblem error={error} fields={fields} title={title} />
      {content && <Banner kind="warn" title={text.holdsNow}>
        {content.detail}</Banner>}
    </>
  );
}

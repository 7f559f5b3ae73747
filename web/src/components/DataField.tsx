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
import { Icon } from './Icon';
import { Moving } from './Moving';
import { Banner, Check, FormProblem } from './ui';

function About({ data: { file, unpack, size, read } }: { data: Data }) {
  return (
    <>
      <strong>{file.name}</strong>
      <span>{bytes(file.size)}{unpack && size !== null &&
        `, ${bytes(size)} once unpacked`}</span>
      {unpack && size === null && read < file.size && <span role="status">
        Counting what is in it: {Math.floor(100 * read / file.size)} % read</span>}
    </>
  );
}

export function DataField({ data, wrong, hint, onFile, onUnpack }: {
  data: Data | null; wrong: string | undefined; hint: string;
  onFile: (file: File | undefined) => void; onUnpack: (on: boolean) => void }) {
  const text = data?.error || wrong;
  return (
    <div class="stack">
      <div class={`drop ${data ? 'full' : ''} ${text ? 'bad' : ''}`}>
        <input type="file" aria-label="Data" aria-describedby="data-about"
          onChange={(e) => onFile(e.currentTarget.files?.[0])} />
        <Icon name="volume" />
        <span class="lines" id="data-about">{data ? <About data={data} /> : <>
          <strong>Drop a file here</strong><span>or press to choose one</span></>}
          <span>{hint}</span>
          {text && <span class="note" role="alert">{text}</span>}</span>
        {data && <span class="button small" aria-hidden="true">Another</span>}
      </div>
      {data?.gzip && <Check label="Unpack it on the way (gzip)"
        checked={data.unpack} onChange={onUnpack} />}
    </div>
  );
}

/** Whether what a volume holds is saved before it is written to. */
export function SafeCheck({ on, onChange }: { on: boolean;
  onChange: (on: boolean) => void }) {
  return <Check label="Save what it holds first, and put it back if this fails"
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
      {o && o.step !== 'sending' ? <Moving label="Upload" words={stepOf(o)}
        moved={o.bytes} total={o.total} rate={rateOf(o)} /> :
        <Moving label="Upload" words={t.file} moved={t.sent} total={t.size}
          rate={t.rate} />}
      <button type="button" class="small" onClick={stop}>Stop</button>
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
      {content && <Banner kind="warn" title="What it holds now:">
        {content.detail}</Banner>}
    </>
  );
}

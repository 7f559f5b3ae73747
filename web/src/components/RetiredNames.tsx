// SPDX-License-Identifier: ISC
// Names of people and projects that are gone: not given again while albatross
// may still hold something of theirs.
import { useState } from 'preact/hooks';
import { ask, getAll, ProblemError, type List, type RetiredName } from '../api';
import { day } from '../lib/format';
import { usePolled } from '../lib/poll';
import { useSending } from '../lib/sending';
import { toast } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/users';
import { Banner, ConfirmName, Dialog, Empty, FormProblem, Loading, Stale, Table }
  from './ui';

const EVERY = 15_000;

/** Of an instance that could not say what it holds. */
const isUnanswered = ({ problem }: ProblemError) =>
  problem.code.startsWith('instance-');

type Asked = { name: string; onClose: () => void; onDone: () => void };

/** An instance does not answer; one may insist. */
function Insist({ name, why, onClose, onDone }: Asked & { why: Error }) {
  return (
    <ConfirmName title={text.insist(name)} name={name}
      verb={text.releaseIt} onClose={onClose} onConfirm={async () => {
        await ask('DELETE', `/names/${name}?force=true`);
        onDone();
      }}>
      <Banner title={text.notReleased}>{why.message}</Banner>
      <p>{text.insistAbout}</p>
    </ConfirmName>
  );
}

function Release({ name, onClose, onDone }: Asked) {
  const { error, busy, send } = useSending();
  if (error instanceof ProblemError && isUnanswered(error))
    return <Insist {...{ name, onClose, onDone }} why={error} />;
  const release = () => send(async () => {
    await ask('DELETE', `/names/${name}`);
    onDone();
  });
  return (
    <Dialog title={text.releaseTitle(name)} onClose={onClose}>
      <div class="stack">
        <p>{text.releaseAbout}</p>
        <FormProblem error={error} fields={[]} title={text.notReleased} />
        <div class="row end">
          <button type="button" autofocus onClick={onClose}>{common.keepIt}</button>
          <button type="button" class="primary" disabled={busy} onClick={release}>
            {busy ? common.asking : text.releaseIt}</button></div>
      </div>
    </Dialog>
  );
}

export function RetiredNames() {
  const { value, error, at, again } = usePolled((signal) =>
    getAll<List<RetiredName>>('/names', signal), EVERY, []);
  const [asked, setAsked] = useState<string | null>(null);
  return (
    <>
      <Stale reason={error} since={at} again={again}>
        {value && value.items.length > 0 && <Table label={text.retiredNames}
          class="names cards" columns={[common.name, text.retired,
            { title: text.release, unseen: true }]}>
          {value.items.map((n) => (
            <tr key={n.name}><th scope="row" class="wrap">{n.name}</th>
              <td data-label={text.retired}>{day(n.retired_at)}</td>
              <td class="end"><button type="button" class="small"
                aria-label={text.releaseOne(n.name)}
                onClick={() => setAsked(n.name)}>
                {text.releaseMore}</button></td></tr>))}</Table>}</Stale>
      {!value && !error && <Loading />}
      {value?.items.length === 0 && <Empty title={text.noneRetired}>
        <p>{text.retiredAbout}</p></Empty>}
      {asked && <Release name={asked} onClose={() => setAsked(null)}
        onDone={() => {
          toast(text.released(asked));
          setAsked(null);
          again();
        }} />}
    </>
  );
}

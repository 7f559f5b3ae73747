// SPDX-License-Identifier: ISC
// Names of people and projects that are gone: not given again while albatross
// may still hold something of theirs.
import { useState } from 'preact/hooks';
import { ask, getAll, ProblemError, type List, type RetiredName } from '../api';
import { day } from '../lib/format';
import { usePolled } from '../lib/poll';
import { toast } from '../store/toasts';
import { Banner, ConfirmName, Dialog, Empty, FormProblem } from './ui';

const EVERY = 15_000;

/** Of an instance that could not say what it holds. */
const isUnanswered = ({ problem }: ProblemError) =>
  problem.code.startsWith('instance-');

type Asked = { name: string; onClose: () => void; onDone: () => void };

/** An instance does not answer; one may insist. */
function Insist({ name, why, onClose, onDone }: Asked & { why: Error }) {
  return (
    <ConfirmName title={`Release ${name} all the same?`} name={name}
      verb="Release it" onClose={onClose} onConfirm={async () => {
        await ask('DELETE', `/names/${name}?force=true`);
        onDone();
      }}>
      <Banner title="It was not released.">{why.message}</Banner>
      <p>Who gets the name next gets what is left beneath it there, too.</p>
    </ConfirmName>
  );
}

function Release({ name, onClose, onDone }: Asked) {
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  if (error instanceof ProblemError && isUnanswered(error))
    return <Insist {...{ name, onClose, onDone }} why={error} />;
  const release = async () => {
    setBusy(true);
    try {
      await ask('DELETE', `/names/${name}`);
      onDone();
    } catch (e) {
      setError(e as Error);
      setBusy(false);
    }
  };
  return (
    <Dialog title={`Release ${name}?`} onClose={onClose}>
      <div class="stack">
        <p>All instances are asked whether anything of it is left. If nothing is,
          the name may be given to a person or project again.</p>
        <FormProblem error={error} fields={[]} title="It was not released." />
        <div class="row end">
          <button type="button" autofocus onClick={onClose}>Keep it</button>
          <button type="button" class="primary" disabled={busy} onClick={release}>
            {busy ? 'Asking…' : 'Release it'}</button></div>
      </div>
    </Dialog>
  );
}

export function RetiredNames() {
  const { value, error, again } = usePolled((signal) =>
    getAll<List<RetiredName>>('/names', signal), EVERY, []);
  const [asked, setAsked] = useState<string | null>(null);
  return (
    <>
      {error && <Banner kind="warn" title="Not up to date.">{error.message}</Banner>}
      {!value && !error && <p class="quiet">Loading…</p>}
      {value?.items.length === 0 && <Empty title="No name is retired">
        <p>Names of people and projects that were deleted come here, so that nobody
          else gets what albatross may still hold beneath them.</p></Empty>}
      {value && value.items.length > 0 && <div class="table"><table class="cards">
        <thead><tr><th scope="col">Name</th><th scope="col">Retired</th>
          <th scope="col"><span class="unseen">Release</span></th></tr></thead>
        <tbody>{value.items.map((n) => (
          <tr key={n.name}><th scope="row">{n.name}</th>
            <td>{day(n.retired_at)}</td>
            <td class="end"><button type="button" class="small"
              aria-label={`Release ${n.name}…`}
              onClick={() => setAsked(n.name)}>Release…</button></td></tr>))}
        </tbody></table></div>}
      {asked && <Release name={asked} onClose={() => setAsked(null)}
        onDone={() => {
          toast(`${asked} may be given again`);
          setAsked(null);
          again();
        }} />}
    </>
  );
}

// SPDX-License-Identifier: ISC
// What a project may use on an instance: given, changed or taken away by an
// admin, beside what the instance has left and what albatross has.
import { useEffect, useState } from 'preact/hooks';
import { ask, get, hasCode, ProblemError, type Capacity, type GivenPolicy,
  type Policy } from '../api';
import { putJsonLine } from '../lib/curl';
import { mb } from '../lib/format';
import { begun, beyond, differences, leftFor, limits, rootOf, type Limit }
  from '../lib/policy';
import { useSending } from '../lib/sending';
import { useUnsaved } from '../router';
import { toast } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/policies';
import { Banner, Check, Choice, ConfirmName, Dialog, Field, FormProblem, Script,
  Table } from './ui';

type Standing = Capacity['policies'][number];
type Numbers = Record<Limit, string>;

/** An amount of it, with its unit. */
const amount = (limit: Limit, n: number) =>
  (limit === 'unikernels' ? String(n) : mb(n));

const fields = [...limits, 'cpus', 'bridges', 'over_commit'];

/** What albatross said, when it was asked and refused. */
function Words({ error }: { error: Error | null }) {
  const said = error instanceof ProblemError && error.problem.albatross;
  return said ? <p>{text.albatrossSays} <code>{said}</code></p> : null;
}

/** Something else than what the form shows may be at albatross. */
function Apart({ ours, theirs, refused }: {
  ours: Policy; theirs: Policy | null; refused: string | null }) {
  const rows = theirs ? differences(ours, theirs) : [];
  return (
    <>
      {refused && <p>{text.refusedOurs} <code>{refused}</code></p>}
      {rows.length > 0 && (
        <Table label={text.difference}
          columns={[text.limit, text.givenHere, text.atAlbatross]}>
          {rows.map((d) => (
            <tr key={d.name}><th scope="row">{d.name}</th><td>{d.ours}</td>
              <td>{d.theirs}</td></tr>))}</Table>)}
    </>
  );
}

function Stand({ instance, project, standing, found, busy, onTake }: {
  instance: string; project: string; standing: Standing | undefined;
  found: Policy | undefined; busy: boolean;
  onTake: (take: 'ours' | 'theirs') => void;
}) {
  const button = (take: 'ours' | 'theirs', label: string) => (
    <button type="button" class="small" disabled={busy}
      onClick={() => onTake(take)}>{label}</button>);
  if (!standing && found)
    return (
      <section class="stack" aria-label={text.atAlbatross}>
        <Banner kind="warn" title={text.foundTitle}>{text.foundMeans}</Banner>
        <p>{text.found(found.unikernels, found.memory, found.block ?? 0,
          found.cpus.join(', '), found.bridges.join(', '))}</p>
        <div class="row">{button('theirs', text.takeTheirs)}</div>
      </section>);
  if (standing?.state === 'drift')
    return (
      <section class="stack" aria-label={text.atAlbatross}>
        <Banner kind="warn" title={text.driftTitle}>
          {text.driftMeans(instance, project)}</Banner>
        <Apart ours={standing.policy} theirs={standing.albatross}
          refused={standing.refused} />
        <div class="row">{button('ours', text.takeOurs)}
          {standing.albatross && button('theirs', text.takeTheirs)}</div>
      </section>);
  if (standing?.state === 'pending')
    return (
      <section class="stack" aria-label={text.atAlbatross}>
        <Banner kind="plain" title={text.pendingTitle}>
          {text.pendingMeans(instance, project)}</Banner>
        <div class="row">{button('ours', text.takeNow)}</div>
      </section>);
  return null;
}

function hintOf(capacity: Capacity, standing: Standing | undefined,
  limit: Limit): string {
  const all = rootOf(capacity, limit);
  const left = leftFor(capacity, standing?.policy, limit);
  const used = standing?.used?.[limit];
  return [
    all === null ? text.noLimit : text.left(amount(limit, left ?? 0), all),
    used === undefined ? '' : text.inUse(amount(limit, used)),
    limit === 'block' ? text.emptyNone : '',
  ].filter(Boolean).join(' ');
}

/** Those the server has, and those that were given though it has not. */
const both = <T,>(server: readonly T[], given: readonly T[] | undefined): T[] =>
  [...server, ...(given ?? []).filter((v) => !server.includes(v))];

const read = (numbers: Numbers, cpus: number[], bridges: string[]): Policy => ({
  unikernels: Number(numbers.unikernels), memory: Number(numbers.memory),
  block: numbers.block === '' ? null : Number(numbers.block), cpus, bridges });

function Editor({ instance, project, capacity, onAgain, onClose, onSaved }: {
  instance: string; project: string; capacity: Capacity; onAgain: () => void;
  onClose: () => void; onSaved: () => void;
}) {
  const standing = capacity.policies.find((p) => p.project === project);
  const found = capacity.others.find((p) => p.project === project)?.policy;
  const old = standing?.policy;
  const { root } = capacity;
  const start = old ?? begun(capacity);
  const [numbers, setNumbers] = useState<Numbers>({
    unikernels: String(start.unikernels), memory: String(start.memory),
    block: String(start.block ?? '') });
  const [cpus, setCpus] = useState(start.cpus);
  const [bridges, setBridges] = useState(start.bridges);
  const [began] = useState(() => read(numbers, cpus, bridges));
  const [over, setOver] = useState(false);
  const [removing, setRemoving] = useState(false);
  const { error, busy, send, submit, say } = useSending();
  const path = `/projects/${project}/policies/${instance}`;
  const wanted = read(numbers, cpus, bridges);
  useUnsaved(JSON.stringify(wanted) !== JSON.stringify(began));
  const offers = over || hasCode(error, 'over-commit') ||
    beyond(capacity, old, wanted).length > 0;
  const tell = (given: GivenPolicy) => {
    toast(given.state === 'applied' ? text.given(project, instance) :
      text.givenLater(instance, given.why ?? ''));
    onSaved();
  };
  const save = submit(async () => tell(await ask<GivenPolicy>('PUT', path, {
    ...wanted, over_commit: over,
    overwrite: standing?.state === 'drift' || (!standing && !!found) })));
  const take = (which: 'ours' | 'theirs') => send(async () =>
    tell(await ask<GivenPolicy>('POST', `${path}/apply`,
      which === 'ours' ? { take: which } : { take: which, over_commit: over })));
  if (removing)
    return (
      <ConfirmName title={text.takeAwayTitle(instance)} name={project}
        verb={text.takeAwayVerb} onClose={() => setRemoving(false)}
        onConfirm={async () => {
          await ask('DELETE', path);
          toast(text.tookAway(project, instance));
          onSaved();
        }}>
        <p>{text.takeAwayMeans(project, instance)}</p></ConfirmName>);
  return (
    <form class="stack" onSubmit={save}>
      <Stand instance={instance} project={project} standing={standing}
        found={found} busy={busy} onTake={take} />
      {capacity.error && <Banner kind="warn" title={common.noAnswer(instance)}>
        {text.silentMeans}</Banner>}
      <div class="columns three">{limits.map((key) => (
        <Field key={key} label={text.labels[key]} error={say(key)}
          hint={hintOf(capacity, standing, key)}>{(p) => (
          <input {...p} type="number" min={0} required={key !== 'block'}
            value={numbers[key]} onInput={(e) =>
              setNumbers({ ...numbers, [key]: e.currentTarget.value })} />)}
        </Field>))}</div>
      <Choice label={text.cpus} values={both(root.cpus, old?.cpus)} chosen={cpus}
        error={say('cpus')} onChange={setCpus} />
      {both(root.bridges, old?.bridges).length > 0 && <Choice label={text.bridges}
        values={both(root.bridges, old?.bridges)} chosen={bridges}
        error={say('bridges')} onChange={setBridges} />}
      {offers && <div><Check label={text.giveMore} checked={over}
        onChange={setOver} />
        <p class="note">{text.giveMoreMeans(instance, project)}</p></div>}
      <Script text={putJsonLine(location.origin, path, { ...wanted,
        ...(over && { over_commit: true }) })} />
      <FormProblem error={error} title={text.notSet}
        fields={fields} />
      {hasCode(error, 'albatross-refused') && <p>{error?.message}</p>}
      <Words error={error} />
      {hasCode(error, 'policy-drift') && <div class="row">
        <button type="button" class="small" onClick={onAgain}>
          {text.showTheirs}</button></div>}
      <div class="row end">
        {standing && <><button type="button" class="danger"
          onClick={() => setRemoving(true)}>{text.takeAway}</button>
        <span class="grow" /></>}
        <button type="button" onClick={onClose}>{common.cancel}</button>
        <button class="primary" disabled={busy}>
          {busy ? text.asking : text.set}</button>
      </div>
    </form>
  );
}

/** One of the two is chosen where it is not given. */
function Chooser({ label, given, values, value, onChange }: { label: string;
  given: string; values: string[]; value: string;
  onChange: (value: string) => void }) {
  if (given) return null;
  return (
    <Field label={label}>{(p) => (
      <select {...p} value={value} onChange={(e) =>
        onChange(e.currentTarget.value)}>
        {values.map((q) => <option key={q}>{q}</option>)}</select>)}</Field>
  );
}

/**
 * instance or project is '' where it is chosen, among choices. onSaved: it was
 * changed or taken away, and the dialog is to be closed.
 */
export function PolicyDialog({ instance: givenInstance, project: givenProject,
  choices = [], onClose, onSaved }: { instance: string; project: string;
  choices?: string[]; onClose: () => void; onSaved: () => void }) {
  const [chosen, setChosen] = useState(choices[0] ?? '');
  const instance = givenInstance || chosen;
  const project = givenProject || chosen;
  const [capacity, setCapacity] = useState<Capacity | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const control = new AbortController();
    setCapacity(null);
    setError(null);
    if (instance)
      get<Capacity>(`/instances/${instance}/capacity`, control.signal).then(
        setCapacity,
        (e: Error) => { if (!control.signal.aborted) setError(e); });
    return () => control.abort();
  }, [instance, turn]);
  const again = () => setTurn(turn + 1);
  const title = !givenProject ? text.titleOn(instance) : givenInstance ?
    text.title(project, instance) : text.titleOf(project);
  return (
    <Dialog title={title} wide onClose={onClose}>
      <div class="stack">
        <Chooser label={common.project} given={givenProject} values={choices}
          value={chosen} onChange={setChosen} />
        <Chooser label={common.instance} given={givenInstance} values={choices}
          value={chosen} onChange={setChosen} />
        {error && <>
          <Banner title={text.unknown(instance)}>{error.message}
          </Banner>
          <div class="row end">
            <button type="button" onClick={onClose}>{common.close}</button>
            <button type="button" class="primary" onClick={again}>
              {common.tryAgain}</button>
          </div></>}
        {!error && !capacity && <p class="quiet" role="status">
          {text.askingOf(instance)}</p>}
        {capacity && <Editor key={`${instance}/${project}`} instance={instance}
          project={project} capacity={capacity} onAgain={again}
          onClose={onClose} onSaved={onSaved} />}
      </div>
    </Dialog>
  );
}

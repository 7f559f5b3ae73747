// SPDX-License-Identifier: ISC
// The health check of a unikernel: what is asked, and what came of it.
import { useState } from 'preact/hooks';
import { ask, fieldError, get, isMissing, unikernelPath, type HealthCheck,
  type Unikernel, type UnikernelHealth } from '../api';
import { Age, Badge, Check, Code, Fact, Field, FormProblem } from
  '../components/ui';
import { putJsonLine } from '../lib/curl';
import { ago, exact, numberOf } from '../lib/format';
import { usePolling } from '../lib/poll';
import { holds } from '../store/session';
import { toast, toastError } from '../store/toasts';

type Id = Pick<Unikernel, 'instance' | 'project' | 'name'>;
type Kept = { check: HealthCheck; health: UnikernelHealth };
type Texts = Record<'address' | 'port' | 'path' | 'status' | 'body' | 'name' |
  'record' | 'answer' | 'timeout' | 'interval' | 'retries', string>;

function textsOf(c: HealthCheck | null): Texts {
  return {
    address: c?.address ?? '', port: String(c?.port ?? ''),
    path: c?.path ?? '/', status: c?.status?.join(', ') ?? '200',
    body: c?.body ?? '', name: c?.name ?? '', record: c?.record ?? 'A',
    answer: c?.answer ?? '', timeout: String(c?.timeout ?? 5),
    interval: String(c?.interval ?? 30), retries: String(c?.retries ?? 3),
  };
}

function checkOf(type: HealthCheck['type'], t: Texts, redirects: boolean) {
  const common = { type, timeout: numberOf(t.timeout), interval: numberOf(t.interval),
    retries: numberOf(t.retries), ...(t.address && { address: t.address }),
    ...(t.port && { port: numberOf(t.port) }) };
  if (type === 'http')
    return { ...common, path: t.path, redirects,
      status: t.status.split(/[\s,]+/).filter(Boolean).map(numberOf),
      ...(t.body && { body: t.body }) };
  if (type === 'dns')
    return { ...common, name: t.name, record: t.record,
      ...(t.answer && { answer: t.answer }) };
  return common;
}

function Form({ id, check, onKept }: { id: Id; check: HealthCheck | null;
  onKept: (kept: Kept) => void }) {
  const [type, setType] = useState<HealthCheck['type']>(check?.type ?? 'http');
  const [texts, setTexts] = useState(() => textsOf(check));
  const [redirects, setRedirects] = useState(check?.redirects ?? false);
  const [error, setError] = useState<Error | null>(null);
  const say = (field: string) => fieldError(error, field);
  const text = (key: keyof Texts, label: string, hint = '') => (
    <Field label={label} hint={hint} error={say(key)}>{(p) => (
      <input {...p} value={texts[key]} spellcheck={false} autocapitalize="off"
        onInput={(e) => setTexts({ ...texts, [key]: e.currentTarget.value })} />)}
    </Field>);
  const body = checkOf(type, texts, redirects);
  const save = async (event: Event) => {
    event.preventDefault();
    setError(null);
    try {
      onKept(await ask<Kept>('PUT', unikernelPath(id, '/health-check'), body));
      toast('The health check is kept');
    } catch (e) {
      setError(e as Error);
    }
  };
  return (
    <form class="card stack" onSubmit={save}>
      <h2>{check ? 'Change it' : 'Set one'}</h2>
      <div class="columns three">
        <Field label="How" error={say('type')}>{(p) => (
          <select {...p} value={type} onChange={(e) =>
            setType(e.currentTarget.value as HealthCheck['type'])}>
            <option value="http">HTTP</option><option value="tcp">TCP</option>
            <option value="dns">DNS</option></select>)}</Field>
        {text('address', 'Address', "Empty: the unikernel's own (--ipv4, --ipv6).")}
        {text('port', 'Port', type === 'http' ? '80 when empty.' :
          type === 'dns' ? '53 when empty.' : '')}
        {type === 'http' && <>
          {text('path', 'Path')}
          {text('status', 'Status', 'Any of these is well.')}
          {text('body', 'Text in the answer')}</>}
        {type === 'dns' && <>
          {text('name', 'Name')}
          <Field label="Record" error={say('record')}>{(p) => (
            <select {...p} value={texts.record} onChange={(e) =>
              setTexts({ ...texts, record: e.currentTarget.value })}>
              {['A', 'AAAA', 'TXT', 'MX', 'NS', 'SOA', 'CNAME'].map((r) =>
                <option key={r}>{r}</option>)}</select>)}</Field>
          {text('answer', 'Text in an answer')}</>}
        {text('timeout', 'Time limit (s)')}
        {text('interval', 'Every (s)')}
        {text('retries', 'Retries', 'Failures in a row before it counts.')}
      </div>
      {type === 'http' && <Check label="Follow redirects on the same address"
        checked={redirects} onChange={setRedirects} />}
      <FormProblem error={error} fields={Object.keys(texts)}
        title="It was not kept." />
      <div class="row"><button class="primary">Keep it</button></div>
      <Code text={putJsonLine(location.origin,
        unikernelPath(id, '/health-check'), body)} />
    </form>
  );
}

function Standing({ health }: { health: UnikernelHealth }) {
  const kind = health.state === 'healthy' ? 'good' :
    health.state === 'failing' ? 'bad' : 'plain';
  return (
    <dl class="facts">
      <Fact name="State"><Badge kind={kind}>{health.state}</Badge>{' '}
        <span class="quiet">since <Age time={health.since} as={ago} /></span></Fact>
      <Fact name="Last asked"><Age time={health.checked_at} as={ago} /></Fact>
      {health.detail && <Fact name="Why">{health.detail}</Fact>}
      <Fact name="History">{health.history?.length ?
        <ol class="marks" aria-label="Last attempts, newest first">
          {health.history.map((h, i) => (
            <li key={i} class={h.ok ? 'good' : 'bad'}
              title={`${exact(h.at)}: ${h.ok ? `well, ${h.ms} ms` : h.detail}`}>
              <span class="unseen">{h.ok ? 'well' : 'failed'}</span></li>))}
        </ol> : 'not asked yet'}</Fact>
    </dl>
  );
}

export function HealthTab({ id }: { id: Id }) {
  const [kept, setKept] = useState<Kept | null | undefined>(undefined);
  usePolling((signal) =>
    get<Kept>(unikernelPath(id, '/health-check'), signal).then(setKept, (e) => {
      if (isMissing(e)) setKept(null);
    }), 5000, [id.instance, id.project, id.name]);
  const remove = async () => {
    try {
      await ask('DELETE', unikernelPath(id, '/health-check'));
      setKept(null);
      toast('The health check was removed');
    } catch (e) {
      toastError(e);
    }
  };
  if (kept === undefined) return <p class="quiet">Loading…</p>;
  const may = holds(id.project, 'deployer');
  return (
    <div class="stack">
      {kept ? <Standing health={kept.health} /> :
        <p>Without a health check, running means no more than that it did not
          end. With one, a deployment that does not pass is rolled back by
          itself.</p>}
      {may && <Form key={kept ? 'change' : 'set'} id={id}
        check={kept?.check ?? null} onKept={setKept} />}
      {may && kept && <div><button type="button" class="danger" onClick={remove}>
        Check it no more</button></div>}
    </div>
  );
}

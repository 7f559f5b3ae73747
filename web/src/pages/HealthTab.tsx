// SPDX-License-Identifier: ISC
// The health check of a unikernel: what is asked, and what came of it.
import { useState } from 'preact/hooks';
import { ask, get, unikernelPath, unlessMissing, type HealthCheck,
  type Unikernel, type UnikernelHealth } from '../api';
import { Ago, Badge, Check, Code, Fact, Field, FormProblem, Loading, Stale } from
  '../components/ui';
import { putJsonLine } from '../lib/curl';
import { exact, numberOf } from '../lib/format';
import { useChanges } from '../lib/kept';
import { usePolled } from '../lib/poll';
import { useSending } from '../lib/sending';
import { holds } from '../store/session';
import { toast, toastError } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/health';
import '../components/health.css';

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
  onKept: () => void }) {
  const [type, setType] = useState<HealthCheck['type']>(check?.type ?? 'http');
  const [texts, setTexts] = useState(() => textsOf(check));
  const [redirects, setRedirects] = useState(check?.redirects ?? false);
  const { error, submit, say } = useSending();
  const unchanged = useChanges({ type, texts, redirects });
  const input = (key: keyof Texts, label: string, hint = '') => (
    <Field label={label} hint={hint} error={say(key)}>{(p) => (
      <input {...p} value={texts[key]} spellcheck={false} autocapitalize="off"
        onInput={(e) => setTexts({ ...texts, [key]: e.currentTarget.value })} />)}
    </Field>);
  const body = checkOf(type, texts, redirects);
  const save = submit(async () => {
    await ask<Kept>('PUT', unikernelPath(id, '/health-check'), body);
    unchanged();
    onKept();
    toast(text.kept);
  });
  return (
    <form class="card stack" onSubmit={save}>
      <h2>{check ? text.change : text.set}</h2>
      <div class="columns three">
        <Field label={text.how} error={say('type')}>{(p) => (
          <select {...p} value={type} onChange={(e) =>
            setType(e.currentTarget.value as HealthCheck['type'])}>
            {(['http', 'tcp', 'dns'] as const).map((one) => <option key={one}
              value={one}>{text.types[one]}</option>)}</select>)}</Field>
        {input('address', text.address, text.addressHint)}
        {input('port', text.port, text.portHint[type])}
        {type === 'http' && <>
          {input('path', text.path)}
          {input('status', text.status, text.statusHint)}
          {input('body', text.body)}</>}
        {type === 'dns' && <>
          {input('name', common.name)}
          <Field label={text.record} error={say('record')}>{(p) => (
            <select {...p} value={texts.record} onChange={(e) =>
              setTexts({ ...texts, record: e.currentTarget.value })}>
              {['A', 'AAAA', 'TXT', 'MX', 'NS', 'SOA', 'CNAME'].map((r) =>
                <option key={r}>{r}</option>)}</select>)}</Field>
          {input('answer', text.answer)}</>}
        {input('timeout', text.timeout, text.timeoutHint)}
        {input('interval', text.interval, text.intervalHint)}
        {input('retries', text.retries, text.retriesHint)}
      </div>
      {type === 'http' && <Check label={text.redirects}
        checked={redirects} onChange={setRedirects} />}
      <FormProblem error={error} fields={Object.keys(texts)}
        title={text.notKept} />
      <div class="row"><button class="primary">{common.keepIt}</button></div>
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
      <Fact name={common.state}><Badge kind={kind}>{text.state[health.state]}</Badge>{' '}
        <span class="quiet">{text.since(<Ago time={health.since} />)}
        </span></Fact>
      <Fact name={text.lastAsked}><Ago time={health.checked_at} /></Fact>
      {health.detail && <Fact name={text.why}>{health.detail}</Fact>}
      <Fact name={text.history}>{health.history?.length ?
        <ol class="marks" aria-label={text.attempts}>
          {health.history.map((h, i) => (
            <li key={i} class={h.ok ? 'good' : 'bad'}
              title={text.attempt(exact(h.at), h.ok ? text.wellIn(h.ms) :
                h.detail ?? text.failed)}>
              <span class="unseen">{h.ok ? text.well : text.failed}</span></li>))}
        </ol> : text.notAsked}</Fact>
    </dl>
  );
}

export function HealthTab({ id }: { id: Id }) {
  const { value, error, at, again } = usePolled(async (signal) => ({
    kept: await unlessMissing(get<Kept>(unikernelPath(id, '/health-check'),
      signal), null) }), 5000, [unikernelPath(id)]);
  const remove = async () => {
    try {
      await ask('DELETE', unikernelPath(id, '/health-check'));
      again();
      toast(text.removed);
    } catch (e) {
      toastError(e);
    }
  };
  const stale = <Stale reason={error} since={at} again={again} />;
  if (!value) return error ? stale : <Loading />;
  const { kept } = value;
  const may = holds(id.project, 'deployer');
  return (
    <div class="stack">
      {stale}
      {kept ? <Standing health={kept.health} /> :
        <p>{text.without}</p>}
      {may && <Form key={kept ? 'change' : 'set'} id={id}
        check={kept?.check ?? null} onKept={again} />}
      {may && kept && <div><button type="button" class="danger" onClick={remove}>
        {text.remove}</button></div>}
    </div>
  );
}

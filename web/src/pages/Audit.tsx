// SPDX-License-Identifier: ISC
// Who did what, from where, by what, and what came of it; of what was refused
// too.
import { useId, useState } from 'preact/hooks';
import { hasCode, type AuditRow } from '../api';
import { Age, Badge, Banner, Check, Empty, Field, Page } from '../components/ui';
import { auditFilters, auditQuery, credentialText, wentWell, type AuditFilter }
  from '../lib/audit';
import { exact } from '../lib/format';
import { NEVER, usePages } from '../lib/pages';
import { go, place, setQuery } from '../router';
import { download } from '../store/operations';
import { toastError } from '../store/toasts';
import './people.css';

const LIVE = 4000;

/** A value that is also a filter. */
const Only = ({ by, value, bad }: { by: AuditFilter; value: string;
  bad?: boolean }) => (
  <button type="button" class="only" title={`Only ${value}`}
    onClick={() => setQuery(by, value)}>
    {bad ? <Badge kind="bad">{value}</Badge> : value}</button>
);

function Details({ row }: { row: AuditRow }) {
  const facts: [string, string | null][] = [['At', exact(row.at)],
    ['By', credentialText(row)], ['From', row.address],
    ['Request', row.request_id], ['Number', String(row.id)],
    ['Detail', row.detail]];
  return (
    <dl class="facts">{facts.map(([name, value]) => value && (
      <div key={name}><dt>{name}</dt><dd>{value}</dd></div>))}</dl>
  );
}

function Row({ row }: { row: AuditRow }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <>
      <tr>
        <td><button type="button" class="small bare when" aria-expanded={open}
          aria-controls={id} onClick={() => setOpen(!open)}>
          <Age time={row.at} as={exactly} /></button></td>
        <td>{row.actor ? <Only by="actor" value={row.actor} /> :
          <span class="quiet">nobody known</span>}</td>
        <th scope="row"><Only by="action" value={row.action} /></th>
        <td class="wrap">{row.target ? <Only by="target" value={row.target} /> :
          <span class="quiet">{row.detail}</span>}</td>
        <td>{wentWell(row) ? <span class="quiet">ok</span> :
          <Only by="result" value={row.result} bad />}</td>
        <td class="quiet">{row.address}</td>
      </tr>
      {open && <tr id={id} class="details"><td colSpan={6}>
        <Details row={row} /></td></tr>}
    </>
  );
}

/** The day and the second, as they are here. */
const exactly = (time: string) => new Date(time).toLocaleString(undefined,
  { dateStyle: 'short', timeStyle: 'medium' });

function Table({ rows }: { rows: AuditRow[] }) {
  return (
    <div class="table"><table class="audit cards">
      <thead><tr><th scope="col">At</th><th scope="col">Who</th>
        <th scope="col">What</th><th scope="col">On</th>
        <th scope="col">Result</th><th scope="col">From</th></tr></thead>
      <tbody>{rows.map((row) => <Row key={row.id} row={row} />)}</tbody>
    </table></div>
  );
}

const labels: Record<AuditFilter, [string, string]> = {
  actor: ['Who', 'a user name'], action: ['What', 'an action'],
  target: ['On', 'what it is about'], result: ['Result', 'ok, refused or a code'],
  from: ['From', ''], to: ['Until', ''],
};

function Filters({ query }: { query: URLSearchParams }) {
  const any = auditFilters.some((key) => query.has(key));
  return (
    <form class="audit-filters" role="search" aria-label="Filter the record"
      onSubmit={(e) => e.preventDefault()}>
      {auditFilters.map((key, i) => (
        <Field key={key} label={labels[key][0]}>{(p) => (
          <input {...p} value={query.get(key) ?? ''} spellcheck={false}
            autocapitalize="off" autocomplete="off" placeholder={labels[key][1]}
            type={key === 'from' || key === 'to' ? 'datetime-local' : 'text'}
            data-filter={i === 0 ? '' : undefined}
            onInput={(e) => setQuery(key, e.currentTarget.value)} />)}</Field>))}
      {any && <button type="button" onClick={() => go('/audit', true)}>
        Show all</button>}
    </form>
  );
}

function Export({ asked }: { asked: URLSearchParams }) {
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    const query = new URLSearchParams(asked);
    query.set('format', 'jsonl');
    await download(`/audit?${query}`).catch(toastError);
    setBusy(false);
  };
  return (
    <button type="button" disabled={busy} onClick={save}>
      Export as JSON lines</button>
  );
}

export function Audit() {
  const { query } = place.value;
  const live = query.get('live') !== '0';
  const asked = auditQuery(query);
  const { items, error, again, more } = usePages<AuditRow>(
    `/audit?${new URLSearchParams([...asked, ['limit', '50']])}`,
    live ? LIVE : NEVER);
  if (hasCode(error, 'forbidden'))
    return <Empty title="Only administrators see this">
      <p><a class="button" href="/overview">Overview</a></p></Empty>;
  return (
    <Page title="Audit" action={<>
      {!live && <button type="button" onClick={again}>Reload</button>}
      <Export asked={asked} /></>}>
      <Filters query={query} />
      <div class="bar"><Check label="Live" checked={live}
        onChange={(on) => setQuery('live', on ? '' : '0')} />
        <span class="quiet">The newest first. Each row holds the digest of the one
          before, so that <code>mollymawk-auth audit-verify</code> finds what was
          changed.</span></div>
      {error && <Banner kind="warn" title="Not up to date.">{error.message}</Banner>}
      {!items && !error && <p class="quiet">Loading…</p>}
      {items?.length === 0 && !more && <Empty title="Nothing fits the filter">
        <p><a class="button" href="/audit">Show all</a></p></Empty>}
      {items && items.length > 0 && <Table rows={items} />}
      {more && <p class="more"><button type="button" onClick={more}>
        Show earlier ones</button></p>}
    </Page>
  );
}

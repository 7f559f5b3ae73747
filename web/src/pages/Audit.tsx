// SPDX-License-Identifier: ISC
// Who did what, from where, by what, and what came of it; of what was refused
// too.
import { useId, useState } from 'preact/hooks';
import { hasCode, type AuditRow } from '../api';
import { AdminsOnly } from '../components/AdminsOnly';
import { Icon } from '../components/Icon';
import { Age, Badge, Check, Empty, Field, Loading, Page, Stale, Table } from
  '../components/ui';
import { auditFilters, auditQuery, wentWell, type AuditFilter } from '../lib/audit';
import { exact } from '../lib/format';
import { NEVER, usePages } from '../lib/pages';
import { go, place, setQuery } from '../router';
import { download } from '../store/operations';
import { toastError } from '../store/toasts';
import * as filterText from '../text/filter';
import * as text from '../text/audit';
import * as pages from '../text/pages';
import * as common from '../text/common';
import './people.css';

const LIVE = 4000;

/** A value that is also a filter. */
const Only = ({ by, value, bad }: { by: AuditFilter; value: string;
  bad?: boolean }) => (
  <button type="button" class="only" title={text.only(value)}
    onClick={() => setQuery(by, value, 'entry')}>
    {bad ? <Badge kind="bad">{value}</Badge> : value}</button>
);

function Details({ row }: { row: AuditRow }) {
  const facts: [string, string | null][] = [[text.at, exact(row.at)],
    [common.by, text.credential(row.credential)], [common.from, row.address],
    [text.request, row.request_id], [text.number, String(row.id)],
    [text.detail, row.detail]];
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
          <span class="quiet">{text.nobodyKnown}</span>}</td>
        <th scope="row"><Only by="action" value={row.action} /></th>
        <td class="wrap">{row.target ? <Only by="target" value={row.target} /> :
          <span class="quiet">{row.detail}</span>}</td>
        <td>{wentWell(row) ? <span class="quiet">{text.ok}</span> :
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

const labels: Record<AuditFilter, [string, string]> = {
  actor: [common.who, text.whoHint], action: [common.what, text.whatHint],
  target: [text.on, text.onHint], result: [text.result, text.resultHint],
  from: [common.from, ''], to: [text.until, ''],
};

function Filters({ query }: { query: URLSearchParams }) {
  const any = auditFilters.some((key) => query.has(key));
  // On a phone, the record comes first.
  const [open, setOpen] = useState(any);
  const id = useId();
  return (
    <>
      <button type="button" class="audit-fold" aria-expanded={open}
        aria-controls={id} onClick={() => setOpen(!open)}>
        {text.filter} <Icon name={open ? 'up' : 'down'} /></button>
      <form id={id} class={open ? 'audit-filters' : 'audit-filters folded'}
        role="search" aria-label={text.filter}
        onSubmit={(e) => e.preventDefault()}>
        {auditFilters.map((key, i) => (
          <Field key={key} label={labels[key][0]}>{(p) => (
            <input {...p} value={query.get(key) ?? ''} spellcheck={false}
              autocapitalize="off" autocomplete="off" placeholder={labels[key][1]}
              type={key === 'from' || key === 'to' ? 'datetime-local' : 'text'}
              data-filter={i === 0 ? '' : undefined}
              onInput={(e) => setQuery(key, e.currentTarget.value, 'typed')} />)}
          </Field>))}
        {any && <button type="button" onClick={() => go('/audit', true)}>
          {common.showAll}</button>}
      </form>
    </>
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
      {text.exportIt}</button>
  );
}

export function Audit() {
  const { query } = place.value;
  const live = query.get('live') !== '0';
  const asked = auditQuery(query);
  const { items, error, at, again, more } = usePages<AuditRow>(
    `/audit?${new URLSearchParams([...asked, ['limit', '50']])}`,
    live ? LIVE : NEVER);
  if (hasCode(error, 'forbidden')) return <AdminsOnly />;
  return (
    <Page title={pages.audit} action={<>
      {!live && <button type="button" onClick={again}>{text.reload}</button>}
      <Export asked={asked} /></>}>
      <Filters query={query} />
      <div class="bar"><Check label={text.live} checked={live}
        onChange={(on) => setQuery('live', on ? '' : '0')} />
        <span class="quiet">{text.about}</span></div>
      <Stale reason={error} since={at} again={again}>
        {items && items.length > 0 && <Table label={pages.audit}
          class="audit cards" columns={[text.at, common.who, common.what, text.on,
            text.result, common.from]}>
          {items.map((row) => <Row key={row.id} row={row} />)}</Table>}</Stale>
      {!items && !error && <Loading />}
      {items?.length === 0 && !more && <Empty title={filterText.nothingFits}>
        <p><a class="button" href="/audit">{common.showAll}</a></p></Empty>}
      {more && <p class="more"><button type="button" onClick={more}>
        {text.showEarlier}</button></p>}
    </Page>
  );
}

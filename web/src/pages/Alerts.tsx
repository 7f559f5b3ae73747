// SPDX-License-Identifier: ISC
// What needs somebody to look, and what did.
import type { Alert } from '../api';
import { AlertList } from '../components/AlertList';
import { FilterBox, NothingFits } from '../components/ListParts';
import { Empty, Loading, Page, Stale, Tabs } from '../components/ui';
import { titleOf } from '../lib/alert';
import { filtered, type Filter } from '../lib/filter';
import { useLive } from '../lib/live';
import { place } from '../router';
import { alerts, alertsAt, alertsError, allAlerts } from '../store/alerts';
import * as pages from '../text/pages';
import * as text from '../text/alerts';

const alertFilter: Filter<Alert> = {
  all: (a) => `${a.instance} ${a.project ?? ''} ${a.name ?? ''} ${a.kind} ` +
    `${titleOf(a)} ${a.detail}`,
  columns: [['instance', (a) => a.instance], ['project', (a) => a.project ?? ''],
    ['name', (a) => a.name ?? ''], ['kind', (a) => a.kind]],
};

function Some({ items, none, onChanged }: { items: Alert[] | null;
  none: string; onChanged?: () => void }) {
  const filter = place.value.query.get('q') ?? '';
  if (!items) return <Loading />;
  if (items.length === 0)
    return <Empty title={none}><p>{text.opened}</p>
    <p><a href="/notifications">{text.whoIsTold}</a></p></Empty>;
  const shown = filtered(items, filter, alertFilter);
  return (
    <>
      <div class="bar"><FilterBox value={filter} what={text.what}
        hint={text.filterHint} items={items}
        columns={alertFilter.columns} /></div>
      {shown.length > 0 ? <div class="card"><AlertList items={shown}
        {...(onChanged && { onChanged })} /></div> : <NothingFits />}
    </>
  );
}

function Past() {
  const { value, error, at, again } = useLive(allAlerts, ['alerts'],
    (told) => told.event === 'alert', []);
  return (
    <Stale reason={error} since={at} again={again}>
      {(value || !error) && <Some items={value?.items ?? null} onChanged={again}
        none={text.noneYet} />}
    </Stale>
  );
}

function Open() {
  const error = alertsError.value;
  return (
    <Stale reason={error} since={alertsAt.value}>
      {(alerts.value || !error) && <Some items={alerts.value}
        none={text.noneOpen} />}
    </Stale>
  );
}

export function Alerts() {
  const at = place.value.query.get('tab') === 'all' ? 'all' : 'open';
  return (
    <Page title={pages.alerts}>
      <Tabs label={pages.alerts} at={at} tabs={[
        { key: 'open', title: text.open, href: '/alerts' },
        { key: 'all', title: text.openAndPast, href: '/alerts?tab=all' }]}>
        {at === 'all' ? <Past /> : <Open />}</Tabs>
    </Page>
  );
}

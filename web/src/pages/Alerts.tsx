// SPDX-License-Identifier: ISC
// What needs somebody to look, and what did.
import type { Alert } from '../api';
import { AlertList } from '../components/AlertList';
import { FilterBox, NothingFits } from '../components/ListParts';
import { Banner, Empty, Page } from '../components/ui';
import { titleOf } from '../lib/alert';
import { filterItems } from '../lib/filter';
import { useLive } from '../lib/live';
import { place } from '../router';
import { alerts, alertsError, allAlerts } from '../store/alerts';

const filtered = (items: Alert[], text: string) => filterItems(items, text, (a) =>
  `${a.instance} ${a.project ?? ''} ${a.name ?? ''} ${a.kind} ` +
  `${titleOf(a).toLowerCase()} ${a.detail.toLowerCase()}`,
[['instance', (a) => a.instance], ['project', (a) => a.project ?? ''],
  ['name', (a) => a.name ?? ''], ['kind', (a) => a.kind]]);

function Some({ items, none, onChanged }: { items: Alert[] | null;
  none: string; onChanged?: () => void }) {
  const filter = place.value.query.get('q') ?? '';
  if (!items) return <p class="quiet">Loading…</p>;
  if (items.length === 0)
    return <Empty title={none}><p>One is opened when a unikernel crashes again and
      again or fails its check, an instance does not answer, a certificate is
      about to expire, or a policy is nearly used up.</p>
    <p><a href="/notifications">Who is told, and how</a></p></Empty>;
  const shown = filtered(items, filter);
  return (
    <>
      <div class="bar"><FilterBox value={filter} what="alerts"
        hint="kind:crash-loop" /></div>
      {shown.length > 0 ? <div class="card"><AlertList items={shown}
        {...(onChanged && { onChanged })} /></div> : <NothingFits />}
    </>
  );
}

function Past() {
  const { value, error, again } = useLive(allAlerts, ['alerts'],
    (told) => told.event === 'alert', []);
  return (
    <>
      {error && <Banner kind="warn" title="Not up to date.">{error.message}</Banner>}
      <Some items={value?.items ?? null} onChanged={again}
        none="There was no alert yet" />
    </>
  );
}

export function Alerts() {
  const all = place.value.query.get('tab') === 'all';
  return (
    <Page title="Alerts">
      {alertsError.value && <Banner kind="warn" title="Not up to date.">
        {alertsError.value.message}</Banner>}
      <div class="tabs" role="tablist" aria-label="Alerts">
        <a role="tab" id="tab-open" aria-selected={!all} href="/alerts">Open</a>
        <a role="tab" id="tab-all" aria-selected={all} href="/alerts?tab=all">
          Open and past</a></div>
      <div class="panel" role="tabpanel" aria-labelledby={all ? 'tab-all' :
        'tab-open'}>{all ? <Past /> :
          <Some items={alerts.value} none="Nothing needs a look" />}</div>
    </Page>
  );
}

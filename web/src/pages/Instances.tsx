// SPDX-License-Identifier: ISC
// The albatross servers, and how each does. For admins.
import { ask, type Instance } from '../api';
import { InstanceFacts, InstanceTrouble } from '../components/InstanceParts';
import { lazy } from '../components/Lazy';
import { FilterBox, NothingFits } from '../components/ListParts';
import { Badge, Code, Empty, Loading, Page, Stale } from '../components/ui';
import { firstInstanceLine } from '../lib/curl';
import { filtered } from '../lib/filter';
import { instanceFilter, statusKinds } from '../lib/instance';
import { useSending } from '../lib/sending';
import { go, place, queryDialog } from '../router';
import { useInstances } from '../store/instances';
import { toastError } from '../store/toasts';
import { status } from '../text/instance';
import * as common from '../text/common';
import * as pages from '../text/pages';
import * as text from '../text/instances';

const InstanceForm = lazy(() => import('../components/InstanceForm')
  .then((m) => m.InstanceForm));

function One({ instance, onChange }: { instance: Instance;
  onChange: () => void }) {
  const { name, title, health } = instance;
  const { busy, send } = useSending();
  const probe = () => send(async () => {
    await ask('POST', `/instances/${name}/probe`).catch(toastError);
    onChange();
  });
  return (
    <section class="card instance" aria-label={name}>
      <header>
        <h2><a href={`/instances/${name}`}>{name}</a></h2>
        {title && <span class="quiet">{title}</span>}
        <Badge kind={statusKinds[health.status]}>
          {status[health.status]}</Badge>
        <span class="grow" />
        <button type="button" class="small" disabled={busy} onClick={probe}>
          {busy ? common.asking : text.check}</button>
      </header>
      <InstanceTrouble instance={instance} />
      <InstanceFacts instance={instance} />
    </section>
  );
}

function Found({ list, onChange }: { list: Instance[]; onChange: () => void }) {
  const filter = place.value.query.get('q') ?? '';
  const shown = filtered(list, filter, instanceFilter);
  return (
    <>
      <div class="bar">
        <FilterBox value={filter} what={text.what} hint={text.filterHint}
          items={list} columns={instanceFilter.columns} /></div>
      {shown.length === 0 && <NothingFits />}
      <div class="stack">{shown.map((i) => (
        <One key={i.name} instance={i} onChange={onChange} />))}</div>
    </>
  );
}

export function Instances() {
  const { value: list, error, at, again } = useInstances();
  const adding = queryDialog('new');
  return (
    <Page title={pages.instances} action={<button type="button" class="primary"
      onClick={() => adding.show()}>{text.add}</button>}>
      <Stale reason={error} since={at} again={again} />
      {!list && !error && <Loading />}
      {list?.length === 0 && <Empty title={text.none}>
        <p>{text.noneWhat}</p>
        <Code text={firstInstanceLine(location.origin)} /></Empty>}
      {list && list.length > 0 && <Found list={list} onChange={again} />}
      {adding.at !== null && <InstanceForm onClose={adding.close}
        onSaved={({ name }) => go(`/instances/${name}`, true)} />}
    </Page>
  );
}

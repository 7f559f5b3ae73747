// SPDX-License-Identifier: ISC
// One instance: how it does and did, its certificates, what projects may use of
// it; and what admins do with it.
import { ask, get, isMissing, type Instance as I } from '../api';
import { HealthLog } from '../components/HealthLog';
import { Expiry, InstanceFacts, InstanceTrouble } from
  '../components/InstanceParts';
import { InstancePolicies } from '../components/InstancePolicies';
import { lazy } from '../components/Lazy';
import { Badge, Banner, Fact, Loading, Page, Stale } from '../components/ui';
import { levelMeans, statusKinds } from '../lib/instance';
import { useLive } from '../lib/live';
import { useSending } from '../lib/sending';
import { go, queryDialog } from '../router';
import { isAdmin } from '../store/session';
import { toast, toastError } from '../store/toasts';
import * as common from '../text/common';
import { status } from '../text/instance';
import * as pages from '../text/pages';
import * as text from '../text/instances';

const InstanceForm = lazy(() => import('../components/InstanceForm')
  .then((m) => m.InstanceForm));
const InstanceForget = lazy(() => import('../components/InstanceForget')
  .then((m) => m.InstanceForget));

const useInstance = (name: string) => useLive((signal) =>
  get<I>(`/instances/${name}`, signal), ['instances'],
(told) => told.event === 'instance' && told.item.name === name, [name]);

function Health({ instance }: { instance: I }) {
  return (
    <section class="card instance" aria-label={text.health}>
      <h2>{text.health}</h2>
      <InstanceFacts instance={instance} />
      <p class="quiet">{levelMeans(instance.health.level)}</p>
      <HealthLog name={instance.name} />
    </section>
  );
}

function Certificates({ instance }: { instance: I }) {
  return (
    <section class="card instance" aria-label={text.certificates}>
      <h2>{text.certificates}</h2>
      <dl class="strip">
        <Fact name={text.caEnds}><Expiry
          time={instance.certificate_expires_at} /></Fact>
        <Fact name={text.serverEnds}><Expiry
          time={instance.health.server_certificate_expires_at} /></Fact>
        <Fact name={text.signedBy}>{instance.server_ca ?
          text.otherCa : text.sameCa}</Fact>
      </dl>
    </section>
  );
}

function Actions({ instance, again }: { instance: I; again: () => void }) {
  const { at: open, show, close } = queryDialog('do');
  const { busy, send } = useSending();
  const probe = () => send(async () => {
    try {
      const { name, health } = await ask<I>('POST',
        `/instances/${instance.name}/probe`);
      toast(health.error ? text.said(name, health.error.detail) :
        text.answers(name), health.error !== null);
    } catch (e) {
      toastError(e);
    }
    again();
  });
  return (
    <>
      <button type="button" disabled={busy} onClick={probe}>
        {busy ? common.asking : text.check}</button>
      <button type="button" onClick={() => show('change')}>{common.changeAsk}</button>
      <button type="button" class="danger"
        onClick={() => show('forget')}>{text.forget}</button>
      {open === 'change' && <InstanceForm old={instance} onClose={close}
        onSaved={() => { close(); again(); }} />}
      {open === 'forget' && <InstanceForget name={instance.name} onClose={close}
        onGone={() => go('/instances', true)} />}
    </>
  );
}

export function Instance({ name }: { name: string }) {
  const { value: instance, error, at, again } = useInstance(name);
  const admin = isAdmin();
  const above = admin ? <a href="/instances">{pages.instances}</a> :
    common.instance;
  if (!instance || isMissing(error))
    return (
      <Page title={name} above={above}>
        {!error && <Loading />}
        {error && <Banner kind="warn" title={isMissing(error) ?
          text.missing : common.notShown}>
          {isMissing(error) ? text.missingWhy :
            error.message}</Banner>}
      </Page>);
  const { health } = instance;
  return (
    <Page title={instance.title || name} above={above} beside={<>
      {instance.title && <code class="quiet">{name}</code>}
      <Badge kind={statusKinds[health.status]}>{status[health.status]}</Badge>
    </>}
    action={admin && <Actions instance={instance} again={again} />}>
      <div class="stack">
        <Stale reason={error} since={at} again={again} />
        <InstanceTrouble instance={instance} />
        <Health instance={instance} />
        {admin && <Certificates instance={instance} />}
        {admin && <InstancePolicies instance={name} news={health.status}
          told={!!error} />}
      </div>
    </Page>
  );
}

// SPDX-License-Identifier: ISC
// One instance: how it does and did, its certificates, what projects may use of
// it; and what admins do with it.
import { useState } from 'preact/hooks';
import { ask, get, isMissing, type Instance as I } from '../api';
import { HealthLog } from '../components/HealthLog';
import { Expiry, InstanceFacts, InstanceTrouble } from
  '../components/InstanceParts';
import { InstancePolicies } from '../components/InstancePolicies';
import { lazy } from '../components/Lazy';
import { Badge, Banner, Fact, Page } from '../components/ui';
import { levelMeans, statusKinds } from '../lib/instance';
import { useLive } from '../lib/live';
import { useSending } from '../lib/sending';
import { go } from '../router';
import { session } from '../store/session';
import { toast, toastError } from '../store/toasts';

const InstanceForm = lazy(() => import('../components/InstanceForm')
  .then((m) => m.InstanceForm));
const InstanceForget = lazy(() => import('../components/InstanceForget')
  .then((m) => m.InstanceForget));

const useInstance = (name: string) => useLive((signal) =>
  get<I>(`/instances/${name}`, signal), ['instances'],
(told) => told.event === 'instance' && told.item.name === name, [name]);

function Health({ instance }: { instance: I }) {
  return (
    <section class="card instance" aria-label="Health">
      <h2>Health</h2>
      <InstanceFacts instance={instance} />
      <p class="quiet">{levelMeans(instance.health.level)}</p>
      <HealthLog name={instance.name} />
    </section>
  );
}

function Certificates({ instance }: { instance: I }) {
  return (
    <section class="card instance" aria-label="Certificates">
      <h2>Certificates</h2>
      <dl class="strip">
        <Fact name="The CA that commands it ends"><Expiry
          time={instance.certificate_expires_at} /></Fact>
        <Fact name="The server's own ends"><Expiry
          time={instance.health.server_certificate_expires_at} /></Fact>
        <Fact name="The server's was signed by">{instance.server_ca ?
          'another CA' : 'the same CA'}</Fact>
      </dl>
    </section>
  );
}

type Open = 'change' | 'forget' | null;

function Actions({ instance, again }: { instance: I; again: () => void }) {
  const [open, setOpen] = useState<Open>(null);
  const { busy, send } = useSending();
  const close = () => setOpen(null);
  const probe = () => send(async () => {
    try {
      const { name, health } = await ask<I>('POST',
        `/instances/${instance.name}/probe`);
      toast(health.error ? `${name}: ${health.error.detail}` : `${name} answers`,
        health.error !== null);
    } catch (e) {
      toastError(e);
    }
    again();
  });
  return (
    <>
      <button type="button" disabled={busy} onClick={probe}>
        {busy ? 'Asking…' : 'Check now'}</button>
      <button type="button" onClick={() => setOpen('change')}>Change…</button>
      <button type="button" class="danger"
        onClick={() => setOpen('forget')}>Forget…</button>
      {open === 'change' && <InstanceForm old={instance} onClose={close}
        onSaved={() => { close(); again(); }} />}
      {open === 'forget' && <InstanceForget name={instance.name} onClose={close}
        onGone={() => go('/instances')} />}
    </>
  );
}

export function Instance({ name }: { name: string }) {
  const { value: instance, error, again } = useInstance(name);
  const admin = session.value?.user.admin === true;
  const above = admin ? <a href="/instances">Instances</a> : 'Instance';
  if (!instance || isMissing(error))
    return (
      <Page title={name} above={above}>
        {!error && <p class="quiet">Loading…</p>}
        {error && <Banner kind="warn" title={isMissing(error) ?
          'There is no such instance.' : 'It can not be shown.'}>
          {isMissing(error) ? 'It was forgotten, or it is not yours to see.' :
            error.message}</Banner>}
      </Page>);
  const { health } = instance;
  return (
    <Page title={instance.title || name} above={above} beside={<>
      {instance.title && <code class="quiet">{name}</code>}
      <Badge kind={statusKinds[health.status]}>{health.status}</Badge></>}
    action={admin && <Actions instance={instance} again={again} />}>
      <div class="stack">
        {error && <Banner kind="warn" title="Not newer than this is known.">
          {error.message}</Banner>}
        <InstanceTrouble instance={instance} />
        <Health instance={instance} />
        {admin && <Certificates instance={instance} />}
        {admin && <InstancePolicies instance={name} news={health.status} />}
      </div>
    </Page>
  );
}

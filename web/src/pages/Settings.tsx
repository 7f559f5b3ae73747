// SPDX-License-Identifier: ISC
// What administrators set for the whole service.
import { BuildersForm } from '../components/BuildersForm';
import { CopiesForm } from '../components/CopiesForm';
import { PostForms } from '../components/PostForms';
import { RegistrationForm } from '../components/RegistrationForm';
import { NetworksForm, NumbersForm } from '../components/SettingForms';
import { Code, Page } from '../components/ui';
import { scrapeConfig } from '../lib/curl';

function Retention() {
  return (
    <NumbersForm path="/settings/retention" title="How long images are kept"
      save="Save retention" numbers={[
        ['deployments', 'Deployments of each unikernel'], ['days', 'Days']]}>
      <p>What runs, what ran before it and what is being deployed always stays.
        Beyond that, an image is kept for whichever is longer:</p>
    </NumbersForm>
  );
}

function Logs() {
  return (
    <NumbersForm path="/settings/logs" title="Logs" save="Save logs"
      on={['keep', 'Keep what unikernels write']} numbers={[
        ['megabytes', 'MB for each unikernel', 'The oldest lines go first.'],
        ['total_megabytes', 'MB for all together'],
        ['days', 'Days', 'After a unikernel is gone for good.']]}>
      <p>What a unikernel writes to its console is kept on this server,
        compressed, also after it died.</p>
    </NumbersForm>
  );
}

function AlertRules() {
  return (
    <NumbersForm path="/settings/alerts" title="Alerts" save="Save alerts"
      numbers={[
        ['instance_down_minutes', 'Minutes an instance may be down'],
        ['stopped_minutes', 'Minutes a unikernel may stay away'],
        ['certificate_days', 'Days before a certificate expires'],
        ['policy_percent', 'Per cent of a policy that may be used'],
        ['quiet_minutes', 'Quiet minutes',
          'One that comes and goes is told once in this time.'],
        ['group_seconds', 'Seconds to gather',
          'What happens within is told together.']]}>
      <p>When one is opened. That a unikernel crashes again and again or fails
        its check always opens one.</p>
    </NumbersForm>
  );
}

function Prometheus() {
  return (
    <NetworksForm path="/settings/metrics" title="Prometheus" save="Save addresses"
      label="Addresses of scrapers">
      <p>At <code>/metrics</code> are the figures of all unikernels and of this
        service, for a token that may read metrics, and for who asks from one of
        these addresses:</p>
      <Code text={scrapeConfig(location)} what="Configuration" />
    </NetworksForm>
  );
}

export function Settings() {
  return (
    <Page title="Settings">
      <div class="stack settings"><RegistrationForm /><BuildersForm /><Retention />
        <NetworksForm path="/settings/health-checks" save="Save ranges"
          title="Where health checks may ask" label="Ranges">
          <p>The addresses in a unikernel's own arguments are always allowed,
            unless they are this machine's. Further ranges:</p></NetworksForm>
        <NumbersForm path="/settings/second-factor" title="Second factor"
          save="Save second factor" numbers={[]}
          on={['required_for_admins', 'Administrators must have one']}>
          <p>Who has none can then only set one up, and their tokens are no
            administrator's. You need one yourself to turn this on.</p>
        </NumbersForm>
        <CopiesForm /><Logs /><AlertRules /><Prometheus /><PostForms />
        <NetworksForm path="/settings/project-webhooks" save="Save networks"
          title="Where webhooks of projects may go" label="Networks">
          <p>Owners of a project may name a program that is told of its alerts.
            Public addresses are always allowed. Further networks:</p>
        </NetworksForm></div>
    </Page>
  );
}

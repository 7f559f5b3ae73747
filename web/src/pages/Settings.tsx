// SPDX-License-Identifier: ISC
// What administrators set for the whole service.
import { BuildersForm } from '../components/BuildersForm';
import { CopiesForm } from '../components/CopiesForm';
import { PostForms } from '../components/PostForms';
import { RegistrationForm } from '../components/RegistrationForm';
import { NetworksForm, NumbersForm } from '../components/SettingForms';
import { Code, Page } from '../components/ui';
import { scrapeConfig } from '../lib/curl';
import * as common from '../text/common';
import * as text from '../text/settings';
import './settings.css';

function Retention() {
  return (
    <NumbersForm path="/settings/retention" title={text.retention}
      save={text.saveRetention} numbers={[
        ['deployments', text.retentionDeployments], ['days', common.days]]}>
      <p>{text.retentionAbout}</p>
    </NumbersForm>
  );
}

function Logs() {
  return (
    <NumbersForm path="/settings/logs" title={text.logs} save={text.saveLogs}
      on={['keep', text.logsKeep]} numbers={[
        ['megabytes', text.logsEach, text.logsEachHint],
        ['total_megabytes', text.logsAll],
        ['days', common.days, text.logsDaysHint]]}>
      <p>{text.logsAbout}</p>
    </NumbersForm>
  );
}

function AlertRules() {
  return (
    <NumbersForm path="/settings/alerts" title={text.alerts} save={text.saveAlerts}
      numbers={[
        ['instance_down_minutes', text.alertsDown],
        ['stopped_minutes', text.alertsStopped],
        ['certificate_days', text.alertsCertificate],
        ['policy_percent', text.alertsPolicy],
        ['quiet_minutes', text.alertsQuiet, text.alertsQuietHint],
        ['group_seconds', text.alertsGather, text.alertsGatherHint]]}>
      <p>{text.alertsAbout}</p>
    </NumbersForm>
  );
}

function Prometheus() {
  return (
    <NetworksForm path="/settings/metrics" title={text.prometheus}
      save={text.saveAddresses} label={text.scrapers}>
      <p>{text.prometheusAbout()}</p>
      <Code text={scrapeConfig(location)} what={text.configuration} />
    </NetworksForm>
  );
}

export function Settings() {
  return (
    <Page title={text.title}>
      <div class="stack settings"><RegistrationForm /><BuildersForm /><Retention />
        <NetworksForm path="/settings/health-checks" save={text.saveRanges}
          title={text.checks} label={text.ranges}>
          <p>{text.checksAbout}</p></NetworksForm>
        <NumbersForm path="/settings/second-factor" title={text.factor}
          save={text.saveFactor} numbers={[]}
          on={['required_for_admins', text.factorOn]}>
          <p>{text.factorAbout}</p>
        </NumbersForm>
        <CopiesForm /><Logs /><AlertRules /><Prometheus /><PostForms />
        <NetworksForm path="/settings/project-webhooks" save={text.saveNetworks}
          title={text.hooks} label={text.networks}>
          <p>{text.hooksAbout}</p>
        </NetworksForm></div>
    </Page>
  );
}

// SPDX-License-Identifier: ISC
// What administrators set for the whole service.
import { BuildersForm } from '../components/BuildersForm';
import { CopiesForm } from '../components/CopiesForm';
import { PostForms } from '../components/PostForms';
import { RegistrationForm } from '../components/RegistrationForm';
import { NetworksForm, NumbersForm } from '../components/SettingForms';
import { Code, Page, Tabs } from '../components/ui';
import { scrapeConfig } from '../lib/curl';
import { place } from '../router';
import * as common from '../text/common';
import * as pages from '../text/pages';
import * as text from '../text/settings';
import './settings.css';

function Retention() {
  return (
    <NumbersForm path="/settings/retention" title={text.retention}
      save={text.saveRetention} numbers={[
        ['deployments', text.retentionDeployments, 1, 1000],
        ['days', common.days, 0, 3650]]}>
      <p>{text.retentionAbout}</p>
    </NumbersForm>
  );
}

function Logs() {
  return (
    <NumbersForm path="/settings/logs" title={text.logs} save={text.saveLogs}
      on={['keep', text.logsKeep]} numbers={[
        ['megabytes', text.logsEach, 1, 1024, text.logsEachHint],
        ['total_megabytes', text.logsAll, 1, 1048576],
        ['days', common.days, 1, 3650, text.logsDaysHint]]}>
      <p>{text.logsAbout}</p>
    </NumbersForm>
  );
}

function AlertRules() {
  return (
    <NumbersForm path="/settings/alerts" title={pages.alerts} save={text.saveAlerts}
      numbers={[
        ['instance_down_minutes', text.alertsDown, 0, 1440],
        ['stopped_minutes', text.alertsStopped, 0, 1440],
        ['certificate_days', text.alertsCertificate, 1, 365],
        ['policy_percent', text.alertsPolicy, 50, 100],
        ['quiet_minutes', text.alertsQuiet, 0, 10080, text.alertsQuietHint],
        ['group_seconds', text.alertsGather, 0, 300, text.alertsGatherHint]]}>
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

function Checks() {
  return (
    <NetworksForm path="/settings/health-checks" save={text.saveRanges}
      title={text.checks} label={text.ranges}><p>{text.checksAbout}</p>
    </NetworksForm>
  );
}

function SecondFactor() {
  return (
    <NumbersForm path="/settings/second-factor" title={common.secondFactor}
      save={text.saveFactor} numbers={[]}
      on={['required_for_admins', text.factorOn]}><p>{text.factorAbout}</p>
    </NumbersForm>
  );
}

function ProjectWebhooks() {
  return (
    <NetworksForm path="/settings/project-webhooks" save={text.saveNetworks}
      title={text.hooks} label={text.networks}><p>{text.hooksAbout}</p>
    </NetworksForm>
  );
}

const parts = {
  people: () => <><RegistrationForm /><SecondFactor /></>,
  images: () => <><BuildersForm /><Retention /></>,
  kept: () => <><Logs /><CopiesForm /></>,
  watching: () => <><AlertRules /><Checks /><Prometheus /></>,
  post: () => <><PostForms /><ProjectWebhooks /></>,
};

type Part = keyof typeof parts;
const keys = Object.keys(parts) as Part[];

export function Settings() {
  const asked = place.value.query.get('tab');
  const at = keys.find((key) => key === asked) ?? 'people';
  const Forms = parts[at];
  return (
    <Page title={pages.settings}>
      <Tabs label={pages.settings} at={at} tabs={keys.map((key) => ({ key,
        title: text.tabs[key], href: key === 'people' ? '/settings' :
          `/settings?tab=${key}` }))}>
        <div class="stack settings" key={at}><Forms /></div></Tabs>
    </Page>
  );
}

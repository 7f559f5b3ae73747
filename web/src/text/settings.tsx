// SPDX-License-Identifier: ISC
// The words of what administrators set for the whole service.
import type { MailSettings, Registration } from '../api';
import { sending } from './common';

export const tabs = { people: 'People', images: 'Images', kept: 'Logs and copies',
  watching: 'Watching', post: 'Mail and webhooks' };

export const limits = (least: number, most: number, hint = '') =>
  `${least} to ${most}.${hint && ` ${hint}`}`;

export const retention = 'How long images are kept';
export const retentionAbout = 'What runs, what ran before it and what is being ' +
  'deployed always stays. Beyond that, an image is kept for whichever is longer:';
export const retentionDeployments = 'Deployments of each unikernel';
export const saveRetention = 'Save retention';

export const logs = 'Logs';
export const logsAbout = 'What a unikernel writes to its console is kept on this ' +
  'server, compressed, also after it died.';
export const logsKeep = 'Keep what unikernels write';
export const logsEach = 'MB for each unikernel';
export const logsEachHint = 'The oldest lines go first.';
export const logsAll = 'MB for all together';
export const logsDaysHint = 'After a unikernel is gone for good.';
export const saveLogs = 'Save logs';

export const alertsAbout = 'When one is opened. That a unikernel crashes again and ' +
  'again or fails its check always opens one.';
export const alertsDown = 'Minutes an instance may be down';
export const alertsStopped = 'Minutes a unikernel may stay away';
export const alertsCertificate = 'Days before a certificate expires';
export const alertsPolicy = 'Per cent of a policy that may be used';
export const alertsQuiet = 'Quiet minutes';
export const alertsQuietHint = 'One that comes and goes is told once in this time.';
export const alertsGather = 'Seconds to gather';
export const alertsGatherHint = 'What happens within is told together.';
export const saveAlerts = 'Save alerts';

export const prometheus = 'Prometheus';
export const prometheusAbout = () => <>At <code>/metrics</code> are the figures of
  all unikernels and of this service, for a token that may read metrics, and for who
  asks from one of these addresses:</>;
export const scrapers = 'Addresses of scrapers';
export const configuration = 'Configuration';
export const saveAddresses = 'Save addresses';

export const checks = 'Where health checks may ask';
export const checksAbout = 'The addresses in a unikernel\'s own arguments are ' +
  'always allowed, unless they are this machine\'s. Further ranges:';
export const ranges = 'Ranges';
export const saveRanges = 'Save ranges';

export const factorAbout = 'Who has none can then only set one up, and their ' +
  'tokens are no administrator\'s. You need one yourself to turn this on.';
export const factorOn = 'Administrators must have one';
export const saveFactor = 'Save second factor';

export const hooks = 'Where webhooks of projects may go';
export const hooksAbout = 'Owners of a project may name a program that is told of ' +
  'its alerts. Public addresses are always allowed. Further networks:';
export const networks = 'Networks';
export const saveNetworks = 'Save networks';

export const builders = 'Builders';
export const buildersAbout = 'Sites that build images reproducibly. What of theirs ' +
  'runs here is looked up, and newer builds are offered.';
export const builder = (n: number) => `Builder ${n}`;
export const removeBuilder = (n: number) => `Remove builder ${n}`;
export const builderUrl = 'Address';
export const builderUrlHint = 'https, or http on this machine.';
export const builderHosts = 'May redirect to';
export const builderHostsHint = 'Other hosts, or none.';
export const addBuilder = 'Add a builder';
export const askedEvery = 'Asked every (minutes)';
export const askedEveryHint = 'A little more or less, so that not all ask at once.';
export const saveBuilders = 'Save builders';

export const registration = 'Who may make an account';
export const modes: [Registration['mode'], string, string][] = [
  ['open', 'Anybody', 'Who confirms an e-mail address.'],
  ['invitation', 'By invitation', 'Who got a link from an administrator, or from ' +
    'the owner of a project.'],
  ['closed', 'Nobody', 'Administrators make accounts on this machine, with ' +
    'mollymawk-auth user-create.'],
];
export const approval = 'An administrator approves each account first';
export const domains = 'Only domains';
export const domainExample = 'example.org';
export const domainsHint = 'Any, while none is said.';
export const saveRegistration = 'Save registration';

export const copies = 'Copies of volumes';
export const copiesAbout = 'They are kept in the state directory of this service, ' +
  'or in an object store that speaks S3.';
export const room = 'Room on this server (MB)';
export const roomHint = 'For all copies together.';
export const useStore = 'Use an object store too';
export const endpoint = 'Endpoint';
export const endpointHint = 'https, or http on this machine.';
export const region = 'Region';
export const bucket = 'Bucket';
export const prefix = 'Prefix of names';
export const accessKey = 'Access key';
export const secretKey = 'Secret key';
export const keptSecret = 'One is kept; empty keeps it.';
export const pathStyle = 'The bucket is in the path, not in the host\'s name';
export const saveCopies = 'Save copies';

export const mail = 'Mail';
export const mailToFolder = 'Mails go to a folder of this machine.';
export const mailToFolderAbout =
  'It was started so; the server below is not used.';
export const mailAbout = 'Who wants to know of updates and alerts is told by this ' +
  'server. Without one, nobody is.';
export const server = 'Server';
export const encryption = 'Encryption';
export const ways: [MailSettings['tls'], string][] = [['starttls', 'STARTTLS'],
  ['tls', 'TLS from the start'], ['none', 'Plain, on this machine only']];
export const user = 'User';
export const forgetPassword = 'Forget the password';
export const saveMail = 'Save mail';
export const testTo = 'Test mail to';
export const trial = {
  store: { send: 'Try the store that is saved', busy: 'Trying…',
    sent: 'The object store works', failed: 'It does not work.' },
  mail: { send: 'Send a test mail', busy: sending, sent: 'The mail was sent',
    failed: 'The mail was not sent.' },
  message: { send: 'Send a test message', busy: sending,
    sent: 'The message was sent', failed: 'The message was not sent.' },
};

export const webhook = 'Webhook';
export const webhookAbout = 'A program that is told the same, and of all alerts, ' +
  'as JSON, signed with the secret.';
export const webhookUrl = 'Webhook address';
export const webhookUrlHint = 'https, or http on this machine; empty for none.';
export const secret = 'Secret';
export const forgetSecret = 'Forget the secret';
export const saveWebhook = 'Save webhook';

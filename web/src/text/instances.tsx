// SPDX-License-Identifier: ISC
// The pages of instances: the list, one of them, the forms to add, change and
// forget one, and what projects may use of it.
import { count } from '../lib/format';

/** What the filter filters. */
export const what = 'instances';
export const filterHint = 'state:down';
export const add = 'Add an instance';
export const none = 'No instance yet';
export const noneWhat = 'An instance is an albatross server. Add one with the CA ' +
  'certificate and key that may command it.';
export const check = 'Check now';
export const answers = (name: string) => `${name} answers`;
export const said = (name: string, detail: string) => `${name}: ${detail}`;
export const forget = 'Forget…';

export const missing = 'There is no such instance.';
export const missingWhy = 'It was forgotten, or it is not yours to see.';

export const health = 'Health';
export const address = 'Address';
export const speaks = 'Speaks';
export const speaksAlbatross = (level: string) => `albatross ${level} or newer`;
export const speaksUnknown = 'not known yet';
export const asked = 'Asked';
export const notAsked = 'not yet';
export const statistics = 'Statistics';
export const clock = 'Its clock';

export const certificates = 'Certificates';
export const caEnds = 'The CA that commands it ends';
export const serverEnds = 'The server\'s own ends';
export const signedBy = 'The server\'s was signed by';
export const sameCa = 'the same CA';
export const otherCa = 'another CA';
export const unseen = 'not seen yet';
export const theCa = 'The CA certificate that commands it';
export const theServers = 'The server\'s own certificate';
export const endsOn = (what: string, day: string, left: string) =>
  `${what} ends on ${day}: ${left}.`;
export const endsMeans =
  'Without a new one nothing can be done there afterwards.';
export const clockIs = (how: string) => `Its clock is ${how}.`;
export const clockMeans = 'Set both by NTP: commands are refused when it is a ' +
  'minute behind, or five minutes ahead.';

// The form
export const changeTitle = (name: string) => `Change ${name}`;
export const nameHint = 'For good: logs and tokens go by it.';
export const title = 'Title (optional)';
export const titleHint = 'How people call it.';
export const host = 'Host';
export const hostHint = 'Name, IPv4 or IPv6 address.';
export const port = 'Port';
export const certificate = 'CA certificate';
export const certificateHint = 'PEM: the CA that may command the server; its ' +
  'chain upwards behind it, if it has one.';
export const certificateOld = 'PEM: empty leaves the one there is.';
export const key = 'Its private key';
export const keyHint = 'PEM: kept encrypted, never shown again.';
export const keyOld = 'PEM: given together with a new certificate.';
export const serverCa = 'Server CA (optional)';
export const serverCaHint =
  'PEM: when another CA signed the server\'s certificate.';
export const serverCaOld = 'PEM: empty leaves the one there is.';
export const serverCaForget =
  'The CA above signed the server\'s certificate, too: forget the other';
export const pemBegin = '-----BEGIN …';
export const fromFile = (label: string) => `${label} from a file`;
export const nothingSaved = (why: string, advice: string) =>
  `${why} ${advice} Nothing was saved.`;
export const wasSaved = (name: string) => `${name} was saved`;
export const savedSilent = (name: string) =>
  `${name} was saved; it does not answer yet`;
export const saveAnyway = 'Save it nevertheless';
export const connecting = 'Connecting…';
export const addAndConnect = 'Add and connect';

// Before it is forgotten
export const forgetTitle = (name: string) => `Forget ${name}?`;
export const forgotten = (name: string) => `${name} is forgotten`;
export const forgetMeans =
  'Its certificate and key are forgotten here; the server itself is not touched.';
export const looking = 'Looking at what it would leave…';
export const leavesUnknown = 'What it would leave is not known.';
export const leavesNothing = 'Nothing else is left behind.';
export const andMore = (named: string, more: number) =>
  `${named} and ${more} more`;
export const leavesUnikernels = (n: number, which: string) =>
  <><strong>{count(n, 'unikernel')} {n === 1 ? 'goes' : 'go'} on running</strong>{' '}
    on the server, seen and commanded by nobody here: {which}.</>;
export const volumesUnknown = 'Which volumes are there is not known: it does not ' +
  'answer. They stay on the server.';
export const leavesVolumes = (n: number, which: string) =>
  <><strong>{count(n, 'volume')}</strong> on the server, untouched: {which}.</>;
export const leavesProjects = (n: number, which: string) =>
  <><strong>{count(n, 'project')}</strong> without the policy there: {which}.</>;
export const rules = (n: number) => count(n, 'rule for updates',
  'rules for updates');
export const schedules = (n: number) => count(n, 'schedule of copies',
  'schedules of copies');
export const healthChecks = (n: number) => count(n, 'health check');
export const removed = (which: string) => <><strong>{which}</strong>, removed.</>;
export const leavesUnderWay = (n: number) =>
  <><strong>{count(n, 'deployment or operation', 'deployments and operations')}{' '}
    under way</strong>, which will fail.</>;
export const leavesCopies = (n: number) =>
  <><strong>{count(n, 'saved copy', 'saved copies')}</strong>, kept here, but to be
    had only while an instance of this name is there: download what is needed
    before.</>;
export const leavesTokens = (n: number, which: string) =>
  <><strong>{count(n, 'token')}</strong> limited to it, or to it and
    others: {which}.</>;
export const tokenOf = (token: string, user: string) => `${token} of ${user}`;

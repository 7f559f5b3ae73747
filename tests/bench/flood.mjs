// SPDX-License-Identifier: ISC
// flood URL TOKEN RATE SECONDS: tries to sign in so many times a second from
// one address, each time as somebody else, while another address lists
// unikernels ten times a second and signs in now and then. Prints what became
// of them, and the milliseconds that the others took.
import http from 'node:http';

const [url, token, rate, seconds] = process.argv.slice(2);
const { port } = new URL(url);
const FLOOD = '127.0.0.2', OTHER = '127.0.0.3';
const agents = Object.fromEntries([FLOOD, OTHER].map((address) =>
  [address, new http.Agent({ keepAlive: false, localAddress: address })]));

/** {status, ms} of one request from an address. */
function ask(address, method, path, headers, body) {
  const begun = performance.now();
  return new Promise((done) => {
    const request = http.request({ host: '127.0.0.1', port, method,
      path: `/api/v1${path}`, agent: agents[address],
      headers: { host: new URL(url).host, ...headers } }, (reply) => {
      reply.resume();
      reply.on('end', () => done({ status: reply.statusCode,
        ms: performance.now() - begun }));
    });
    request.on('error', () => done({ status: 0, ms: performance.now() - begun }));
    request.end(body);
  });
}

const signIn = (address, email, password) => ask(address, 'POST', '/session',
  { 'content-type': 'application/json' }, JSON.stringify({ email, password }));

/** Calls act every so many ms for so long: all answers. */
async function often(ms, act) {
  const all = [], end = performance.now() + seconds * 1000;
  for (let n = 0, due = performance.now(); due < end; n++, due += ms) {
    const left = due - performance.now();
    if (left > 0) await new Promise((done) => setTimeout(done, left));
    all.push(act(n));
  }
  return Promise.all(all);
}

const at = (sorted, share) => sorted.length === 0 ? 0 :
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
const sorted = (answers) => answers.map((a) => a.ms).sort((a, b) => a - b);

const [flood, reads, logins] = await Promise.all([
  often(1000 / rate, (n) => signIn(FLOOD, `nobody${n}@example.org`, 'wrong one')),
  often(100, () => ask(OTHER, 'GET', '/unikernels',
    { authorization: `Bearer ${token}` })),
  often(2000, () => signIn(OTHER, process.env.MOLLYMAWK_EMAIL,
    process.env.MOLLYMAWK_PASSWORD)),
]);
const count = (answers, ...statuses) =>
  answers.filter((a) => statuses.includes(a.status)).length;
const read = sorted(reads);
console.log(`tries=${flood.length} verified=${count(flood, 401)} ` +
  `refused=${count(flood, 429, 503)} lost=${count(flood, 0)} ` +
  `reads=${reads.length} read_failed=${reads.length - count(reads, 200)} ` +
  `median=${at(read, 0.5).toFixed(1)} p99=${at(read, 0.99).toFixed(1)} ` +
  `logins=${logins.length} login_failed=${logins.length - count(logins, 200)} ` +
  `login=${at(sorted(logins), 0.5).toFixed(0)}`);

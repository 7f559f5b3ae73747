// SPDX-License-Identifier: ISC
//
// The routes of builder-web: request in, answer out. An answer is {status,
// headers, body}; chunked: true sends the body so, beside a length or without.
import { compare } from './compare.mjs';
import { sha256 } from './jobs.mjs';

const REASONS = { 200: 'OK', 302: 'Found', 304: 'Not Modified',
  307: 'Temporary Redirect', 404: 'Not Found', 500: 'Internal Server Error' };
const HTML = 'text/html; charset=utf-8';
const TEXT = 'text/plain; charset=utf-8';
const MONTH = 30 * 86400000;
const DAMAGE = /[\x00-\x1f\x7f&<>"]/g;

const escape = (text) => text.replace(DAMAGE, (c) => `&#${c.charCodeAt(0)};`);
const time = (ms) => `${new Date(ms).toISOString().slice(0, 19)}-00:00`;

export const encode = (value) => Buffer.from(JSON.stringify(value)
  .replaceAll('\x7f', '\\u007f'));

const page = (title, text) => Buffer.from(`<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml"><head><title>${title}</title></head>
<body><main>${text}</main></body></html>
`);

export const html = (status, title, text) => ({ status, body: page(title, text),
  headers: { connection: 'close', 'content-type': HTML }, length: true });
export const plain = (status, text) => ({ status, body: Buffer.from(text),
  headers: { 'content-type': TEXT }, length: true });
export const redirect = (status, name, where) => ({ status, length: true,
  headers: { [name]: where }, body: Buffer.alloc(0) });

function notFound(target) {
  return { ...html(404, 'Page not found', '<h2 style="padding-top: 33vh">This ' +
    `page does not exist</h2>\n<p>You requested the page ${escape(target)}</p>`),
  length: false, chunked: true };
}

/** Only the exact word counts, wherever it stands. */
const wantsJson = (accept) => (accept ?? '').split(',')
  .some((part) => part.split(';')[0].trim() === 'application/json');

function solo5(build) {
  if (!build.target) return {};
  return {
    solo5_manifest: { type: 'solo5.manifest', version: 1,
      devices: build.devices },
    solo5_abi: { type: 'solo5.abi', target: build.target, version: build.abi },
  };
}

const told = (build, job = build.job.name) => ({ job, uuid: build.uuid,
  platform: build.platform, start_time: time(build.start),
  finish_time: time(build.finish), main_binary: build.binary !== undefined });

const newest = (builds) => builds.find((build) => build.binary);

function jobList(jobs, since) {
  const sections = {};
  for (const job of jobs.jobs) {
    const latest = newest(jobs.of(job.name));
    if (!latest || latest.start < since) continue;
    (sections[job.section] ??= []).push({ name: job.name,
      synopsis: job.synopsis,
      ...latest.target && { latest: { uuid: latest.uuid, ...solo5(latest) } } });
  }
  const names = Object.keys(sections).sort().reverse();
  for (const name of names)
    sections[name].sort((a, b) => a.name < b.name ? -1 : 1);
  return { jobs: names.flatMap((name) => sections[name]), jobs_by_section:
    Object.fromEntries(names.map((name) => [name, sections[name]])) };
}

/** Who has an artifact of this hash: the one started last. */
const holder = (jobs, has) => jobs.builds.filter(has)
  .reduce((a, b) => a && a.start >= b.start ? a : b, undefined);

/** One entry for each binary, whoever built it last. */
function outputs(jobs, name, platform, failed) {
  const hashes = new Set();
  const builds = [];
  for (const build of jobs.of(name, platform)) {
    if (!build.binary && failed)
      builds.push({ uuid: build.uuid, main_binary: null });
    if (!build.binary || hashes.has(build.hash)) continue;
    hashes.add(build.hash);
    builds.push({ uuid: holder(jobs, (b) => b.hash === build.hash).uuid,
      main_binary: { filename: build.filename, sha256: build.hash,
        size: build.binary.length } });
  }
  return { builds };
}

function file(request, name, data) {
  const etag = sha256(data).toString('base64');
  if (request.headers['if-none-match'] === etag)
    return { status: 304, headers: { etag }, body: Buffer.alloc(0) };
  return { status: 200, body: data, length: true, chunked: true, headers: {
    connection: 'close', 'content-type': /^bin\/|\.debug$/.test(name) ?
      'application/octet-stream' : TEXT, etag } };
}

const text = (body) => ({ ...plain(200, body), headers: {
  'content-type': TEXT, etag: sha256(body).toString('hex') } });

/** Handlers get what the pattern caught; undefined is 404. */
const routes = [
  [/^\/$/, (site) => site.told(() => jobList(site.jobs, Date.now() - MONTH)),
    'no query'],
  [/^\/all-builds$/, (site) => site.told(() => jobList(site.jobs, 0)),
    'no query'],
  [/^\/failed-builds$/, (site) => site.failures()],
  [/^\/hash$/, (site) => site.hash()],
  [/^\/job\/([^/]+)$/, (site, job) => site.job(job, false)],
  [/^\/job\/([^/]+)\/failed$/, (site, job) => site.job(job, true)],
  [/^\/job\/([^/]+)\/build\/latest(\/.*)?$/,
    (site, job, rest) => site.latest(job, rest ?? '')],
  [/^\/job\/([^/]+)\/build\/([^/]+)(?:\/(.*))?$/,
    (site, job, uuid, rest) => site.build(job, uuid, rest)],
  [/^\/compare\/([^/]+)\/([^/]+)$/,
    (site, left, right) => site.compare(left, right), 'no query'],
  [/^\/robots\.txt$/, () => plain(200, 'User-agent: *\nDisallow: /compare/\n')],
];

class Site {
  constructor(jobs, request, query) {
    this.jobs = jobs;
    this.request = request;
    this.query = new URLSearchParams(query ?? '');
    this.platform = this.query.get('platform') ?? undefined;
  }

  /** JSON, or a page, as the client likes it. */
  told(value) {
    if (!wantsJson(this.request.headers.accept))
      return html(200, 'Reproducible builds', '<h1>Builds</h1>');
    return { status: 200, body: encode(value()), length: true,
      headers: { 'content-type': 'application/json' } };
  }

  failures() {
    const items = this.jobs.builds.filter((build) => !build.binary)
      .sort((a, b) => b.start - a.start).map((build) =>
        `<li><span title="exited 2">&#x2612;</span> ${escape(build.job.name)}` +
        ` on ${build.platform}\n<a href="/job/${build.job.name}/build/` +
        `${build.uuid}">${time(build.start)}</a> exited 2</li>`);
    return html(200, 'Failed builds',
      `<h1>Failed builds</h1><ul>${items.join('\n')}</ul>`);
  }

  hash() {
    const hash = this.query.get('sha256')?.toLowerCase();
    if (!/^[0-9a-f]{64}$/.test(hash ?? '')) return undefined;
    const build = holder(this.jobs, ({ artifacts }) => [...artifacts.values()]
      .some((data) => sha256(data).toString('hex') === hash));
    return build && redirect(302, 'location',
      `/job/${build.job.name}/build/${build.uuid}`);
  }

  job(name, failed) {
    return this.jobs.find(name) && this.told(() =>
      outputs(this.jobs, name, this.platform, failed));
  }

  latest(name, rest) {
    const build = newest(this.jobs.of(name, this.platform));
    return build && redirect(307, 'Location',
      `/job/${name}/build/${build.uuid}${rest}`);
  }

  #find(uuid) {
    return this.jobs.builds.find((build) =>
      build.uuid === uuid.slice(0, 36).toLowerCase());
  }

  build(job, uuid, rest) {
    const build = this.#find(uuid);
    if (!build) return undefined;
    if (rest === undefined)
      return this.told(() => ({ ...told(build, job), ...solo5(build) }));
    if (rest === 'main-binary')
      return build.binary && redirect(302, 'location',
        `/job/${job}/build/${build.uuid}/f/bin/${build.filename}`);
    if (rest === 'script') return text(`opam install ${build.job.name}\n`);
    if (rest === 'console') return text(build.console);
    if (/^viz(treemap|dependencies)$/.test(rest))
      return plain(500, 'Internal server error\n');
    const name = rest.startsWith('f/') ? rest.slice(2) : '';
    return build.artifacts.has(name) ?
      file(this.request, name, build.artifacts.get(name)) : undefined;
  }

  compare(leftUuid, rightUuid) {
    const [left, right] = [this.#find(leftUuid), this.#find(rightUuid)];
    const value = left && right && compare(left, right, told);
    return value ? this.told(() => value) : undefined;
  }
}

/** Decodes percents only when there is a query, as the real one. */
function split(target) {
  const at = target.indexOf('?');
  if (at < 0) return [target.replace(/(.)\/$/, '$1'), undefined];
  const where = target.slice(0, at).replace(/(.)\/$/, '$1');
  try {
    return [decodeURIComponent(where), target.slice(at + 1)];
  } catch {
    return [where, target.slice(at + 1)];
  }
}

/** What the site says to {method, target, headers}. */
export function answer(jobs, request) {
  const [where, query] = split(request.target);
  const site = new Site(jobs, request, query);
  for (const [pattern, handler, rule] of routes) {
    const found = request.method === 'GET' && pattern.exec(where);
    if (!found) continue;
    if (rule === 'no query' && query !== undefined) break;
    return handler(site, ...found.slice(1)) ?? notFound(request.target);
  }
  return notFound(request.target);
}

/** Head and framing of an answer, with body in place of its own if given. */
export function* frame(reply, body = [reply.body]) {
  const lines = [`HTTP/1.1 ${reply.status} ${REASONS[reply.status] ?? 'Other'}`];
  for (const [name, value] of Object.entries(reply.headers))
    lines.push(`${name}: ${value}`);
  if (reply.length) lines.push(`content-length: ${reply.body.length}`);
  if (reply.chunked) lines.push('transfer-encoding: chunked');
  yield Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  for (const data of body)
    for (let at = 0; at < data.length; at += 16384) {
      const piece = data.subarray(at, at + 16384);
      if (reply.chunked) yield Buffer.from(`${piece.length.toString(16)}\r\n`);
      yield piece;
      if (reply.chunked) yield Buffer.from('\r\n');
    }
  if (reply.chunked) yield Buffer.from('0\r\n\r\n');
}

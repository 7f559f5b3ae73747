// SPDX-License-Identifier: ISC
//
// What can go wrong between a builder and whoever asks it. A fault befalls the
// answers to a pattern of paths, for a number of requests or until cleared.
import { setTimeout as sleep } from 'node:timers/promises';
import { encode, frame, html, plain, redirect } from './site.mjs';

const HOSTILE = '<script>alert(1)</script>\u0007\u001b[31m\u202e\u007f';
const MEGABYTE = Buffer.alloc(1 << 20, ' ');

/** Calls change with every object in a JSON value, the outer first. */
function walk(value, change) {
  if (value === null || typeof value !== 'object') return;
  if (!Array.isArray(value)) change(value);
  for (const inner of Object.values(value)) walk(inner, change);
}

const latests = (value, change) => walk(value, (object) => {
  if (object.solo5_manifest) change(object);
});

/** Changes to what was to be said in JSON. */
const changes = {
  'unknown-device': (value) => latests(value, (object) => {
    object.solo5_manifest.devices =
      [{ name: 'service', type: 'FRAME_BUFFER' }];
  }),
  'unknown-target': (value) => latests(value, (object) => {
    object.solo5_abi.target = 'pdp11';
  }),
  'no-abi': (value) => latests(value, (object) => {
    delete object.solo5_abi;
  }),
  'no-latest': (value) => walk(value, (object) => {
    delete object.latest;
  }),
  'job-strings': (value) => {
    value.jobs = value.jobs?.map((job) => job.name);
  },
  'null-synopsis': (value) => walk(value, (object) => {
    if ('synopsis' in object) object.synopsis = null;
  }),
  'null-size': (value) => walk(value, (object) => {
    if ('main_binary_size' in object) object.main_binary_size = null;
  }),
  'duniverse-error': (value) => walk(value, (object) => {
    if ('duniverse_diff' in object)
      object.duniverse_diff = 'not a single root package found in opam ' +
        'switch export';
  }),
  nul: (value) => walk(value, (object) => {
    if (typeof object.synopsis === 'string') object.synopsis += '\u0000end';
    if (typeof object.diff === 'string') object.diff += '\u0000end';
  }),
  hostile: (value) => walk(value, (object) => {
    for (const key of ['synopsis', 'diff', 'version', 'version_right'])
      if (typeof object[key] === 'string') object[key] += HOSTILE;
  }),
};

const half = (body) => body.subarray(0, body.length >> 1);

/** Answers in place of the right one. */
const answers = {
  'wrong-etag': (reply) => ({ ...reply, headers: { ...reply.headers,
    etag: Buffer.alloc(32, 7).toString('base64') } }),
  'other-body': (reply) => ({ ...reply,
    body: Buffer.from(reply.body.map((byte) => byte ^ 1)) }),
  html: () => html(200, 'Welcome', '<h1>Please sign in to the network</h1>'),
  'invalid-json': (reply) => ({ ...reply, body: Buffer.from('{"jobs": [}') }),
  'json-cut': (reply) => ({ ...reply, body: half(reply.body) }),
  500: () => plain(500, 'Internal server error\n'),
  503: () => plain(503, 'Service unavailable\n'),
  404: () => html(404, 'Page not found', '<h2>This page does not exist</h2>'),
  'redirect-loop': (reply, { target }) => redirect(302, 'location', target),
  'redirect-host': (reply, request, { to, port }) => redirect(302, 'location',
    to ?? `http://localhost:${port}/strayed`),
  'redirect-file': () => redirect(302, 'location', 'file:///etc/hostname'),
};

async function* truncated(reply) {
  const parts = [...frame(reply)];
  for (const part of parts.slice(0, Math.max(2, parts.length >> 1)))
    yield part.length > 8192 || parts.length < 4 ? half(part) : part;
}

/** More than anybody would take, and no length that says so. */
function tooLarge(reply, { bytes = 300 << 20 }) {
  return frame({ ...reply, length: false, chunked: true }, (function* () {
    for (let left = bytes; left > 0; left -= MEGABYTE.length)
      yield MEGABYTE.subarray(0, left);
  })());
}

async function* slow(reply, { ms = 500 }) {
  for (const part of frame(reply))
    for (const byte of part) {
      yield Buffer.from([byte]);
      await sleep(ms);
    }
}

/** Bytes in place of those of the right answer. */
const streams = {
  truncated, slow, 'too-large': tooLarge,
  closed: () => [],
  silent: async function* () { await sleep(600000); },
};

export const kinds = [changes, answers, streams].flatMap(Object.keys);

const matches = (pattern, target) => new RegExp(`^${pattern.split('*')
  .map((text) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`)
  .test(target);

export class Faults {
  #list = [];

  /** {path: '/job/*', fault, count, after, ms, bytes, to} */
  add({ path, fault, count, after, ms, bytes, to }) {
    if (!kinds.includes(fault)) throw new Error(`no fault ${fault}`);
    const number = (text) => text === undefined ? undefined : Number(text);
    this.#list.push({ path: path ?? '*', fault, after: number(after) ?? 0,
      count: number(count) ?? Infinity, ms: number(ms), bytes: number(bytes),
      to });
  }

  clear() {
    this.#list = [];
  }

  /** The first that is due for the request, which uses it up. */
  take(target) {
    const fault = this.#list.find((one) => one.count > 0 &&
      matches(one.path, target));
    if (fault === undefined || fault.after-- > 0) return undefined;
    fault.count--;
    return fault;
  }
}

/** The bytes of an answer, as the fault has them. */
export function befallen(fault, reply, request, port) {
  if (fault === undefined) return frame(reply);
  if (fault.fault in streams) return streams[fault.fault](reply, fault);
  if (fault.fault in answers)
    return frame(answers[fault.fault](reply, request, { ...fault, port }));
  if (reply.headers['content-type'] !== 'application/json')
    return frame(reply);
  const value = JSON.parse(reply.body);
  changes[fault.fault](value);
  return frame({ ...reply, body: encode(value) });
}

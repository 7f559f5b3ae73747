// SPDX-License-Identifier: ISC
//
// A store that speaks as much of Amazon S3 as there is to test, see README.md:
//
//   node serve.mjs --dir DIR [--port N] [--access A] [--secret S] [--region R]
//     [--bucket B]
//
// Listens on 127.0.0.1 only. DIR/port is there while it is ready; objects are
// files below DIR/objects.
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Transform } from 'node:stream';
import { parseArgs } from 'node:util';
import { refused } from './signature.mjs';

const PART_MIN = 5 << 20;

const { values: options } = parseArgs({ options: {
  dir: { type: 'string' }, port: { type: 'string', default: '0' },
  access: { type: 'string', default: 'TESTACCESSKEY' },
  secret: { type: 'string', default: 'test/secret+key' },
  region: { type: 'string', default: 'test-1' },
  bucket: { type: 'string', default: 'volumes' } } });
if (!options.dir) {
  console.error('usage: serve.mjs --dir DIR [--port N]');
  process.exit(2);
}
const objects = path.join(options.dir, 'objects');
const incoming = path.join(options.dir, 'incoming');
for (const dir of [objects, incoming]) fs.mkdirSync(dir, { recursive: true });

/** uploadId -> {key, parts: Map of number to {file, etag}} */
const uploads = new Map();
let faults = [];
let requests = [];

const fileOf = (key) => path.join(objects, encodeURIComponent(key));
const newFile = () => path.join(incoming, randomBytes(8).toString('hex'));

class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The fault that befalls this request, if any: {fault, count, bytes}. */
function faultOf(request) {
  const found = faults.find((f) => f.count > 0 && (!f.method ||
    f.method === request.method));
  if (found) found.count--;
  return found ?? {};
}

function xml(response, status, body, headers = {}) {
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n${body}`;
  response.writeHead(status, { 'content-type': 'application/xml',
    'content-length': Buffer.byteLength(text), ...headers });
  response.end(text);
}

const escape = (text) => String(text).replace(/[&<>]/g,
  (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]);

const errorText = (code, message) => `<Error><Code>${code}</Code>` +
  `<Message>${escape(message)}</Message><Resource>/</Resource></Error>`;

/** The body into a file, if it is what was signed: {file, etag, text}. */
async function receive(request, slow) {
  const file = newFile();
  const sha256 = createHash('sha256');
  const md5 = createHash('md5');
  await pipeline(request, new Transform({
    transform(data, _, done) {
      sha256.update(data);
      md5.update(data);
      if (slow) setTimeout(() => done(null, data), 500);
      else done(null, data);
    } }), fs.createWriteStream(file));
  if (sha256.digest('hex') !== request.headers['x-amz-content-sha256']) {
    fs.rmSync(file);
    throw new Refusal(400, 'XAmzContentSHA256Mismatch', "The provided " +
      "'x-amz-content-sha256' header does not match what was computed.");
  }
  return { file, etag: `"${md5.digest('hex')}"` };
}

async function put(request, response, key, fault) {
  const { file, etag } = await receive(request, fault.fault === 'slow');
  fs.renameSync(file, fileOf(key));
  response.writeHead(200, { etag, 'content-length': 0 });
  response.end();
}

/** [from, length], or undefined for all of it. */
function rangeOf(request, size) {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  if (from === undefined) return undefined;
  if (Number(from) >= size)
    throw new Refusal(416, 'InvalidRange', 'The requested range is not satisfiable');
  const end = Math.min(to === '' ? size - 1 : Number(to), size - 1);
  return [Number(from), end - Number(from) + 1];
}

function get(request, response, key, { fault, bytes }) {
  if (!fs.existsSync(fileOf(key)))
    throw new Refusal(404, 'NoSuchKey', 'The specified key does not exist.');
  const whole = fs.readFileSync(fileOf(key));
  const range = rangeOf(request, whole.length);
  const [from, length] = range ?? [0, whole.length];
  const data = Buffer.from(whole.subarray(from, from + length));
  if (fault === 'wrong') data[bytes ?? data.length >> 1] ^= 1;
  response.writeHead(range ? 206 : 200, { 'content-length': data.length,
    ...range ? { 'content-range':
      `bytes ${from}-${from + length - 1}/${whole.length}` } : {} });
  if (fault === 'cut') {
    response.write(data.subarray(0, bytes ?? data.length >> 1),
      () => setTimeout(() => response.destroy(), 50));
  } else if (fault === 'slow') {
    let at = 0;
    const timer = setInterval(() => {
      if (at < data.length) response.write(data.subarray(at, ++at));
      else response.end();
    }, 200);
    response.on('close', () => clearInterval(timer));
  } else response.end(data);
}

function remove(response, key, id) {
  if (id) abort(id);
  else fs.rmSync(fileOf(key), { force: true });
  response.writeHead(204);
  response.end();
}

/* ---- in parts ---- */

function begin(response, key) {
  const id = randomBytes(9).toString('base64');
  uploads.set(id, { key, parts: new Map() });
  xml(response, 200, `<InitiateMultipartUploadResult><Key>${escape(key)}</Key>` +
    `<UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
}

function uploadOf(key, id) {
  const upload = uploads.get(id);
  if (upload?.key !== key)
    throw new Refusal(404, 'NoSuchUpload', 'The specified upload does not exist.');
  return upload;
}

async function putPart(request, response, key, query, fault) {
  const { parts } = uploadOf(key, query.get('uploadId'));
  const part = await receive(request, fault.fault === 'slow');
  parts.set(Number(query.get('partNumber')), part);
  response.writeHead(200, { etag: part.etag, 'content-length': 0 });
  response.end();
}

async function complete(request, response, key, id, { fault }) {
  const { parts } = uploadOf(key, id);
  const { file } = await receive(request);
  const text = fs.readFileSync(file, 'utf8');
  fs.rmSync(file);
  const named = [...text.matchAll(
    /<Part><PartNumber>(\d+)<\/PartNumber><ETag>([^<]*)<\/ETag><\/Part>/g)];
  /* As S3 does: it may say with 200 that it failed. */
  if (fault === 'late-error') {
    xml(response, 200, errorText('InternalError', 'We encountered an internal error.'));
    return;
  }
  if (fault === 'late-nothing') {
    xml(response, 200, ' ');
    return;
  }
  named.forEach(([, number, etag], i) => {
    const part = parts.get(Number(number));
    if (part?.etag !== etag)
      throw new Refusal(400, 'InvalidPart', 'One of the parts could not be found.');
    if (i < named.length - 1 && fs.statSync(part.file).size < PART_MIN)
      throw new Refusal(400, 'EntityTooSmall', 'A part is too small.');
  });
  const whole = newFile();
  for (const [, number] of named) {
    const part = parts.get(Number(number)).file;
    fs.appendFileSync(whole, fs.readFileSync(part));
  }
  fs.renameSync(whole, fileOf(key));
  abort(id);
  xml(response, 200, '<CompleteMultipartUploadResult></CompleteMultipartUploadResult>');
}

function abort(id) {
  for (const { file } of uploads.get(id)?.parts.values() ?? [])
    fs.rmSync(file);
  uploads.delete(id);
}

/* ---- requests ---- */

/** The bucket in the path, or in front of the host's name. */
function keyOf(request) {
  const [bare] = request.url.split('?');
  const parts = decodeURIComponent(bare).split('/').slice(1);
  const host = request.headers.host.replace(/:\d+$/, '');
  const bucket = host.endsWith('.localhost') ?
    host.slice(0, -'.localhost'.length) : parts.shift();
  if (bucket !== options.bucket)
    throw new Refusal(404, 'NoSuchBucket', 'The specified bucket does not exist');
  return parts.join('/');
}

async function answer(request, response, fault) {
  const why = refused(request, options);
  if (why) throw new Refusal(403, why.code, why.message);
  if (fault.fault === 'hang') return;
  if (fault.fault === 'status')
    throw new Refusal(Number(fault.status ?? 503), 'SlowDown',
      'Please reduce your request rate.');
  if (fault.fault === 'page') {
    response.writeHead(502, { 'content-type': 'text/html' });
    response.end('<html>Bad Gateway</html>');
    return;
  }
  if (fault.fault === 'cut' && request.method !== 'GET') {
    request.once('data', () => request.socket.destroy());
    return;
  }
  const key = keyOf(request);
  const query = new URLSearchParams(request.url.split('?')[1] ?? '');
  const id = query.get('uploadId');
  switch (request.method) {
    case 'PUT':
      await (id ? putPart(request, response, key, query, fault) :
        put(request, response, key, fault));
      break;
    case 'GET': get(request, response, key, fault); break;
    case 'DELETE': remove(response, key, id); break;
    case 'POST':
      if (id) await complete(request, response, key, id, fault);
      else begin(response, key);
      break;
    default: throw new Refusal(405, 'MethodNotAllowed', 'Not allowed.');
  }
}

const controls = {
  'POST fault': (query) => {
    faults.push({ ...query, count: Number(query.count ?? 1),
      ...query.bytes ? { bytes: Number(query.bytes) } : {} });
  },
  'POST clear': () => { faults = []; },
  'POST forget': () => { requests = []; },
  'GET state': () => ({ requests, uploads: uploads.size,
    files: fs.readdirSync(incoming).length,
    objects: fs.readdirSync(objects).map((name) => ({
      key: decodeURIComponent(name), size: fs.statSync(path.join(objects, name)).size })) }),
};

function control(request, response) {
  const url = new URL(request.url, 'http://127.0.0.1');
  const what = controls[`${request.method} ${url.pathname.slice(9)}`];
  const value = what?.(Object.fromEntries(url.searchParams)) ?? null;
  response.writeHead(what ? 200 : 400, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

const server = http.createServer((request, response) => {
  if (request.url.startsWith('/control/')) return control(request, response);
  requests.push({ method: request.method, url: request.url,
    range: request.headers.range });
  const fault = faultOf(request);
  answer(request, response, fault).catch((error) => {
    if (!(error instanceof Refusal)) {
      if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') console.error(error);
      response.destroy();
    } else if (!response.headersSent) {
      const tell = () => xml(response, error.status,
        errorText(error.code, error.message), { connection: 'close' });
      // Who closes on bytes that were not read resets what was answered.
      if (request.complete) tell();
      else request.resume().once('end', tell);
    }
  });
});
server.requestTimeout = 0;
const portFile = path.join(options.dir, 'port');
server.listen(Number(options.port), '127.0.0.1', () => {
  fs.writeFileSync(`${portFile}.new`, `${server.address().port}\n`);
  fs.renameSync(`${portFile}.new`, portFile);
});
for (const signal of ['SIGTERM', 'SIGINT'])
  process.on(signal, () => {
    fs.rmSync(portFile, { force: true });
    process.exit(0);
  });

// SPDX-License-Identifier: ISC
//
// A site of reproducible builds to test with, see README.md:
//
//   node serve.mjs --dir DIR --mkimage PROGRAM [--port N]
//
// Listens on 127.0.0.1 only. DIR/port is there while it is ready; the port is
// remembered and tried first at the next start, so that the address stays.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Faults, befallen } from './faults.mjs';
import { Jobs } from './jobs.mjs';
import { answer, encode, plain, frame } from './site.mjs';

const HEAD_MAX = 16384;
const IDLE = 30000; // ms
const KEPT = 2000; // requests

const { values: options } = parseArgs({ options: {
  dir: { type: 'string' }, mkimage: { type: 'string' },
  port: { type: 'string', default: '0' } } });
if (!options.dir || !options.mkimage) {
  console.error('usage: serve.mjs --dir DIR --mkimage PROGRAM [--port N]');
  process.exit(2);
}
fs.mkdirSync(options.dir, { recursive: true });
const portFile = path.join(options.dir, 'port');
const lastFile = path.join(options.dir, 'last-port');
const lastPort = fs.existsSync(lastFile) ?
  Number(fs.readFileSync(lastFile, 'utf8')) : 0;
fs.rmSync(portFile, { force: true });

const jobs = new Jobs(options.dir, options.mkimage);
const faults = new Faults();
let counts = {}, requests = [];

function note({ method, target, headers }) {
  counts[target] = (counts[target] ?? 0) + 1;
  requests.push({ method, target, headers });
  if (requests.length > KEPT) requests.shift();
}

const controls = {
  'POST publish': ({ job, kind, platform }) => jobs.publish(job, kind, platform),
  'POST fault': (query) => faults.add(query),
  'POST clear': () => faults.clear(),
  'POST forget': () => { counts = {}; requests = []; },
  'GET requests': () => ({ counts, requests }),
};

function control(request) {
  const url = new URL(request.target, 'http://127.0.0.1');
  const what = controls[`${request.method} ${url.pathname.slice(9)}`];
  try {
    if (!what) throw new Error('no such control');
    const value = what(Object.fromEntries(url.searchParams)) ?? null;
    return { status: 200, body: encode(value), length: true,
      headers: { 'content-type': 'application/json' } };
  } catch (error) {
    return plain(400, `${error.message}\n`);
  }
}

/** {method, target, headers} of a head, or undefined. */
function parse(head) {
  const [first, ...lines] = head.split('\r\n');
  const [, method, target] = first.match(/^([A-Z]+) (\/\S*) HTTP\/1\.[01]$/) ?? [];
  if (!target) return undefined;
  const headers = {};
  for (const line of lines) {
    const [, name, value] = line.match(/^([^\s:]+):\s*(.*?)\s*$/) ?? [];
    if (name) headers[name.toLowerCase()] ??= value;
  }
  return { method, target, headers };
}

function bytesFor(request) {
  if (!request) return frame(plain(400, 'Bad request\n'));
  if (request.target.startsWith('/control/')) return frame(control(request));
  note(request);
  const reply = answer(jobs, request);
  if (request.method === 'HEAD') {
    const [head] = frame(reply);
    return [head];
  }
  return befallen(faults.take(request.target), reply, request, port);
}

/** The bytes, no faster than they are taken, and the end. */
async function send(socket, bytes) {
  for await (const part of bytes) {
    if (socket.destroyed) return;
    if (!socket.write(part))
      await new Promise((done) => {
        socket.once('drain', done);
        socket.once('close', done);
      });
  }
  socket.end();
}

function serve(socket) {
  let head = '';
  socket.setTimeout(IDLE, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', function listen(data) {
    head += data.toString('latin1');
    const end = head.indexOf('\r\n\r\n');
    if (end < 0 && head.length < HEAD_MAX) return;
    socket.off('data', listen);
    socket.resume();
    socket.setTimeout(0);
    send(socket, bytesFor(parse(head.slice(0, end))))
      .catch((error) => { console.error(error); socket.destroy(); });
  });
}

let port;
const server = net.createServer(serve);
server.on('listening', () => {
  port = server.address().port;
  fs.writeFileSync(lastFile, `${port}\n`);
  fs.copyFileSync(lastFile, `${portFile}.new`);
  fs.renameSync(`${portFile}.new`, portFile);
});
const wanted = Number(options.port) || lastPort;
server.on('error', (error) => {
  if (error.code !== 'EADDRINUSE' || wanted !== lastPort) throw error;
  server.listen(0, '127.0.0.1');
});
server.listen(wanted, '127.0.0.1');
for (const signal of ['SIGTERM', 'SIGINT'])
  process.on(signal, () => {
    fs.rmSync(portFile, { force: true });
    process.exit(0);
  });

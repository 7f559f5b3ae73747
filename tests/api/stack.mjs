// SPDX-License-Identifier: ISC
//
// The whole system for a test: tools/demo in a directory of its own on a free
// port, with means to ask it, to disturb it, and to see that no sanitizer had
// anything to say.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash, randomInt } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';

export const source = process.env.top_srcdir ??
  path.resolve(import.meta.dirname ?? '.', '../..');
export const build = process.env.top_builddir ??
  path.join(source, 'build/test');

export const MB = 1 << 20;

export const sha256 = (data) => createHash('sha256').update(data).digest('hex');

/** The cookies of an answer, as they are sent back. */
export const cookieOf = (reply) => reply.headers.getSetCookie()
  .map((line) => line.split(';')[0]).join('; ');

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Calls check until it answers something true; fails after ms. */
export async function until(check, what, ms = 15000) {
  const end = Date.now() + ms;
  for (;;) {
    const answer = await check();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`not in ${ms} ms: ${what}`);
    await sleep(100);
  }
}

/** Has the process ended? Nobody may have waited for it yet. */
function gone(pid) {
  try {
    return / Z /.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8')) &&
      fs.readdirSync(`/proc/${pid}/task`).length === 1;
  } catch {
    return true;
  }
}

/** Below those which the kernel gives by itself, to connections and to listen. */
const PORTS = { min: 16384, max: 32768 };

/** One that nobody listens on, nor is likely to before it is used. */
export async function freePort() {
  const server = net.createServer();
  try {
    server.listen(randomInt(PORTS.min, PORTS.max), '127.0.0.1');
    await once(server, 'listening');
  } catch {
    return freePort();
  }
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function readEnv(file) {
  return Object.fromEntries(fs.readFileSync(file, 'utf8').trim().split('\n')
    .map((line) => line.match(/^MOLLYMAWK_(\w+)=(.*)$/).slice(1)));
}

/** An image made by tests/images/mkimage with the given options. */
export function makeImage(dir, name, ...options) {
  const file = path.join(dir, name);
  execFileSync(path.join(build, 'tests/images/mkimage'), [...options, file]);
  return file;
}

/** Waits for the end, after the shortest grace time, unless told. */
const soon = (query) => ['wait=60', 'grace=1']
  .filter((option) => !query.includes(option.split('=')[0] + '='))
  .map((option) => `&${option}`).join('');

/** A new directory for a stack; with a volume of the project, of 2 MB. */
export function makeDir(volume) {
  const base = path.join(build, 'tests/tmp');
  fs.mkdirSync(base, { recursive: true });
  const dir = fs.mkdtempSync(path.join(base, 'stack-'));
  if (volume) {
    const blocks = path.join(dir, 'albatross/blocks');
    fs.mkdirSync(blocks, { recursive: true });
    fs.writeFileSync(path.join(blocks, `admin:${volume}`), Buffer.alloc(2 * MB));
  }
  return dir;
}

/** The site of reproducible builds, see tests/builder/README.md. */
class Builder {
  name = 'builds';

  constructor(stack) {
    this.stack = stack;
    this.dir = path.join(stack.dir, 'builder');
    this.url = `http://127.0.0.1:${this.#port()}`;
  }

  #port() {
    return Number(fs.readFileSync(path.join(this.dir, 'port'), 'utf8'));
  }

  async #control(method, what, query = {}) {
    const given = Object.entries(query).filter(([, v]) => v !== undefined);
    const reply = await fetch(`${this.url}/control/${what}?` +
      new URLSearchParams(given), { method });
    if (!reply.ok) throw new Error(await reply.text());
    return reply.json();
  }

  /** One more build of a job: its uuid, on the first of its platforms. */
  async publish(job, kind = 'good', platform) {
    return (await this.#control('POST', 'publish', { job, kind, platform }))[0];
  }

  /** Befalls answers to paths (`*` is any text); {count, after, ms, bytes, to} */
  fault(path, fault, options = {}) {
    return this.#control('POST', 'fault', { path, fault, ...options });
  }

  clearFaults() {
    return this.#control('POST', 'clear');
  }

  /** {counts: {path: n}, requests: [{method, target, headers}]} */
  requests() {
    return this.#control('GET', 'requests');
  }

  forgetRequests() {
    return this.#control('POST', 'forget');
  }

  /** JSON as the site says it. */
  async get(target) {
    const reply = await fetch(this.url + target,
      { headers: { accept: 'application/json' } });
    if (!reply.ok) throw new Error(`${target}: ${reply.status}`);
    return reply.json();
  }

  async stop() {
    const pid = this.stack.pid('builder');
    process.kill(pid, 'SIGTERM');
    await until(() => !fs.existsSync(`/proc/${pid}`) ||
      /^State:\s*Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8')),
    'the builder ended');
  }

  /** Again, where it was. */
  async start() {
    fs.rmSync(path.join(this.dir, 'port'), { force: true });
    const log = fs.openSync(path.join(this.stack.dir, 'log/builder.log'), 'a');
    const child = spawn(process.execPath,
      [path.join(source, 'tests/builder/serve.mjs'), '--dir', this.dir,
        '--mkimage', path.join(build, 'tests/images/mkimage')],
      { stdio: ['ignore', log, log] });
    fs.closeSync(log);
    this.stack.children.push(child);
    fs.writeFileSync(path.join(this.stack.dir, 'run/builder.pid'),
      `${child.pid}\n`);
    await until(() => fs.existsSync(path.join(this.dir, 'port')),
      'the builder is up again');
    if (this.url !== `http://127.0.0.1:${this.#port()}`)
      throw new Error('the builder lost its port to another program');
  }
}

export class Stack {
  /**
   * In dir, which may hold the state of a stack that ended; or a new one. With
   * builder it knows a site of reproducible builds, stack.builder; not bare it
   * has the demo's unikernels too; empty it has neither instance nor token.
   */
  static async start(dir, { builder = false, bare = true, empty = false } = {}) {
    const stack = new Stack();
    stack.dir = dir ?? makeDir();
    stack.port = await freePort();
    stack.children = [];
    stack.demo = spawn(path.join(source, 'tools/demo'),
      ['--build', build, '--dir', stack.dir, '--port', String(stack.port),
        ...bare ? ['--bare'] : [], ...empty ? ['--empty'] : [],
        ...builder ? ['--builder'] : []],
      { stdio: ['ignore', 'pipe', 'pipe'] });
    stack.ended = new Promise((done) => stack.demo.on('exit', done));
    stack.ended.then(() => { stack.over = true; });
    try {
      await stack.#ready();
    } catch (error) {
      stack.demo.kill('SIGTERM');
      throw error;
    }
    if (builder || !bare) stack.builder = new Builder(stack);
    return stack;
  }

  /** Waits until the demo tells how it is used, and knows it. */
  async #ready() {
    let said = '';
    for (const stream of [this.demo.stdout, this.demo.stderr])
      stream.on('data', (data) => { said += data; });
    await until(() => said.includes('Ctrl-C ends') || this.over,
      'tools/demo is up', 120000);
    if (this.over) throw new Error(`tools/demo ended: ${said}`);
    const env = readEnv(path.join(this.dir, 'env'));
    Object.assign(this, {
      url: env.URL, email: env.EMAIL, password: env.PASSWORD,
      token: env.TOKEN, project: env.PROJECT, instance: env.INSTANCE,
      sample: env.SAMPLE,
    });
  }

  pid(name) {
    return Number(fs.readFileSync(path.join(this.dir, 'run', `${name}.pid`)));
  }

  /**
   * Kills one program and starts it again as it was, which takes its time:
   * between may be something to do, and is told how long it took to end.
   * tools/demo, which would end, is held.
   */
  async restart(name, between = () => {}, signal = 'SIGKILL') {
    const pid = this.pid(name), begun = Date.now();
    const [program, ...args] = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      .split('\0').slice(0, -1);
    const port = path.join(this.dir, 'albatross/port');
    const listen = args.indexOf('--listen');
    this.demo.kill('SIGSTOP');
    process.kill(pid, signal);
    await until(() => gone(pid), `${name} is gone`, 60000);
    const took = Date.now() - begun;
    if (listen >= 0) {
      args[listen + 1] = `127.0.0.1:${fs.readFileSync(port, 'utf8').trim()}`;
      fs.rmSync(port);
    }
    await between(took);
    const log = fs.openSync(path.join(this.dir, 'log', `${name}.log`), 'a');
    const child = spawn(program, args, { stdio: ['ignore', log, log] });
    this.children.push(child);
    fs.writeFileSync(path.join(this.dir, 'run', `${name}.pid`), `${child.pid}\n`);
    await until(async () => fs.existsSync(port) && (await this.ask('GET',
      '/readyz', { token: null }).catch(() => ({}))).status === 200,
    `${name} is up again`);
  }

  log(name) {
    return fs.readFileSync(path.join(this.dir, 'log', `${name}.log`), 'utf8');
  }

  /** A line to the sandbox albatross; see tests/sandbox/README.md. */
  async control(line, dir = path.join(this.dir, 'albatross')) {
    return new Promise((done, fail) => {
      const socket = net.connect(path.join(dir, 'control'));
      let said = '';
      socket.on('error', fail);
      socket.on('close', () => done(said.trim()));
      socket.on('data', (data) => { said += data; });
      socket.end(`${line}\n`);
    });
  }

  fault(line, dir) {
    return this.control(`fault ${line}`, dir);
  }

  /**
   * Asks the API: {status, headers, text, json}. The token is the demo's
   * unless told; token null sends none.
   */
  async ask(method, where, options = {}) {
    const { token = this.token, headers = {}, json, body, signal } = options;
    const send = { method, headers: { ...headers }, signal, redirect: 'manual' };
    if (token !== null) send.headers.authorization ??= `Bearer ${token}`;
    if (json !== undefined) {
      send.headers['content-type'] ??= 'application/json';
      send.body = typeof json === 'string' ? json : JSON.stringify(json);
    } else if (body !== undefined) {
      send.body = body;
      if (!(body instanceof FormData))
        send.headers['content-type'] ??= 'application/octet-stream';
    }
    const reply = await fetch(`${this.url}/api/v1${where}`, send);
    const text = await reply.text();
    const type = reply.headers.get('content-type') ?? '';
    return {
      status: reply.status, headers: reply.headers, text,
      json: /json/.test(type) && text !== '' ? JSON.parse(text) : undefined,
    };
  }

  /** The same for who is signed in: {headers} of signIn. */
  as(who, method, where, json) {
    return this.ask(method, where, { token: null, headers: who.headers, json });
  }

  /** The same from a browser in which nobody is signed in. */
  nobody(method, where, json) {
    return this.ask(method, where, { token: null, headers: this.origin(), json });
  }

  /** As as(), whatever it is that goes well: what the answer says. */
  async well(who, method, where, json) {
    const reply = await this.as(who, method, where, json);
    assert.ok(reply.status < 300, `${method} ${where}: ${reply.text}`);
    return reply.json;
  }

  /** As as(), expecting 200: what the answer says. */
  async ok(who, method, where, json) {
    const reply = await this.as(who, method, where, json);
    assert.equal(reply.status, 200, reply.text);
    return reply.json;
  }

  /** The same, expecting 201. */
  async ok201(who, method, where, json) {
    const reply = await this.as(who, method, where, json);
    assert.equal(reply.status, 201, reply.text);
    return reply.json;
  }

  /** Mails that were sent: [{file, text}]. */
  mails() {
    const dir = path.join(this.dir, 'mail');
    return fs.readdirSync(dir).filter((file) => file.endsWith('.eml'))
      .map((file) => ({ file,
        text: fs.readFileSync(path.join(dir, file), 'latin1') }));
  }

  /** The link of a mail to somebody, once it is there. */
  mailed(email, where) {
    const link = new RegExp(`http\\S+/${where}#secret=\\S+`);
    return until(() => this.mails().filter(({ text }) =>
      text.includes(`To: <${email}>`)).map(({ text }) => text.match(link)?.[0])
      .find(Boolean), `a mail to ${email} with a link to ${where}`);
  }

  /** Registers somebody, {email, name, password, ...}, who then confirms it. */
  async register(json) {
    const asked = await this.nobody('POST', '/accounts', json);
    assert.equal(asked.status, 202, asked.text);
    const [, secret] = (await this.mailed(json.email, 'verify')).split('#secret=');
    const done = await this.nobody('POST', '/accounts/verify', { secret });
    assert.equal(done.status, 200, done.text);
  }

  /** What the API gives as bytes: {status, headers, body}. */
  async read(where, { method = 'GET', headers = {}, signal } = {}) {
    const reply = await fetch(`${this.url}/api/v1${where}`, { method, signal,
      headers: { authorization: `Bearer ${this.token}`, ...headers } });
    return { status: reply.status, headers: reply.headers,
      body: Buffer.from(await reply.arrayBuffer()) };
  }

  /** A request sent by hand, and what is heard of it: {socket, text, ...}. */
  speak(lines, body) {
    const socket = net.connect(this.port, '127.0.0.1');
    const said = { text: '', bytes: 0, socket };
    socket.on('data', (data) => {
      said.text += data.toString('latin1');
      said.bytes += data.length;
    });
    socket.on('error', () => {});
    socket.write([...lines, 'Host: x', `Authorization: Bearer ${this.token}`, '',
      ''].join('\r\n'));
    if (body !== undefined) socket.write(body);
    return said;
  }

  /** Signs in as a browser does: {cookie, headers to send, session}. */
  async signIn(email = this.email, password = this.password) {
    return this.session(await this.nobody('POST', '/session',
      { email, password }));
  }

  /** Who is signed in with an answer of 200, as by signIn. */
  session(reply) {
    assert.equal(reply.status, 200, reply.text);
    const cookie = cookieOf(reply);
    return { cookie, headers: { cookie, ...this.origin() },
      session: reply.json };
  }

  origin() {
    return { origin: this.url, 'sec-fetch-site': 'same-origin' };
  }

  /** A second person: {email, password}. */
  addUser(name) {
    const email = `${name}@example.org`;
    const password = execFileSync(path.join(build, 'mollymawk-auth'),
      ['user-create', '--dir', path.join(this.dir, 'auth'), '--email', email,
        '--name', name, '--generate'], { encoding: 'utf8' }).trim();
    return { email, password };
  }

  /** The same, signed in: {email, password} and what signIn says. */
  async person(name) {
    const { email, password } = this.addUser(name);
    return { email, password, ...await this.signIn(email, password) };
  }

  /** Files below such folders of the stack that hold a text. */
  filesWith(text, ...dirs) {
    return spawnSync('grep', ['-rlaF', text,
      ...dirs.map((dir) => path.join(this.dir, dir))], { encoding: 'utf8' })
      .stdout.split('\n').filter(Boolean);
  }

  /** Does that to the authority's database, beside it. */
  authSql(statement) {
    return execFileSync('sqlite3', ['-cmd', '.timeout 10000',
      path.join(this.dir, 'auth/auth.db'), statement], { encoding: 'utf8' });
  }

  /** What it says as one row. */
  authRow(statement) {
    return this.authSql(statement).trim();
  }

  /** As if nobody had given a password for a long time. */
  forgetProofs() {
    this.authSql('UPDATE session SET proved = 1000');
  }

  /** Makes a person one of the project, by the headers of who may; null: no more. */
  async setRole(headers, email, role) {
    const reply = await askAuthority(this, { op: 'member-set',
      cookie: headers.cookie.match(/mollymawk=([^;]+)/)[1],
      args: { project: this.project, email, role } });
    if (!reply.ok) throw new Error(JSON.stringify(reply));
  }

  /** The secret of a new token of whose headers they are. */
  async makeToken(headers, json) {
    const reply = await this.ask('POST', '/tokens', { token: null, headers,
      json: { name: 'x', expires_in_days: 1, ...json } });
    if (reply.status !== 201) throw new Error(reply.text);
    return reply.json.secret;
  }

  /** Adds the albatross of a directory, with a policy for the demo's project. */
  async addInstance(name, dir, port) {
    const { headers } = await this.signIn();
    const ask = async (method, where, json) => {
      const reply = await this.ask(method, where, { token: null, headers, json });
      if (reply.status >= 300) throw new Error(reply.text);
    };
    await ask('POST', '/instances', { name, host: '127.0.0.1', port,
      certificate: fs.readFileSync(path.join(dir, 'ca.pem'), 'utf8'),
      key: fs.readFileSync(path.join(dir, 'ca.key'), 'utf8') });
    await ask('PUT', `/projects/${this.project}/policies/${name}`,
      { unikernels: 8, memory: 512, block: 64, cpus: [0, 1], bridges: ['service'],
        overwrite: true });
  }

  /**
   * A second albatross with a policy for the demo's project; it can be killed
   * and started again on the same port, and asked for faults.
   */
  async addSandbox(name, ...options) {
    const dir = path.join(this.dir, name);
    fs.mkdirSync(dir);
    const box = { name, dir, port: 0 };
    box.start = async () => {
      fs.rmSync(path.join(dir, 'port'), { force: true });
      box.process = spawn(path.join(build, 'tests/sandbox/albatross-sandbox'),
        ['--dir', dir, '--listen', `127.0.0.1:${box.port}`, '--bridge',
          'service', ...options],
        { stdio: ['ignore', 'ignore', fs.openSync(
          path.join(this.dir, 'log', `${name}.log`), 'a')] });
      await until(() => fs.existsSync(path.join(dir, 'port')), `${name} is up`);
      box.port = Number(fs.readFileSync(path.join(dir, 'port')));
    };
    box.kill = async (signal = 'SIGKILL') => {
      const ended = new Promise((done) => box.process.on('exit', done));
      box.process.kill(signal);
      await ended;
    };
    box.fault = (line) => this.fault(line, dir);
    await box.start();
    this.ended.then(() => box.process.kill());
    await this.addInstance(name, dir, box.port);
    return box;
  }

  /** Path of a unikernel of the demo's project. */
  at(name, rest = '') {
    return `/unikernels/${this.instance}/${this.project}/${name}${rest}`;
  }

  /** Path of a volume of the demo's project. */
  volume(name, rest = '', instance = this.instance) {
    return `/volumes/${instance}/${this.project}/${name}${rest}`;
  }

  /** The file in which a sandbox keeps such a volume. */
  device(name, dir = 'albatross') {
    return path.join(this.dir, dir, 'blocks', `${this.project}:${name}`);
  }

  /** Deploys, and waits for the end: the deployment, or why it failed. */
  deploy(name, file = this.sample, query = '?memory=32', headers = {}) {
    return this.ask('PUT', this.at(name) + query + soon(query),
      { body: fs.readFileSync(file), headers });
  }

  /** The same with JSON: restart, rollback; or PUT with an image's digest. */
  change(method, where, json) {
    return this.ask(method, where + (where.includes('?') ? '' : '?') +
      soon(where), json === undefined ? {} : { json });
  }

  /** Ends all of it; fails if a sanitizer or a crash left word in a log. */
  async stop() {
    await this.end();
    fs.rmSync(this.dir, { recursive: true });
  }

  /** The same, and the directory stays. */
  async end() {
    for (const child of this.children.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = new Promise((done) => child.on('exit', done));
      child.kill('SIGTERM');
      await gone;
    }
    this.demo.kill('SIGCONT');
    this.demo.kill('SIGTERM');
    await this.ended;
    for (const file of fs.readdirSync(path.join(this.dir, 'log'))) {
      const text = fs.readFileSync(path.join(this.dir, 'log', file), 'utf8');
      const found = text.match(
        /^.*(Sanitizer|runtime error:|albatrossd died).*$/m);
      if (found) {
        const at = text.indexOf(found[0]);
        throw new Error(`${file}: ${text.slice(at, at + 3000)}`);
      }
    }
  }
}

/** Says a whole message to the authority's socket and hears the answer. */
export function askAuthority(stack, request) {
  return new Promise((done, fail) => {
    const text = Buffer.from(JSON.stringify(request));
    const head = Buffer.alloc(4);
    head.writeUInt32BE(text.length);
    let heard = Buffer.alloc(0);
    const socket = net.connect(path.join(stack.dir, 'run/auth.sock'), () =>
      socket.write(Buffer.concat([head, text])));
    socket.on('error', fail);
    socket.on('data', (data) => {
      heard = Buffer.concat([heard, data]);
      if (heard.length < 4 || heard.length < 4 + heard.readUInt32BE(0)) return;
      socket.destroy();
      done(JSON.parse(heard.subarray(4).toString()));
    });
  });
}

/** Reads a stream of server-sent events until stop(events) is true. */
export async function events(stack, where, stop, options = {}) {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), options.ms ?? 15000);
  options.signal?.addEventListener('abort', () => control.abort());
  const found = [];
  try {
    const reply = await fetch(`${stack.url}/api/v1${where}`, {
      headers: { authorization: `Bearer ${options.token ?? stack.token}`,
        accept: 'text/event-stream', ...options.headers },
      signal: control.signal,
    });
    if (reply.status !== 200)
      throw new Error(`${reply.status} ${await reply.text()}`);
    options.onOpen?.();
    let text = '';
    for await (const chunk of reply.body) {
      text += Buffer.from(chunk).toString();
      const blocks = text.split('\n\n');
      text = blocks.pop();
      for (const block of blocks) {
        const event = { event: 'message' };
        for (const line of block.split('\n')) {
          const [, key, value] = line.match(/^(\w*): ?(.*)$/) ?? [];
          if (key) event[key] = value;
        }
        if (event.data) found.push({ ...event, data: JSON.parse(event.data) });
      }
      if (stop(found)) return found;
    }
    if (options.toEnd) return found;
    throw new Error(`the stream ended after ${JSON.stringify(found)}`);
  } finally {
    clearTimeout(timer);
    control.abort();
  }
}

/**
 * Hears what happens, from when it resolves until it is stopped: {heard, stop}
 * with all events, and for unikernels of(name) and change(name, change).
 */
export async function hear(stack, topics) {
  const told = { heard: [] }, control = new AbortController();
  await new Promise((onOpen, fail) => {
    told.reading = events(stack, `/events?topics=${topics}`, (found) => {
      told.heard = [...found];
      return false;
    }, { ms: 120000, onOpen, signal: control.signal }).catch(fail);
  });
  told.stop = () => {
    control.abort();
    return told.reading;
  };
  told.of = (name) => told.heard.map((e) => e.data)
    .filter((d) => d.topic === 'states' && (d.item ?? d).name === name);
  told.change = (name, change, ms) => until(() => told.of(name)
    .find((d) => d.change === change), `${name}: ${change}`, ms);
  return told;
}

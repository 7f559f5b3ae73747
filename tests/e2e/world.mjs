// SPDX-License-Identifier: ISC
// A world to take pictures of: three servers, one of them out of reach, four
// projects, the people in them, and what happened in the last weeks. All of it
// was done through the API but for time: while the daemon does not run, what it
// keeps is made older, and logs and measurements of before are put beside it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Stack, freePort, makeDir, makeImage, sha256, until } from
  '../api/stack.mjs';
import { keepLog, keepMeasured } from './history.mjs';

const MINUTE = 60, HOUR = 3600, DAY = 86400;

const people = [
  { name: 'mira', title: 'Mira Okafor', admin: true },
  { name: 'jonas', title: 'Jonas Lindqvist' },
  { name: 'lena', title: 'Lena Brandt' },
  { name: 'tomas', title: 'Tomas Varga' },
];

const servers = [
  { name: 'frankfurt', title: 'Frankfurt, rack 12', cpus: 8, memory: 8192 },
  { name: 'helsinki', title: 'Helsinki, rack 3', cpus: 4, memory: 4096 },
  { name: 'lisbon', title: 'Lisbon, office', cpus: 2, memory: 1024 },
];

const projects = [
  { name: 'website', title: 'Website and shop',
    members: { mira: 'owner', jonas: 'deployer', lena: 'viewer' },
    policies: { frankfurt: [8, 1024, 1024], helsinki: [4, 512, 256],
      lisbon: [2, 128, 64] } },
  { name: 'dns', title: 'Name servers',
    members: { mira: 'owner', tomas: 'deployer' },
    policies: { frankfurt: [2, 128, 64], helsinki: [2, 128, 64],
      lisbon: [2, 128, 64] } },
  { name: 'mail', title: 'Mail and calendars',
    members: { lena: 'owner', mira: 'viewer' },
    policies: { frankfurt: [4, 512, 2048], helsinki: [4, 512, 512] } },
  { name: 'git', title: 'Repositories', members: { tomas: 'owner' },
    policies: { helsinki: [1, 256, 1024] } },
];

const ansi = (code, text) => `\u001b[${code}m${text}\u001b[0m`;
const info = (source, text) => `${ansi(32, '[INFO]')} ${ansi(2, source)} ${text}`;
const warn = (source, text) => `${ansi(33, '[WARNING]')} ${ansi(2, source)} ${text}`;
const fail = (source, text) => `${ansi('1;31', '[ERROR]')} ${ansi(2, source)} ${text}`;

/** What each kind of unikernel prints. */
const says = {
  web: [
    info('http', 'GET /index.html 200 3.1 ms'),
    info('http', 'GET /css/site.css 200 0.6 ms'),
    info('http', 'GET /img/harbour.webp 200 4.8 ms'),
    info('tls', '203.0.113.24 TLS 1.3 x25519 aes-128-gcm, resumed'),
    info('http', 'GET /news/2026/11/opening-hours 200 5.2 ms'),
    info('http', 'GET /favicon.ico 304 0.3 ms'),
    warn('http', 'GET /wp-login.php 404 from 198.51.100.77'),
    info('http', 'POST /contact 303 12.4 ms'),
    info('cache', '412 of 480 entries, 96 % hits'),
    info('http', 'GET /feed.atom 200 2.2 ms'),
    fail('http', 'GET /search?q=tide upstream closed the connection'),
    info('http', 'GET /search?q=tide 200 31.0 ms'),
  ],
  dns: [
    info('dns-server', 'A www.example.org from 203.0.113.9 noerror'),
    info('dns-server', 'AAAA www.example.org from 2001:db8::53 noerror'),
    info('dns-server', 'MX example.org from 198.51.100.4 noerror'),
    warn('dns-server', 'ANY example.org from 198.51.100.200 refused'),
    info('zone', 'example.org serial 2026112904, 38 records'),
  ],
  mail: [
    info('smtp', '198.51.100.20 EHLO mx.example.net'),
    info('smtp', 'message for lena@example.org accepted, 14 kB'),
    info('dmarc', 'example.net pass, spf pass, dkim pass'),
    warn('smtp', '203.0.113.180 is on a block list, turned away'),
  ],
  git: [
    info('git', 'fetch of website.git by runner-3, 118 objects'),
    info('git', 'push to dns-zones.git by tomas, main 4f1c09e'),
  ],
};

/**
 * Who runs where; age in seconds, cpu in per cent. Job: a build of a builder;
 * else an image of its own, which prints what its kind says.
 */
const fleet = [
  { project: 'website', instance: 'frankfurt', name: 'www', kind: 'web',
    job: 'web', memory: 128, cpu: 14, age: 3 * HOUR + 12 * MINUTE },
  { project: 'website', instance: 'frankfurt', name: 'shop', kind: 'web',
    job: 'shop', memory: 96, cpu: 6, age: 26 * HOUR },
  { project: 'website', instance: 'frankfurt', name: 'tls-proxy', kind: 'web',
    memory: 64, cpu: 22, age: 19 * DAY },
  { project: 'website', instance: 'helsinki', name: 'www', kind: 'web',
    job: 'web', memory: 128, cpu: 4, age: 9 * DAY },
  { project: 'website', instance: 'lisbon', name: 'status', kind: 'web',
    memory: 48, cpu: 2, age: 33 * DAY },
  { project: 'dns', instance: 'frankfurt', name: 'ns1', kind: 'dns',
    memory: 48, cpu: 9, age: 41 * DAY, volume: 'zones' },
  { project: 'dns', instance: 'helsinki', name: 'ns2', kind: 'dns',
    memory: 48, cpu: 7, age: 41 * DAY },
  { project: 'dns', instance: 'lisbon', name: 'ns3', kind: 'dns',
    memory: 48, cpu: 3, age: 12 * DAY },
  { project: 'mail', instance: 'frankfurt', name: 'smtp', kind: 'mail',
    memory: 192, cpu: 11, age: 6 * DAY, volume: 'spool' },
  { project: 'mail', instance: 'helsinki', name: 'calendar', kind: 'mail',
    memory: 128, cpu: 3, age: 15 * DAY, volume: 'events' },
  { project: 'mail', instance: 'helsinki', name: 'greylist', kind: 'mail',
    memory: 32, cpu: 1, age: 0, loops: true },
  { project: 'git', instance: 'helsinki', name: 'mirror', kind: 'git',
    memory: 256, cpu: 17, age: 23 * DAY, volume: 'repositories' },
];

/** Instance, project, name, MB. */
const volumes = [
  ['frankfurt', 'dns', 'zones', 16], ['frankfurt', 'mail', 'spool', 1024],
  ['frankfurt', 'website', 'uploads', 48], ['helsinki', 'mail', 'events', 64],
  ['helsinki', 'mail', 'archive', 96],
  ['helsinki', 'git', 'repositories', 768],
];

/** The same numbers each time. */
function dice(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 2 ** 32;
  };
}

const where = (u) => `/unikernels/${u.instance}/${u.project}/${u.name}`;

export class World {
  people = {};
  boxes = {};

  /** With nothing in it but the first administrator. */
  static async begin() {
    const world = new World();
    world.stack = await Stack.start(makeDir(), { builder: true, empty: true });
    world.admin = await world.stack.signIn();
    return world;
  }

  /** All that is there, and then its past. */
  async fill() {
    await Promise.all([this.#set(), this.#gather(), this.#build()]);
    await this.#organize();
    await this.#make();
    await Promise.all([this.#store(), this.#deploy()]);
    await this.#befall();
    await this.#age();
  }

  /** As somebody of them; fails unless it went well. */
  ask(who, ...what) {
    return this.stack.well(this.people[who] ?? this.admin, ...what);
  }

  async #set() {
    await this.ask('admin', 'PUT', '/settings/health-checks',
      { allowed: ['127.0.0.1'] });
    await this.ask('admin', 'PUT', '/settings/alerts',
      { instance_down_minutes: 0 });
    await this.ask('admin', 'PUT', '/settings/registration',
      { mode: 'open', approval: true, domains: ['example.org'] });
  }

  async #gather() {
    for (const { name, title, admin } of people) {
      const { email, password } = this.stack.addUser(name);
      if (admin)
        this.stack.authSql(`UPDATE account SET admin = 1 WHERE name = '${name}'`);
      this.people[name] = { email, password,
        ...await this.stack.signIn(email, password) };
      await this.ask(name, 'PATCH', '/me', { display_name: title });
    }
  }

  async #build() {
    for (const { name, title, cpus, memory } of servers) {
      this.boxes[name] = await this.stack.addSandbox(name, '--cpus', `${cpus}`,
        '--memory', `${memory}`, '--block', '8192', '--bridge', 'public',
        '--bridge', 'internal');
      await this.ask('admin', 'PATCH', `/instances/${name}`, { title });
      await this.ask('admin', 'DELETE', `/projects/admin/policies/${name}`);
    }
  }

  async #organize() {
    await Promise.all(projects.map(async ({ name, title, members, policies }) => {
      const owner = Object.entries(members).find(([, role]) => role === 'owner')[0];
      await this.ask(owner, 'POST', '/projects', { name, title });
      for (const [who, role] of Object.entries(members))
        if (who !== owner)
          await this.ask(owner, 'POST', `/projects/${name}/members`,
            { name: who, role });
      for (const [instance, [unikernels, memory, block]] of
        Object.entries(policies))
        await this.ask('admin', 'PUT', `/projects/${name}/policies/${instance}`,
          { unikernels, memory, block, cpus: [0, 1],
            bridges: ['public', 'internal'] });
    }));
    await this.ask('mira', 'PUT', '/projects/website/secrets/session-key',
      { value: 'nothing anybody should see' });
    await this.ask('lena', 'PUT', '/projects/mail/secrets/dkim',
      { value: 'nothing anybody should see' });
  }

  async #make() {
    await Promise.all(volumes.map(([instance, project, name, size]) =>
      this.ask('admin', 'PUT', `/volumes/${instance}/${project}/${name}`,
        { size })));
  }

  /** What is in one of them, and saved of it. */
  async #store() {
    const token = await this.stack.makeToken(this.people.mira.headers, {
      name: 'backup of uploads', project: 'website', scopes: ['volume:read',
        'volume:write', 'project:read'], expires_in_days: 90 });
    const sent = await this.stack.ask('PUT', '/volumes/frankfurt/website/uploads' +
      '/data', { token, body: Buffer.alloc(3 << 20, 'harbour ') });
    assert.equal(sent.status, 200, sent.text);
    for (const note of ['before the new theme', null])
      await this.ask('mira', 'POST', '/volumes/frankfurt/website/uploads/copies' +
        '?wait=60', { note });
    await this.ask('mira', 'PUT', '/volumes/frankfurt/website/uploads/schedule',
      { days: ['mon', 'thu'], at: '03:00', keep: 7 });
  }

  /** The builds of a job, oldest first. */
  async #builds(job) {
    const { items } = await this.ask('admin', 'GET',
      `/builders/builds/jobs/${job}?platform=debian-12`);
    return items.reverse();
  }

  /** Stores an image that prints what the kind says: its digest. */
  async #image(u, who) {
    const file = makeImage(this.stack.dir, `${u.name}.hvt`, '--says',
      says[u.kind].join('\n'), '--pad', String(1500000 + 70000 * u.memory),
      '--net', 'service', ...u.volume ? ['--block', 'storage'] : []);
    const body = fs.readFileSync(file);
    const reply = await this.stack.ask('POST', `/images?project=${u.project}`,
      { token: null, headers: this.people[who].headers, body });
    assert.ok(reply.status < 300, reply.text);
    return sha256(body);
  }

  async #config(u) {
    const port = u.port ??= await freePort();
    return { memory: u.memory, fail_behaviour: u.loops || u.kind === 'dns' ?
      'restart' : 'quit',
    arguments: [...u.job ? [`--http=${port}`] : [
      `--ipv4=10.0.${servers.findIndex((s) => s.name === u.instance)}.${
        fleet.indexOf(u) + 10}/24`, '--ipv4-gateway=10.0.0.1'],
    ...u.loops ? ['--exit-after=9:3'] : []],
    networks: [{ name: 'service', bridge: 'public' }],
    volumes: u.volume ? [{ name: 'storage', volume: u.volume }] : [] };
  }

  #check(u) {
    return { type: 'http', address: '127.0.0.1', port: u.port, interval: 10,
      timeout: 2, retries: 0 };
  }

  async #deployOne(u) {
    const who = { website: 'jonas', dns: 'tomas', mail: 'lena', git: 'tomas' }[
      u.project];
    const config = await this.#config(u);
    const what = u.job ? { build: { builder: 'builds', job: u.job,
      build: (await this.#builds(u.job))[0].build }, check: this.#check(u) } :
      { image: await this.#image(u, who) };
    await this.ask(who, 'PUT', `${where(u)}?wait=60`, { ...what, config, grace: 1,
      link: `https://git.example.org/${u.project}/runs/${311 + fleet.indexOf(u)}` });
  }

  async #deploy() {
    await Promise.all(fleet.map((u) => this.#deployOne(u)));
    await this.#deployAgain();
  }

  /** What the one that is looked at closely has behind it. */
  async #deployAgain() {
    const [www, shop] = fleet;
    this.ci = await this.stack.makeToken(this.people.jonas.headers, {
      name: 'website CI', project: 'website', scopes: ['unikernel:read',
        'unikernel:deploy', 'unikernel:restart', 'project:read'],
      expires_in_days: 20 });
    const [build] = await this.#builds('web');
    const config = await this.#config(www);
    const again = async (json) => {
      const reply = await this.stack.ask('PUT', `${where(www)}?wait=60`,
        { token: this.ci, json: { build: { builder: 'builds', job: 'web',
          build: build.build }, grace: 1, check: this.#check(www), ...json } });
      assert.equal(reply.status, 200, reply.text);
    };
    await again({ config: { ...config, memory: 96 },
      link: 'https://git.example.org/website/runs/324' });
    // Its newest build does not answer: what ran before runs again.
    const [, bad] = await this.#builds('shop');
    const [reply] = await Promise.all([
      this.stack.as(this.people.jonas, 'POST', `${where(shop)}/update?wait=60`,
        { builder: 'builds', job: 'shop', build: bad.build, grace: 1 }),
      this.ask('mira', 'POST', `${where(www)}/restart?wait=60&grace=1`,
        { memory: 128 })]);
    assert.ok(reply.json.state === 'rolled-back' || reply.status >= 400,
      reply.text);
    await this.ask('jonas', 'PUT', `${where(www)}/automatic-update`,
      { mode: 'automatic', window: { days: ['tue', 'wed'], from: '02:00',
        to: '04:00' } });
  }

  /** One server falls silent; somebody waits, somebody is invited. */
  async #befall() {
    await this.ask('mira', 'PUT', '/unikernels/helsinki/website/www/health-check',
      { type: 'tcp', address: '127.0.0.1', port: await freePort(), timeout: 1,
        retries: 0, interval: 10 });
    await this.stack.register({ email: 'noor@example.org', name: 'noor',
      display_name: 'Noor Haddad', password: 'correct horse battery' });
    await this.ask('mira', 'POST', '/invitations', { email: 'sami@example.org',
      project: 'website', role: 'viewer' });
    await this.ask('mira', 'GET', `${where(fleet[0])}/update?fresh=true`);
    await this.ask('mira', 'GET', `${where(fleet[3])}/update?fresh=true`);
    for (const [name, scopes, days] of [
      ['website CI', ['unikernel:read', 'unikernel:deploy', 'project:read'], 90],
      ['Grafana', ['metrics:read'], 365]])
      await this.stack.makeToken(this.people.mira.headers,
        { name, scopes, expires_in_days: days,
          ...name === 'Grafana' ? {} : { project: 'website' } });
    const refused = await this.stack.as(this.people.lena, 'DELETE',
      where(fleet[0]));
    assert.equal(refused.status, 403, refused.text);
  }

  /** Something that is under way until the answer is called. */
  async occupy() {
    const { dir } = this.boxes.helsinki;
    await this.stack.fault('slow-disk 400', dir);
    const sent = fetch(`${this.stack.url}/api/v1/volumes/helsinki/mail/archive/data`,
      { method: 'PUT', headers: { ...this.people.lena.headers,
        'content-type': 'application/octet-stream' },
      body: Buffer.alloc(48 << 20, 'letter ') });
    return async () => {
      await this.stack.fault('none', dir);
      assert.equal((await sent).status, 200);
    };
  }

  // ---- the past ----

  /** The last that was heard of each, by which the daemon goes on with its log. */
  async #lastLines() {
    await Promise.all(fleet.map(async (u) => {
      const { items } = await this.ask('admin', 'GET',
        `${where(u)}/log?kind=line&limit=3`);
      u.heard = items;
    }));
  }

  /** All of it older: the daemon rests meanwhile. */
  async #age() {
    await this.#lastLines();
    await this.stack.restart('fcgi', async () => {
      for (const u of fleet)
        if (!u.loops)
          assert.equal(await this.stack.control(`disguise ${u.project}:${u.name} ` +
            `${u.age} ${u.cpu}`, this.boxes[u.instance].dir), 'ok');
      for (const box of Object.values(this.boxes))
        await this.stack.control('stats interval 2000', box.dir);
      this.#ageLedger();
      this.#agePeople();
      this.#measure();
      for (const u of fleet) this.#tell(u);
    }, 'SIGTERM');
    await until(async () => (await this.ask('admin', 'GET', '/instances/lisbon'))
      .health.status === 'up', 'lisbon is seen once more', 60000);
    await this.boxes.lisbon.kill();
  }

  #sql(statements) {
    execFileSync('sqlite3', ['-cmd', '.timeout 10000',
      path.join(this.stack.dir, 'state/mollymawk.db')], { input:
      statements.join(';\n') });
  }

  /** How long ago the deployments of one were, the last one first. */
  #ages(u) {
    const before = u === fleet[0] ? [2 * DAY + 4 * HOUR, 11 * DAY] :
      u === fleet[1] ? [3 * DAY] : [];
    return u === fleet[1] ? [20 * HOUR, u.age] : [u.age, ...before];
  }

  #ageLedger() {
    this.#sql(fleet.filter((u) => !u.loops).flatMap((u) => {
      const at = `instance = '${u.instance}' AND project = '${u.project}' ` +
        `AND name = '${u.name}'`;
      return [`UPDATE unikernel_seen SET started = started - ${u.age * 1000}
        WHERE ${at}`,
      ...this.#ages(u).flatMap((age, i) => {
        const one = `(SELECT id FROM deployment WHERE ${at} ORDER BY number DESC
          LIMIT 1 OFFSET ${i})`;
        const back = age * 1000;
        return [`UPDATE step SET begun = begun - ${back}, ended = ended - ${back}
          WHERE deployment_id = ${one}`,
        `UPDATE deployment SET created = created - ${back},
          ended = ended - ${back} WHERE id = ${one}`];
      })];
    }).concat(
      `UPDATE volume_copy SET created = created - ${4 * DAY * 1000} - 600000 * id`,
      `UPDATE volume_content SET at = at - ${4 * DAY * 1000 + 3600000}`,
      `UPDATE operation SET created = created - ${4 * DAY * 1000},
        ended = ended - ${4 * DAY * 1000} WHERE ended IS NOT NULL`,
      `UPDATE health_check SET since = since - 9000000`));
  }

  #agePeople() {
    this.stack.authSql(`
      UPDATE account SET created = created - ${64 * DAY} - 86400 * length(email),
        last_seen = last_seen - 1400 * length(name) WHERE name <> 'noor';
      UPDATE project SET created = created - ${60 * DAY};
      UPDATE instance SET created = created - ${63 * DAY};
      UPDATE token SET created = created - ${34 * DAY},
        last_used = ${Math.floor(Date.now() / 1000)} - 1700 * length(name),
        last_used_from = '198.51.100.61' WHERE name <> 'demo';
      UPDATE session SET created = created - ${2 * DAY},
        last_used_from = '203.0.113.24', address = '203.0.113.24';`);
  }

  /** An hour of each, and seven of the one that is looked at closely. */
  #measure() {
    const now = Math.floor(Date.now() / 1000);
    keepMeasured(path.join(this.stack.dir, 'state'), fleet.map((u, n) => {
      const roll = dice(n + 7), values = [];
      let drift = 0;
      const spike = Math.floor(roll() * 3 * HOUR) + HOUR;
      const keep = (at, span) => {
        const day = Math.sin((at % DAY) / DAY * 2 * Math.PI - 1.2);
        drift = 0.96 * drift + (roll() - 0.5) * 0.16;
        const busy = Math.abs(now - at - spike) < 9 * MINUTE ? 2.4 : 1;
        const cpu = Math.max(0.1, u.cpu * (1 + 0.28 * day + drift +
          (roll() - 0.5) * 0.3) * busy);
        // It grows until it is collected.
        const memory = u.memory * (0.4 + 0.1 * ((at - now) % (47 * MINUTE) +
          47 * MINUTE) / (47 * MINUTE) + 0.004 * roll());
        values.push({ at, span, cpu, memory: memory * (1 << 20),
          faults: Math.max(0, 1 + (roll() - 0.5) * 0.8) * busy,
          rx: cpu * 240 * (0.9 + 0.2 * roll()), tx: cpu * 120 *
            (0.9 + 0.2 * roll()) });
      };
      const begun = u === fleet[0] ? 7 * HOUR : 70 * MINUTE;
      for (let at = now - begun; at < now; at += MINUTE) keep(at, MINUTE);
      return { place: [u.instance, u.project, u.name], device: 'service', values };
    }));
  }

  /** What it said: for some hours, more by day than by night. */
  #tell(u) {
    const roll = dice(u.memory + u.age), entries = [];
    const now = Date.parse(u.heard[0]?.time ?? new Date().toISOString());
    const notes = this.#ages(u).map((age, i, all) => ({ ms: now - age * 1000,
      number: all.length - i })).reverse();
    let seq = 0;
    const put = (ms, text, kind, deployment) => entries.push({ seq: ++seq, ms,
      text, kind, deployment });
    const span = Math.min(6 * HOUR * 1000, u.loops ? HOUR * 1000 : Infinity);
    for (let ms = now - span; ms < now - 500;) {
      const next = ms + 400 + roll() * 4000;
      for (const { ms: at, number } of notes)
        if (at >= ms && at < next && !u.loops)
          put(at, `deployment ${number} began`, 'deployment', number);
      const lines = says[u.kind];
      put(Math.floor(ms), lines[Math.floor(roll() * lines.length)]);
      ms = next;
    }
    for (const { time, text } of u.heard) put(Date.parse(time), text);
    keepLog(path.join(this.stack.dir, 'state'),
      `${u.instance}/${u.project}/${u.name}`, entries);
  }

  stop() {
    return this.stack.stop();
  }
}

// SPDX-License-Identifier: ISC
//
// What is built here: jobs, and all that a build of one consists of. The bytes
// of a build follow from its job, number and platform alone, so that digests
// and uuids outlive a restart.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

export const platforms = ['debian-12', 'freebsd-14'];
const DAY = 86400000;
const PAD = 98304;
const ABI = { hvt: 2, spt: 2, xen: 1 };

const service = { name: 'service', type: 'NET_BASIC' };
const storage = { name: 'storage', type: 'BLOCK_BASIC' };

/**
 * The kinds of a build: good and bad are what its image answers to HTTP;
 * device is good and needs a volume more, as all that follow it do; same has
 * the binary of the build before; failed has none; bare lacks what comparisons
 * need; other is no unikernel.
 */
export const kinds = ['good', 'bad', 'device', 'same', 'failed', 'bare',
  'other'];

/** What a web server of here prints. */
const requests = ['GET /index.html 200 3.1 ms', 'GET /css/site.css 200 0.6 ms',
  'GET /img/harbour.webp 200 4.8 ms', 'GET /news/opening-hours 200 5.2 ms',
  'GET /favicon.ico 304 0.3 ms', 'POST /contact 303 12.4 ms',
  'GET /feed.atom 200 2.2 ms', 'GET /search?q=tide 200 31.0 ms']
  .map((line) => `\u001b[32m[INFO]\u001b[0m \u001b[2mhttp\u001b[0m ${line}`);

/**
 * builds: [kind, days ago]; on one platform unless told. says: what its
 * unikernels print, instead of counting.
 */
const jobs = [
  { name: 'web', section: 'Unikernels', target: 'spt', devices: [service],
    synopsis: 'A web server that says who it is', platforms, says: requests,
    builds: [['good', 12.3], ['good', 2.1], ['failed', 1.1]] },
  { name: 'shop', section: 'Unikernels', target: 'spt', devices: [service],
    synopsis: 'A shop; its latest build does not open', says: requests,
    builds: [['good', 9.2], ['bad', 1.4]] },
  { name: 'vault', section: 'Unikernels (with metrics reported to Influx)',
    target: 'spt', devices: [service], duniverse:
      "opam switch export doesn't contain the main package",
    synopsis: 'Keeps secrets; since its second build on a volume',
    builds: [['good', 20.6], ['device', 3.5]] },
  { name: 'steady', section: 'Unikernels', target: 'hvt', devices: [],
    synopsis: 'Prints a greeting \u0007 every second, always the same',
    builds: [['good', 60], ['same', 50], ['same', 40]] },
  { name: 'a+b', section: 'Unikernels', target: 'spt', devices: [],
    synopsis: 'Adds two numbers', builds: [['bare', 8], ['good', 4]] },
  { name: 'qubes-firewall', section: 'Unikernels', target: 'xen', devices: [],
    synopsis: 'A firewall for QubesOS', builds: [['good', 5]] },
  { name: 'albatross', section: 'Packages', suffix: 'deb',
    synopsis: 'Albatross - orchestrate and manage MirageOS unikernels',
    builds: [['other', 6], ['other', 1]] },
  { name: 'experiment', section: 'Uncategorized', synopsis: null,
    builds: [['other', 7]] },
  { name: 'broken', section: 'Uncategorized', synopsis: 'Never built yet',
    builds: [['failed', 2], ['failed', 1]] },
];

export const sha256 = (data) => createHash('sha256').update(data).digest();

function uuidOf(text) {
  const hex = sha256(text).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16),
    hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

/** What a build was made from: name to version, or to value. */
function facts(job, number, platform, start) {
  const after = (n, then, before) => number > n ? then : before;
  const host = platform.startsWith('debian') ? {
    'ca-certificates': '20230311', gcc: '4:12.2.0-3',
    'libseccomp-dev': after(1, '2.5.4-1+deb12u1', '2.5.4-1+b3'),
    ...after(1, { zstd: '1.5.4+dfsg2-5' }, { 'libedit2': '3.1-20221030-2' }),
  } : {
    'ca_root_nss': '3.104', gmake: after(1, '4.4.1_1', '4.4.1'),
    gmp: after(1, '6.3.0_1', '6.3.0'),
    ...after(1, { zstd: '1.5.7' }, { libedit: '3.1.20251016,1' }),
  };
  const sources = (name, version) => ({
    url: `https://sources.example.org/${name}/${name}-${version}.tbz`,
    hash: version });
  return {
    environment: {
      HOME: '/home/builder', OPAMCONFIRMLEVEL: 'unsafe-yes',
      SOURCE_DATE_EPOCH: String(start / 1000),
      ...after(1, { OPAMJOBS: '8' }, { OPAMROOTISOK: '' }),
    },
    system: host,
    opam: {
      dune: '3.20.2', logs: '0.9.0', lwt: '5.9.2', mirage: '4.10.3',
      'mirage-crypto': after(1, '2.1.0', '2.0.2'), ocaml: '4.14.2',
      solo5: '0.10.1', tcpip: '9.0.1', x509: '1.0.6',
      tls: after(1, `2.1.${number - 2}`, '2.0.4'),
      ...after(1, { 'mirage-block': '3.0.2', oneffs: '1.0.0' },
        { rresult: '0.7.0' }),
    },
    /** The opam files that are not the same in every build. */
    files: { solo5: ['opam-version: "2.0"', 'maintainer: "mirage"',
      'depends: [', '  "conf-pkg-config" {build & os = "linux"}',
      '  "conf-libseccomp" {build & os = "linux"}',
      ...after(1, ['  "ocaml" {>= "4.14.0"}'], []),
      ']', 'conflicts: [', '  "ocaml-freestanding"', ']'] },
    duniverse: job.duniverse ?? {
      'mirage-crypto': sources('mirage-crypto', after(1, '2.1.0', '2.0.2')),
      'ocaml-tls': sources('tls', after(1, `2.1.${number - 2}`, '2.0.4')),
      logs: sources('logs', '0.9.0'),
      ...after(1, { oneffs: sources('oneffs', '1.0.0') },
        { rresult: sources('rresult', '0.7.0') }),
    },
  };
}

const listed = (object) => Object.entries(object)
  .map(([name, value]) => `${name}=${value}\n`).join('');

/** Builds of all jobs; what was published is kept in dir. */
export class Jobs {
  constructor(dir, mkimage) {
    this.dir = path.join(dir, 'images');
    this.mkimage = mkimage;
    this.file = path.join(dir, 'published.json');
    this.jobs = jobs.map((job) => ({ platforms: [platforms[0]], suffix:
      job.target ?? 'bin', ...job, history: [] }));
    this.builds = [];
    fs.mkdirSync(this.dir, { recursive: true });
    this.state = fs.existsSync(this.file) ?
      JSON.parse(fs.readFileSync(this.file, 'utf8')) :
      { since: Math.floor(Date.now() / 1000) * 1000, published: [] };
    for (const job of this.jobs)
      for (const [kind, days] of job.builds)
        this.#add(job, kind, this.state.since - days * DAY, job.platforms);
    for (const { name, kind, at, on } of this.state.published)
      this.#add(this.find(name), kind, at, on);
    this.#save();
  }

  find(name) {
    return this.jobs.find((job) => job.name === name);
  }

  /** The builds of a job, newest first. */
  of(name, platform) {
    return this.builds.filter((build) => build.job.name === name &&
      (platform === undefined || build.platform === platform))
      .sort((a, b) => b.start - a.start);
  }

  /** One more build, on one platform or all of the job: the uuids. */
  publish(name, kind, platform) {
    const job = this.find(name);
    if (job === undefined) throw new Error(`no job ${name}`);
    if (!kinds.includes(kind)) throw new Error(`no kind ${kind}`);
    const on = platform === undefined ? job.platforms : [platform];
    // Later than all there is, and some minutes ago, as builds take.
    const at = Math.max(Math.floor(Date.now() / 1000) * 1000 - 600000,
      ...this.of(name).map((build) => build.start + 1000));
    this.state.published.push({ name, kind, at, on });
    const added = this.#add(job, kind, at, on, 1000);
    this.#save();
    return added.map((build) => build.uuid);
  }

  #save() {
    fs.writeFileSync(`${this.file}.new`, JSON.stringify(this.state));
    fs.renameSync(`${this.file}.new`, this.file);
  }

  #add(job, kind, at, on) {
    job.history.push(kind);
    return on.map((platform, i) => {
      const build = this.#build(job, kind, at + i * 1000, platform);
      this.builds.push(build);
      return build;
    });
  }

  #build(job, kind, start, platform) {
    const number = job.history.filter((one) => one !== 'failed').length;
    const made = facts(job, number, platform, start);
    const artifacts = new Map([['build-environment', listed(made.environment)]]);
    if (kind !== 'failed' && kind !== 'bare') {
      artifacts.set('system-packages', listed(made.system));
      artifacts.set('opam-switch', JSON.stringify({ installed: made.opam }));
    }
    const build = { job, kind, number, platform, start, artifacts,
      uuid: uuidOf(`${job.name} ${job.history.length} ${platform}`), ...made,
      finish: start + 420000 + number * 7000,
      console: `0.013s:building ${job.name}\n431.1s:done\n` };
    if (kind !== 'failed') {
      build.filename = `${job.name}.${job.suffix}`;
      build.binary = this.#binary(build);
      artifacts.set(`bin/${build.filename}`, build.binary);
    }
    for (const [name, data] of artifacts)
      artifacts.set(name, Buffer.from(data));
    if (build.binary) build.hash = sha256(build.binary).toString('hex');
    return build;
  }

  /** The bytes; a unikernel gets its manifest on the way. */
  #binary(build) {
    const { job, kind, number, platform } = build;
    if (kind === 'other')
      return Buffer.from(`!<arch>\n${job.name} ${number} ${platform}\n`);
    build.devices = job.history.includes('device') ?
      [...job.devices, storage] : job.devices;
    build.target = job.target;
    build.abi = ABI[job.target];
    if (kind === 'same')
      return this.of(job.name, platform).find((old) => old.binary).binary;
    const file = path.join(this.dir, `${job.name}-${number}-${platform}`);
    const answer = kind === 'bad' ? `503:${job.name} ${number} is broken` :
      `200:${job.name} ${number}`;
    execFileSync(this.mkimage, ['--target', job.target, '--abi',
      String(build.abi), '--http', answer, '--pad',
      String(PAD + platforms.indexOf(platform)),
    ...job.says ? ['--says', job.says.join('\n')] : [], ...build.devices.flatMap(
        ({ name, type }) => [type === 'NET_BASIC' ? '--net' : '--block', name]),
      file]);
    return fs.readFileSync(file);
  }
}

// SPDX-License-Identifier: ISC
// The deploy form as one request, and requests as curl lines to copy.
import { numberOf } from './format';
import type { Manifest } from './image';

export interface Form {
  project: string;
  instance: string;
  name: string;
  memory: string;
  cpus: number[];
  args: string[];
  restart: boolean;
  /** Exit codes on which it is restarted; none: on any failure. */
  exits: string;
  startup: string;
  addName: boolean;
  /** Bridge or volume by device name; behind "@" a MAC or a sector size. */
  hosts: Record<string, string>;
  /** A health check as an address, "" for the one that is kept. */
  check: string;
  autoRollback: boolean;
}

const codes = (form: Form) => (form.restart ? form.exits.split(/[\s,]+/)
  .filter(Boolean) : []);

/** The configuration as the query of the one request. */
export function queryOf(form: Form, manifest: Manifest | undefined):
[string, string][] {
  const query: [string, string][] = [['memory', form.memory]];
  for (const cpu of form.cpus) query.push(['cpu', String(cpu)]);
  for (const arg of form.args) query.push(['arg', arg]);
  if (form.restart) query.push(['fail_behaviour', 'restart']);
  for (const code of codes(form)) query.push(['exit_code', code]);
  if (!form.addName) query.push(['add_name', 'false']);
  if (form.startup !== '') query.push(['startup', form.startup]);
  for (const { name, type } of manifest?.devices ?? []) {
    const host = form.hosts[name];
    query.push([type === 'net' ? 'network' : 'volume',
      host ? `${name}:${host.startsWith('@') ? name + host : host}` : name]);
  }
  return [...query, ...optionsOf(form)];
}

/** How the deployment is gone about. */
export function optionsOf(form: Form): [string, string][] {
  return [
    ...(form.check ? [['check', form.check] as [string, string]] : []),
    ...(form.autoRollback ? [] : [['auto_rollback', 'false'] as [string, string]]),
  ];
}

/** The configuration as JSON; what is no number is told by the server. */
export function configOf(form: Form, manifest: Manifest | undefined) {
  const of = (kind: 'net' | 'block') => (manifest?.devices ?? [])
    .filter((d) => d.type === kind).map(({ name }) => {
      const [host = '', more] = (form.hosts[name] ?? '').split('@');
      return { name, host, more };
    });
  return {
    memory: numberOf(form.memory), arguments: form.args, add_name: form.addName,
    ...(form.cpus.length > 0 && { cpus: form.cpus }),
    fail_behaviour: form.restart ? 'restart' : 'quit',
    ...(form.restart && { exit_codes: codes(form).map(numberOf) }),
    ...(form.startup !== '' && { startup: numberOf(form.startup) }),
    networks: of('net').map(({ name, host, more }) => ({ name,
      ...(host && { bridge: host }), ...(more && { mac: more }) })),
    volumes: of('block').map(({ name, host, more }) => ({ name,
      ...(host && { volume: host }), ...(more && { sector_size: numberOf(more) }) })),
  };
}

/** One word of a POSIX shell. */
export function quote(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word :
    `'${word.replaceAll("'", "'\\''")}'`;
}

const bearer = '-H "Authorization: Bearer $MOLLYMAWK_TOKEN"';

export function queryText(query: [string, string][]): string {
  return query.map(([key, value]) =>
    `${key}=${encodeURIComponent(value)}`).join('&');
}

function putLine(url: string, file: string, header = ''): string {
  // curl -T would take a file named like an option or "-" for something else.
  const path = file.startsWith('-') ? `./${file}` : file;
  return `curl -fsS${header && ` -H '${header}'`} -T ${quote(path)} ${bearer} ` +
    quote(url);
}

function unikernelUrl(origin: string, instance: string, project: string,
  name: string): string {
  return `${origin}/api/v1/unikernels/${instance || 'INSTANCE'}/` +
    `${project || 'PROJECT'}/${name || 'NAME'}`;
}

function jsonLine(method: string, url: string, json: unknown): string {
  return `curl -fsS -X ${method} ${bearer} -H 'Content-Type: application/json' ` +
    `-d ${quote(JSON.stringify(json))} ${quote(url)}`;
}

export function postLine(origin: string, path: string, json: unknown): string {
  return jsonLine('POST', `${origin}/api/v1${path}`, json);
}

export function putJsonLine(origin: string, path: string, json: unknown): string {
  return jsonLine('PUT', `${origin}/api/v1${path}`, json);
}

/** Uploads an image unless it is there. */
export function imageLines(origin: string, project: string,
  file = 'app.hvt'): string {
  const at = `${origin}/api/v1/images`;
  return [`sha=$(sha256sum ${quote(file)} | cut -c1-64)`,
    `curl -fsSI -o /dev/null ${bearer} "${at}/$sha?project=${project}" ||`,
    `  curl -fsS --data-binary @${quote(file)} ` +
    "-H 'Content-Type: application/octet-stream' " +
    `${bearer} "${at}?project=${project}"`].join('\n');
}

export function deployLine(origin: string, form: Form, file: string,
  manifest: Manifest | undefined): string {
  const url = unikernelUrl(origin, form.instance, form.project, form.name);
  return putLine(`${url}?${queryText([...queryOf(form, manifest),
    ['wait', '60']])}`, file);
}

/** Where nginx has the unikernel to try things with. */
export const samplePath = '/sample/hello.spt';

/** A deploy as it stands in documentation: what is not known is in capitals. */
export function sampleLine(origin: string, project: string, instance = '',
  name = '', file = 'app.hvt'): string {
  return putLine(`${unikernelUrl(origin, instance, project, name)}?memory=32&wait=60`,
    file);
}

export function getLine(origin: string, path: string, flags = '-fsS'): string {
  return `curl ${flags} ${bearer} ${quote(`${origin}/api/v1${path}`)}`;
}

/** What jq makes of a program, of files perhaps, is sent as JSON. */
function jqLine(program: string[], files: string[], send: string): string {
  const words = ['jq -n', ...files.map((file) => `--rawfile ${file}`),
    quote(program.join('\n    '))];
  return `${words.join(' \\\n  ')} |\n  ${send}`;
}

function addLine(origin: string, fields: string[], serverCa: boolean): string {
  const files = ['certificate ca.pem', 'key ca.key',
    ...(serverCa ? ['server_ca server-ca.pem'] : [])];
  const names = files.map((file) => `$${file.split(' ')[0]}`);
  return jqLine([`{${fields.join(',\n    ')},`, `${names.join(', ')}}`], files,
    `curl -fsS --json @- ${bearer} \\\n  ${origin}/api/v1/instances`);
}

/** Adds an instance whose CA is in files, and perhaps that of its server. */
export function instanceLine(origin: string, fields: Record<string, unknown>,
  serverCa: boolean): string {
  return addLine(origin, Object.entries(fields).map(([key, value]) =>
    `${key}: ${JSON.stringify(value)}`), serverCa);
}

/** The same of one that the environment tells. */
export function firstInstanceLine(origin: string): string {
  return addLine(origin, ['name: "albatross"', 'host: env.ALBATROSS_HOST',
    'port: (env.ALBATROSS_PORT // "1025" | tonumber)'], false);
}

/** Gets the unikernel that comes with this site, and deploys it. */
export function firstDeployLine(origin: string, project: string,
  instance: string): string {
  return `curl -fsSO ${origin}${samplePath}\n` +
    sampleLine(origin, project, instance, 'hello', 'hello.spt');
}

/** Makes a token, for which one signs in, and out again. */
export function tokenLine(origin: string, email: string, token: unknown): string {
  const from = `-H ${quote(`Origin: ${origin}`)}`;
  const session = `${origin}/api/v1/session`;
  return [jqLine([`{email: ${JSON.stringify(email)}, ` +
    'password: env.MOLLYMAWK_PASSWORD} +',
  'if env.MOLLYMAWK_CODE then {otp: env.MOLLYMAWK_CODE} else {} end'], [],
  `curl -fsS -o /dev/null -c cookies ${from} \\\n  --json @- ${session}`),
  `curl -fsS -b cookies ${from} \\`, `  --json ${quote(JSON.stringify(token))} \\`,
  `  ${origin}/api/v1/tokens | jq -r .secret`,
  `curl -fsS -b cookies ${from} \\\n  -X DELETE ${session} && rm cookies`]
    .join('\n');
}

/** Stores the value that stands in $VALUE, whatever is in it. */
export function secretLine(origin: string, path: string): string {
  return `printf %s "$VALUE" | jq -Rs '{value: .}' |\n` +
    `  curl -fsS -X PUT --json @- ${bearer} \\\n  ${origin}/api/v1${path}`;
}

/** Sends a file to a volume; what is compressed says how much there is in it. */
export function uploadLine(origin: string, path: string, file = 'disk.img',
  size?: number, query: [string, string][] = []): string {
  const all: [string, string][] = size === undefined ? query :
    [['size', String(size)], ...query];
  return putLine(`${origin}/api/v1${path}/data` +
    (all.length > 0 ? `?${queryText(all)}` : ''), file,
  size === undefined ? '' : 'Content-Encoding: gzip');
}

export function downloadLine(origin: string, path: string, file: string): string {
  return `curl -fS ${bearer} -o ${quote(file)} ${quote(`${origin}/api/v1${path}`)}`;
}

/**
 * What tells Prometheus to ask a site. "instance" is an albatross server there,
 * which it would give another name.
 */
export function scrapeConfig({ host, protocol }: Pick<Location, 'host' |
  'protocol'>): string {
  return ['scrape_configs:', '  - job_name: mollymawk',
    `    scheme: ${protocol.slice(0, -1)}`, '    honor_labels: true',
    '    authorization:',
    '      credentials_file: /etc/prometheus/mollymawk-token',
    '    static_configs:', `      - targets: ['${host}']`].join('\n');
}

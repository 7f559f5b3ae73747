// SPDX-License-Identifier: ISC
// The deploy form as one request, and requests as curl lines to copy.
import type { Manifest } from './image';

export interface Form {
  project: string;
  instance: string;
  name: string;
  memory: string;
  cpus: number[];
  args: string[];
  restart: boolean;
  startup: string;
  /** Bridge or volume by device name. */
  hosts: Record<string, string>;
}

/** The configuration as the query of the one request. */
export function queryOf(form: Form, manifest: Manifest | undefined):
[string, string][] {
  const query: [string, string][] = [['memory', form.memory]];
  for (const cpu of form.cpus) query.push(['cpu', String(cpu)]);
  for (const arg of form.args) query.push(['arg', arg]);
  if (form.restart) query.push(['fail_behaviour', 'restart']);
  if (form.startup !== '') query.push(['startup', form.startup]);
  for (const { name, type } of manifest?.devices ?? []) {
    const host = form.hosts[name];
    query.push([type === 'net' ? 'network' : 'volume',
      host ? `${name}:${host}` : name]);
  }
  return query;
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

function putLine(url: string, file: string): string {
  // curl -T would take a file named like an option or "-" for something else.
  const path = file.startsWith('-') ? `./${file}` : file;
  return `curl -fsS -T ${quote(path)} ${bearer} ${quote(url)}`;
}

function unikernelUrl(origin: string, instance: string, project: string,
  name: string): string {
  return `${origin}/api/v1/unikernels/${instance || 'INSTANCE'}/` +
    `${project || 'PROJECT'}/${name || 'NAME'}`;
}

export function deployLine(origin: string, form: Form, file: string,
  manifest: Manifest | undefined): string {
  const url = unikernelUrl(origin, form.instance, form.project, form.name);
  return putLine(`${url}?${queryText(queryOf(form, manifest))}`, file);
}

/** A deploy as it stands in documentation: what is not known is in capitals. */
export function sampleLine(origin: string, project: string, instance = '',
  name = '', file = 'app.hvt'): string {
  return putLine(`${unikernelUrl(origin, instance, project, name)}?memory=32`,
    file);
}

export function getLine(origin: string, path: string, flags = '-fsS'): string {
  return `curl ${flags} ${bearer} ${quote(`${origin}/api/v1${path}`)}`;
}

/** Uploads an image where the store does not have it yet, then deploys it. */
export function uploadLines(origin: string, project: string): string {
  const images = `${origin}/api/v1/images`;
  const query = `?project=${project || 'PROJECT'}`;
  const url = unikernelUrl(origin, '', project, '');
  return `sha=$(sha256sum app.hvt | cut -d' ' -f1)\n` +
    `curl -fsSI -o /dev/null ${bearer} "${images}/$sha${query}" ||\n` +
    `  curl -fsS -X POST -T app.hvt ${bearer} \\\n` +
    `    "${images}${query}"\n` +
    `curl -fsS -X PUT --json "{\\"image\\":\\"$sha\\"}" ${bearer} \\\n` +
    `  "${url}?wait=60"`;
}

// SPDX-License-Identifier: ISC
// The only place that asks the server: JSON in and out, problems as errors,
// one quiet renewal of an expired session shared by all that wait for it.
import { signal as signalOf } from '@preact/signals';
import { fieldMessage, otherErrors, type FieldError } from './lib/problem';
import type { components } from './schema';
import * as text from './text/api';
import { confirmation, mustEnrol, sessionEnded, sessionRenewed }
  from './store/session';

type Schemas = components['schemas'];
export type Session = Schemas['Session'];
export type SecondFactor = Schemas['SecondFactor'];
export type Otp = Schemas['Otp'];
export type Passkey = Schemas['Passkey'];
export type PasskeyMade = Schemas['PasskeyMade'];
export type PasskeyAnswer = Schemas['PasskeyAnswer'];
export type PasskeyBegin = Schemas['PasskeyBegin'];
export type PasskeyChallenge = Schemas['PasskeyChallenge'];
export type Unikernel = Schemas['Unikernel'];
export type UnikernelList = Schemas['UnikernelList'];
export type UnikernelConfig = Schemas['UnikernelConfig'];
export type Deployment = Schemas['Deployment'];
export type Image = Schemas['Image'];
export type HealthCheck = Schemas['HealthCheck'];
export type UnikernelHealth = Schemas['UnikernelHealth'];
export type Change = Schemas['Change'];
export type Project = Schemas['Project'];
export type Member = Schemas['Member'];
export type Policy = Schemas['Policy'];
export type GivenPolicy = Schemas['GivenPolicy'];
export type ProjectPolicy = Schemas['ProjectPolicy'];
export type Amount = Schemas['Amount'];
export type Usage = Schemas['Usage'];
export type Health = Schemas['Health'];
export type Instance = Schemas['Instance'];
export type InstanceHistory = Schemas['InstanceHistory'];
export type InstanceLeaves = Schemas['InstanceLeaves'];
export type Capacity = Schemas['Capacity'];
export type Token = Schemas['Token'];
export type Secret = Schemas['Secret'];
export type Device = Schemas['Device'];
export type Build = Schemas['Build'];
export type Builder = Schemas['Builder'];
export type BuilderSettings = Schemas['BuilderSettings'];
export type JobList = Schemas['JobList'];
export type JobSummary = Schemas['JobSummary'];
export type Job = Schemas['Job'];
export type Update = Schemas['Update'];
export type UpdateRule = Schemas['UpdateRule'];
export type UpdateWindow = Schemas['UpdateWindow'];
export type Comparison = Schemas['Comparison'];
export type ComparisonSide = Schemas['ComparisonSide'];
export type PackageChanges = Schemas['PackageChanges'];
export type MailSettings = Schemas['MailSettings'];
export type WebhookSettings = Schemas['WebhookSettings'];
export type Notifications = Schemas['Notifications'];
export type BulkUpdate = Schemas['BulkUpdate'];
export type BulkUpdateItem = Schemas['BulkUpdateItem'];
export type Problem = Schemas['Problem'];
export type AuditRow = Schemas['AuditRow'];
export type Me = Schemas['Me'];
/** What a stranger may do. */
export type AccountRules = Schemas['AccountsStatus'];
export type Joined = Schemas['AccountNext'];
export type Verified = Schemas['AccountVerified'];
export type Invited = Schemas['InvitationSeen'];
export type Registration = Schemas['Registration'];
export type Invitation = Schemas['Invitation'];
export type InvitationMade = Schemas['InvitationMade'];
export type Role = Schemas['Role'];
export type User = Schemas['Person'];
export type UserState = Schemas['UserState'];
export type Leaves = Schemas['UserLeaves'];
export type RetiredName = Schemas['RetiredName'];
export type MySession = Schemas['MySession'];
export type Alert = Schemas['Alert'];
export type Metrics = Schemas['UnikernelMetrics'];
export type Operation = Schemas['Operation'];
export type Copy = Schemas['Copy'];
export type CopySettings = Schemas['CopySettings'];
export type Place = Schemas['CopyPlace'];
export type Schedule = Schemas['CopySchedule'];
export type Volume = Schemas['Volume'];
export type Content = Schemas['VolumeOutcome'];
export type VolumeList = Schemas['VolumeList'];
/** What it uses: per cent of a CPU, bytes, bytes a second. */
export type Sample = Schemas['UnikernelMetricsNow'];
export type Sparklines = Schemas['Sparklines'];
export type Log = Schemas['Log'];
export type LogEntry = Schemas['LogEntry'];
export type VolumeQuota = VolumeList['quotas'][number];

const base = '/api/v1';

/** What the server said against it. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title);
  }

  field(name: string): string | undefined {
    return fieldMessage(this.problem.errors, name);
  }

  /** What it says beside the fields of the form; all of it without any. */
  beside(names: string[]): FieldError[] {
    return otherErrors(this.problem.errors, names);
  }
}

/** What was said against one field. */
export const fieldError = (error: Error | null, name: string) =>
  (error instanceof ProblemError ? error.field(name) : undefined);

export const isMissing = (error: unknown) =>
  error instanceof ProblemError && error.problem.status === 404;

/** What was asked for, or that instead where it is not there. */
export const unlessMissing = <T, M>(asked: Promise<T>, instead: M) =>
  asked.catch((e: unknown): M => {
    if (isMissing(e)) return instead;
    throw e;
  });

export const hasCode = (error: unknown, code: string) =>
  error instanceof ProblemError && error.problem.code === code;

/** Of the link in a mail: it was used, or its time is over. */
export const isOver = (error: unknown) => hasCode(error, 'link-over');

/** The session ended; another 401 is about a password or a code. */
const isEnded = (error: ProblemError) => hasCode(error, 'unauthenticated') ||
  hasCode(error, 'credential-expired');

function unreachable(): ProblemError {
  return new ProblemError({
    type: 'about:blank', title: text.unreachable, status: 503,
    code: 'unreachable', request_id: '', detail: text.unreachableWhy,
  });
}

function problemOf(status: number, body: string): ProblemError {
  try {
    const problem = JSON.parse(body) as Problem;
    if (typeof problem.code === 'string') return new ProblemError(problem);
  } catch { /* not ours: told below */ }
  return new ProblemError({
    type: 'about:blank', title: text.answered(status), status,
    code: 'unknown', request_id: '',
  });
}

let renewal: Promise<boolean> | undefined;

/** Renews the session once for all who ask meanwhile; false: sign in again. */
function renew(): Promise<boolean> {
  renewal ??= fetch(`${base}/session/refresh`, { method: 'POST' })
    .then(async (reply) => {
      if (reply.ok) sessionRenewed(await reply.json() as Session);
      return reply.ok;
    })
    .catch(() => false)
    .finally(() => { renewal = undefined; });
  return renewal;
}

async function send(method: string, path: string, json?: unknown,
  signal?: AbortSignal): Promise<Response> {
  const options: RequestInit = { method, signal: signal ?? null };
  if (json !== undefined) {
    options.headers = { 'content-type': 'application/json' };
    options.body = JSON.stringify(json);
  }
  try {
    return await fetch(base + path, options);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw unreachable();
  }
}

/** Counts what was asked to change something: who shows that looks again. */
export const changes = signalOf(0);

// One renewal, one signing in again, one confirmation, and no more than these.
const ATTEMPTS = 4;

/** Does something about a refusal, perhaps with the person: ask again? */
async function mend(problem: ProblemError, first: boolean): Promise<boolean> {
  if (hasCode(problem, 'confirmation-needed')) return confirmation();
  if (hasCode(problem, 'second-factor-required')) mustEnrol();
  if (!isEnded(problem)) return false;
  return first && await renew() || sessionEnded();
}

/**
 * Asks; renews an expired session and asks again; waits for the person to
 * sign in again where that fails, or to confirm who they are where that is
 * asked for, so that nothing typed is lost.
 */
export async function ask<T>(method: string, path: string, json?: unknown,
  signal?: AbortSignal): Promise<T> {
  if (method !== 'GET') changes.value++;
  for (let attempt = 1; ; attempt++) {
    const reply = await send(method, path, json, signal);
    const text = await reply.text();
    if (reply.ok) return (text === '' ? undefined : JSON.parse(text)) as T;
    const problem = problemOf(reply.status, text);
    if (attempt === ATTEMPTS || !await mend(problem, attempt === 1)) throw problem;
  }
}

export const get = <T>(path: string, signal?: AbortSignal) =>
  ask<T>('GET', path, undefined, signal);

/** A page of a list. */
export interface List<T> { items: T[]; next: string | null }

const PAGES = 20;

/**
 * All items of a paged list, or those of its first pages, and what comes next;
 * the other parts are those of the first page.
 */
export async function getAll<T extends List<unknown>>(path: string,
  signal?: AbortSignal, pages = PAGES): Promise<T> {
  const all = await get<T>(path, signal);
  for (let page = 1; all.next !== null && page < pages; page++) {
    const { items, next } = await get<T>(`${path}${
      path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(all.next)}`, signal);
    all.items.push(...items);
    all.next = next;
  }
  return all;
}

/** The projects in which one may deploy. */
export async function getProjects(): Promise<Project[]> {
  const { items } = await getAll<List<Project>>('/projects');
  return items.filter((p) => p.role !== 'viewer');
}

/** Asks without troubling anybody to sign in; null: nobody is. */
export async function glance<T>(path: string): Promise<T | null> {
  for (const last of [false, true]) {
    const reply = await send('GET', path);
    if (reply.ok) return await reply.json() as T;
    if (reply.status !== 401)
      throw problemOf(reply.status, await reply.text());
    if (last || !await renew()) return null;
  }
  return null;
}

/** The session, after a renewal if one is due; null: nobody signed in. */
export const currentSession = () => glance<Session>('/session');

/** Makes sure the session lives for a while, for streams and uploads. */
export async function freshen(): Promise<void> {
  await get<Session>('/session');
}

/** A file that comes with the pages. */
export async function getFile(path: string): Promise<File> {
  const reply = await fetch(path).catch(() => { throw unreachable(); });
  if (!reply.ok) throw problemOf(reply.status, '');
  return new File([await reply.blob()], path.slice(path.lastIndexOf('/') + 1));
}

export interface Upload<T> {
  done: Promise<T>;
  /** Fails it for that reason, or as stopped. */
  abort: (why?: Error) => void;
}

/** PUTs the parts of a form, or a file, with progress (bytes sent so far). */
export function upload<T>(path: string, body: FormData | Blob,
  progress: (sent: number) => void, encoding?: 'gzip'): Upload<T> {
  const xhr = new XMLHttpRequest();
  let stopped: Error | undefined;
  const done = freshen().then(() => new Promise<T>((resolve, reject) => {
    if (stopped) throw stopped;
    xhr.open('PUT', base + path);
    if (body instanceof Blob)
      xhr.setRequestHeader('Content-Type', 'application/octet-stream');
    if (encoding) xhr.setRequestHeader('Content-Encoding', encoding);
    xhr.upload.onprogress = (event) => progress(event.loaded);
    xhr.onload = () => {
      if (xhr.status < 300) resolve(JSON.parse(xhr.responseText) as T);
      else reject(problemOf(xhr.status, xhr.responseText));
    };
    xhr.onerror = () => reject(unreachable());
    xhr.onabort = () => reject(stopped);
    xhr.send(body);
    changes.value++;
  }));
  const abort = (why?: Error) => {
    stopped = why ?? new DOMException(text.stopped, 'AbortError');
    xhr.abort();
  };
  return { done, abort };
}

/** What tells one unikernel from all others. */
export type UnikernelName = Pick<Unikernel, 'instance' | 'project' | 'name'>;

export function unikernelPath(u: UnikernelName, rest = ''): string {
  return `/unikernels/${u.instance}/${u.project}/${u.name}${rest}`;
}

/** What tells one volume from all others. */
export type VolumeName = Pick<Volume, 'instance' | 'project' | 'name'>;

export function volumePath(v: VolumeName, rest = ''): string {
  return `/volumes/${v.instance}/${v.project}/${v.name}${rest}`;
}

/** The address of what the browser itself asks for: streams, downloads. */
export const streamUrl = (path: string) => base + path;

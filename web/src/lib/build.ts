// SPDX-License-Identifier: ISC
// Builds of builders in words and addresses.
import type { Build, UpdateRule } from '../api';
import { dayMinute } from './format';

/** What names a build: the one on its page here, and in requests. */
export type BuildName = Pick<Build, 'builder' | 'job' | 'build'>;

export const buildName = ({ builder, job, build }: BuildName): BuildName =>
  ({ builder, job, build });

export function sameBuild(a: BuildName | null | undefined,
  b: BuildName | null | undefined): boolean {
  return !!a && !!b && a.build === b.build && a.job === b.job &&
    a.builder === b.builder;
}

/** "12 Nov 2026, 03:10", or the id where the time is not known. */
export function buildTime(b: { build: string; started_at: string | null }): string {
  return b.started_at ? dayMinute(b.started_at) : b.build.slice(0, 8);
}

/** One line of a list of builds. */
export function buildText(b: Build, latest: boolean): string {
  return buildTime(b) + (latest ? ' (latest)' : '');
}

/** The path of the jobs of a builder, or of one of them. */
export function jobsPath(builder: string, job = '', platform = ''): string {
  return `/builders/${builder}/jobs` + (job && `/${encodeURIComponent(job)}`) +
    (platform && `?platform=${encodeURIComponent(platform)}`);
}

const results: Record<NonNullable<UpdateRule['last']>['result'], string> = {
  running: 'it runs', 'rolled-back': 'it was rolled back',
  failed: 'it failed', refused: 'it was refused',
  started: 'it was begun', waiting: 'it is tried again',
};

export function resultText(last: NonNullable<UpdateRule['last']>): string {
  return results[last.result] + (last.detail ? `: ${last.detail}` : '');
}

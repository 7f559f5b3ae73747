// SPDX-License-Identifier: ISC
// Builds of builders in words and addresses.
import type { Build, UpdateRule } from '../api';
import * as text from '../text/build';
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
  return latest ? text.latest(buildTime(b)) : buildTime(b);
}

/** The path of the jobs of a builder, or of one of them. */
export function jobsPath(builder: string, job = '', platform = ''): string {
  return `/builders/${builder}/jobs` + (job && `/${encodeURIComponent(job)}`) +
    (platform && `?platform=${encodeURIComponent(platform)}`);
}

export function resultText(last: NonNullable<UpdateRule['last']>): string {
  const what = text.result[last.result];
  return last.detail ? text.because(what, last.detail) : what;
}

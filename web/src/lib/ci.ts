// SPDX-License-Identifier: ISC
// A deploy with a token, as the CI systems write it. What is not known is in
// capitals.
import * as text from '../text/ci';
import { sampleLine } from './curl';

export type Ci = 'github' | 'gitlab' | 'forgejo' | 'curl';

/** What they are called, in the order they are offered. */
export const ciNames = Object.entries(text.names) as [Ci, string][];

/** Where the secret goes; the pipelines below take it from there. */
export const ciSecret: Record<Ci, string> = text.secret;

export interface Deploy {
  origin: string;
  project: string;
  instance: string;
}

const build = 'make # or what else builds dist/app.hvt';

function actions(line: string, runner: string): string {
  return `name: deploy
on:
  push:
    branches: [main]
jobs:
  deploy:
    runs-on: ${runner}
    steps:
      - uses: actions/checkout@v4
      - run: ${build}
      - name: Deploy
        env:
          MOLLYMAWK_TOKEN: \${{ secrets.MOLLYMAWK_TOKEN }}
        run: >
          ${line}`;
}

/** The pipeline, or the line. */
export function ciText(ci: Ci, { origin, project, instance }: Deploy): string {
  const line = sampleLine(origin, project, instance, '', 'dist/app.hvt');
  switch (ci) {
    case 'github': return actions(line, 'ubuntu-latest');
    case 'forgejo': return actions(line, 'docker');
    case 'gitlab': return `deploy:
  stage: deploy
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  script:
    - ${build}
    - >
      ${line}`;
    default: return line;
  }
}

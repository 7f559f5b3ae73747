// SPDX-License-Identifier: ISC
// Where each CI system takes a secret from.

export const names = { github: 'GitHub', gitlab: 'GitLab', forgejo: 'Forgejo',
  curl: 'curl' };

export const secret = {
  github: 'Settings, Secrets and variables, Actions: a new repository secret ' +
    'named MOLLYMAWK_TOKEN.',
  gitlab: 'Settings, CI/CD, Variables: MOLLYMAWK_TOKEN, masked and protected.',
  forgejo: 'Settings, Actions, Secrets: a new secret named MOLLYMAWK_TOKEN.',
  curl: 'Into the environment of the script, as MOLLYMAWK_TOKEN.',
};

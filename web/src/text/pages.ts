// SPDX-License-Identifier: ISC
// What the pages are called, in the navigation and wherever one leads to them.
export const overview = 'Overview';
export const unikernels = 'Unikernels';
export const unikernel = 'Unikernel';
export const alerts = 'Alerts';
export const deploy = 'Deploy';
export const volumes = 'Volumes';
export const volume = 'Volume';
export const images = 'Images';
export const projects = 'Projects';
export const project = 'Project';
export const instances = 'Instances';
export const instance = 'Instance';
export const tokens = 'Tokens';
export const notifications = 'Notifications';
export const updates = 'Updates of many';
export const update = 'Bulk update';
export const users = 'Users';
export const user = 'User';
export const audit = 'Audit';
export const settings = 'Settings';
export const account = 'Account';
export const setup = 'First administrator';
export const register = 'Register';
export const invitation = 'Invitation';
export const verify = 'Verify the address';
export const forgot = 'Forgot password';
export const reset = 'New password';

/** The groups of the navigation. */
export const groups = { now: 'Now', run: 'Run', access: 'Access',
  administer: 'Administer' };

export const missing = 'There is no such page';
export const adminsOnly = 'Only administrators see this';
export const askAdmin = 'An administrator of this Mollymawk can show it to you, ' +
  'or make you one.';

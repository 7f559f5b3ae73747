// SPDX-License-Identifier: ISC
// Words that many pages share.
import type { ComponentChildren } from 'preact';
import type { Role } from '../api';

// Buttons
export const add = 'Add';
export const askAgain = 'Ask again';
export const cancel = 'Cancel';
export const changeAsk = 'Change…';
export const close = 'Close';
export const copy = 'Copy';
export const deploy = 'Deploy';
export const dismiss = 'Dismiss';
export const download = 'Download';
export const forget = 'Forget';
export const haveIt = 'I have it';
export const keep = 'Keep';
export const keepIt = 'Keep it';
export const keepRunning = 'Keep what runs';
export const leaveIt = 'Leave it';
export const lookAtIt = 'Look at it';
export const makeIt = 'Make it';
export const remove = 'Remove';
export const removeOf = (name: string) => `Remove ${name}`;
export const restart = 'Restart';
export const revert = 'Revert';
export const save = 'Save';
export const showAll = 'Show all';
export const signIn = 'Sign in';
export const signOut = 'Sign out';
export const stop = 'Stop';
export const tryAgain = 'Try again';
export const upload = 'Upload';

/** On what ends something for good: "delete" is no key here. */
export const deleteIt = 'Delete';

// What is going on, or went well
export const asking = 'Asking…';
export const loading = 'Loading…';
export const oneMoment = 'One moment…';
export const saved = 'Saved';
export const sending = 'Sending…';
export const wasDeleted = (name: string) => `${name} was deleted`;
export const wasMade = (name: string) => `${name} was made`;

// What did not go well
export const checkMarked = 'Please check the marked fields.';
export const notChanged = 'It was not changed.';
export const notDone = 'It was not done.';
export const notKnown = 'It is not known.';
export const notSaved = 'It was not saved.';
export const notShown = 'It can not be shown.';
export const notUpToDate = 'Not up to date.';
export const lastTold = (time: ComponentChildren) => <>What it last told is shown,
  as of {time}.</>;
export const noAnswer = (who: string) => `${who} does not answer.`;

// Heads of columns, names of facts and fields
export const actions = 'Actions';
export const by = 'By';
export const byItself = 'By itself';
export const days = 'Days';
export const daysHint = 'None: every day.';
export const digest = 'Digest';
export const email = 'E-mail';
export const from = 'From';
export const inRightOf = 'In the right of';
export const instance = 'Instance';
export const last = 'Last';
export const memory = 'Memory';
export const name = 'Name';
export const password = 'Password';
export const project = 'Project';
export const since = 'Since';
export const size = 'Size';
export const state = 'State';
export const to = 'To';
export const usedBy = 'Used by';
export const what = 'What';
export const when = 'When';
export const who = 'Who';

// Pages, as links and heads name them
export const deployments = 'Deployments';
export const log = 'Log';
export const secondFactor = 'Second factor';
export const volume = 'Volume';

// Commands
export const fromScript = 'The same from a script';
export const scriptWith = (token: (word: string) => ComponentChildren) =>
  <>From a script, with a {token('token')}:</>;
export const withToken = (token: (word: string) => ComponentChildren) =>
  <>With a {token('token')} in MOLLYMAWK_TOKEN.</>;

export const product = 'Mollymawk';
/** What the browser's tab and history call a page. */
export const tabOf = (title: string) => `${title} · ${product}`;

// Values
export const empty = '(empty)';
export const never = 'never';
export const nobody = 'nobody';
export const none = 'none';
export const yes = 'yes';
export const no = 'no';

export const roles: Record<Role, string> = {
  viewer: 'viewer', deployer: 'deployer', owner: 'owner',
};

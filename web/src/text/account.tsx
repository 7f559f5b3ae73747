// SPDX-License-Identifier: ISC
// What is said about one's own account and its sessions.
import type { ComponentChildren } from 'preact';
import type { MySession } from '../api';

export const profile = 'Profile';
export const userName = 'User name';
export const administrator = 'administrator';
export const yourName = 'Your name';
export const yourNameHint = 'As others should call you; may be empty.';
export const saveName = 'Save the name';

export const otherAddress = 'Another e-mail address';
export const otherAddressHint = 'It becomes yours once you opened the link which ' +
  'is mailed to it. The one you have is told.';
export const changeAddress = 'Change the address';
export const linkComes = 'A mail with a link is on its way';
export const unconfirmed = (email: string) => `${email} is not confirmed yet.`;
export const openTheLink = 'Open the link in the mail which was sent there. Until ' +
  'then your address stays as it is.';

export const changingEnds = 'Changing it ends all your other sessions.';
export const current = 'Current password';
export const passwordChanged =
  'Your password is changed; all other sessions have ended';

export const sessions = 'Sessions';
export const sessionsAbout = 'Where you are signed in. End what you do not know, ' +
  'and change your password then.';
export const thisOne = 'this one';
export const endOthers = 'End all others';
export const othersEnded = 'All other sessions have ended';
export const end = 'End';
export const endOf = (device: string) => `End ${device}`;
export const sessionEnded = 'The session has ended';
export const used = (when: ComponentChildren, from: string | null) =>
  (from ? <>Used {when} from {from}</> : <>Used {when}</>);

const signedInBy: Record<MySession['method'],
  (when: ComponentChildren) => ComponentChildren> = {
  password: (when) => <>Signed in {when} by password</>,
  totp: (when) => <>Signed in {when} by password and code</>,
  'recovery-code': (when) => <>Signed in {when} by password and recovery code</>,
  passkey: (when) => <>Signed in {when} by passkey</>,
};

export const signedIn = (when: ComponentChildren, method: MySession['method'],
  from: string | null, until: string) => (from ?
  <>{signedInBy[method](when)} from {from}, until {until} at most</> :
  <>{signedInBy[method](when)}, until {until} at most</>);

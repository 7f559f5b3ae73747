// SPDX-License-Identifier: ISC
// What is said about second factors: codes, recovery codes, passkeys.
import type { ComponentChildren } from 'preact';
import { count } from '../lib/format';

export const enrol = 'Set up a second factor';
export const enrolAbout = 'Administrators must have one here. Nothing else can be ' +
  'done until you have set up one of these.';

export const on = 'on';
export const about = (required: boolean) => 'A code from an authenticator app, ' +
  'which is asked for behind your password: who learns the password can then ' +
  `still not sign in.${required ?
    ' Administrators must have a second factor here.' : ''}`;
export const codesLeft = (n: number) =>
  `${count(n, 'recovery code')} left, for when you have lost it.`;
export const setUp = 'Set up codes';
export const otherDevice = 'Another device';
export const newCodes = 'New recovery codes';

export const codesFromApp = 'Codes from an app';
export const notBegun = 'It could not begin.';
export const scan =
  'Scan this with an authenticator app, or type the secret into it.';
export const qrCode = 'QR code of the secret below';
export const secret = 'Secret';
export const code = 'Code';
export const codeHint = 'The six digits that the app shows now.';
export const turnOn = 'Turn it on';
export const notOn = 'It was not turned on.';

export const recoveryCodes = 'Recovery codes';
export const store = <>Store these recovery codes where you find them without this
  device: each signs you in once instead of a second factor. <b>They are not shown
  again.</b></>;
export const stored = 'I have stored them';
export const oldOnesEnd = 'Those you have are then good no more.';
export const noneMade = 'None were made.';
export const makeNew = 'Make new ones';

export const removeTitle = 'Remove the codes?';
export const removeAbout = 'No codes of the app are then asked for. Recovery codes ' +
  'go with the last second factor.';
export const notRemovedCodes = 'They were not removed.';
export const keepThem = 'Keep them';
export const removedCodes = 'Codes are not asked for any more';

export const passkeys = 'Passkeys';
export const passkeysAbout = 'A key that your phone, your computer or a security ' +
  'key keeps. It signs you in without a password; as it is a second factor, the ' +
  'password alone then does not.';
export const noPasskeys = 'There are none here: browsers have them for pages with ' +
  'a name and TLS.';
export const addPasskey = 'Add a passkey';
export const nameHint = 'What it is kept on: “my phone”, “the blue key”.';
export const isPasskey = (name: string) => `${name} is a passkey now`;
export const made = (when: ComponentChildren, used: ComponentChildren) => (used ?
  <>Made {when}, used {used}</> : <>Made {when}, never used</>);
export const rename = 'Rename';
export const renameOne = (name: string) => `Rename ${name}`;
export const removePasskey = (name: string) => `Remove ${name}?`;
export const signsNobodyIn = 'It signs nobody in any more. What the device keeps ' +
  'of it you may remove there.';
export const notRemoved = 'It was not removed.';
export const isGone = (name: string) => `${name} is no passkey any more`;

export const hasOne = 'This device has a passkey for this account already.';
export const noneGiven = 'No passkey was given: it was cancelled, took too long, ' +
  'or there is none here.';

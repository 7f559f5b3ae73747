// SPDX-License-Identifier: ISC
// What is said where one signs in, which is part of the first load: nothing else
// stands here.

export const about = 'Unikernels on albatross servers';
export const nobodyYet = 'Nobody has an account yet.';
export const openTheLink =
  'Open the link which mollymawk-auth prints when it starts.';
export const forgot = 'Forgot the password?';
export const makeAccount = 'Make an account';
export const notSignedIn = 'You are not signed in.';
export const signingIn = 'Signing in…';
export const withPasskey = 'Sign in with a passkey';
export const startOver = 'Start over';
export const giveFactor = (email: string) =>
  <>Give your second factor for <b>{email}</b>.</>;

export const code = 'Code';
export const codeHint = 'Six digits, from your authenticator app.';
export const useCode = 'Use a code of the app';
export const recoveryCode = 'Recovery code';
export const recoveryHint = 'One of those you stored; each is good once.';
export const useRecovery = 'Use a recovery code';

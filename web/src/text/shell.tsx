// SPDX-License-Identifier: ISC
// What stands around every page.
import type { ComponentChildren } from 'preact';

export const noAnswer = 'Mollymawk does not answer';
export const skip = 'Skip to the content';
export const mainNavigation = 'Main';
export const goTo = 'Go to…';
export const openAlerts = (n: number): ComponentChildren => <>{n}<span
  class="unseen"> open</span></>;

// One's account
export const accountOf = (name: string): ComponentChildren => <><span
  class="unseen">Account of </span>{name}</>;
export const identity = (email: string, admin: boolean) =>
  (admin ? `${email}, administrator` : email);
export const theme = 'Theme';
export const themes = { system: 'system', light: 'light', dark: 'dark' };
export const signOut = 'Sign out';
export const stillSending = 'An upload from this page is under way: let it end ' +
  'or stop it first.';

// Keys, as they are written on them, and what they do
export const ctrlK = 'Ctrl K';
export const escape = 'Esc';
export const keys = 'Keys';
export const keyFilter = 'Filter the list, search the log';
export const keyPalette = 'Go to a unikernel, volume or page';
export const keyEvents = 'In a log: the event before, and after';
export const keyLog = 'In a log: pause, wrap, to the end';
export const keyOperations = 'What is under way';
export const keyKeys = 'This list';
export const keyEscape = 'Close what is open';

// The connection
export const notLive = 'Not live: asking again and again.';

// Parts that are loaded when they are shown
export const notLoaded = 'This part did not load.';
export const notLoadedWhy = 'The server may be out of reach, or this page was ' +
  'renewed meanwhile.';
export const reload = 'Reload the page';

// Over the page
export const sessionEnded = 'Your session ended';
export const signInAgain = 'Sign in again to go on. Nothing you typed is lost.';
export const confirmTitle = 'Confirm that it is you';
export const confirmAbout = 'What you are about to do needs your password once ' +
  'more. You are then not asked for 15 minutes.';
export const withPasskey = 'Use a passkey';
export const checking = 'Checking…';
export const confirm = 'Confirm';

// Where something typed would be lost
export const leaveTitle = 'Leave without saving?';
export const leaveLoses = 'What you typed here is not saved yet and would be lost.';
export const stayHere = 'Stay here';
export const leaveIt = 'Leave';

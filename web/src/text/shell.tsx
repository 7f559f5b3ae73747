// SPDX-License-Identifier: ISC
// What stands around every page.
import type { ComponentChildren } from 'preact';

export const noAnswer = 'Mollymawk does not answer';
export const askingAgain = 'It is asked again every few seconds; this page goes on ' +
  'by itself.';
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
export const stillSending = 'An upload from this page is under way: let it end ' +
  'or stop it first.';

export const times = 'Times';
export const ages = 'ages';
export const exact = 'exact';
export const menu = 'Menu';
export const dropToDeploy = 'Drop the image to deploy it';

// Keys, as they are written on them, and what they do
export const ctrlK = 'Ctrl K';
export const walkKeys = '↑ ↓ PgUp PgDn';
export const ctrlC = 'Ctrl C';
export const enter = 'Enter';
export const escape = 'Esc';
export const keys = 'Keys';
export const keysAnywhere = 'Anywhere';
export const keysLog = 'In a log';
export const keysPages = 'Pages';
export const keyFilter = 'Filter the list, search the log';
export const keyPalette = 'Go to anything, do anything';
export const keyEvents = 'The event before, and after';
export const keyLog = 'Pause, wrap, to the end';
export const keyRows = 'Walk through the lines; with Shift, pick them';
export const keyCopy = 'Copy what is picked, with the times';
export const keyMark = 'Mark the line: the address leads to it';
export const keyOperations = 'What is under way';
export const keyTimes = 'Exact times, or ages';
export const keyKeys = 'This list';
export const keyEscape = 'Close what is open';
export const firstSteps = 'First steps';

// The connection
export const live = 'Live';
export const liveMeans = 'What changes is shown as it happens';
export const connecting = 'Connecting…';
export const notLive = 'Not live: asking again and again.';
export const notLiveSince = (since: ComponentChildren, why: string):
ComponentChildren => <>Since {since}. {why}</>;
export const askNow = 'Ask now';

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

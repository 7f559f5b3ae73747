// SPDX-License-Identifier: ISC
// What is said to strangers: who make an account, confirm an address, forgot a
// password.
import type { ComponentChildren } from 'preact';
import type { AccountRules, Invited, Role } from '../api';
import { day } from '../lib/format';
import { noAnswer as noAnswerOf, product, roles } from './common';

export const make = 'Make an account';
export const makeIt = 'Make the account';
export const notMade = 'The account was not made.';
export const isMade = 'The account is made.';
export const haveOne = (link: ComponentChildren) =>
  <>You have one? {link}</>;
export const backToSignIn = 'Back to signing in';
export const noAnswer = noAnswerOf(product);

export const userName = 'User name';
export const userNameHint = 'Also the name of your own project: up to 63 letters, ' +
  'digits, hyphens and dots. Nobody can change it later.';
export const yourName = 'Your name (optional)';
export const yourNameHint = 'As others should call you.';
export const approvedFirst =
  'An administrator looks at it before you can sign in.';

export const lookIntoMail = 'Look into your mail';
export const mailed = (email: string) => <>A mail is on its way
  to <strong>{email}</strong>. The link in it confirms that the address is
  yours.</>;
export const nearlyThere = 'Nearly there';
export const waits = 'The account is made. An administrator looks at it before ' +
  'you can sign in; you are told by mail.';
export const welcome = 'Welcome';

/** Why one can not make an account, unless it is open. */
export const closed: Record<AccountRules['registration'], string | null> = {
  open: null,
  invitation: 'Accounts are made by invitation here. Open the link in yours, or ' +
    'ask somebody who works here for one.',
  closed: 'Accounts are made by administrators here. Ask one of them.',
};

export const invites = (i: Invited) => (i.project && i.role ?
  <><strong>{i.invited_by}</strong> invites you to the
    project <strong>{i.project}</strong>, as {roles[i.role as Role]},
    until {day(i.expires_at)}.</> :
  <><strong>{i.invited_by}</strong> invites you, until {day(i.expires_at)}.</>);
export const invitationOver = 'This invitation is over';
export const askForAnother = 'It was used, withdrawn, or its time is over. Ask ' +
  'who sent it for another one.';

export const linkOver = 'This link is over';
export const usedBefore = 'It was used before, or its time is over.';
export const perhapsDone = (link: ComponentChildren) => <>It was used
  before, or its time is over. Perhaps all is done already: {link}. Else have
  another one sent:</>;
export const signInThere = 'sign in';
export const sendAnother = 'Send another link';
export const sendAnotherOne = 'Send another one';
export const notSent = 'It was not sent.';
export const newLinkComes = (email: string) => <>If an account waits
  for <strong>{email}</strong> to be confirmed, a new link is on its way
  there.</>;
export const sendAgain = 'Send the mail again';
export const sentAgain = 'It was sent again. Is it among the unwanted mails?';

export const confirmAddress = 'Confirm your e-mail address';
export const youOpened = 'You opened the link which we mailed you. One click more ' +
  'shows that the address is yours.';
export const confirmIt = 'Confirm it';
export const notConfirmed = 'It was not confirmed.';
export const thankYou = 'Thank you';
export const isConfirmed = (email: string) =>
  <><strong>{email}</strong> is confirmed.</>;
export const approvalNext = 'Now an administrator looks at your account. You are ' +
  'told by mail when you can sign in.';
export const toAccount = 'To your account';

export const forgotten = 'Forgotten password';
export const noMail = 'No mail is sent from here. Ask an administrator; they can ' +
  'set another password for you.';
export const linkByMail = 'A link by mail lets you choose another one.';
export const sendLink = 'Send the link';
export const sentIfAny = (email: string) => <>If <strong>{email}</strong> has an
  account, a mail with a link is on its way there. The link works once, for a
  short time.</>;
export const nothingComes = 'Nothing comes? It may be among the unwanted mails, or ' +
  'the account has another address.';
export const choose = 'Choose a password';
export const isChanged = 'It is changed';
export const allEnded =
  'Your password is changed, and all sessions of your account have ended.';

export const setUpTitle = 'Welcome to Mollymawk';
export const setUpDone = 'The first account was made already.';
export const makeFirst = 'Make the first account. It may administer everything.';
export const setUpSecret = 'Set-up secret';
export const setUpSecretHint =
  'In the link which mollymawk-auth prints when it starts.';
export const setUpNameHint = 'Also the name of your own project: up to 63 ' +
  'letters, digits, hyphens and dots.';

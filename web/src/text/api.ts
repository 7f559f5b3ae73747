// SPDX-License-Identifier: ISC
// What is said where the server says nothing.
export const unreachable = 'The server can not be reached';
export const unreachableWhy = 'The server can not be reached. Check the network ' +
  'and try again.';
export const answered = (status: number) => `The server answered ${status}`;
/** What the server tells by itself came to an end. */
export const streamBroke = 'The stream of what the server tells broke.';
export const stopped = 'Stopped';

// SPDX-License-Identifier: ISC
// Maintenance windows.

export const dayNames = { mon: 'Mon', tue: 'Tue', wed: 'Wed', thu: 'Thu',
  fri: 'Fri', sat: 'Sat', sun: 'Sun' };

export const everyDay = 'every day';
export const window = (days: string, from: string, to: string) =>
  `${days}, ${from} to ${to} UTC`;
export const dayLater = (time: string) => `${time}, a day later`;
export const dayEarlier = (time: string) => `${time}, a day earlier`;
export const here = (from: string, to: string) => `${from} to ${to} where you are`;

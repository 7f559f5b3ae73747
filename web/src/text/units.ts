// SPDX-License-Identifier: ISC
// How quantities and times are said; lib/format puts the numbers.

export const bytes = ['B', 'kB', 'MB', 'GB', 'TB'];
export const megabytes = 'MB';
export const millisecond = 'ms';
export const second = 's';
export const minute = 'min';
export const hour = 'h';
export const day = 'd';
export const justNow = 'just now';
export const agoOf = (age: string) => `${age} ago`;

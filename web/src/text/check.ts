// SPDX-License-Identifier: ISC
// A health check in one line.

export const itsAddress = 'its own address';
export const to = (type: string, where: string) =>
  `${type.toUpperCase()} to ${where}`;
export const port = (n: number) => `port ${n}`;
export const record = (kind: string, name: string) => `${kind} of ${name}`;

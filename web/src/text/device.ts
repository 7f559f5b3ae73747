// SPDX-License-Identifier: ISC
// What browsers and systems are called.

export const unknownDevice = 'Unknown device';
export const on = (program: string, system: string) => `${program} on ${system}`;

export const programs = {
  edge: 'Edge', opera: 'Opera', vivaldi: 'Vivaldi', samsung: 'Samsung Internet',
  firefox: 'Firefox', chrome: 'Chrome', safari: 'Safari', curl: 'curl',
};

export const systems = {
  iphone: 'iPhone', ipad: 'iPad', android: 'Android', chromeos: 'ChromeOS',
  windows: 'Windows', macos: 'macOS', openbsd: 'OpenBSD', freebsd: 'FreeBSD',
  linux: 'Linux',
};

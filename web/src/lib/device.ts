// SPDX-License-Identifier: ISC
// What a browser says about itself, in words: enough to know one's own.
import * as text from '../text/device';

// In this order: many name others too, to be let in where those are.
const programs: [RegExp, keyof typeof text.programs][] = [
  [/\b(?:Edg|EdgA|EdgiOS)\/(\d+)/, 'edge'],
  [/\b(?:OPR|Opera)\/(\d+)/, 'opera'],
  [/\bVivaldi\/(\d+)/, 'vivaldi'],
  [/\bSamsungBrowser\/(\d+)/, 'samsung'],
  [/\b(?:Firefox|FxiOS)\/(\d+)/, 'firefox'],
  [/\b(?:HeadlessChrome|Chromium|Chrome|CriOS)\/(\d+)/, 'chrome'],
  [/\bVersion\/(\d+)[\d.]*(?: Mobile\/\w+)? Safari\//, 'safari'],
  [/^curl\/(\d+\.\d+)/, 'curl'],
];

const systems: [RegExp, keyof typeof text.systems][] = [
  [/\biPhone\b/, 'iphone'],
  [/\biPad\b/, 'ipad'],
  [/\bAndroid\b/, 'android'],
  [/\bCrOS\b/, 'chromeos'],
  [/\bWindows\b/, 'windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macos'],
  [/\bOpenBSD\b/, 'openbsd'],
  [/\bFreeBSD\b/, 'freebsd'],
  [/\bLinux\b|\bX11\b/, 'linux'],
];

/** "Firefox 128 on Linux"; the first word of what says nothing we know. */
export function deviceOf(agent: string | null): string {
  if (!agent) return text.unknownDevice;
  let program = /^[^\s/]{1,40}/.exec(agent)?.[0] ?? text.unknownDevice;
  for (const [pattern, name] of programs) {
    const found = pattern.exec(agent);
    if (!found) continue;
    program = `${text.programs[name]} ${found[1]}`;
    break;
  }
  const system = systems.find(([pattern]) => pattern.test(agent))?.[1];
  return system ? text.on(program, text.systems[system]) : program;
}

// SPDX-License-Identifier: ISC
// What a browser says about itself, in words: enough to know one's own.

// In this order: many name others too, to be let in where those are.
const programs: [RegExp, string][] = [
  [/\b(?:Edg|EdgA|EdgiOS)\/(\d+)/, 'Edge'],
  [/\b(?:OPR|Opera)\/(\d+)/, 'Opera'],
  [/\bVivaldi\/(\d+)/, 'Vivaldi'],
  [/\bSamsungBrowser\/(\d+)/, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\/(\d+)/, 'Firefox'],
  [/\b(?:HeadlessChrome|Chromium|Chrome|CriOS)\/(\d+)/, 'Chrome'],
  [/\bVersion\/(\d+)[\d.]*(?: Mobile\/\w+)? Safari\//, 'Safari'],
  [/^curl\/(\d+\.\d+)/, 'curl'],
];

const systems: [RegExp, string][] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bOpenBSD\b/, 'OpenBSD'],
  [/\bFreeBSD\b/, 'FreeBSD'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
];

/** "Firefox 128 on Linux"; the first word of what says nothing we know. */
export function deviceOf(agent: string | null): string {
  if (!agent) return 'Unknown device';
  let program = /^[^\s/]{1,40}/.exec(agent)?.[0] ?? 'Unknown device';
  for (const [pattern, name] of programs) {
    const found = pattern.exec(agent);
    if (!found) continue;
    program = `${name} ${found[1]}`;
    break;
  }
  const system = systems.find(([pattern]) => pattern.test(agent))?.[1];
  return system ? `${program} on ${system}` : program;
}

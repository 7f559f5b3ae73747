// SPDX-License-Identifier: ISC
// Files of certificates and keys. What is wrong with their PEM the server says;
// here is what would not get there as it is.
import * as text from '../text/instance';

const LINE = 64;

/** DER of a certificate or key is one SEQUENCE. */
export function isDer(bytes: Uint8Array): boolean {
  const [tag, length = 0] = bytes;
  return tag === 0x30 && (length >= 0x80 || length === bytes.length - 2);
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** A certificate in DER, which has one PEM form. */
export function certificatePem(der: Uint8Array): string {
  const lines = base64(der).match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', '']
    .join('\n');
}

/** What a file holds, as text; or why that is not known. */
export function readPem(bytes: Uint8Array, key: boolean): { text: string } |
{ why: string } {
  if (!isDer(bytes)) return { text: new TextDecoder().decode(bytes) };
  if (!key) return { text: certificatePem(bytes) };
  return { why: text.keyInDer };
}

// SPDX-License-Identifier: ISC
//
// What second factors say: codes of RFC 6238, and an authenticator made of
// software (ES256) with the browser around it.
import { createHash, createHmac, generateKeyPairSync, randomBytes,
  sign } from 'node:crypto';

const sha256 = (data) => createHash('sha256').update(data).digest();

function base32(text) {
  let bits = '';
  for (const c of text)
    bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2)
      .padStart(5, '0');
  return Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
}

export const STEP = 30;

/** The code of a secret in base32 for a step, which is the present one. */
export function totp(secret, step = Math.floor(Date.now() / 1000 / STEP)) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', base32(secret)).update(counter).digest();
  const at = mac.at(-1) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0');
}

export class Authenticator {
  id = randomBytes(32);
  count = 1;
  verified = true;

  /** For the browser at that origin. */
  constructor(origin) {
    this.origin = origin;
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.key = pair.privateKey;
    this.jwk = pair.publicKey.export({ format: 'jwk' });
  }

  #client(type, challenge) {
    return Buffer.from(JSON.stringify({ type, origin: this.origin,
      challenge: Buffer.from(challenge, 'base64').toString('base64url'),
      crossOrigin: false }));
  }

  #head(rpId, more = 0) {
    const rest = Buffer.alloc(5);
    rest[0] = 1 | (this.verified ? 4 : 0) | more;
    rest.writeUInt32BE(this.count, 1);
    return Buffer.concat([sha256(rpId), rest]);
  }

  /** The body of POST /me/passkeys for what /me/passkeys/challenge said. */
  create({ challenge, rp_id }, name) {
    const client = this.#client('webauthn.create', challenge);
    const data = Buffer.concat([this.#head(rp_id, 0x40), Buffer.alloc(16),
      Buffer.from([0, this.id.length]), this.id,
      Buffer.from('a5010203262001215820', 'hex'),
      Buffer.from(this.jwk.x, 'base64url'), Buffer.from('225820', 'hex'),
      Buffer.from(this.jwk.y, 'base64url')]);
    return { name, client_data: client.toString('base64'),
      authenticator_data: data.toString('base64') };
  }

  /** The body of POST /session/passkey for what its challenge said. */
  get({ challenge, rp_id }) {
    this.count++;
    const client = this.#client('webauthn.get', challenge);
    const data = this.#head(rp_id);
    const signature = sign('sha256',
      Buffer.concat([data, sha256(client)]), this.key);
    return { id: this.id.toString('base64'),
      client_data: client.toString('base64'),
      authenticator_data: data.toString('base64'),
      signature: signature.toString('base64') };
  }
}

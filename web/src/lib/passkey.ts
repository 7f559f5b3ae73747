// SPDX-License-Identifier: ISC
// What the browser does with passkeys, in the API's words: bytes as base64.
import { ask, ProblemError, type PasskeyAnswer, type PasskeyBegin,
  type PasskeyChallenge } from '../api';
import { product } from '../text/common';
import * as text from '../text/factors';

function toBytes(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

function toBase64(bytes: ArrayBuffer): string {
  return btoa(Array.from(new Uint8Array(bytes), (b) =>
    String.fromCharCode(b)).join(''));
}

/** The browser's own words are for programmers. */
function refusal(error: unknown): Error {
  if (error instanceof ProblemError || !(error instanceof Error)) return error as
    Error;
  if (error.name === 'InvalidStateError')
    return new Error(text.hasOne);
  if (error.name === 'NotAllowedError' || error.name === 'AbortError')
    return new Error(text.noneGiven);
  return error;
}

/** Asks for a passkey of anybody: what the API wants to sign in or to confirm. */
export async function showPasskey(): Promise<PasskeyAnswer> {
  const { challenge, rp_id: rpId } = await ask<PasskeyChallenge>('POST',
    '/session/passkey/challenge');
  const found = await navigator.credentials.get({ publicKey: {
    challenge: toBytes(challenge), rpId, userVerification: 'required',
  } }).catch((error: unknown) => { throw refusal(error); }) as PublicKeyCredential;
  const said = found.response as AuthenticatorAssertionResponse;
  return {
    id: toBase64(found.rawId),
    client_data: toBase64(said.clientDataJSON),
    authenticator_data: toBase64(said.authenticatorData),
    signature: toBase64(said.signature),
    ...said.userHandle && { user_handle: toBase64(said.userHandle) },
  };
}

/** Has one made: what the API wants of a new one, but for its name. */
export async function makePasskey() {
  const begun = await ask<PasskeyBegin>('POST', '/me/passkeys/challenge');
  const made = await navigator.credentials.create({ publicKey: {
    challenge: toBytes(begun.challenge),
    rp: { id: begun.rp_id, name: product },
    user: { id: toBytes(begun.user_handle), name: begun.user,
      displayName: begun.user },
    pubKeyCredParams: begun.algorithms.map((alg) => ({ type: 'public-key', alg })),
    excludeCredentials: begun.known.map((id) => ({ type: 'public-key',
      id: toBytes(id) })),
    authenticatorSelection: { residentKey: 'required',
      userVerification: 'required' },
    attestation: 'none',
  } }).catch((error: unknown) => { throw refusal(error); }) as PublicKeyCredential;
  const said = made.response as AuthenticatorAttestationResponse;
  return { client_data: toBase64(said.clientDataJSON),
    authenticator_data: toBase64(said.getAuthenticatorData()) };
}

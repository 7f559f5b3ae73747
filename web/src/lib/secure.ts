// SPDX-License-Identifier: ISC
/**
 * Has this browser passkeys for this page? It has none for addresses, and none
 * where somebody could listen.
 */
export const hasPasskeys = () => isSecureContext &&
  'PublicKeyCredential' in window && !/^\[|(^|\.)\d+$/.test(location.hostname);

// SPDX-License-Identifier: ISC
//
// AWS Signature Version 4 as its specification tells it for requests to S3
// ("Authenticating Requests: Using the Authorization Header"), written from the
// side of who checks: everything is taken from what arrived, decoded, and
// brought into the canonical form anew.
import { createHash, createHmac } from 'node:crypto';

const SKEW = 15 * 60 * 1000; // ms

const sha256 = (data) => createHash('sha256').update(data).digest('hex');
const hmac = (key, data) => createHmac('sha256', key).update(data).digest();

/** Every byte but the unreserved ones, in upper case. */
const encode = (text) => encodeURIComponent(text)
  .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** Percent signs alone: a plus is a plus. */
const decode = (text) => decodeURIComponent(text);

function canonicalQuery(query) {
  if (query === '') return '';
  const pairs = query.split('&').map((pair) => {
    const at = pair.indexOf('=');
    const [name, value] = at < 0 ? [pair, ''] :
      [pair.slice(0, at), pair.slice(at + 1)];
    return [encode(decode(name)), encode(decode(value))];
  });
  const order = (a, b) => a < b ? -1 : a > b ? 1 : 0;
  return pairs.sort((a, b) => order(a[0], b[0]) || order(a[1], b[1]))
    .map((pair) => pair.join('=')).join('&');
}

/** The values of each header, as they were sent, by its name. */
function received(rawHeaders) {
  const headers = new Map();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i].toLowerCase();
    const value = rawHeaders[i + 1].trim().replace(/ +/g, ' ');
    headers.set(name, [...headers.get(name) ?? [], value]);
  }
  return headers;
}

function timeOf(text) {
  const [, ...part] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text ?? '') ?? [];
  return part.length === 0 ? NaN : Date.UTC(part[0], part[1] - 1, ...part.slice(2));
}

/**
 * Holds a request {method, url, rawHeaders} against keys {access, secret,
 * region}: undefined, or why it is refused, as {code, message}.
 */
export function refused(request, keys, now = Date.now()) {
  const headers = received(request.rawHeaders);
  const one = (name) => headers.get(name)?.join(',');
  const deny = (code, message) => ({ code, message });
  const [, credential, names, signature] = /^AWS4-HMAC-SHA256 Credential=(\S+), SignedHeaders=(\S+), Signature=([0-9a-f]{64})$/
    .exec(one('authorization') ?? '') ?? [];
  if (!credential) return deny('AccessDenied', 'Access Denied');
  const [access, date, region, service, end] = credential.split('/');
  if (access !== keys.access)
    return deny('InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.');
  if (service !== 's3' || end !== 'aws4_request')
    return deny('AuthorizationHeaderMalformed', 'The scope is none of S3.');
  if (region !== keys.region)
    return deny('AuthorizationHeaderMalformed', `The authorization header is ` +
      `malformed; the region '${region}' is wrong; expecting '${keys.region}'`);
  const time = one('x-amz-date');
  if (Number.isNaN(timeOf(time)) || date !== time.slice(0, 8))
    return deny('AccessDenied', 'x-amz-date and the scope must have a date.');
  if (Math.abs(timeOf(time) - now) > SKEW)
    return deny('RequestTimeTooSkewed', 'The difference between the request ' +
      'time and the current time is too large.');
  const payload = one('x-amz-content-sha256');
  if (!payload)
    return deny('MissingSecurityHeader', 'x-amz-content-sha256 is missing.');
  const signed = names.split(';');
  const must = [...headers.keys()].filter((name) => name === 'host' ||
    name === 'content-type' || name.startsWith('x-amz-'));
  if (!must.every((name) => signed.includes(name)) ||
    !signed.every((name) => headers.has(name)) ||
    signed.join() !== [...signed].sort().join())
    return deny('AccessDenied', 'There were headers present in the request ' +
      'which were not signed');

  const [path, query = ''] = request.url.split(/\?(.*)/s);
  const canonical = [request.method,
    path.split('/').map((part) => encode(decode(part))).join('/'),
    canonicalQuery(query),
    ...signed.map((name) => `${name}:${one(name)}`), '',
    names, payload].join('\n');
  const scope = [date, region, service, end].join('/');
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
  const key = [date, region, service, end]
    .reduce((from, part) => hmac(from, part), `AWS4${keys.secret}`);
  return hmac(key, toSign).toString('hex') === signature ? undefined :
    deny('SignatureDoesNotMatch', 'The request signature we calculated does ' +
      'not match the signature you provided. Check your key and signing method.');
}

// SPDX-License-Identifier: ISC
// Logs as event streams: live, resumed, shared, and cut when the right ends.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stack, events, until } from './stack.mjs';

let stack, admin;
before(async () => {
  stack = await Stack.start();
  admin = await stack.signIn();
  assert.equal((await stack.deploy('talk')).status, 201);
});
after(() => stack.stop());

const lines = (found) => found.filter((e) => e.event === 'line');
const text = (e) => `${e.data.time} ${e.data.line}`;

test('history and then live lines', async () => {
  const found = await events(stack, stack.at('talk', '/console'),
    (f) => lines(f).length >= 6);
  for (const event of lines(found)) {
    assert.ok(event.id);
    assert.match(event.data.time, /^\d{4}-\d\d-\d\dT.*Z$/);
    assert.equal(typeof event.data.line, 'string');
  }
  const times = lines(found).map((e) => e.data.time);
  assert.deepEqual(times, [...times].sort());
});

test('Last-Event-ID resumes without loss or doubles', async () => {
  const first = lines(await events(stack, stack.at('talk', '/console'),
    (f) => lines(f).length >= 5));
  const { id } = first.at(2);
  const rest = lines(await events(stack, stack.at('talk', '/console'),
    (f) => lines(f).length >= 3, { headers: { 'last-event-id': id } }));
  assert.deepEqual(rest.slice(0, 2).map(text), first.slice(3, 5).map(text));
});

test('many viewers see the same lines', async () => {
  const all = await Promise.all(Array.from({ length: 10 }, () =>
    events(stack, stack.at('talk', '/console?lines=1'),
      (f) => lines(f).length >= 3)));
  const common = all.map((f) => lines(f).map(text));
  for (const one of common)
    assert.ok(one.some((line) => common[0].includes(line)));
});

test('the 21st stream of one user is refused for now', async () => {
  const control = new AbortController();
  const open = await Promise.all(Array.from({ length: 20 }, () =>
    fetch(`${stack.url}/api/v1${stack.at('talk', '/console')}`, {
      headers: { authorization: `Bearer ${stack.token}` },
      signal: control.signal })));
  for (const reply of open) assert.equal(reply.status, 200);
  const reply = await stack.ask('GET', stack.at('talk', '/console'));
  assert.equal(reply.status, 503, reply.text);
  assert.ok(reply.headers.get('retry-after'));
  control.abort();
  await until(async () => (await stack.ask('GET',
    stack.at('talk', '/console?follow=false'))).status === 200, 'room again');
});

test('a revoked token is cut off its stream', async () => {
  const made = await stack.ask('POST', '/tokens', { token: null,
    headers: admin.headers, json: { name: 'viewer', expires_in_days: 1,
      scopes: ['unikernel:read'] } });
  const { token, secret } = made.json;
  let since;
  const reading = events(stack, stack.at('talk', '/console'), (f) => {
    if (lines(f).length >= 3 && since === undefined) {
      since = Date.now();
      stack.ask('DELETE', `/tokens/${token.id}`,
        { token: null, headers: admin.headers });
    }
    return false;
  }, { token: secret, toEnd: true });
  await reading;
  assert.ok(Date.now() - since < 5000, 'cut within seconds');
});

test('signing out cuts the stream of that session', async () => {
  const person = await stack.signIn();
  let out;
  const found = await events(stack, stack.at('talk', '/console'), (f) => {
    if (lines(f).length >= 2 && out === undefined)
      out = stack.ask('DELETE', '/session',
        { token: null, headers: person.headers });
    return false;
  }, { headers: { authorization: undefined, ...person.headers },
    token: '', toEnd: true }).catch((error) => error);
  assert.ok(Array.isArray(found), String(found));
  assert.equal((await out).status, 204);
});

test('a restart shows in the stream, which goes on', async () => {
  const reading = events(stack, stack.at('talk', '/console?lines=1'),
    (f) => lines(f).length >= 8, { ms: 30000 });
  await until(async () => true, 'a moment');
  assert.equal((await stack.ask('POST',
    stack.at('talk', '/restart?wait=60&grace=1'))).status, 200);
  await reading;
});

test('control bytes in a log are made harmless', async () => {
  const reply = await stack.deploy('bytes', stack.sample,
    '?memory=16&arg=--line=a%1b%5b2Jb%07c');
  assert.equal(reply.status, 201, reply.text);
  const log = await until(async () => {
    const one = await stack.ask('GET',
      stack.at('bytes', '/console?follow=false'));
    return one.text.includes('--line') || /a.*b.*c/.test(one.text) ?
      one.text : null;
  }, 'the line');
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(log, /[\x00-\x08\x0b-\x1f\x7f]/);
});

test('a console of nothing known is 404', async () => {
  const reply = await stack.ask('GET', stack.at('never', '/console'));
  assert.equal(reply.status, 404, reply.text);
});

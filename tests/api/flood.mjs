// SPDX-License-Identifier: ISC
// A flood of log-ins from one address: it is told to come later, and others are
// served meanwhile. How fast is in make bench.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { Stack, until } from './stack.mjs';

const FLOOD = '127.0.0.2', OTHER = '127.0.0.3';

let stack, admin;
before(async () => {
  stack = await Stack.start();
  admin = await stack.signIn();
});
after(() => stack.stop());

/** Signs in from an address of this machine: {status, headers, text}. */
function signInFrom(localAddress, email, password) {
  const body = JSON.stringify({ email, password });
  return new Promise((done, fail) => {
    const request = http.request({ host: '127.0.0.1', port: stack.port,
      method: 'POST', path: '/api/v1/session', localAddress, agent: false,
      headers: { 'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        host: new URL(stack.url).host } }, (reply) => {
      let text = '';
      reply.on('data', (data) => { text += data; });
      reply.on('end', () => done({ status: reply.statusCode,
        headers: reply.headers, text }));
    });
    request.on('error', fail);
    request.end(body);
  });
}

test('a flood of log-ins is told to come later, and others are served',
  async () => {
    let flooding = true;
    const answers = [];
    const flood = Promise.all(Array.from({ length: 40 }, async (_, i) => {
      for (let n = 0; flooding; n++)
        answers.push(await signInFrom(FLOOD, `nobody${i}-${n}@example.org`,
          'not a password'));
    }));
    try {
      for (let n = 0; n < 20; n++) {
        assert.equal((await stack.as(admin, 'GET', '/session')).status, 200);
        assert.equal((await stack.ask('GET', '/unikernels')).status, 200);
      }
      // A place among those whose passwords are looked at is theirs too, soon.
      await until(async () => {
        const other = await signInFrom(OTHER, stack.email, stack.password);
        assert.ok([200, 503].includes(other.status), other.text);
        return other.status === 200;
      }, 'somebody else is signed in', 30000);
    } finally {
      flooding = false;
      await flood;
    }
    const refused = answers.filter((a) => [429, 503].includes(a.status));
    assert.ok(refused.length > 0, `${answers.length} answers, none refused`);
    for (const { status, headers, text } of answers) {
      assert.ok([401, 429, 503].includes(status), text);
      if (status !== 401) assert.ok(Number(headers['retry-after']) >= 1, text);
    }
    assert.ok(refused.some((a) => JSON.parse(a.text).code ===
      'too-many-requests'));
  });

test('who fails for somebody from elsewhere does not keep them out', async () => {
  const eve = stack.addUser('eve');
  let last;
  for (let n = 0; n < 20 && last?.status !== 429; n++)
    last = await signInFrom(FLOOD, eve.email, 'not a password');
  assert.equal(last.status, 429);
  const own = await signInFrom(OTHER, eve.email, eve.password);
  assert.equal(own.status, 200, own.text);
});

// SPDX-License-Identifier: ISC
// One's own account: profile, password, sessions; and that what ends ends at
// once, on open streams too.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stack, cookieOf, until } from './stack.mjs';

let stack, admin;
before(async () => {
  stack = await Stack.start();
  admin = await stack.signIn();
  assert.equal((await stack.deploy('talk')).status, 201);
});
after(() => stack.stop());

const refreshOf = (cookie) => cookie.match(/mollymawk-refresh=[^;]+/)[0];

test('the account says who one is, and takes another name', async () => {
  const ada = await stack.person('ada');
  const me = await stack.ok(ada, 'GET', '/me');
  assert.equal(me.email, ada.email);
  assert.equal(me.name, 'ada');
  assert.equal(me.pending_email, null);
  assert.deepEqual(me.second_factor,
    { totp: false, recovery_codes: 0, passkeys: 0, required: false });
  assert.match(me.created_at, /^\d{4}-/);
  const changed = await stack.ok(ada, 'PATCH', '/me',
    { display_name: 'Ada Lovelace' });
  assert.equal(changed.display_name, 'Ada Lovelace');
  assert.equal((await stack.ok(ada, 'GET', '/me')).display_name, 'Ada Lovelace');
  const bad = await stack.as(ada, 'PATCH', '/me', { display_name: 'a\nb' });
  assert.equal(bad.status, 422);
  assert.equal(bad.json.errors[0].field, 'display_name');
  assert.equal((await stack.ask('GET', '/me')).status, 403);
});

test('another address is theirs once the link in the mail to it is opened',
  async () => {
    const meg = await stack.person('meg');
    const to = 'meg@elsewhere.example';
    stack.forgetProofs();
    const unsure = await stack.as(meg, 'PATCH', '/me', { email: to });
    assert.equal(unsure.json.code, 'confirmation-needed');
    await stack.ok(meg, 'POST', '/session/confirm', { password: meg.password });
    const asked = await stack.as(meg, 'PATCH', '/me', { email: to });
    assert.equal(asked.status, 200, asked.text);
    assert.equal(asked.json.email, meg.email);
    assert.equal(asked.json.pending_email, to);
    assert.doesNotMatch(asked.text, /mml_/);
    const mailTo = (address) => until(() => stack.mails().find(({ text }) =>
      text.includes(`To: <${address}>`)), `the mail to ${address}`);
    assert.doesNotMatch((await mailTo(meg.email)).text, /mml_|elsewhere/);
    const [secret] = (await mailTo(to)).text.match(/mml_\w+/);
    const done = await stack.ask('POST', '/accounts/verify',
      { token: null, json: { secret } });
    assert.equal(done.status, 200, done.text);
    const me = await stack.ok(meg, 'GET', '/me');
    assert.equal(me.email, to);
    assert.equal(me.pending_email, null);
    await stack.signIn(to, meg.password);
    await assert.rejects(stack.signIn(meg.email, meg.password), /bad-login/);
    const again = await stack.ask('POST', '/accounts/verify',
      { token: null, json: { secret } });
    assert.equal(again.status, 410);
    for (const email of ['no address', to])
      assert.equal((await stack.as(meg, 'PATCH', '/me', { email })).status, 422);
  });

test('sessions are listed with device and use, and end one by one', async () => {
  const { email, password, headers } = await stack.person('bo');
  const phone = await stack.ask('POST', '/session', { token: null,
    json: { email, password }, headers: { 'user-agent': 'A phone/1.0',
      ...stack.origin() } });
  const there = { headers: { cookie: cookieOf(phone), ...stack.origin() } };
  const { items } = await stack.ok({ headers }, 'GET', '/me/sessions');
  assert.equal(items.length, 2);
  assert.deepEqual(items.map((s) => s.current).sort(), [false, true]);
  const other = items.find((s) => !s.current);
  assert.equal(other.device, 'A phone/1.0');
  assert.equal(other.method, 'password');
  assert.equal(other.address, '127.0.0.1');
  assert.equal(other.last_used_from, '127.0.0.1');
  for (const key of ['created_at', 'last_used_at', 'expires_at'])
    assert.match(other[key], /^\d{4}-/);
  // It tells nothing one could sign in with.
  assert.doesNotMatch(JSON.stringify(items), /salt|mmr_|eyJ/);

  assert.equal((await stack.as({ headers }, 'DELETE',
    `/me/sessions/${other.id}`)).status, 204);
  assert.equal((await stack.as(there, 'GET', '/session')).status, 401);
  assert.equal((await stack.as(there, 'POST', '/session/refresh')).status, 401);
  assert.equal((await stack.as({ headers }, 'DELETE',
    `/me/sessions/${other.id}`)).status, 404);
  assert.equal((await stack.as({ headers }, 'GET', '/session')).status, 200);
});

test('nobody ends a session of somebody else', async () => {
  const cy = await stack.person('cy');
  const [mine] = (await stack.ok(cy, 'GET', '/me/sessions')).items;
  assert.equal((await stack.as(admin, 'DELETE',
    `/me/sessions/${mine.id}`)).status, 404);
  assert.equal((await stack.as(cy, 'GET', '/session')).status, 200);
});

test('all others end, this one stays', async () => {
  const { email, password, ...first } = await stack.person('di');
  const second = await stack.signIn(email, password);
  assert.equal((await stack.as(second, 'DELETE', '/me/sessions')).status, 204);
  assert.equal((await stack.as(first, 'GET', '/session')).status, 401);
  assert.equal((await stack.ok(second, 'GET', '/me/sessions')).items.length, 1);
});

test('a new password ends the others and goes on here with new cookies',
  async () => {
    const { email, password, ...first } = await stack.person('ed');
    const second = await stack.signIn(email, password);
    const fresh = 'a wholly new password';
    const wrong = await stack.as(second, 'POST', '/me/password',
      { current: 'not it at all', password: fresh });
    assert.equal(wrong.status, 422);
    assert.equal(wrong.json.errors[0].field, 'current');
    const done = await stack.as(second, 'POST', '/me/password',
      { current: password, password: fresh });
    assert.equal(done.status, 204, done.text);
    assert.equal((await stack.as(first, 'GET', '/session')).status, 401);
    assert.equal((await stack.as(first, 'POST', '/session/refresh')).status, 401);
    // Who stole the cookies of this one has nothing either.
    assert.equal((await stack.as(second, 'GET', '/session')).status, 401);
    const stolen = { headers: { ...second.headers,
      cookie: refreshOf(second.cookie) } };
    assert.equal((await stack.as(stolen, 'POST', '/session/refresh')).status, 401);
    const here = { headers: { ...second.headers, cookie: cookieOf(done) } };
    const { items } = await stack.ok(here, 'GET', '/me/sessions');
    assert.deepEqual(items.map((s) => s.current), [true]);
    assert.equal((await stack.as(here, 'POST', '/session/refresh')).status, 200);
    await assert.rejects(stack.signIn(email, password), /bad-login/);
    await stack.signIn(email, fresh);
  });

test('a refresh secret used twice ends the session, for both', async () => {
  const fay = await stack.person('fay');
  const old = { headers: { ...fay.headers, cookie: refreshOf(fay.cookie) } };
  const renewed = await stack.as(old, 'POST', '/session/refresh');
  assert.equal(renewed.status, 200);
  // Beyond the moment that two tabs are given.
  stack.authSql('UPDATE session SET rotated = rotated - 60');
  assert.equal((await stack.as(old, 'POST', '/session/refresh')).status, 401);
  const now = { headers: { ...fay.headers, cookie: cookieOf(renewed) } };
  assert.equal((await stack.as(now, 'GET', '/session')).status, 401);
  assert.equal((await stack.as(now, 'POST', '/session/refresh')).status, 401);
});

test('a session ends when it was idle, and when it is old', async () => {
  const gil = await stack.person('gil');
  const renew = (cookie) => stack.as({ headers: { ...gil.headers, cookie } },
    'POST', '/session/refresh');
  const once = await renew(gil.cookie);
  assert.equal(once.status, 200);
  stack.authSql('UPDATE session SET rotated = rotated - 12 * 3600 - 60');
  assert.equal((await renew(cookieOf(once))).status, 401);
  const again = await stack.signIn(gil.email, gil.password);
  stack.authSql('UPDATE session SET expires = created');
  assert.equal((await renew(again.cookie)).status, 401);
  assert.equal((await stack.as(again, 'GET', '/session')).status, 401);
  admin = await stack.signIn();
});

/** Opens a stream: how to wait for its end, which is told as a time. */
async function open(where, { headers }) {
  const reply = await fetch(`${stack.url}/api/v1${where}`, { headers: {
    accept: 'text/event-stream', ...headers },
  signal: AbortSignal.timeout(30000) });
  assert.equal(reply.status, 200);
  return async () => {
    for await (const chunk of reply.body) void chunk;
    return Date.now();
  };
}

/** Both kinds of streams of one person end once that was done. */
async function endsAtOnce(what, who, act) {
  const streams = [await open('/events?topics=states', who),
    await open(stack.at('talk', '/console'), who)];
  await act();
  const since = Date.now();
  for (const end of streams) {
    const took = await end() - since;
    console.log(`${what}: a stream ended ${took} ms later`);
    // One second is the promise; a busy machine is given more.
    assert.ok(took < 5000, `${what}: ${took} ms`);
  }
}

/** One of the demo's project, signed in. */
async function member(name) {
  const who = await stack.person(name);
  await stack.setRole(admin.headers, who.email, 'viewer');
  return who;
}

test('signing out ends open streams at once', async () => {
  const who = await member('hal');
  await endsAtOnce('signing out', who, async () =>
    assert.equal((await stack.as(who, 'DELETE', '/session')).status, 204));
});

test('a new password ends open streams of other sessions at once', async () => {
  const who = await member('ida');
  const other = await stack.signIn(who.email, who.password);
  await endsAtOnce('a new password', who, async () =>
    assert.equal((await stack.as(other, 'POST', '/me/password',
      { current: who.password, password: 'another good password' })).status, 204));
});

test('ending a session from another ends its open streams at once', async () => {
  const who = await member('jim');
  const other = await stack.signIn(who.email, who.password);
  await endsAtOnce('ending a session', who, async () =>
    assert.equal((await stack.as(other, 'DELETE', '/me/sessions')).status, 204));
});

test('who is disabled loses open streams at once', async () => {
  const who = await member('kay');
  await endsAtOnce('disabling', who, async () => {
    const { items } = await stack.ok(admin, 'GET', '/users?q=kay');
    await stack.ok(admin, 'PATCH', `/users/${items[0].id}`, { disabled: true });
  });
});

test('who loses the role loses the console at once', async () => {
  const who = await member('lou');
  const ended = await open(stack.at('talk', '/console'), who);
  await stack.setRole(admin.headers, who.email, null);
  const since = Date.now();
  assert.ok(await ended() - since < 5000);
});

// SPDX-License-Identifier: ISC
// Second factors: codes, recovery codes and passkeys, and who must have one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Authenticator, STEP, totp } from './authenticator.mjs';
import { Stack } from './stack.mjs';

let stack, bob;
before(async () => {
  stack = await Stack.start();
  bob = stack.addUser('bob');
});
after(() => stack.stop());

const signInWith = (json, where = '/session') =>
  stack.nobody('POST', where, json);

async function refused(reply, status, code) {
  const { status: was, json, text } = await reply;
  assert.equal(was, status, text);
  assert.equal(json.code, code);
}

/** Signs in whoever that is: as stack.signIn. */
const enter = async (json, where) =>
  stack.session(await signInWith(json, where));

/** Sets up codes. */
async function enrol(who) {
  const { secret } = await stack.ok(who, 'POST', '/me/otp');
  await stack.ok(who, 'POST', '/me/otp/confirm', { code: totp(secret) });
}

test('a code is asked for behind the right password alone', async () => {
  const who = await stack.signIn(bob.email, bob.password);
  const { secret, uri } = await stack.ok(who, 'POST', '/me/otp');
  assert.match(secret, /^[A-Z2-7]{32}$/);
  assert.equal(uri, 'otpauth://totp/Mollymawk:bob%40example%2Eorg?secret=' +
    `${secret}&issuer=Mollymawk&algorithm=SHA1&digits=6&period=30`);
  // Not in force until a code was given.
  await stack.signIn(bob.email, bob.password);
  const wrong = await stack.as(who, 'POST', '/me/otp/confirm',
    { code: 'no code' });
  assert.equal(wrong.status, 422);
  assert.equal(wrong.json.errors[0].field, 'code');
  const step = Math.floor(Date.now() / 1000 / STEP);
  const { recovery_codes: codes } = await stack.ok(who, 'POST',
    '/me/otp/confirm', { code: totp(secret, step) });
  assert.equal(codes.length, 10);
  assert.equal(new Set(codes).size, 10);
  await refused(signInWith(bob), 401, 'second-factor');
  await refused(signInWith({ ...bob, password: 'wrong wrong' }), 401,
    'bad-login');
  // The step of the confirmation is used up, the next one is good once.
  await refused(signInWith({ ...bob, otp: totp(secret, step) }), 401,
    'bad-second-factor');
  await enter({ ...bob, otp: totp(secret, step + 1) });
  await refused(signInWith({ ...bob, otp: totp(secret, step + 1) }), 401,
    'bad-second-factor');
  // As is each recovery code.
  await enter({ ...bob, otp: codes[3] });
  await refused(signInWith({ ...bob, otp: codes[3] }), 401,
    'bad-second-factor');
  const { recovery_codes: renewed } = await stack.ok(who, 'POST',
    '/me/otp/recovery-codes');
  await refused(signInWith({ ...bob, otp: codes[4] }), 401,
    'bad-second-factor');
  await enter({ ...bob, otp: renewed[0] });
  // And nothing of it needs no confirmation.
  stack.forgetProofs();
  await refused(stack.as(who, 'DELETE', '/me/otp'), 403,
    'confirmation-needed');
  await refused(stack.as(who, 'POST', '/session/confirm',
    { password: bob.password }), 401, 'second-factor');
  await stack.ok(who, 'POST', '/session/confirm',
    { password: bob.password, otp: renewed[1] });
  assert.equal((await stack.as(who, 'DELETE', '/me/otp')).status, 204);
  await stack.signIn(bob.email, bob.password);
});

test('a token sets up nothing', async () => {
  for (const [method, where, json] of [['POST', '/me/otp'],
    ['POST', '/me/otp/confirm', { code: '123456' }],
    ['DELETE', '/me/otp'], ['POST', '/me/passkeys/challenge'],
    ['GET', '/me/passkeys'], ['PUT', '/settings/second-factor',
      { required_for_admins: false }]])
    await refused(stack.ask(method, where, { json }), 403, 'forbidden');
});

test('a passkey signs in alone, and only as it should', async () => {
  const who = await stack.signIn(bob.email, bob.password);
  const key = new Authenticator(stack.url);
  const begun = await stack.ok(who, 'POST', '/me/passkeys/challenge');
  assert.equal(begun.rp_id, 'localhost');
  assert.deepEqual(begun.known, []);
  key.verified = false;
  await refused(stack.as(who, 'POST', '/me/passkeys',
    key.create(begun, 'my key')), 422, 'invalid-input');
  key.verified = true;
  const made = await stack.as(who, 'POST', '/me/passkeys',
    key.create(begun, 'my key'));
  assert.equal(made.status, 201, made.text);
  assert.equal(made.json.recovery_codes.length, 10);
  const { id } = made.json.passkey;

  const challenge = async () => (await stack.ask('POST',
    '/session/passkey/challenge', { token: null })).json;
  const shown = key.get(await challenge());
  const { session } = await enter(shown, '/session/passkey');
  assert.equal(session.user.email, bob.email);
  await refused(signInWith(shown, '/session/passkey'), 401, 'bad-login');
  await refused(signInWith(bob), 401, 'second-factor');
  await enter({ ...bob, otp: made.json.recovery_codes[0] });

  const away = new Authenticator('http://127.0.0.1:1');
  Object.assign(away, { id: key.id, key: key.key, count: key.count });
  await refused(signInWith(away.get(await challenge()), '/session/passkey'),
    401, 'bad-login');
  key.count = 0;
  await refused(signInWith(key.get(await challenge()), '/session/passkey'),
    401, 'bad-login');
  key.count = 10;

  stack.forgetProofs();
  await refused(stack.as(who, 'DELETE', `/me/passkeys/${id}`), 403,
    'confirmation-needed');
  await stack.ok(who, 'POST', '/session/confirm',
    { passkey: key.get(await challenge()) });
  assert.equal((await stack.ok(who, 'PATCH', `/me/passkeys/${id}`,
    { name: 'old key' })).name, 'old key');
  const [listed] = (await stack.ok(who, 'GET', '/me/passkeys')).items;
  assert.equal(listed.name, 'old key');
  assert.ok(Date.parse(listed.last_used_at) >= Date.parse(listed.created_at));
  assert.equal((await stack.as(who, 'DELETE', `/me/passkeys/${id}`)).status,
    204);
  assert.equal((await stack.as(who, 'DELETE', `/me/passkeys/${id}`)).status,
    404);
  await refused(signInWith(key.get(await challenge()), '/session/passkey'),
    401, 'bad-login');
});

test('administrators may have to have one', async () => {
  const ada = await stack.signIn(), admin = { email: stack.email,
    password: stack.password };
  const required = { required_for_admins: true };
  assert.deepEqual(await stack.ok(ada, 'GET', '/settings/second-factor'),
    { required_for_admins: false });
  await refused(stack.as(ada, 'PUT', '/settings/second-factor', required),
    409, 'conflict');
  await enrol(ada);
  await stack.ok(ada, 'PUT', '/settings/second-factor', required);
  await refused(stack.as(ada, 'DELETE', '/me/otp'), 409, 'conflict');
  await stack.ok(ada, 'PUT', '/settings/second-factor',
    { required_for_admins: false });
  assert.equal((await stack.as(ada, 'DELETE', '/me/otp')).status, 204);

  // Somebody else switched it on: what is open ends, tokens lose their power.
  const token = await stack.makeToken(ada.headers,
    { scopes: ['unikernel:read', 'instance:admin'] });
  const admins = (as) => stack.ask('GET', '/settings/second-factor', as);
  assert.equal((await admins({ token })).status, 200);
  const open = await fetch(`${stack.url}/api/v1/events?topics=states`,
    { headers: ada.headers, signal: AbortSignal.timeout(20000) });
  assert.equal(open.status, 200);
  stack.authSql(`INSERT OR REPLACE INTO setting VALUES ('second-factor',
    '${JSON.stringify(required)}')`);
  stack.authSql('UPDATE revision SET value = value + 1');
  await open.text();
  await refused(admins({ token }), 403, 'forbidden');
  await refused(stack.as(ada, 'GET', '/unikernels'), 403,
    'second-factor-required');
  const { session } = await enter(admin);
  assert.equal(session.enrol, true);
  assert.equal(session.user.admin, false);
  await refused(stack.as(ada, 'POST', '/tokens', { name: 'x',
    scopes: ['unikernel:read'], expires_in_days: 1 }), 403,
  'second-factor-required');
  await enrol(ada);
  assert.equal((await admins({ token })).status, 200);
  await stack.ok(ada, 'GET', '/unikernels');
});

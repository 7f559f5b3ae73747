// SPDX-License-Identifier: ISC
// What projects may use: given within what there is, refused by albatross,
// changed at the machine by somebody else, and taken away.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stack, until } from './stack.mjs';

let stack, admin, bob, where, theirs;
const path = (project, rest = '') =>
  `/projects/${project}/policies/${stack.instance}${rest}`;

before(async () => {
  stack = await Stack.start();
  admin = await stack.signIn();
  bob = await stack.person('bob');
  where = path(stack.project);
});
after(() => stack.stop());

const get = async (who = admin) => (await stack.ok(who, 'GET', where));
const put = (json, project = stack.project) =>
  stack.as(admin, 'PUT', path(project), json);
const apply = (json) => stack.as(admin, 'POST', path(stack.project, '/apply'),
  json);
const capacity = () => stack.ok(admin, 'GET',
  `/instances/${stack.instance}/capacity`);

/** Only what a policy limits. */
const limits = ({ unikernels, memory, block, cpus, bridges }) =>
  ({ unikernels, memory, block, cpus, bridges });

/** What albatross itself has, asked beside us. */
async function there(project = stack.project) {
  const said = await stack.control(`policy ${project}`);
  assert.match(said, /^ok /, said);
  return said === 'ok none' ? null : JSON.parse(said.slice(3));
}

/** Somebody at the machine gives another one. */
async function byHand(policy, project = stack.project) {
  const said = await stack.control(`policy ${project} ${
    policy === null ? 'none' : JSON.stringify(policy)}`);
  assert.match(said, /^ok /, said);
}

function refused(reply, status, code, ...fields) {
  assert.equal(reply.status, status, reply.text);
  assert.equal(reply.json.code, code);
  assert.deepEqual((reply.json.errors ?? []).map((e) => e.field), fields,
    reply.text);
  return reply.json;
}

test('what was given is at albatross, and told so', async () => {
  const now = await get();
  assert.equal(now.state, 'applied');
  assert.equal(now.over_commit, false);
  assert.deepEqual(now.albatross, limits(now));
  assert.deepEqual(await there(), limits(now));
  const { items: [project] } = await stack.ok(admin, 'GET', '/projects');
  assert.deepEqual(project.policies, [{ instance: stack.instance,
    policy: limits(now), over_commit: false, state: 'applied' }]);
});

test('what a GET says can be put back, and a change is there at once', async () => {
  const now = await get();
  const reply = await put({ ...now, memory: 500 });
  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.json.state, 'applied');
  assert.equal(reply.json.why, null);
  assert.equal((await there()).memory, 500);
  assert.equal((await put(limits(now))).status, 200);
});

test('more than the instance has is refused at each limit', async () => {
  const { root } = await capacity();
  refused(await put({ ...limits(await get()), memory: root.memory + 1,
    block: root.block + 1, cpus: [0, 77], bridges: ['service', 'nowhere'],
    over_commit: true }), 422, 'policy-exceeded', 'memory', 'block', 'cpus',
  'bridges');
  refused(await put({ ...limits(await get()), memory: -1 }), 422,
    'invalid-input', 'memory');
  refused(await put({ ...limits(await get()), over_commit: 1 }), 422,
    'invalid-input', 'over_commit');
});

test('more than is left is refused, unless it is meant; then it shows', async () => {
  const before = await capacity();
  assert.equal(before.over_commit, false);
  const mine = before.policies.find((p) => p.project === stack.project);
  assert.equal(before.given.memory, mine.policy.memory);
  assert.equal(before.left.memory, before.root.memory - mine.policy.memory);
  const much = { unikernels: 1, memory: before.left.memory + 1, block: 1,
    cpus: [0], bridges: [] };
  const { errors } = refused(await put(much, 'bob'), 409, 'over-commit',
    'memory');
  assert.match(errors[0].message, new RegExp(`${before.left.memory} MB of ${
    before.root.memory} `));
  assert.equal(await there('bob'), null);
  const given = await put({ ...much, over_commit: true }, 'bob');
  assert.equal(given.status, 200, given.text);
  assert.equal(given.json.over_commit, true);
  const after = await capacity();
  assert.equal(after.over_commit, true);
  assert.equal(after.left.memory, 0);
  assert.equal(after.policies.find((p) => p.project === 'bob').over_commit, true);
  const own = await stack.ok(bob, 'GET', '/projects');
  assert.equal(own.items[0].policies[0].over_commit, true);
  // What is not raised is no new trouble, and what is lowered ends it.
  assert.equal((await put(limits(await get()))).status, 200);
  const less = await put({ ...much, memory: 32 }, 'bob');
  assert.equal(less.json.over_commit, false);
  assert.equal((await capacity()).over_commit, false);
});

test('who is no administrator gives nothing', async () => {
  const own = path('bob');
  const mine = await stack.ok(bob, 'GET', own);
  for (const [method, to, json] of [['PUT', own, { ...limits(mine), memory: 33 }],
    ['PUT', own, { ...limits(mine), memory: 33, over_commit: true }],
    ['DELETE', own], ['POST', path('bob', '/apply'), { take: 'theirs' }],
    ['POST', path('bob', '/apply'), { take: 'ours' }],
    ['GET', `/instances/${stack.instance}/capacity`]])
    refused(await stack.as(bob, method, to, json), 403, 'forbidden');
  for (const method of ['GET', 'DELETE'])
    refused(await stack.as(bob, method, where), 404, 'not-found');
  assert.deepEqual(limits(await stack.ok(bob, 'GET', own)), limits(mine));
  const usage = await stack.ok(bob, 'GET', '/projects/bob/usage');
  assert.deepEqual(usage.items[0].left, { unikernels: 1, memory: 32, block: 1 });
  assert.equal(usage.items[0].state, 'applied');
});

test('what runs is not taken away: albatross says no, and all stays', async () => {
  const made = await stack.deploy('web', stack.sample, '?memory=64');
  assert.equal(made.status, 201, made.text);
  const before = limits(await get());
  const problem = refused(await put({ ...before, memory: 32 }), 409,
    'albatross-refused', 'memory');
  assert.match(problem.albatross, /running memory limit .* 32 MB, used 64 MB/);
  assert.match(problem.detail, /web \(64 MB\)/);
  refused(await put({ ...before, unikernels: 0 }), 409, 'albatross-refused',
    'unikernels');
  const now = await get();
  assert.deepEqual(limits(now), before);
  assert.equal(now.state, 'applied');
  assert.deepEqual(await there(), before);
  const { policies } = await capacity();
  assert.deepEqual(policies.find((p) => p.project === stack.project).used,
    { unikernels: 1, memory: 64, block: 0 });
});

test('less by hand: nothing overwrites it, all goes on within both', async () => {
  const ours = limits(await get());
  theirs = { ...ours, memory: 100 };
  await byHand(theirs);
  const seen = (await capacity()).policies.find((p) =>
    p.project === stack.project);
  assert.equal(seen.state, 'drift');
  const now = await get();
  assert.equal(now.state, 'drift');
  assert.deepEqual(now.albatross, theirs);
  assert.deepEqual(limits(now), ours);
  assert.equal((await stack.ask('GET', stack.at('web'))).status, 200);
  assert.equal((await stack.ask('GET', `/volumes?instance=${stack.instance}`))
    .status, 200);
  assert.equal((await stack.change('POST', stack.at('web', '/restart'))).status,
    200);
  const small = await stack.deploy('small', stack.sample, '?memory=16');
  assert.equal(small.status, 201, small.text);
  const large = await stack.deploy('large', stack.sample, '?memory=128');
  refused(large, 422, 'policy-exceeded', 'memory');
  assert.deepEqual(await there(), theirs);
});

test('a drift is an alert, and shown where the policy is', async () => {
  await until(async () => (await stack.ok(admin, 'GET', '/alerts')).items
    .some((a) => a.kind === 'policy-drift' && a.project === stack.project),
  'there is an alert', 60000);
  const { items } = await stack.ok(admin, 'GET', '/projects');
  assert.equal(items.find((p) => p.name === stack.project).policies[0].state,
    'drift');
  const { policies } = await capacity();
  const shown = policies.find((p) => p.project === stack.project);
  assert.equal(shown.state, 'drift');
  assert.deepEqual(shown.albatross, theirs);
});

test('more by hand: what takes something waits for who chooses', async () => {
  const ours = limits(await get());
  theirs = { ...ours, memory: ours.memory + 8 };
  await byHand(theirs);
  const made = await stack.deploy('more', stack.sample, '?memory=16');
  refused(made, 409, 'policy-drift');
  refused(await stack.ask('PUT', stack.volume('data'), { json: { size: 1 } }),
    409, 'policy-drift');
  assert.equal((await stack.ask('GET', stack.at('small'))).status, 200);
  assert.equal((await stack.ask('GET', stack.at('small', '/image'))).status, 200);
  assert.equal((await stack.ask('DELETE', stack.at('small'))).status, 204);
  assert.deepEqual(await there(), theirs);
  refused(await put({ ...ours, memory: 256 }), 409, 'policy-drift');
  assert.deepEqual(await there(), theirs);
});

test('theirs becomes ours', async () => {
  const taken = await apply({ take: 'theirs' });
  assert.equal(taken.status, 200, taken.text);
  assert.equal(taken.json.state, 'applied');
  assert.deepEqual(limits(taken.json), theirs);
  assert.equal((await stack.deploy('more', stack.sample, '?memory=16')).status,
    201);
  assert.deepEqual(await there(), theirs);
  await until(async () => !(await stack.ok(admin, 'GET', '/alerts')).items
    .some((a) => a.kind === 'policy-drift' && !a.until), 'it is over', 60000);
});

test('theirs is not taken when there is not so much', async () => {
  const { root, left } = await capacity();
  const now = limits(await get());
  await byHand({ ...now, memory: now.memory + left.memory + 1 });
  refused(await apply({ take: 'theirs' }), 409, 'over-commit', 'memory');
  await byHand({ ...now, memory: root.memory + 1 });
  refused(await apply({ take: 'theirs', over_commit: true }), 422,
    'policy-exceeded', 'memory');
  refused(await apply({ take: 'both' }), 422, 'invalid-input', 'take');
});

test('ours is applied again', async () => {
  const ours = limits(await get());
  const taken = await apply({ take: 'ours' });
  assert.equal(taken.status, 200, taken.text);
  assert.equal(taken.json.state, 'applied');
  assert.deepEqual(await there(), ours);
});

test('or another one, when that is meant', async () => {
  const ours = limits(await get());
  await byHand({ ...ours, memory: 200 });
  refused(await put({ ...ours, memory: 300 }), 409, 'policy-drift');
  const given = await put({ ...ours, memory: 300, overwrite: true });
  assert.equal(given.status, 200, given.text);
  assert.equal(given.json.state, 'applied');
  assert.equal((await there()).memory, 300);
});

test('none by hand: the next command brings ours', async () => {
  const ours = limits(await get());
  await byHand(null);
  assert.equal((await get()).state, 'pending');
  assert.equal((await stack.change('POST', stack.at('more', '/restart'))).status,
    200);
  assert.deepEqual(await there(), ours);
  assert.equal((await get()).state, 'applied');
});

test('an instance out of reach gets it later', async () => {
  const ours = limits(await get());
  await stack.fault('refuse');
  const given = await put({ ...ours, memory: 310 });
  assert.equal(given.status, 200, given.text);
  assert.equal(given.json.state, 'pending');
  assert.match(given.json.why, /\S/);
  const shown = await capacity();
  assert.equal(shown.error.instance, stack.instance);
  assert.equal(shown.used, null);
  assert.ok(shown.root.memory > 0);
  // It is held against what the instance had.
  refused(await put({ ...ours, memory: shown.root.memory + 1 }), 422,
    'policy-exceeded', 'memory');
  refused(await stack.as(admin, 'DELETE', where), 502, 'instance-unreachable');
  await stack.fault('none');
  assert.equal((await there()).memory, 300);
  await until(async () => (await stack.change('POST',
    stack.at('more', '/restart'))).status === 200, 'it is reached');
  assert.equal((await there()).memory, 310);
  assert.equal((await get()).state, 'applied');
});

test('what albatross then refuses is told, and looking goes on', async () => {
  const ours = limits(await get());
  await stack.fault('refuse');
  assert.equal((await put({ ...ours, memory: 8 })).json.state, 'pending');
  await stack.fault('none');
  await until(async () => {
    await stack.ask('POST', stack.at('more', '/restart'));
    return (await get()).state === 'drift';
  }, 'it is refused');
  const now = await get();
  assert.match(now.refused, /running memory limit/);
  assert.deepEqual(now.albatross, ours);
  assert.equal((await stack.ask('GET', stack.at('more'))).status, 200);
  assert.equal((await stack.change('POST', stack.at('more', '/restart'))).status,
    200);
  refused(await apply({ take: 'ours' }), 409, 'albatross-refused', 'memory');
  assert.equal((await apply({ take: 'theirs' })).json.state, 'applied');
});

test('a kill between albatross and us shows, with both ways open', async () => {
  const ours = limits(await get());
  await stack.fault('stall-after unikernel-info');
  const given = put({ ...ours, memory: 320 }).catch(() => {});
  await until(async () => (await there()).memory === 320, 'albatross has it');
  await stack.restart('fcgi');
  await given;
  await stack.fault('none');
  const now = await get();
  assert.equal(now.state, 'drift');
  assert.equal(now.memory, ours.memory);
  assert.equal(now.albatross.memory, 320);
  assert.equal((await apply({ take: 'theirs' })).json.memory, 320);
  assert.equal((await get()).state, 'applied');
});

test('two at once end as one of them', async () => {
  const ours = limits(await get());
  const replies = await Promise.all([...Array(6).keys()].map((i) =>
    put({ ...ours, memory: 330 + i })));
  for (const reply of replies)
    assert.ok([200, 409].includes(reply.status), reply.text);
  const now = await until(async () => {
    const one = await get();
    return one.state !== 'pending' && one;
  }, 'it is settled');
  if (now.state === 'drift')
    assert.equal((await apply({ take: 'ours' })).status, 200);
  assert.deepEqual(await there(), limits(await get()));
});

test('a policy in use stays; then it goes, and allows nothing', async () => {
  const problem = refused(await stack.as(admin, 'DELETE', where), 409,
    'conflict', 'unikernels', 'memory', 'cpus', 'cpus');
  assert.match(problem.detail, /web \(64 MB\)/);
  for (const name of ['web', 'more'])
    assert.equal((await stack.ask('DELETE', stack.at(name))).status, 204);
  const gone = await stack.as(admin, 'DELETE', where);
  assert.equal(gone.status, 204, gone.text);
  assert.deepEqual(await there(), { unikernels: 0, memory: 0, block: null,
    cpus: [], bridges: [] });
  refused(await stack.as(admin, 'GET', where), 403, 'no-policy');
  refused(await stack.as(admin, 'DELETE', where), 403, 'no-policy');
  refused(await stack.deploy('web'), 403, 'no-policy');
  // What that left behind is no policy in the way of the next.
  const again = await put({ unikernels: 2, memory: 64, block: null, cpus: [0],
    bridges: [] });
  assert.equal(again.status, 200, again.text);
  assert.equal((await there()).memory, 64);
});

test('one that albatross has already is not replaced unseen', async () => {
  const found = { unikernels: 3, memory: 48, block: null, cpus: [0],
    bridges: [] };
  assert.equal((await stack.as(admin, 'DELETE', where)).status, 204);
  await byHand(found);
  const { others, given } = await capacity();
  assert.deepEqual(others, [{ project: stack.project, policy: found }]);
  assert.equal(given.memory, 48 + 32);
  refused(await put({ ...found, memory: 64 }), 409, 'policy-drift');
  const taken = await apply({ take: 'theirs' });
  assert.equal(taken.status, 200, taken.text);
  assert.deepEqual(limits(taken.json), found);
  assert.deepEqual((await capacity()).others, []);
});

test('all of it is in the audit log', async () => {
  const rows = await stack.ok(admin, 'GET', '/audit?action=policy-set');
  assert.ok(rows.items.some((r) => r.detail === 'theirs'));
  assert.ok(rows.items.some((r) => r.result === 'over-commit'));
  const seen = await stack.ok(admin, 'GET', '/audit?action=policy-seen');
  assert.ok(seen.items.some((r) => r.detail === 'drift'));
});

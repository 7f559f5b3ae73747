// SPDX-License-Identifier: ISC
// Everything that happens over one stream: several topics, each resumed where
// it was, over whatever breaks; and taken away with the right to it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Stack, events } from './stack.mjs';

let stack;
before(async () => {
  stack = await Stack.start();
  assert.equal((await stack.deploy('talk')).status, 201);
});
after(() => stack.stop());

const log = (name) => `log:${stack.instance}/${stack.project}/${name}`;
const of = (found, topic) => found.filter((e) => e.data.topic === topic);

test('topics that are none are refused with what there is', async () => {
  for (const topics of ['', 'nothing', 'log:a', 'states,', 'log:a/b/c/d',
    Array(17).fill('alerts').join()]) {
    const reply = await stack.ask('GET', `/events?topics=${topics}`);
    assert.equal(reply.status, 422, topics);
    assert.equal(reply.json.errors[0].field, 'topics');
  }
  assert.equal((await stack.ask('GET', '/events')).status, 422);
});

test('what is not there, or not theirs, is not found', async () => {
  for (const topic of [log('never'), 'log:i9/p/n', 'states:nobodys']) {
    const reply = await stack.ask('GET', `/events?topics=${topic}`,
      { token: (await stack.makeToken((await stack.signIn()).headers,
        { scopes: ['unikernel:read'] })) });
    assert.equal(reply.status, 404, `${topic} ${reply.text}`);
  }
});

test('HEAD tells the type and takes no place', async () => {
  const reply = await stack.ask('HEAD', '/events?topics=states');
  assert.equal(reply.status, 200);
  assert.match(reply.headers.get('content-type'), /^text\/event-stream/);
});

test('a log among other topics, with the ids of all', async () => {
  const topics = `operations,${log('talk')},states`;
  const found = await events(stack, `/events?topics=${topics}&lines=3`,
    (f) => of(f, log('talk')).length >= 5);
  for (const event of of(found, log('talk'))) {
    const ids = event.id.split(',');
    assert.equal(ids.length, 3);
    assert.match(ids[0], /^[0-9a-f]{8}\.\d+$/);
    assert.match(ids[1], /^[0-9a-f]{8}\.\d+\.\d+\.\d+$/);
    assert.equal(ids[1].split('.')[1], String(event.data.seq));
  }
});

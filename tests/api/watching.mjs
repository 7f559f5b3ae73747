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

test('a deployment is told as an operation, and stands in the log', async () => {
  const reading = events(stack, '/events?topics=operations', (found) =>
    found.some((e) => e.event === 'operation' &&
      e.data.item.state === 'succeeded'), { ms: 60000 });
  assert.equal((await stack.deploy('noted')).status, 201);
  const told = (await reading).map((e) => e.data.item);
  assert.ok(told.every((o) => o.kind === 'deployment' && o.name === 'noted'));
  const steps = told.map((o) => o.step);
  assert.equal(steps.at(-1), 'running');
  assert.equal(new Set(steps).size, steps.length, `told once: ${steps}`);
  const list = (await stack.ask('GET', '/operations')).json.items;
  assert.deepEqual(told.at(-1), list.find((o) => o.url === told.at(-1).url));

  const found = await events(stack, stack.at('noted', '/console'),
    (f) => f.filter((e) => e.event === 'note').length >= 2);
  const notes = found.filter((e) => e.event === 'note').map((e) => e.data);
  assert.deepEqual(notes.map((n) => n.note), ['deployment', 'deployment']);
  assert.match(notes[0].text, /^Deployment 1 by .* began/);
  assert.equal(notes[1].text, 'Deployment 1 is running.');
  assert.equal(notes[1].deployment, 1);
  const text = await stack.ask('GET',
    stack.at('noted', '/console?follow=false'));
  assert.match(text.text, /^\S+Z mollymawk: Deployment 1 is running\.$/m);
});

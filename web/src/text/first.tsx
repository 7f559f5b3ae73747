// SPDX-License-Identifier: ISC
// What somebody who begins is led through.
import type { ComponentChildren } from 'preact';

export const firstSteps = 'First steps';
export const progress = (done: number, all: number) => `${done} of ${all} done`;
export const putAway = 'Put away';
export const putAwayTold =
  'Put away. “First steps” in “Go to…” brings it back.';
export const allDone = 'All of this is set up.';
export const next = (people: ComponentChildren, settings: ComponentChildren,
  alerts: ComponentChildren) =>
  <>What comes next: {people}, {settings}, and {alerts}.</>;
export const nextPeople = 'invite people';
export const nextSettings = 'name the builders you trust';
export const nextAlerts = 'say who is told of alerts';
export const done = 'done';
export const unknown = 'not known';
export const step = (n: number) => `Step ${n}: `;
export const line = (step: string) => `${step}: command`;
export const tokenFor = (scope: ComponentChildren, variable: ComponentChildren,
  make: (words: string) => ComponentChildren) =>
  <>It takes a token with the scope {scope}, in {variable}: {make('make one')}.</>;

// An instance
export const instance = 'Add an instance';
export const instanceWhat = 'An instance is an albatross server: unikernels run ' +
  'there. Mollymawk commands it with the certificate and key of the CA that its ' +
  'albatross-tls-endpoint was started with; albatross-client generate makes them.';
export const instanceDo = 'Add an instance';
export const instanceIs = (names: ComponentChildren) => <>{names} is here.</>;
export const instancesAre = (n: number) => `${n} instances are here.`;
export const silent = 'does not answer';
export const instanceNeeds = (host: ComponentChildren, port: ComponentChildren,
  files: ComponentChildren) =>
  <>The server is in {host}, its port in {port} if it is not 1025; {files} are the
    files of its CA.</>;

// A policy
export const policy = 'Set a policy';
export const policyWhat = 'A policy says how many unikernels, CPUs, and how much ' +
  'memory a project may use on an instance. Without one nothing runs there.';
export const policyDo = 'Set a policy';
export const policyIs = (project: ComponentChildren, instance: string) =>
  <>{project} may use {instance}.</>;
export const policySilent = (instance: string) =>
  `${instance} has to answer first: what it has to give is not known yet.`;
export const policyFirst = 'An instance comes first.';

// The sample
export const deploy = 'Deploy the sample';
export const deployWhat = 'A unikernel that comes with Mollymawk: it prints its ' +
  'arguments, then a line a second. With it you see that all works, and what a ' +
  'deployment and a log look like.';
export const deployDo = 'Deploy the sample';
export const deployIs = (name: ComponentChildren) => <>{name} was deployed.</>;
export const deploysAre = (n: number) => `${n} unikernels are here.`;
export const deployFirst = 'A policy comes first.';
export const deployUnknown = (instance: string) =>
  `${instance} does not answer: what runs there is not known.`;

// A token
export const token = 'Make a token';
export const tokenWhat = 'A token lets a script or a CI job deploy, and no more, ' +
  'until it expires: with it, one line of curl deploys what was just built.';
export const tokenDo = 'Make a token';
export const tokenIs = (name: string) => `Your token ${name} works.`;
export const tokensAre = (n: number) => `${n} tokens of yours work.`;
export const tokenNeeds = (password: ComponentChildren,
  code: ComponentChildren) =>
  <>Only who is signed in makes tokens, so these lines sign in with your password
    in {password}, and where you have a second factor its code in {code}.</>;

// Who is no administrator
export const ask = 'Have a policy';
export const askWhat = 'A policy says what your project may use on an instance. ' +
  'Only an administrator gives one: send them this.';
export const askMessage = (project: string, address: string) =>
  `Please give the project ${project} a policy on an instance: ${address}`;
export const message = 'Message';
export const noProject = 'You are in no project in which you may deploy: an owner ' +
  'of one can add you, or make you a deployer.';

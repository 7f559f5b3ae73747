// SPDX-License-Identifier: ISC
// What somebody who begins is led through: what each step is for, its form, and
// the same as a command. What is done the server tells.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, unikernelPath, type Capacity } from '../api';
import { firstDeployLine, firstInstanceLine, putJsonLine, tokenLine } from
  '../lib/curl';
import { anyInstance, anyPlace, isSilent, placeOf, stepsOf, working, type Place,
  type Seen, type StepName } from '../lib/first';
import { isNowhere } from '../lib/focus';
import { begun } from '../lib/policy';
import { usePolled } from '../lib/poll';
import type { Scope } from '../lib/scopes';
import { setQuery } from '../router';
import { away } from '../store/first';
import { isAdmin, session } from '../store/session';
import { toast } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/first';
import './first.css';
import { Icon } from './Icon';
import { lazy } from './Lazy';
import type { MadeToken } from './TokenForm';
import { Badge, Code } from './ui';

const InstanceForm = lazy(() => import('./InstanceForm').then((m) =>
  m.InstanceForm));
const PolicyDialog = lazy(() => import('./PolicyDialog').then((m) =>
  m.PolicyDialog));
const TokenForm = lazy(() => import('./TokenForm').then((m) => m.TokenForm));
const TokenMade = lazy(() => import('./TokenMade').then((m) => m.TokenMade));

/** What one is shown of a step. */
interface Step {
  title: string;
  what: string;
  /** What is true once it is done; and what is wrong with it all the same. */
  is: ComponentChildren;
  amiss?: string | false;
  /** How it is done here; or what comes first. */
  act: (primary: boolean) => ComponentChildren;
  /** The command and what it needs; or what is sent to somebody. */
  needs?: ComponentChildren;
  line?: string | null;
  message?: string;
}

interface Standing extends Seen {
  own: string;
  capacity: Capacity | null;
  open: (form: StepName) => void;
}

const variable = (name: string) => <code>{name}</code>;
const bearer = (scope: Scope) => text.tokenFor(variable(scope),
  variable('MOLLYMAWK_TOKEN'), (words) => <a href="/tokens">{words}</a>);

/** A button that opens a form; the next step's is the one to press. */
const button = (label: string, onClick: () => void) => (primary: boolean) => (
  <button type="button" class={primary ? 'primary' : ''} onClick={onClick}>
    {label}</button>);

const later = (words: string) => () => <p class="quiet">{words}</p>;

function addInstance({ instances, open }: Standing): Step {
  const [one, ...more] = instances ?? [];
  return {
    title: text.instance, what: text.instanceWhat,
    is: one && more.length === 0 ? text.instanceIs(<a
      href={`/instances/${one.name}`}>{one.name}</a>) :
      text.instancesAre(more.length + 1),
    amiss: isSilent(instances) && text.silent,
    act: button(text.instanceDo, () => open('instance')),
    needs: <>{bearer('instance:admin')}{' '}{text.instanceNeeds(
      variable('ALBATROSS_HOST'), variable('ALBATROSS_PORT'),
      variable('ca.pem, ca.key'))}</>,
    line: firstInstanceLine(location.origin),
  };
}

/** What stands for a policy before there is an instance to ask. */
const example = { unikernels: 4, memory: 256, block: null, cpus: [0],
  bridges: ['service'] };

function setPolicy({ instances, projects, own, capacity, open }: Standing): Step {
  const instance = anyInstance(instances);
  const place = anyPlace(projects ?? []);
  return {
    title: text.policy, what: text.policyWhat,
    is: place && text.policyIs(<a href={`/projects/${place.project}`}>
      {place.project}</a>, place.instance),
    act: !instance ? later(text.policyFirst) : isSilent(instances) && !capacity ?
      later(text.policySilent(instance.name)) :
      button(text.policyDo, () => open('policy')),
    needs: bearer('project:admin'),
    line: instance && !capacity ? null : putJsonLine(location.origin,
      `/projects/${own}/policies/${instance?.name ?? 'INSTANCE'}`,
      capacity ? begun(capacity) : example),
  };
}

/** Who is no administrator asks for it. */
function askPolicy({ projects, own }: Standing): Step {
  const place = placeOf(projects ?? [], own);
  const where = `${location.origin}/projects/${own}`;
  return {
    title: text.ask, what: own ? text.askWhat : text.noProject,
    is: place && text.policyIs(<a href={`/projects/${place.project}`}>
      {place.project}</a>, place.instance),
    act: () => null,
    ...(own && { message: text.askMessage(own, where) }),
  };
}

const deployPath = ({ project, instance }: Place) =>
  `/deploy?sample=1&project=${project}&instance=${instance}&name=hello`;

function deploySample({ projects, unikernels, own }: Standing): Step {
  const place = placeOf(projects ?? [], own);
  const [one, ...more] = unikernels?.items ?? [];
  const [lost] = unikernels?.errors ?? [];
  return {
    title: text.deploy,
    what: lost && !one ? text.deployUnknown(lost.instance) : text.deployWhat,
    is: one && more.length === 0 ? text.deployIs(<a
      href={unikernelPath(one)}>{one.name}</a>) :
      text.deploysAre(more.length + 1),
    act: place ? (primary) => <a class={primary ? 'button primary' : 'button'}
      href={deployPath(place)}>{text.deployDo}</a> : later(text.deployFirst),
    needs: bearer('unikernel:deploy'),
    line: firstDeployLine(location.origin, place?.project ?? own,
      place?.instance ?? ''),
  };
}

function makeToken({ projects, tokens, own, open }: Standing): Step {
  const mine = working(tokens ?? []);
  const [one] = mine;
  const project = placeOf(projects ?? [], own)?.project ?? own;
  return {
    title: text.token, what: text.tokenWhat,
    is: one && mine.length === 1 ? text.tokenIs(one.name) :
      text.tokensAre(mine.length),
    act: button(text.tokenDo, () => open('token')),
    needs: text.tokenNeeds(variable('MOLLYMAWK_PASSWORD'),
      variable('MOLLYMAWK_CODE')),
    line: tokenLine(location.origin, session.value?.user.email ?? '', {
      name: 'first', expires_in_days: 30, ...(project && { project }),
      scopes: ['unikernel:read', 'unikernel:deploy'] }),
  };
}

const makers: Record<StepName, (standing: Standing) => Step> = {
  instance: addInstance,
  policy: (standing) => (isAdmin() ? setPolicy : askPolicy)(standing),
  deploy: deploySample,
  token: makeToken,
};

function Row({ n, step, done, next }: { n: number; step: Step;
  done: boolean | null; next: boolean }) {
  return (
    <li class={done ? 'done' : undefined} aria-current={next ? 'step' : undefined}>
      <span class="tick" aria-hidden="true">{done ? <Icon name="check" /> : n}
      </span>
      <div class="stack">
        <h3><span class="unseen">{text.step(n)}</span>{step.title}{' '}
          {done && (step.amiss ? <Badge kind="warn">{step.amiss}</Badge> :
            <Badge kind="good">{text.done}</Badge>)}
          {done === null && <Badge kind="plain">{text.unknown}</Badge>}</h3>
        <p class={done ? 'quiet' : undefined}>{done ? step.is : step.what}</p>
        {!done && <div>{step.act(next)}</div>}
      </div>
      {!done && step.line && <div class="stack" role="group"
        aria-label={text.line(step.title)}>
        <p class="note">{common.fromScript}. {step.needs}</p>
        <Code text={step.line} /></div>}
      {!done && step.message && <div class="stack">
        <Code text={step.message} what={text.message} /></div>}
    </li>
  );
}

/** What opens a form, and what is done when one has ended. */
function Forms({ form, seen, own, onClose, onDone }: { form: StepName | null;
  seen: Seen; own: string; onClose: () => void; onDone: (step: StepName) => void }) {
  const [made, setMade] = useState<MadeToken | null>(null);
  const instance = anyInstance(seen.instances)?.name ?? '';
  const names = (seen.projects ?? []).filter((p) => !p.archived)
    .map((p) => p.name);
  const choices = [...names.filter((p) => p === own),
    ...names.filter((p) => p !== own)];
  return (
    <>
      {form === 'instance' && <InstanceForm onClose={onClose}
        onSaved={() => onDone('instance')} />}
      {form === 'policy' && <PolicyDialog instance={instance} project=""
        choices={choices} onClose={onClose} onSaved={() => onDone('policy')} />}
      {form === 'token' && <TokenForm onClose={onClose} onMade={(now) => {
        setMade(now);
        onClose();
      }} />}
      {made && <TokenMade made={made} onClose={() => {
        setMade(null);
        onDone('token');
      }} />}
    </>
  );
}

/** Where one goes on when all is done. */
const Next = () => (
  <p class="next">{text.next(<a href="/users">{text.nextPeople}</a>,
    <a href="/settings?tab=images">{text.nextSettings}</a>,
    <a href="/notifications">{text.nextAlerts}</a>)}</p>
);

function putAway(): void {
  away.value = true;
  setQuery('first', '');
  toast(text.putAwayTold);
  document.querySelector('main')?.focus();
}

/** What the first instance has, while a policy on it is to be set. */
function useCapacity(instance: string) {
  return usePolled(async (signal) => (instance ?
    get<Capacity>(`/instances/${instance}/capacity`, signal) : null), 60_000,
  [instance]).value;
}

/** own: the project of the person, "" when there is none. */
export function FirstSteps({ seen, own, again }: { seen: Seen; own: string;
  again: () => void }) {
  const steps = stepsOf(seen, own, isAdmin());
  const done = steps.filter(([, is]) => is).length;
  const next = steps.find(([, is]) => is === false)?.[0];
  const [form, setForm] = useState<StepName | null>(null);
  const capacity = useCapacity(isAdmin() && next === 'policy' ?
    anyInstance(seen.instances)?.name ?? '' : '');
  const standing: Standing = { ...seen, own, capacity, open: setForm };
  const box = useRef<HTMLElement>(null);
  const acted = useRef<StepName | null>(null);
  // Who did a step goes on with the next one, once that can be done; unless they
  // went elsewhere meanwhile.
  useEffect(() => {
    if (!acted.current || form || next === acted.current) return;
    const act = box.current?.querySelector<HTMLElement>(
      '[aria-current] :is(button, a)');
    if (next && !act) return;
    acted.current = null;
    if (isNowhere()) act?.focus();
  });
  return (
    <section class="card first" aria-labelledby="first-steps" ref={box}>
      <header><h2 id="first-steps">{text.firstSteps}</h2>
        <span class="quiet" role="status">{done === steps.length ? text.allDone :
          text.progress(done, steps.length)}</span><span class="grow" />
        <button type="button" class="small" onClick={putAway}>{text.putAway}
        </button></header>
      <ol>{steps.map(([name, is], i) => <Row key={name} n={i + 1}
        step={makers[name](standing)} done={is} next={name === next} />)}</ol>
      {isAdmin() && done === steps.length && <Next />}
      <Forms form={form} seen={seen} own={own} onClose={() => setForm(null)}
        onDone={(step) => {
          acted.current = step;
          setForm(null);
          again();
        }} />
    </section>
  );
}

// SPDX-License-Identifier: ISC
// The parts of the deploy form, each field with what the policy leaves for it.
import type { Project, Unikernel } from '../../api';
import type { Form } from '../../lib/curl';
import { mb } from '../../lib/format';
import { isName, leftWith, type Left } from '../../lib/form';
import * as common from '../../text/common';
import { memoryLeftWith, secretsHint, tooMuchMemory } from '../../text/config';
import * as text from '../../text/deploy';
import { Check, Choice, Field, ListEditor } from '../ui';

interface PartProps {
  form: Form;
  /** null: the policy is not known. */
  left: Left | null;
  /** What was said against a field since it was changed last. */
  say: (name: string) => string | undefined;
  set: (change: Partial<Form>) => void;
}

/** What stands beside the name: what has it now, or how many more there may be. */
function nameHint(name: string, old: Unikernel | null, left: Left | null): string {
  if (old?.name === name && old.state === 'running') return text.nameReplaces(name);
  return text.nameHint(left && left.unikernels);
}

function nameWrong({ name }: Form, old: Unikernel | null, left: Left | null):
string | undefined {
  if (name !== '' && !isName(name)) return text.nameWrong;
  return left?.unikernels === 0 && old?.state !== 'running' ?
    text.noneMore(left.policy.unikernels) : undefined;
}

export function Where({ form, projects, old, left, say, set }: PartProps & {
  projects: Project[]; old: Unikernel | null }) {
  const project = projects.find((p) => p.name === form.project);
  const policies = project?.policies ?? [];
  return (
    <section class="part"><h2>{text.where}</h2>
      <div class="columns">
        <Field label={common.project} error={say('project')}>{(p) => (
          <select {...p} value={form.project} onChange={(e) => {
            const name = e.currentTarget.value;
            const to = projects.find((q) => q.name === name);
            set({ project: name, instance: to?.policies.some((q) =>
              q.instance === form.instance) ? form.instance :
              to?.policies[0]?.instance ?? '' });
          }}>{projects.map((q) => <option key={q.name}>{q.name}</option>)}
          </select>)}</Field>
        <Field label={common.instance} error={say('instance')}
          hint={policies.length > 0 ? undefined : text.noPolicy}>{(p) => (
          <select {...p} required value={form.instance}
            onChange={(e) => set({ instance: e.currentTarget.value })}>
            {policies.map((q) => (
              <option key={q.instance}>{q.instance}</option>))}
          </select>)}</Field>
      </div>
      <Field label={common.name} error={say('name') ?? nameWrong(form, old, left)}
        hint={nameHint(form.name, old, left)}>
        {(p) => (
          <input {...p} required maxLength={63} spellcheck={false}
            autocomplete="off" autocapitalize="off" value={form.name}
            onInput={(e) => set({ name: e.currentTarget.value.toLowerCase() })} />)}
      </Field>
    </section>
  );
}

/** "32 MB of 256 MB are left with it" */
function memoryHint(left: Left | null, rest: number | null): string | undefined {
  if (left === null) return undefined;
  const all = mb(left.policy.memory);
  return rest === null ? text.memoryLeft(mb(left.memory), all) :
    memoryLeftWith(mb(rest), all);
}

export function Resources({ form, left, say, set }: PartProps) {
  const rest = leftWith(left, form.memory);
  const cpus = left?.policy.cpus ?? [];
  return (
    <section class="part"><h2>{text.resources}</h2>
      <div class="columns">
        <Field label={text.memory} error={say('memory') ?? (left && rest !== null &&
          rest < 0 ? tooMuchMemory(mb(left.memory), mb(left.policy.memory)) :
          undefined)} hint={memoryHint(left, rest)}>{(p) => (
          <input {...p} type="number" min={1} required value={form.memory}
            onInput={(e) => set({ memory: e.currentTarget.value })} />)}</Field>
        <Field label={text.priority} error={say('startup')}
          hint={text.priorityHint}>{(p) => (
          <input {...p} type="number" min={0} max={100} value={form.startup}
            onInput={(e) => set({ startup: e.currentTarget.value })} />)}</Field>
      </div>
      {cpus.length > 1 && <Choice label={text.cpus} values={cpus}
        chosen={form.cpus} error={say('cpus')} hint={text.cpusHint}
        onChange={(chosen) => set({ cpus: chosen })} />}
    </section>
  );
}

const sampleArg = '--hello=world';

export function Starting({ form, say, set }: PartProps) {
  return (
    <section class="part"><h2>{text.start}</h2>
      <ListEditor label={text.args} items={form.args} placeholder={sampleArg}
        hint={form.args.length === 0 ? text.noArgs : secretsHint}
        error={say('arguments')} onChange={(args) => set({ args })} />
      <Check label={text.restart} checked={form.restart}
        onChange={(restart) => set({ restart })} />
      {form.restart && <Field label={text.exits} hint={text.exitsHint}
        error={say('exit_codes')}>{(p) => (
        <input {...p} value={form.exits} placeholder="2, 3"
          onInput={(e) => set({ exits: e.currentTarget.value })} />)}</Field>}
      <Check label={text.addName} checked={form.addName}
        onChange={(addName) => set({ addName })} />
    </section>
  );
}

// An address without a host, which asks nobody else.
const sampleCheck = ['http:', '', ':80', ''].join('/');

export function Failing({ form, say, set }: PartProps) {
  return (
    <section class="part"><h2>{text.doesNotWork}</h2>
      <Field label={text.check} error={say('check')}
        hint={text.checkHint(sampleCheck)}>{(p) => (
        <input {...p} value={form.check} spellcheck={false} autocapitalize="off"
          placeholder={sampleCheck}
          onInput={(e) => set({ check: e.currentTarget.value })} />)}</Field>
      <Check label={text.bringBack} checked={form.autoRollback}
        onChange={(autoRollback) => set({ autoRollback })} />
    </section>
  );
}

// SPDX-License-Identifier: ISC
// What is changed of a configuration while the rest of it stays.
import type { UnikernelConfig } from '../api';
import { mb, numberOf } from '../lib/format';
import { leftWith, type Left } from '../lib/form';
import * as text from '../text/config';
import { Field, ListEditor } from './ui';

export interface Changed {
  memory: string;
  args: string[];
}

export const changedFields = ['memory', 'arguments'];

export function unchanged(config: UnikernelConfig | null): Changed {
  return { memory: String(config?.memory ?? ''), args: config?.arguments ?? [] };
}

/** The keys that are other than those of the configuration. */
export function changesOf({ memory, args }: Changed,
  config: UnikernelConfig | null): Record<string, unknown> {
  const old = unchanged(config);
  return {
    ...(memory !== old.memory && { memory: numberOf(memory) }),
    ...(JSON.stringify(args) !== JSON.stringify(old.args) && { arguments: args }),
  };
}

export function ConfigFields({ value, say, left, onChange }: { value: Changed;
  say: (name: string) => string | undefined;
  /** What the policy leaves for it; null: not known. */
  left: Left | null; onChange: (value: Changed) => void }) {
  const rest = leftWith(left, value.memory);
  const all = left && mb(left.policy.memory);
  return (
    <>
      <Field label={text.memory} error={say('memory') ?? (left && all && rest !== null &&
        rest < 0 ? text.tooMuchMemory(mb(left.memory), all) : undefined)}
        hint={all && rest !== null ? text.memoryLeftWith(mb(rest), all) : undefined}>{(p) => (
        <input {...p} type="number" min={1} value={value.memory}
          onInput={(e) => onChange({ ...value, memory: e.currentTarget.value })} />)}
      </Field>
      <ListEditor label={text.args} items={value.args} error={say('arguments')}
        hint={text.secretsHint}
        onChange={(args) => onChange({ ...value, args })} />
    </>
  );
}

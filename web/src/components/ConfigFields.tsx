// SPDX-License-Identifier: ISC
// What is changed of a configuration while the rest of it stays.
import type { UnikernelConfig } from '../api';
import { numberOf } from '../lib/format';
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

export function ConfigFields({ value, say, onChange }: { value: Changed;
  say: (name: string) => string | undefined;
  onChange: (value: Changed) => void }) {
  return (
    <>
      <Field label={text.memory} error={say('memory')}>{(p) => (
        <input {...p} type="number" min={1} value={value.memory}
          onInput={(e) => onChange({ ...value, memory: e.currentTarget.value })} />)}
      </Field>
      <ListEditor label={text.args} items={value.args} error={say('arguments')}
        hint={text.secretsHint}
        onChange={(args) => onChange({ ...value, args })} />
    </>
  );
}

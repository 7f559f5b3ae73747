// SPDX-License-Identifier: ISC
// The deploy form: how it begins, and what of a policy is left beside it.
import type { Policy, Project, Unikernel, UnikernelConfig, Usage } from '../api';
import type { Form } from './curl';
import { numberOf } from './format';

/** What the address says to begin with, and how. */
export interface Begin {
  query: URLSearchParams;
  config: Partial<UnikernelConfig> | null;
  /** An earlier deployment is repeated: its MAC addresses are kept. */
  same: boolean;
}

function hostsOf(config: Partial<UnikernelConfig> | null, same: boolean):
[string, string][] {
  return [
    ...(config?.networks ?? []).map((n): [string, string] =>
      [n.name, (n.bridge === n.name ? '' : n.bridge ?? '') +
        (n.mac && same ? `@${n.mac}` : '')]),
    ...(config?.volumes ?? []).map((v): [string, string] =>
      [v.name, (v.volume === v.name ? '' : v.volume ?? '') +
        (v.sector_size && v.sector_size !== 512 ? `@${v.sector_size}` : '')]),
  ];
}

/** A new form, or one filled in like that. */
export function beginForm(projects: Project[], { query, config, same }: Begin):
Form {
  const project = projects.find((p) => p.name === query.get('project')) ??
    projects.find((p) => p.policies.length > 0) ?? projects[0];
  return {
    project: project?.name ?? '',
    instance: query.get('instance') ?? project?.policies[0]?.instance ?? '',
    name: query.get('name') ?? '', memory: String(config?.memory ?? 32),
    cpus: config?.cpus ?? [], args: config?.arguments ?? [],
    restart: config?.fail_behaviour === 'restart',
    exits: config?.exit_codes?.join(', ') ?? '',
    addName: config?.add_name ?? true, check: '', autoRollback: true,
    startup: config?.startup === undefined || config.startup === 50 ? '' :
      String(config.startup),
    hosts: Object.fromEntries(hostsOf(config, same)),
  };
}

/** What there is for one more unikernel; null: without a limit, or none. */
export interface Left {
  policy: Policy;
  unikernels: number;
  memory: number;
  block: number | null;
}

/** What is left of a policy; what is replaced makes room for what comes. */
export function leftOf({ policy, used }: Usage, old: Unikernel | null): Left {
  const frees = old?.state === 'running' ? old.config?.memory ?? 0 : 0;
  return {
    policy,
    unikernels: Math.max(0, policy.unikernels - used.unikernels +
      (old?.state === 'running' ? 1 : 0)),
    memory: Math.max(0, policy.memory - used.memory + frees),
    block: policy.block == null ? null : Math.max(0, policy.block - used.block),
  };
}

/** What is left with it; null while it is no number, or without limits. */
export function leftWith(left: Left | null, memory: string): number | null {
  const wanted = numberOf(memory);
  return left === null || typeof wanted !== 'number' ? null :
    left.memory - wanted;
}

/** A name albatross takes, as far as it is typed. */
export const isName = (name: string) =>
  /^[a-z0-9.][a-z0-9.-]{0,62}$/.test(name) && !/^\.+$/.test(name);

// SPDX-License-Identifier: ISC
import type { ComponentChildren } from 'preact';

/** How well it does; plain: neither well nor badly. */
export type Kind = 'good' | 'bad' | 'warn' | 'plain';

export function Badge({ kind, why, children }: { kind: Kind;
  why?: string | undefined; children?: ComponentChildren }) {
  return <span class={`badge ${kind}`} title={why || undefined}>{children}</span>;
}

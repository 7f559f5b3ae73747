// SPDX-License-Identifier: ISC
import type { ComponentChildren } from 'preact';

export function Badge({ kind, why, children }: {

  kind: 'good' | 'bad' | 'warn' | 'plain'; why?: string | undefined;
  children?: ComponentChildren }) {
  return <span class={`badge ${kind}`} title={why || undefined}>{children}</span>;
}

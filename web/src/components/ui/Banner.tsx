// SPDX-License-Identifier: ISC
import type { ComponentChildren } from 'preact';

export function Banner({ kind = 'bad', title, children }: {
  kind?: 'bad' | 'warn' | 'plain'; title: string;
  children?: ComponentChildren }) {
  return (
    <div class={`banner ${kind}`} role={kind === 'bad' ? 'alert' : 'status'}>
      <strong>{title}</strong> <span>{children}</span>
    </div>
  );
}

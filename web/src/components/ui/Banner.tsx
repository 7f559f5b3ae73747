// SPDX-License-Identifier: ISC
import type { ComponentChildren, Ref } from 'preact';

export function Banner({ kind = 'bad', title, box, children }: {
  kind?: 'bad' | 'warn' | 'plain'; title: string; box?: Ref<HTMLDivElement>;
  children?: ComponentChildren }) {
  return (
    <div ref={box ?? null} class={`banner ${kind}`}
      role={kind === 'bad' ? 'alert' : 'status'}>
      <strong>{title}</strong> <span>{children}</span>
    </div>
  );
}

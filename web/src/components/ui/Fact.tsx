// SPDX-License-Identifier: ISC
import type { ComponentChildren } from 'preact';

/** One of the values that stand side by side above something. */
export function Fact({ name, children }: { name: string;
  children?: ComponentChildren }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}

// SPDX-License-Identifier: ISC
// The unikernels which something is about to be done with.
import { unikernelPath, type Unikernel } from '../api';

export const Names = ({ items }: { items: Unikernel[] }) => (
  <ul class="names">{items.map((u) => (
    <li key={unikernelPath(u)}>{u.name}{' '}
      <span class="quiet">{u.instance} / {u.project}</span></li>))}</ul>
);

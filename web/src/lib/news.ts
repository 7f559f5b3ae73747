// SPDX-License-Identifier: ISC
// A list and what is told of its items meanwhile.
import type { UnikernelName } from '../api';

export interface News<T extends UnikernelName> {
  item: T | null;
  /** Whose it was, when there is no item any more. */
  instance?: string;
  project?: string;
  name?: string;
}

const pathOf = (u: Partial<UnikernelName>) =>
  `${u.instance}/${u.project}/${u.name}`;

/** The list with one item as it is now; a new one stands in its order. */
export function withNews<T extends UnikernelName>(items: T[], news: News<T>): T[] {
  const { item } = news;
  const path = pathOf(item ?? news);
  const at = items.findIndex((u) => pathOf(u) === path);
  if (item === null) return at < 0 ? items : items.toSpliced(at, 1);
  if (at >= 0) return items.with(at, item);
  const next = items.findIndex((u) => pathOf(u) > path);
  return items.toSpliced(next < 0 ? items.length : next, 0, item);
}

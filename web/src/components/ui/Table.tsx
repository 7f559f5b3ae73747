// SPDX-License-Identifier: ISC
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../Icon';

export interface Column {
  title: string;
  /** Instead of the title: a box that chooses all rows. */
  content?: ComponentChildren;
  /** The title is for screen readers only. */
  unseen?: boolean;
  class?: string;
  /** Where the list can be sorted by it: how it is now, and what changes it. */
  sort?: 'ascending' | 'descending' | 'none';
  onSort?: () => void;
}

function Head({ column }: { column: string | Column }) {
  const { title, content, unseen, class: name, sort, onSort } =
    typeof column === 'string' ? { title: column } as Column : column;
  return (
    <th scope="col" class={name} aria-sort={sort}>
      {content ?? (onSort ? <button type="button" class="sort" onClick={onSort}>{title}
        {(sort === 'ascending' || sort === 'descending') &&
          <Icon name={sort === 'ascending' ? 'up' : 'down'} />}</button> :
        unseen ? <span class="unseen">{title}</span> : title)}
    </th>
  );
}

/**
 * A table with its name for screen readers. Where it is larger than there is
 * room, the keyboard reaches it and scrolls it; else it is no stop.
 */
export function Table({ label, class: name, columns, children }: {
  label: string; class?: string; columns: readonly (string | Column)[];
  children: ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null);
  const [scrolls, setScrolls] = useState(false);
  useLayoutEffect(() => {
    const at = box.current;
    if (!at?.firstElementChild) return;
    const look = () => setScrolls(at.scrollWidth > at.clientWidth + 1 ||
      at.scrollHeight > at.clientHeight + 1);
    const watch = new ResizeObserver(look);
    watch.observe(at);
    watch.observe(at.firstElementChild);
    return () => watch.disconnect();
  }, []);
  return (
    <div class="table" ref={box} {...(scrolls && { tabIndex: 0, role: 'region',
      'aria-label': label })}>
      <table class={name} aria-label={label}>
        <thead><tr>{columns.map((c, i) => <Head key={i} column={c} />)}</tr></thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

// SPDX-License-Identifier: ISC
// A button that opens a menu beside it: links and what is done at once.
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon } from './Icon';
import './menu.css';

export interface Item {
  key: string;
  text: ComponentChildren;
  /** Where it leads, or what it does. */
  href?: string;
  run?: () => void;
  danger?: boolean;
}

/** Below the button, or above it where there is no room, within the window. */
function put(menu: HTMLElement, button: HTMLElement): void {
  const at = button.getBoundingClientRect();
  const below = at.bottom + menu.offsetHeight < innerHeight;
  menu.style.top = `${Math.max(0, below ? at.bottom : at.top -
    menu.offsetHeight)}px`;
  menu.style.left = `${Math.max(0, Math.min(at.right - menu.offsetWidth,
    innerWidth - menu.offsetWidth))}px`;
}

function step(menu: HTMLElement, event: KeyboardEvent): void {
  const all = [...menu.querySelectorAll<HTMLElement>('[role="menuitem"]')];
  const here = all.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0,
    End: -1 }[event.key];
  const letter = event.key.length === 1 && event.key !== ' ' ?
    [...all.slice(here + 1), ...all.slice(0, here)].find((one) =>
      one.textContent?.toLowerCase().startsWith(event.key.toLowerCase())) : null;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (to === undefined && !letter) return;
  event.preventDefault();
  event.stopPropagation();
  (letter ?? all.at(to === undefined ? 0 : to % all.length))?.focus();
}

function Opened({ items, label, button, onClose }: { items: Item[]; label: string;
  button: HTMLElement; onClose: () => void }) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const menu = ref.current;
    if (!menu) return;
    menu.showPopover();
    put(menu, button);
    menu.querySelector<HTMLElement>('[role="menuitem"]')?.focus();
  }, []);
  const props = (item: Item) => ({ role: 'menuitem', tabIndex: -1,
    class: `item ${item.danger ? 'danger' : ''}`,
    onClick: () => { ref.current?.hidePopover(); item.run?.(); } } as const);
  return (
    <div popover="auto" ref={ref} class="menu actions" role="menu"
      aria-label={label} onToggle={(e) => {
        if (e.newState === 'closed') onClose();
      }} onKeyDown={(e) => {
        if (e.key === 'Tab') ref.current?.hidePopover();
        else if (ref.current) step(ref.current, e);
      }}>
      {items.map((item) => (item.href ?
        <a key={item.key} href={item.href} {...props(item)}>{item.text}</a> :
        <button key={item.key} type="button" {...props(item)}>{item.text}
        </button>))}
    </div>
  );
}

/** items is asked when it is opened. */
export function Menu({ label, items }: { label: string; items: () => Item[] }) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <button type="button" class="small bare" ref={button} aria-label={label}
        title={label} aria-haspopup="menu" aria-expanded={open}
        onClick={() => setOpen(true)}
        onKeyDown={(e) => {
          if (e.key !== 'ArrowDown') return;
          e.preventDefault();
          setOpen(true);
        }}><Icon name="dots" /></button>
      {open && button.current && <Opened items={items()} label={label}
        button={button.current} onClose={() => setOpen(false)} />}
    </>
  );
}

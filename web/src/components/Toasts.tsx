// SPDX-License-Identifier: ISC
// What just happened, above everything: also above a dialog that is open, in
// which it then stands, as nothing else can be heard or reached. It never lies
// on what has the focus.
import { render } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { dropToast, holdToasts, toasts } from '../store/toasts';
import * as common from '../text/common';
import { Icon } from './Icon';

/** The dialog that is above all others, or the page. */
const topmost = () => [...document.querySelectorAll('dialog:modal')].at(-1) ??
  document.body;

/** Where they stand: a place of their own, which goes from dialog to dialog. */
const host = document.createElement('div');

const box = () => host.querySelector<HTMLElement>('.toasts');

/** Shown anew, they stand above dialogs that were opened meanwhile. */
function raise(): void {
  const top = topmost();
  if (host.parentElement !== top) top.append(host);
  if (box()?.matches(':popover-open')) box()?.hidePopover();
  if (toasts.value.length > 0) box()?.showPopover();
}

/** To the other end of the window, where they would lie on what has the focus. */
function stepAside(): void {
  const at = document.activeElement, mine = box();
  if (!mine || !at || at.matches('body, main, dialog') || host.contains(at) ||
    toasts.value.length === 0) return;
  const a = at.getBoundingClientRect(), b = mine.getBoundingClientRect();
  if (a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top)
    mine.classList.toggle('above');
}

function Toasts() {
  const ref = useRef<HTMLDivElement>(null);
  const all = toasts.value;
  useLayoutEffect(() => {
    raise();
    stepAside();
    // What goes from below the pointer or the focus tells nobody that it left.
    if (!ref.current?.matches(':hover, :focus-within')) holdToasts(false);
    if (all.length === 0) ref.current?.classList.remove('above');
  }, [all]);
  const held = (on: boolean) => () => holdToasts(on);
  return (
    <div ref={ref} popover="manual" class="toasts" role="status"
      onMouseEnter={held(true)} onMouseLeave={held(false)}
      onFocusIn={held(true)} onFocusOut={held(false)}>
      {all.map((t) => (
        <div key={t.id} class={t.bad ? 'toast bad' : 'toast'}>
          <span>{t.text}</span>
          <button type="button" class="small bare" aria-label={common.dismiss}
            onClick={() => dropToast(t.id)}><Icon name="close" /></button>
        </div>))}
    </div>
  );
}

/** Shows them from now on, whatever page there is. */
export function showToasts(): void {
  document.body.append(host);
  render(<Toasts />, host);
  document.addEventListener('focusin', stepAside);
  addEventListener('scroll', stepAside, { passive: true });
  // A dialog that goes takes them along: they come back.
  new MutationObserver(() => { if (!host.isConnected) raise(); })
    .observe(document.body, { childList: true, subtree: true });
}

// SPDX-License-Identifier: ISC
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks';

/**
 * A modal dialog; Escape closes it, back to where one was. So does the backdrop,
 * but for a dialog in which something was typed or chosen, or which shows what
 * nobody can see again.
 */
export function Dialog({ title, onClose, wide, once, children }: {
  title: string; onClose: () => void; wide?: boolean; once?: boolean;
  children?: ComponentChildren }) {
  const ref = useRef<HTMLDialogElement>(null);
  const since = useRef(performance.now());
  const changed = useRef(false);
  const id = useId();
  // A click that was meant for what lay there a moment ago closes nothing.
  const isMeant = () => performance.now() - since.current > 500;
  // At once: who opened it by a key types on.
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  // A next step of it begins where it says.
  const began = useRef<Element | null>(null);
  useEffect(() => {
    const first = ref.current?.querySelector<HTMLElement>('[autofocus]') ?? null;
    if (first === began.current) return;
    began.current = first;
    if (!ref.current?.querySelector(':focus')) first?.focus();
  });
  return (
    <dialog ref={ref} aria-labelledby={id} class={wide ? 'wide' : ''}
      onCancel={(e) => {
        // Who chose no file after all stays in the form: that bubbles.
        if (e.target !== ref.current) return;
        e.preventDefault();
        onClose();
      }}
      onInput={() => { changed.current = true; }}
      onMouseDown={(e) => {
        if (e.target === ref.current && isMeant() && !changed.current &&
          !once) onClose();
      }}>
      <div class="dialog-body"><h2 id={id}>{title}</h2>{children}</div>
    </dialog>
  );
}

// SPDX-License-Identifier: ISC
// Whether the focus is lost, and where one types on after a refusal.
import { useEffect, useRef } from 'preact/hooks';

/** What had the focus is gone. */
export function isNowhere(): boolean {
  const at = document.activeElement;
  return !at || at === document.body || at instanceof HTMLDialogElement;
}

const WRONG = '[aria-invalid="true"], ' +
  'fieldset.bad :is(input, select, textarea, button)';

/** The first field that is wrong; without one, what sent the form. */
function goOn(form: HTMLFormElement): void {
  const wrong = form.querySelector<HTMLElement>(WRONG);
  if (wrong) {
    wrong.focus();
    return;
  }
  // A button that was pressed lost the focus while it could not be pressed.
  if (isNowhere())
    form.querySelector<HTMLElement>('button:not([type="button"])')?.focus();
}

/** For something in a form, or the form: what was said against what was sent. */
export function useGoOn<E extends Element>(error: Error | null) {
  const ref = useRef<E>(null);
  useEffect(() => {
    const form = error && ref.current?.closest('form');
    if (form) goOn(form);
  }, [error]);
  return ref;
}

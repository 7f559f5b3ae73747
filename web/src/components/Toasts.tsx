// SPDX-License-Identifier: ISC
// What just happened, above everything: also above a dialog that is open.
import { useLayoutEffect, useRef } from 'preact/hooks';
import { dropToast, toasts } from '../store/toasts';
import * as common from '../text/common';
import { Icon } from './Icon';

export function Toasts() {
  const ref = useRef<HTMLDivElement>(null);
  const all = toasts.value;
  useLayoutEffect(() => {
    const box = ref.current;
    if (!box) return;
    // Shown anew, it stands above dialogs that were opened meanwhile.
    if (box.matches(':popover-open')) box.hidePopover();
    if (all.length > 0) box.showPopover();
  }, [all]);
  return (
    <div ref={ref} popover="manual" class="toasts" role="status">
      {all.map((t) => (
        <div key={t.id} class={t.bad ? 'toast bad' : 'toast'}>
          <span>{t.text}</span>
          <button type="button" class="small bare" aria-label={common.dismiss}
            onClick={() => dropToast(t.id)}><Icon name="close" /></button>
        </div>))}
    </div>
  );
}

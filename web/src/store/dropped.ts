// SPDX-License-Identifier: ISC
// An image dropped anywhere on the pages: the deploy page takes it.
import { signal } from '@preact/signals';
import { leave, place } from '../router';

export const dropped = signal<File | null>(null);
/** Whether a file hovers over the window. */
export const dragging = signal(false);

function hasFile(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}

/** Listens on the whole window; returns how to stop. */
export function takeDrops(): () => void {
  const control = new AbortController();
  const on = (kind: 'dragover' | 'dragleave' | 'drop',
    then: (event: DragEvent) => void) =>
    addEventListener(kind, (event) => {
      const into = event.target instanceof HTMLInputElement &&
        event.target.type === 'file';
      if (!hasFile(event) || into) return;
      event.preventDefault();
      if (!document.querySelector('dialog[open]')) then(event);
    }, { signal: control.signal });
  on('dragover', () => { dragging.value = true; });
  on('dragleave', (event) => {
    if (event.relatedTarget === null) dragging.value = false;
  });
  on('drop', (event) => {
    dragging.value = false;
    dropped.value = event.dataTransfer?.files[0] ?? null;
    if (dropped.value && place.value.path !== '/deploy') leave('/deploy');
  });
  return () => control.abort();
}

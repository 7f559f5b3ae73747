// SPDX-License-Identifier: ISC
// Ctrl-K: go to any page, unikernel or volume by a few letters of its name.
import { useEffect, useState } from 'preact/hooks';
import { getAll, unikernelPath, volumePath, type Volume, type VolumeList } from
  '../api';
import { leave } from '../router';
import { loadUnikernels, unikernels } from '../store/unikernels';
import { toastError } from '../store/toasts';
import { mySections } from '../routes';
import * as text from '../text/palette';
import { Dialog } from './ui';

interface Target {
  title: string;
  note: string;
  path: string;
}

function targets(volumes: Volume[]): Target[] {
  return [
    ...mySections().map((s) => ({ title: s.title, note: text.page,
      path: s.pattern })),
    ...(unikernels.value?.items ?? []).map((u) => ({
      title: u.name, note: text.whereOf(u.instance, u.project),
      path: unikernelPath(u),
    })),
    ...volumes.map((v) => ({ title: v.name,

      note: text.volumeAt(v.instance, v.project), path: volumePath(v) })),
  ];
}

export function Palette({ onClose }: { onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const [volumes, setVolumes] = useState<Volume[]>([]);
  useEffect(() => {
    void loadUnikernels();
    getAll<VolumeList>('/volumes').then(({ items }) => setVolumes(items), toastError);
  }, []);
  const words = typed.toLowerCase().split(/\s+/);
  const found = targets(volumes).filter((t) => words.every((w) =>
    `${t.title} ${t.note}`.toLowerCase().includes(w))).slice(0, 12);
  const pick = (target: Target | undefined) => {
    if (!target) return;
    onClose();
    leave(target.path);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(at + 1, found.length - 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(at - 1, 0));
    else if (event.key === 'Enter') pick(found[at]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title={text.title} onClose={onClose}>
      <input autofocus role="combobox" aria-expanded="true" aria-label={text.title}
        aria-controls="palette-list" spellcheck={false}
        aria-activedescendant={found[at] && `palette-${at}`} value={typed}
        onInput={(e) => { setTyped(e.currentTarget.value); setAt(0); }}
        onKeyDown={onKey} />
      <ul id="palette-list" role="listbox" aria-label={text.list} class="palette">
        {found.map((t, i) => (
          <li key={t.path} id={`palette-${i}`} role="option"
            aria-selected={i === at} onClick={() => pick(t)}>
            <span>{t.title}</span><span class="quiet">{t.note}</span></li>))}
      </ul>
      {found.length === 0 && <p class="quiet">{text.nothing}</p>}
    </Dialog>
  );
}

// SPDX-License-Identifier: ISC
import { useId } from 'preact/hooks';

/** One of a few values, side by side; the arrow keys choose. */
export function Segments<T extends string>({ label, values, value, unseen,
  onChange }: {
  label: string; values: readonly (readonly [T, string])[]; value: T;
  /** The label is for screen readers only. */
  unseen?: boolean; onChange: (value: T) => void;
}) {
  const name = useId();
  return (
    <fieldset class="segments">
      <legend class={unseen ? 'unseen' : undefined}>{label}</legend>
      {values.map(([key, text]) => (
        <label key={key}><input type="radio" name={name} value={key}
          checked={value === key} onChange={() => onChange(key)} />
          <span>{text}</span></label>))}
    </fieldset>
  );
}

// SPDX-License-Identifier: ISC
// One of a few ways, each with what it means, below each other.

export function Options<T extends string>({ name, label, choices, chosen, error,
  onChange }: {
  name: string; label: string; choices: readonly [T, string, string][]; chosen: T;
  error?: string | undefined; onChange: (key: T) => void }) {
  return (
    <fieldset class={error ? 'field bad options' : 'field options'}>
      <legend class="unseen">{label}</legend>
      {choices.map(([key, title, about]) => (
        <label key={key} class="check"><input type="radio" name={name}
          value={key} checked={chosen === key} onChange={() => onChange(key)} />
          <span><strong>{title}</strong><br />
            <span class="quiet">{about}</span></span></label>))}
      {error && <p class="note" role="alert">{error}</p>}</fieldset>
  );
}

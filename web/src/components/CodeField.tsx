// SPDX-License-Identifier: ISC
// The second factor as it is typed: a code of six digits, or a recovery code.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import * as text from '../text/signIn';
import { Field } from './ui';

export function CodeField({ value, error, onValue }: { value: string;
  error?: string | undefined; onValue: (value: string) => void }) {
  const [recovery, setRecovery] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  // It comes in place of what was typed in: at once, so that one types on.
  useLayoutEffect(() => input.current?.focus(), [recovery]);
  const swap = () => {
    setRecovery(!recovery);
    onValue('');
  };
  return (
    <>
      <Field label={recovery ? text.recoveryCode : text.code} error={error}
        hint={recovery ? text.recoveryHint : text.codeHint}>{(p) => (
        <input {...p} ref={input} class="mono" required spellcheck={false}
          autocapitalize="off" maxLength={64} value={value}
          autocomplete={recovery ? 'off' : 'one-time-code'}
          inputMode={recovery ? 'text' : 'numeric'}
          onInput={(e) => onValue(e.currentTarget.value)} />)}
      </Field>
      <div class="row"><button type="button" class="small" onClick={swap}>
        {recovery ? text.useCode : text.useRecovery}</button></div>
    </>
  );
}

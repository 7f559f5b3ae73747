// SPDX-License-Identifier: ISC
// The second factor as it is typed: a code of six digits, or a recovery code.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
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
      <Field label={recovery ? 'Recovery code' : 'Code'} error={error}
        hint={recovery ? 'One of those you stored; each is good once.' :
          'Six digits, from your authenticator app.'}>{(p) => (
        <input {...p} ref={input} class="mono" required spellcheck={false}
          autocapitalize="off" maxLength={64} value={value}
          autocomplete={recovery ? 'off' : 'one-time-code'}
          inputMode={recovery ? 'text' : 'numeric'}
          onInput={(e) => onValue(e.currentTarget.value)} />)}
      </Field>
      <div class="row"><button type="button" class="small" onClick={swap}>
        {recovery ? 'Use a code of the app' : 'Use a recovery code'}</button></div>
    </>
  );
}

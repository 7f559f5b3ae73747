// SPDX-License-Identifier: ISC
// Passwords: any characters, as many as one likes, seen when one wants to.
import { useState } from 'preact/hooks';
import * as text from '../text/password';
import { Field } from './ui';

const PASSWORD_MIN = 12;
const PASSWORD_MAX = 256;

/** What a new one still wants, or how long it is. */
function lengthOf(password: string): string {
  const length = [...password].length;
  if (length === 0)
    return text.atLeast(PASSWORD_MIN);
  return length < PASSWORD_MIN ? text.soFar(length, PASSWORD_MIN) :
    text.long(length);
}

/** The one that is known, or a fresh one, whose length is counted. */
export function PasswordField({ label, value, fresh = false, error, autofocus,
  onValue }: { label: string; value: string; fresh?: boolean;
  error?: string | undefined; autofocus?: boolean;
  onValue: (value: string) => void }) {
  const [seen, setSeen] = useState(false);
  return (
    <Field label={label} error={error} hint={fresh ? lengthOf(value) : undefined}>
      {(p) => (
        <div class="row">
          <input {...p} class="grow" type={seen ? 'text' : 'password'} required
            autocomplete={fresh ? 'new-password' : 'current-password'}
            autofocus={autofocus} spellcheck={false} autocapitalize="off"
            minLength={fresh ? PASSWORD_MIN : undefined} maxLength={PASSWORD_MAX}
            value={value} onInput={(e) => onValue(e.currentTarget.value)} />
          <button type="button" onClick={() => setSeen(!seen)}>
            <span aria-hidden="true">{seen ? text.hide : text.show}</span>
            <span class="unseen">
              {(seen ? text.hideWhich : text.showWhich)(label)}</span></button>
        </div>)}
    </Field>
  );
}

/** Tells a password manager whose password the form is about. */
export const WhoseField = ({ email }: { email: string }) => (
  <input class="unseen" type="email" autocomplete="username" value={email}
    readOnly tabIndex={-1} aria-hidden="true" />
);

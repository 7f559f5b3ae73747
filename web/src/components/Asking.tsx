// SPDX-License-Identifier: ISC
// What is asked of the person over any page: to sign in again, or to confirm that
// it is them.
import { askAgain, confirming, session, signedInAgain } from '../store/session';
import * as text from '../text/shell';
import { lazy } from './Lazy';
import { SignInForm } from './SignInForm';
import { Dialog } from './ui';

const ConfirmDialog = lazy(() => import('./ConfirmDialog')
  .then((m) => m.ConfirmDialog));

export function Asking() {
  return (
    <>
      {confirming.value && <ConfirmDialog />}
      {askAgain.value && (
        <Dialog title={text.sessionEnded} onClose={() => signedInAgain(null)}>
          <p>{text.signInAgain}</p>
          <SignInForm email={session.value?.user.email ?? ''}
            onDone={signedInAgain} />
        </Dialog>)}
    </>
  );
}

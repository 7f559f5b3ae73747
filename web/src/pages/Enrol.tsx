// SPDX-License-Identifier: ISC
// What an administrator without the second factor that they must have is shown
// instead of everything else.
import { useEffect } from 'preact/hooks';
import { ask, currentSession } from '../api';
import { Asking } from '../components/Asking';
import { FactorCards } from '../components/FactorCards';
import { nameTab } from '../router';
import { session } from '../store/session';
import { toastError } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/factors';
import '../components/factors.css';

const again = () => {
  currentSession().then((found) => { session.value = found; }, toastError);
};

const signOut = () => {
  ask('DELETE', '/session').then(() => { session.value = null; }, toastError);
};

export function Enrol() {
  useEffect(() => nameTab(common.secondFactor), []);
  return (
    <>
      <main class="enrol stack">
        <h1>{text.enrol}</h1>
        <p>{text.enrolAbout}</p>
        <FactorCards onChange={again} />
        <div class="row"><button type="button" onClick={signOut}>
          {common.signOut}</button></div>
      </main>
      <Asking />
    </>
  );
}

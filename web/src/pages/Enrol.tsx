// SPDX-License-Identifier: ISC
// What an administrator without the second factor that they must have is shown
// instead of everything else.
import { useEffect } from 'preact/hooks';
import { ask, currentSession } from '../api';
import { Asking } from '../components/Asking';
import { FactorCards } from '../components/FactorCards';
import { Toasts } from '../components/Toasts';
import { nameTab } from '../router';
import { session } from '../store/session';
import { toastError } from '../store/toasts';
import '../components/factors.css';

const again = () => {
  currentSession().then((found) => { session.value = found; }, toastError);
};

const signOut = () => {
  ask('DELETE', '/session').then(() => { session.value = null; }, toastError);
};

export function Enrol() {
  useEffect(() => nameTab('Second factor'), []);
  return (
    <>
      <main class="enrol stack">
        <h1>Set up a second factor</h1>
        <p>Administrators must have one here. Nothing else can be done until you
          have set up one of these.</p>
        <FactorCards onChange={again} />
        <div class="row"><button type="button" onClick={signOut}>
          Sign out</button></div>
      </main>
      <Asking />
      <Toasts />
    </>
  );
}

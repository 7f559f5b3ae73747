// SPDX-License-Identifier: ISC
// The first page of who is not signed in yet.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../api';
import { Mark } from '../components/Mark';
import { SignInForm } from '../components/SignInForm';
import { Banner } from '../components/ui';
import { nameTab } from '../router';
import { session } from '../store/session';

export function SignIn() {
  const [needed, setNeeded] = useState(false);
  useEffect(() => {
    nameTab('Sign in');
    // Only a hint depends on the answer.
    get<{ needed: boolean }>('/setup').then((s) => setNeeded(s.needed), () => {});
  }, []);
  return (
    <main class="alone">
      <div class="card">
        <Mark>Mollymawk</Mark>
        <p class="quiet">Unikernels on albatross servers</p>
        {needed && <Banner kind="plain" title="Nobody has an account yet.">
          Open the link which mollymawk-auth prints when it starts.</Banner>}
        <SignInForm onDone={(renewed) => { session.value = renewed; }} />
      </div>
    </main>
  );
}

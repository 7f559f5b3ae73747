// SPDX-License-Identifier: ISC
// The first page of who is not signed in yet.
import { useEffect, useState } from 'preact/hooks';
import { get, type AccountRules } from '../api';
import { Mark } from '../components/Mark';
import { SignInForm } from '../components/SignInForm';
import { Banner } from '../components/ui';
import { nameTab } from '../router';
import { session } from '../store/session';

export function SignIn() {
  const [needed, setNeeded] = useState(false);
  const [rules, setRules] = useState<AccountRules | null>(null);
  useEffect(() => {
    nameTab('Sign in');
    // Only hints depend on the answers.
    get<{ needed: boolean }>('/setup').then((s) => setNeeded(s.needed), () => {});
    get<AccountRules>('/accounts').then(setRules, () => {});
  }, []);
  return (
    <main class="alone">
      <div class="card">
        <Mark>Mollymawk</Mark>
        <p class="quiet">Unikernels on albatross servers</p>
        {needed && <Banner kind="plain" title="Nobody has an account yet.">
          Open the link which mollymawk-auth prints when it starts.</Banner>}
        <SignInForm onDone={(renewed) => { session.value = renewed; }} />
        <p class="row wrap"><a href="/forgot">Forgot the password?</a>
          {rules?.registration === 'open' &&
            <a href="/register">Make an account</a>}</p>
      </div>
    </main>
  );
}

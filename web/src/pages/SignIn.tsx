// SPDX-License-Identifier: ISC
// The first page of who is not signed in yet.
import { useEffect, useState } from 'preact/hooks';
import { get, type AccountRules } from '../api';
import { Mark } from '../components/Mark';
import { SignInForm } from '../components/SignInForm';
import { Banner } from '../components/ui';
import { nameTab } from '../router';
import { session } from '../store/session';
import * as common from '../text/common';
import * as text from '../text/signIn';

export function SignIn() {
  const [needed, setNeeded] = useState(false);
  const [rules, setRules] = useState<AccountRules | null>(null);
  useEffect(() => {
    nameTab(common.signIn);
    // Only hints depend on the answers.
    get<{ needed: boolean }>('/setup').then((s) => setNeeded(s.needed), () => {});
    get<AccountRules>('/accounts').then(setRules, () => {});
  }, []);
  return (
    <main class="alone">
      <div class="card">
        <Mark>{common.product}</Mark>
        <p class="quiet">{text.about}</p>
        {needed && <Banner kind="plain" title={text.nobodyYet}>
          {text.openTheLink}</Banner>}
        <SignInForm onDone={(renewed) => { session.value = renewed; }} />
        <p class="row wrap"><a href="/forgot">{text.forgot}</a>
          {rules?.registration === 'open' &&
            <a href="/register">{text.makeAccount}</a>}</p>
      </div>
    </main>
  );
}

// SPDX-License-Identifier: ISC
import { SignInForm } from '../components/SignInForm';
import { session } from '../store/session';

export function SignIn() {
  return (
    <main class="alone">
      <div class="card">
        <h1 class="brand"><img src="/bird.svg" alt="" /> Mollymawk</h1>
        <p class="quiet">Unikernels on albatross servers.</p>
        <SignInForm onDone={(renewed) => { session.value = renewed; }} />
      </div>
    </main>
  );
}

// SPDX-License-Identifier: ISC
import { signal } from '@preact/signals';
import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import { currentSession } from './api';
import { lazy } from './components/Lazy';
import { Shell } from './components/Shell';
import { showToasts } from './components/Toasts';
import { Empty } from './components/ui';
import { SignIn } from './pages/SignIn';
import { followLinks, go, nameTab, place } from './router';
import { maySee, routeAt, showRoute } from './routes';
import { session } from './store/session';
import './store/theme';
import * as text from './text/pages';
import * as shell from './text/shell';

const Enrol = lazy(() => import('./pages/Enrol').then((m) => m.Enrol));
// Not in what is built for the product.
const Gallery = import.meta.env.MODE === 'development' &&
  lazy(() => import('./pages/Gallery').then((m) => m.Gallery));

/** Where there is nothing, or nothing for who is signed in. */
function Nothing({ title, why }: { title: string; why?: string }) {
  useEffect(() => nameTab(title), [title]);
  return <Empty title={title}>{why && <p>{why}</p>}
    <p><a class="button" href="/overview">{text.overview}</a></p></Empty>;
}

function Page() {
  const found = routeAt(place.value.path);
  if (!found) return <Nothing title={text.missing} />;
  return maySee(found.route) ? showRoute(found) :
    <Nothing title={text.adminsOnly} why={text.askAdmin} />;
}

/** Between two questions who is signed in while nobody answers. */
const AGAIN = 3000;

const failure = signal<Error | null>(null);

/** Draws who is signed in their page at once, not first what is around it. */
async function begin(): Promise<void> {
  const coming = routeAt(place.value.path)?.route.preload();
  try {
    // The page's head asks for it too, while this script is on its way.
    const found = await currentSession();
    if (found) await coming;
    session.value = found;
    failure.value = null;
  } catch (error) {
    failure.value = error as Error;
    setTimeout(begin, AGAIN);
  }
}

function App() {
  if (Gallery && place.value.path === '/gallery') return <Gallery />;
  const found = routeAt(place.value.path);
  if (found?.route.who === 'anyone') return showRoute(found);
  if (failure.value)
    return <main class="alone"><Empty title={shell.noAnswer}>
      <p>{failure.value.message}</p>
      <p>{shell.askingAgain}</p></Empty></main>;
  if (session.value === undefined) return null;
  if (session.value === null) return <SignIn />;
  if (session.value.enrol) return <Enrol />;
  return <Shell><Page /></Shell>;
}

document.addEventListener('click', followLinks);
if (place.value.path === '/') go('/overview', true);
const root = document.getElementById('app');
if (root) render(<App />, root);
void begin();
showToasts();

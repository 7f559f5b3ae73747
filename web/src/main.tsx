// SPDX-License-Identifier: ISC
import { render, type ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { currentSession } from './api';
import { lazy } from './components/Lazy';
import { Shell } from './components/Shell';
import { Empty } from './components/ui';
import { SignIn } from './pages/SignIn';
import { Unikernels } from './pages/Unikernels';
import { followLinks, go, match, place } from './router';
import { session } from './store/session';
import './store/theme';

const Account = lazy(() => import('./pages/Account').then((m) => m.Account));
const Alerts = lazy(() => import('./pages/Alerts').then((m) => m.Alerts));
const Audit = lazy(() => import('./pages/Audit').then((m) => m.Audit));
const Deploy = lazy(() => import('./pages/Deploy').then((m) => m.Deploy));
const Enrol = lazy(() => import('./pages/Enrol').then((m) => m.Enrol));
const Images = lazy(() => import('./pages/Images').then((m) => m.Images));
const Instance = lazy(() => import('./pages/Instance').then((m) => m.Instance));
const Instances = lazy(() => import('./pages/Instances').then((m) => m.Instances));
const Notifications = lazy(() => import('./pages/Notifications').then((m) =>
  m.Notifications));
const Overview = lazy(() => import('./pages/Overview').then((m) => m.Overview));
const Project = lazy(() => import('./pages/Project').then((m) => m.Project));
const Projects = lazy(() => import('./pages/Projects').then((m) => m.Projects));
const Settings = lazy(() => import('./pages/Settings').then((m) => m.Settings));
const Person = lazy(() => import('./pages/Person').then((m) => m.Person));
const Tokens = lazy(() => import('./pages/Tokens').then((m) => m.Tokens));
const Unikernel = lazy(() => import('./pages/Unikernel').then((m) => m.Unikernel));
const Users = lazy(() => import('./pages/Users').then((m) => m.Users));
const Volume = lazy(() => import('./pages/Volume').then((m) => m.Volume));
const Volumes = lazy(() => import('./pages/Volumes').then((m) => m.Volumes));
const BulkUpdatePage = lazy(() => import('./pages/Updates').then((m) =>
  m.BulkUpdatePage));
const BulkUpdates = lazy(() => import('./pages/Updates').then((m) =>
  m.BulkUpdates));

/** Pages for who is not signed in, or need not be. */
const strangers: Record<string, ComponentType> = {
  '/setup': lazy(() => import('./pages/Setup').then((m) => m.Setup)),
  '/register': lazy(() => import('./pages/Register').then((m) => m.Register)),
  '/invitation': lazy(() => import('./pages/Register').then((m) => m.Invited)),
  '/verify': lazy(() => import('./pages/Verify').then((m) => m.Verify)),
  '/forgot': lazy(() => import('./pages/Reset').then((m) => m.Forgot)),
  '/reset': lazy(() => import('./pages/Reset').then((m) => m.Reset)),
};

function Route() {
  const { path } = place.value;
  const [instance, project, name] = match('/unikernels/*/*/*', path) ?? [];
  if (instance && project && name)
    return <Unikernel key={path} instance={instance} project={project}
      name={name} />;
  const [at, of, volume] = match('/volumes/*/*/*', path) ?? [];
  if (at && of && volume)
    return <Volume key={path} id={{ instance: at, project: of, name: volume }} />;
  const [one] = match('/instances/*', path) ?? [];
  if (one) return <Instance key={path} name={one} />;
  const [tenant] = match('/projects/*', path) ?? [];
  if (tenant) return <Project key={path} name={tenant} />;
  const [bulk] = match('/updates/*', path) ?? [];
  if (bulk) return <BulkUpdatePage key={path} id={bulk} />;
  const [person] = match('/users/*', path) ?? [];
  if (person) return <Person key={path} id={person} />;
  switch (path) {
    case '/': case '/overview': return <Overview />;
    case '/unikernels': return <Unikernels />;
    case '/alerts': return <Alerts />;
    case '/deploy': return <Deploy key={location.search} />;
    case '/images': return <Images />;
    case '/volumes': return <Volumes />;
    case '/settings': return <Settings />;
    case '/notifications': return <Notifications />;
    case '/updates': return <BulkUpdates />;
    case '/account': return <Account />;
    case '/users': return <Users />;
    case '/audit': return <Audit />;
    case '/projects': return <Projects />;
    case '/tokens': return <Tokens />;
    case '/instances': return <Instances />;
    default: return <Empty title="There is no such page">
      <p><a class="button" href="/overview">Overview</a></p></Empty>;
  }
}

function App() {
  const [error, setError] = useState<Error | null>(null);
  useEffect(() => {
    currentSession().then((found) => { session.value = found; }, setError);
  }, []);
  const Alone = strangers[place.value.path];
  if (Alone) return <Alone key={place.value.path + place.value.hash} />;
  if (error)
    return <main class="alone"><Empty title="Mollymawk does not answer">
      <p>{error.message}</p>
      <p><button type="button" onClick={() => location.reload()}>
        Try again</button></p></Empty></main>;
  if (session.value === undefined) return null;
  if (session.value === null) return <SignIn />;
  if (session.value.enrol) return <Enrol />;
  return <Shell><Route /></Shell>;
}

document.addEventListener('click', followLinks);
if (place.value.path === '/') go('/overview', true);
const root = document.getElementById('app');
if (root) render(<App />, root);

// SPDX-License-Identifier: ISC
// All pages there are: where each is, what it is called, who may see it and how
// it stands in the navigation. The tests that visit all of them read this table.
import type { ComponentType, VNode } from 'preact';
import type { IconName } from './components/Icon';
import { lazy, type Loaded } from './components/Lazy';
import { match, place } from './router';
import { isAdmin } from './store/session';
import * as text from './text/pages';

export type Group = keyof typeof text.groups;

/** How a page stands in the navigation, and its key after "g". */
interface Nav {
  icon: IconName;
  key: string;
  /** None: in the menu of one's account. */
  group?: Group;
}

export interface Route {
  /** "*" stands for one part of the path. */
  pattern: string;
  title: string;
  /** "anyone": for who is not signed in, or need not be. */
  who: 'anyone' | 'member' | 'admin';
  nav?: Nav;
  /** Begins anew where the query is another. */
  perQuery?: true;
  /** Fetches the page before it is shown. */
  preload: () => Promise<void>;
  show: (parts: string[], key: string) => VNode;
}

type Shown = Pick<Route, 'preload' | 'show'>;

/** A page that is loaded when shown; what it gets from its path. */
function page<P extends object>(load: () => Promise<ComponentType<P>>,
  props: (...parts: string[]) => P): Shown {
  const Page: Loaded<P> = lazy(load);
  return {
    preload: Page.preload,
    show: (parts, key) => <Page key={key} {...props(...parts)} />,
  };
}

const plain = (load: () => Promise<ComponentType>) => page(load, () => ({}));

/** What names something on an instance, from its path. */
const three = (instance = '', project = '', name = '') =>
  ({ instance, project, name });

export const routes: Route[] = [
  { pattern: '/overview', title: text.overview, who: 'member',
    nav: { icon: 'overview', key: 'o', group: 'now' },
    ...plain(() => import('./pages/Overview').then((m) => m.Overview)) },
  { pattern: '/alerts', title: text.alerts, who: 'member',
    nav: { icon: 'alert', key: 'a', group: 'now' },
    ...plain(() => import('./pages/Alerts').then((m) => m.Alerts)) },
  { pattern: '/unikernels', title: text.unikernels, who: 'member',
    nav: { icon: 'unikernels', key: 'u', group: 'run' },
    ...plain(() => import('./pages/Unikernels').then((m) => m.Unikernels)) },
  { pattern: '/unikernels/*/*/*', title: text.unikernel, who: 'member',
    ...page(() => import('./pages/Unikernel').then((m) => m.Unikernel), three) },
  { pattern: '/deploy', title: text.deploy, who: 'member', perQuery: true,
    nav: { icon: 'deploy', key: 'd', group: 'run' },
    ...plain(() => import('./pages/Deploy').then((m) => m.Deploy)) },
  { pattern: '/volumes', title: text.volumes, who: 'member',
    nav: { icon: 'volume', key: 'v', group: 'run' },
    ...plain(() => import('./pages/Volumes').then((m) => m.Volumes)) },
  { pattern: '/volumes/*/*/*', title: text.volume, who: 'member',
    ...page(() => import('./pages/Volume').then((m) => m.Volume),
      (...parts) => ({ id: three(...parts) })) },
  { pattern: '/images', title: text.images, who: 'member',
    nav: { icon: 'images', key: 'm', group: 'run' },
    ...plain(() => import('./pages/Images').then((m) => m.Images)) },
  { pattern: '/updates', title: text.updates, who: 'member',
    ...plain(() => import('./pages/Updates').then((m) => m.BulkUpdates)) },
  { pattern: '/updates/*', title: text.update, who: 'member',
    ...page(() => import('./pages/Updates').then((m) => m.BulkUpdatePage),
      (id = '') => ({ id })) },
  { pattern: '/projects', title: text.projects, who: 'member',
    nav: { icon: 'projects', key: 'p', group: 'access' },
    ...plain(() => import('./pages/Projects').then((m) => m.Projects)) },
  { pattern: '/projects/*', title: text.project, who: 'member',
    ...page(() => import('./pages/Project').then((m) => m.Project),
      (name = '') => ({ name })) },
  { pattern: '/tokens', title: text.tokens, who: 'member',
    nav: { icon: 'tokens', key: 't', group: 'access' },
    ...plain(() => import('./pages/Tokens').then((m) => m.Tokens)) },
  { pattern: '/notifications', title: text.notifications, who: 'member',
    nav: { icon: 'bell', key: 'n', group: 'access' },
    ...plain(() => import('./pages/Notifications').then((m) =>
      m.Notifications)) },
  { pattern: '/instances', title: text.instances, who: 'admin',
    nav: { icon: 'instances', key: 'i', group: 'administer' },
    ...plain(() => import('./pages/Instances').then((m) => m.Instances)) },
  { pattern: '/instances/*', title: text.instance, who: 'member',
    ...page(() => import('./pages/Instance').then((m) => m.Instance),
      (name = '') => ({ name })) },
  { pattern: '/users', title: text.users, who: 'admin',
    nav: { icon: 'users', key: 'r', group: 'administer' },
    ...plain(() => import('./pages/Users').then((m) => m.Users)) },
  { pattern: '/users/*', title: text.user, who: 'admin',
    ...page(() => import('./pages/Person').then((m) => m.Person),
      (id = '') => ({ id })) },
  { pattern: '/audit', title: text.audit, who: 'admin',
    nav: { icon: 'audit', key: 'h', group: 'administer' },
    ...plain(() => import('./pages/Audit').then((m) => m.Audit)) },
  { pattern: '/settings', title: text.settings, who: 'admin',
    nav: { icon: 'settings', key: 's', group: 'administer' },
    ...plain(() => import('./pages/Settings').then((m) => m.Settings)) },
  { pattern: '/account', title: text.account, who: 'member',
    nav: { icon: 'users', key: 'c' },
    ...plain(() => import('./pages/Account').then((m) => m.Account)) },
  { pattern: '/setup', title: text.setup, who: 'anyone',
    ...plain(() => import('./pages/Setup').then((m) => m.Setup)) },
  { pattern: '/register', title: text.register, who: 'anyone',
    ...plain(() => import('./pages/Register').then((m) => m.Register)) },
  { pattern: '/invitation', title: text.invitation, who: 'anyone',
    ...plain(() => import('./pages/Register').then((m) => m.Invited)) },
  { pattern: '/verify', title: text.verify, who: 'anyone',
    ...plain(() => import('./pages/Verify').then((m) => m.Verify)) },
  { pattern: '/forgot', title: text.forgot, who: 'anyone',
    ...plain(() => import('./pages/Reset').then((m) => m.Forgot)) },
  { pattern: '/reset', title: text.reset, who: 'anyone',
    ...plain(() => import('./pages/Reset').then((m) => m.Reset)) },
];

/** The page at a path and what stands in it for each "*"; null: there is none. */
export function routeAt(path: string): { route: Route; parts: string[] } | null {
  for (const route of routes) {
    const parts = match(route.pattern, path);
    if (parts) return { route, parts };
  }
  return null;
}

/** Whether who is signed in may see it. */
export const maySee = ({ who }: Route) =>
  who !== 'admin' || isAdmin();

export type Section = Route & { nav: Nav };

/** The pages of the navigation that one may see. */
export const mySections = (): Section[] => routes.filter((r): r is Section =>
  r.nav !== undefined && maySee(r));

/** Draws a page: anew for another path. */
export function showRoute({ route, parts }: { route: Route; parts: string[] }): VNode {
  const { path, hash, query } = place.value;
  return route.show(parts, route.who === 'anyone' ? path + hash :
    route.perQuery ? `${path}?${query}` : path);
}

// SPDX-License-Identifier: ISC
// All that the palette can go to or do, for who is signed in.
import { unikernelPath, volumePath, type Unikernel, type Volume } from '../api';
import type { IconName } from '../components/Icon';
import { mySections, routeAt } from '../routes';
import { places, type StoredImage } from '../store/places';
import { recentPaths } from '../store/recent';
import { holds, isAdmin, mayBring, ownProject, session } from '../store/session';
import { theme, themes } from '../store/theme';
import { areExact } from '../store/times';
import { unikernels } from '../store/unikernels';
import * as pages from '../text/pages';
import * as text from '../text/palette';
import * as common from '../text/common';
import * as shell from '../text/shell';
import { doPath, likePath, mayDestroy, mayForget, mayReplace, mayRestart, mayRevert,
  replacePath } from './actions';
import { shortDigest } from './format';

type CommandGroup = keyof typeof text.groups;

export interface Command {
  group: CommandGroup;
  title: string;
  note: string;
  /** Other words by which it is looked for. */
  also?: string;
  icon: IconName;
  /** Where it leads, or what it does. */
  act: string | (() => void);
}

/** What only the shell can do. */
export interface ShellActs { keys: () => void; signOut: () => void }

const act = (title: string, to: Command['act'], icon: IconName, note: string,
  also = ''): Command => ({ group: 'do', title, note, icon, act: to, also });

/** What can be done with a unikernel, as far as one may and it makes sense. */
function ofUnikernel(u: Unikernel): Command[] {
  const note = text.whereOf(u.instance, u.project);
  const to = (title: string, path: string, icon: IconName = 'unikernels',
    also = '') => act(title, path, icon, note, also);
  const tab = (name: string) => unikernelPath(u, `?tab=${name}`);
  return [
    to(text.logOf(u.name), unikernelPath(u), 'unikernels', text.also.log),
    to(text.metricsOf(u.name), tab('metrics')),
    to(text.configurationOf(u.name), tab('configuration')),
    to(text.deploymentsOf(u.name), tab('deployments')),
    to(text.healthOf(u.name), tab('health')),
    ...mayRestart(u) ? [to(text.restart(u.name), doPath(u, 'restart')),
      to(text.restartWith(u.name), doPath(u, 'restart-with'))] : [],
    ...mayRestart(u) && u.update?.available ? [
      to(text.update(u.name), doPath(u, 'update'), 'up')] : [],
    ...mayRevert(u) ? [to(text.revert(u.name), doPath(u, 'revert'))] : [],
    ...mayReplace(u) ? [to(u.state === 'running' ? text.replace(u.name) :
      text.deployAgain(u.name), replacePath(u), 'deploy'),
    to(text.another(u.name), likePath(u), 'deploy')] : [],
    ...mayDestroy(u) ? [to(text.destroy(u.name), doPath(u, 'destroy'), 'close',
      text.also.destroy)] : [],
    ...mayForget(u) ? [to(text.forget(u.name), doPath(u, 'forget'), 'close',
      text.also.destroy)] : [],
  ];
}

function ofVolume(v: Volume): Command[] {
  const note = text.volumeAt(v.instance, v.project);
  const to = (what: string) => `${volumePath(v)}?do=${what}`;
  return [
    ...mayBring(v.project) ? [act(text.uploadTo(v.name), to('upload'), 'volume',
      note)] : [],
    act(text.saveCopy(v.name), to('save'), 'volume', note),
    ...holds(v.project, 'deployer') ? [act(text.deleteOf(v.name), to('delete'),
      'close', note, text.also.destroy)] : [],
  ];
}

function byThemselves({ keys, signOut }: ShellActs): Command[] {
  const admin = isAdmin();
  const { also } = text, action = '';
  return [
    ...admin || ownProject() ? [
      act(text.newUnikernel, '/deploy', 'deploy', action, also.deploy),
      act(text.newVolume, '/volumes?new', 'volume', action, also.new)] : [],
    act(text.newProject, '/projects?new', 'projects', action, also.new),
    act(text.newToken, '/tokens?new', 'tokens', action, also.new),
    ...admin ? [
      act(text.newInstance, '/instances?new', 'instances', action, also.instance),
      act(text.invite, '/users?tab=invitations&new', 'users', action,
        also.invite)] : [],
    act(text.updatesAvailable, '/unikernels?q=update:available', 'unikernels',
      action),
    act(text.inTrouble, '/unikernels?q=state:stopped', 'unikernels', action,
      also.trouble),
    act(text.savedCopies, '/volumes?tab=copies', 'volume', action),
    act(pages.updates, '/updates', 'up', text.page),
    act(shell.firstSteps, '/overview?first=1', 'overview', action, also.first),
    ...themes.filter((t) => t !== theme.value).map((t) => act(text.themeOf[t],
      () => { theme.value = t; }, 'settings', action, also.theme)),
    act(areExact.value ? text.ages : text.exactTimes,
      () => { areExact.value = !areExact.value; }, 'settings', action, also.times),
    act(shell.keys, keys, 'more', action, also.keys),
    act(common.signOut, signOut, 'close', action, also.signOut),
  ];
}

const place = (group: CommandGroup, icon: IconName, title: string, note: string,
  to: string, also = ''): Command => ({ group, icon, title, note, act: to, also });

const imagePlace = (i: StoredImage) => place('image', 'images',
  shortDigest(i.sha256), text.imageOf(i.project, [...new Set((i.used_by ?? [])
    .map((u) => u.name))]), `/images?project=${i.project}&q=${shortDigest(i.sha256)}`,
  i.sha256);

function allPlaces(): Command[] {
  const titles = new Map(places.projects.value.map((p) => [p.name, p.title]));
  return [
    ...mySections().map((s) => place('page', s.nav.icon, s.title, text.page,
      s.pattern)),
    ...(unikernels.value?.items ?? []).map((u) => place('unikernel', 'unikernels',
      u.name, text.whereOf(u.instance, u.project), unikernelPath(u), u.digest ?? '')),
    ...places.volumes.value.map((v) => place('volume', 'volume', v.name,
      text.volumeAt(v.instance, v.project), volumePath(v))),
    ...(session.value?.projects ?? []).map((p) => place('project', 'projects',
      p.name, titles.get(p.name) ? text.projectOf(titles.get(p.name) ?? '') :
        text.project, `/projects/${p.name}`)),
    ...places.instances.value.map((i) => place('instance', 'instances', i.name,
      text.instance, `/instances/${i.name}`)),
    ...places.images.value.map(imagePlace),
    ...places.users.value.map((u) => place('user', 'users', u.name,
      text.userOf(u.email), `/users/${u.id}`)),
  ];
}

/** What can be done with what the page is about. */
function here(path: string): Command[] {
  const u = unikernels.value?.items.find((one) => unikernelPath(one) === path);
  const v = places.volumes.value.find((one) => volumePath(one) === path);
  return [...u ? ofUnikernel(u) : [], ...v ? ofVolume(v) : []]
    .map((c) => ({ ...c, group: 'here' as const }));
}

type Found = NonNullable<ReturnType<typeof routeAt>>;

const kinds: Record<string, CommandGroup> = { unikernels: 'unikernel',
  volumes: 'volume', projects: 'project', instances: 'instance' };

/** A page that one was at, by its path alone. */
function byPath(path: string, { route, parts }: Found): Command | null {
  const [, first = ''] = path.split('/');
  const kind = kinds[first], name = parts.at(-1) ?? '';
  return kind ? place('recent', routeAt(`/${first}`)?.route.nav?.icon ??
    'overview', name, parts.length > 1 ? text.whereOf(parts[0] ?? '',
    parts[1] ?? '') : route.title.toLowerCase(), path) : null;
}

function lately(path: string): Command[] {
  return recentPaths().filter((p) => p !== path).flatMap((p) => {
    const found = routeAt(p);
    return found ? byPath(p, found) ?? [] : [];
  }).slice(0, 5);
}

/** While nothing is typed: what is near. */
export const nearCommands = (path: string, acts: ShellActs): Command[] =>
  [...here(path), ...lately(path), ...byThemselves(acts),
    ...allPlaces().filter((c) => c.group === 'page')];

/** All of them. */
export const allCommands = (acts: ShellActs): Command[] => [...allPlaces(),
  ...byThemselves(acts), ...(unikernels.value?.items ?? []).flatMap(ofUnikernel),
  ...places.volumes.value.flatMap(ofVolume)];

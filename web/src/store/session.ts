// SPDX-License-Identifier: ISC
// Who is signed in. When a session ends in the middle of work, or the person has
// to confirm who they are, those who wait for an answer wait here until that was
// done or given up.
import { signal } from '@preact/signals';
import type { Session } from '../api';

/** undefined: not known yet; null: nobody. */
export const session = signal<Session | null | undefined>(undefined);

/** A dialog over the page, for whose end all wait that need it meanwhile. */
function dialog() {
  const shown = signal(false);
  let waiting: ((well: boolean) => void)[] = [];
  const wait = (): Promise<boolean> => {
    shown.value = true;
    return new Promise((done) => { waiting.push(done); });
  };
  const end = (well: boolean) => {
    shown.value = false;
    for (const done of waiting) done(well);
    waiting = [];
  };
  return { shown, wait, end };
}

const signingIn = dialog(), asking = dialog();

/** Whether the dialog to sign in again is shown over the page. */
export const askAgain = signingIn.shown;

/** Whether the dialog to confirm who one is is shown over the page. */
export const confirming = asking.shown;

/** What is held of somebody, and must not be seen by who signs in next. */
const held = new Set<() => void>();
let last = '';

/** Calls it when somebody else signs in. */
export function forgetWithUser(forget: () => void): void {
  held.add(forget);
}

session.subscribe((now) => {
  const id = now?.user.id;
  if (!id || id === last) return;
  if (last !== '') for (const forget of held) forget();
  last = id;
});

export function sessionRenewed(renewed: Session): void {
  session.value = renewed;
}

/** An administrator must set up a second factor before anything else. */
export function mustEnrol(): void {
  if (session.value) session.value = { ...session.value, enrol: true };
}

/** Resolves true once signed in again, false when given up. */
export function sessionEnded(): Promise<boolean> {
  return session.value ? signingIn.wait() : Promise.resolve(false);
}

/** The dialog's outcome. */
export function signedInAgain(renewed: Session | null): void {
  signingIn.end(renewed !== null);
  session.value = renewed;
}

/** Resolves true once they confirmed that it is them, false when given up. */
export const confirmation = asking.wait;

/** That dialog's outcome. */
export function confirmed(renewed: Session | null): void {
  asking.end(renewed !== null);
  if (renewed) session.value = renewed;
}

export const isAdmin = () => session.value?.user.admin === true;

/** Whether a project of mine is archived: nothing new comes in it. */
export const rests = (project: string) => session.value?.projects.some((p) =>
  p.name === project && p.archived) === true;

/** A project of mine for an example; "" when there is none. */
export const anyProject = () => session.value?.projects.find((p) =>
  !p.archived)?.name ?? '';

/** Their own project, or another in which they may deploy; "" for none. */
export function ownProject(): string {
  const may = session.value?.projects.filter((p) => !p.archived &&
    p.role !== 'viewer') ?? [];
  return (may.find((p) => p.name === session.value?.user.name) ?? may[0])?.name ??
    '';
}

const ranks = ['viewer', 'deployer', 'owner'];

/** Whether one holds at least this role in a project. */
export function holds(project: string, role: 'deployer' | 'owner'): boolean {
  const found = session.value?.projects.find((p) => p.name === project);
  return isAdmin() ||
    (found !== undefined && ranks.indexOf(found.role) >= ranks.indexOf(role));
}

/** Whether one may bring something new into a project. */
export const mayBring = (project: string) => holds(project, 'deployer') &&
  !rests(project);

// SPDX-License-Identifier: ISC
// What the palette looks through: loaded when it is opened, kept for a while.
import { signal } from '@preact/signals';
import { get, getAll, type Image, type Instance, type List, type Project,
  type User, type Volume, type VolumeList } from '../api';
import { forgetWithUser, isAdmin, session } from './session';
import { loadUnikernels } from './unikernels';

const FRESH = 20_000;
/** Nobody looks through the images of more projects. */
const PROJECTS = 8;

export type StoredImage = Image & { project: string };

export const places = {
  volumes: signal<Volume[]>([]),
  projects: signal<Project[]>([]),
  instances: signal<Instance[]>([]),
  images: signal<StoredImage[]>([]),
  users: signal<User[]>([]),
};
/** How many lists are still on their way. */
export const looking = signal(0);
/** Why not all is there, or null. */
export const lookError = signal<Error | null>(null);

let since = 0;

forgetWithUser(() => {
  since = 0;
  for (const list of Object.values(places)) list.value = [];
});

async function take<T>(ask: Promise<T>, then: (found: T) => void): Promise<void> {
  const who = session.value?.user.id;
  looking.value++;
  try {
    const found = await ask;
    if (session.value?.user.id === who) then(found);
  } catch (error) {
    lookError.value = error as Error;
    since = 0;
  }
  looking.value--;
}

const imagesOf = async (project: string): Promise<StoredImage[]> =>
  (await get<List<Image>>(`/images?project=${project}&limit=100`)).items
    .map((image) => ({ ...image, project }));

/** The images of the projects that one may deploy in. */
async function allImages(): Promise<StoredImage[]> {
  const mine = (session.value?.projects ?? []).filter((p) =>
    p.role !== 'viewer' && !p.archived).slice(0, PROJECTS);
  return (await Promise.all(mine.map((p) => imagesOf(p.name)))).flat();
}

/** Loads what is not known, or not any more. */
export function lookAround(): void {
  if (Date.now() - since < FRESH) return;
  since = Date.now();
  lookError.value = null;
  void take(loadUnikernels(), () => {});
  void take(getAll<VolumeList>('/volumes'), (list) => {
    places.volumes.value = list.items;
  });
  void take(getAll<List<Project>>('/projects'), (list) => {
    places.projects.value = list.items;
  });
  void take(getAll<List<Instance>>('/instances'), (list) => {
    places.instances.value = list.items;
  });
  void take(allImages(), (found) => { places.images.value = found; });
  if (isAdmin())
    void take(getAll<List<User>>('/users?limit=100'), (list) => {
      places.users.value = list.items;
    });
}

// SPDX-License-Identifier: ISC
// What the deploy form begins like: a deployment, what runs, or an image.
import { get, isMissing, unikernelPath, type Deployment, type Image, type Unikernel,
  type UnikernelConfig } from '../api';

export interface Like {
  config: Partial<UnikernelConfig> | null;
  image: Image | null;
  /** An earlier deployment is repeated as it was. */
  same: boolean;
  /** What the address names is not there. */
  missing: boolean;
}

const nothing: Like = { config: null, image: null, same: false, missing: false };

async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

const stored = async (digest: string | null | undefined, project: string) =>
  (digest && project ?
    orNull(get<Image>(`/images/${digest}?project=${project}`)) : null);

async function likeDeployment(path: string, number: number, project: string):
Promise<Like> {
  const { items } = await get<{ items: Deployment[] }>(
    `${path}/deployments?limit=1000`);
  const d = items.find((one) => one.number === number);
  return d ? { ...nothing, config: d.config, same: true,
    image: await stored(d.image?.sha256, project) } : { ...nothing, missing: true };
}

async function likeUnikernel(path: string, project: string, withImage: boolean):
Promise<Like> {
  const u = await orNull(get<Unikernel>(path));
  const config = u?.config ?? u?.deployment?.config ?? null;
  return { ...nothing, config, missing: u === null && withImage,
    image: withImage ? await stored(u?.digest, project) : null };
}

/** As the address says; fails where nobody answers. */
export async function likeOf(query: URLSearchParams): Promise<Like> {
  const [instance, project, name, image, like] = ['instance', 'project', 'name',
    'image', 'like'].map((key) => query.get(key) ?? '');
  if (image) {
    const found = await stored(image, project ?? '');
    return { ...nothing, image: found, missing: !found };
  }
  const [at, of, one] = like?.split('/') ?? [];
  if (at && of && one)
    return likeUnikernel(unikernelPath({ instance: at, project: of, name: one }),
      of, true);
  if (!instance || !project || !name) return nothing;
  const path = unikernelPath({ instance, project, name });
  const number = Number(query.get('deployment'));
  return number ? likeDeployment(path, number, project) :
    likeUnikernel(path, project, false);
}

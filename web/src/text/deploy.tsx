// SPDX-License-Identifier: ISC
// The deploy form.
export const unknownTarget = 'unknown';
export const storedImage = (digest: string) => `Stored image ${digest}`;
export const manifest = (size: string, target: string, abi: number | undefined,
  devices: string) => `${size}, solo5 ${target} (ABI ${abi}), ${
  devices || 'no devices'}`;
export const image = 'Image';
export const dropHere = 'Drop a solo5 image here';
export const orPress = 'or press to choose a file; its devices are read at once';
export const chooseAgain = (file: string) => `Choose ${file} again`;
export const another = 'Another';

export const downloading = (builder: string) =>
  `Downloading from ${builder} and comparing its SHA-256…`;
export const sent = (done: string, of: string, rate: string) =>
  `${done} of ${of}, ${rate}/s`;
export const stored = 'stored; being checked…';

export const where = 'Where';
export const noPolicy = 'This project has no policy on any instance.';
export const nameHint = (left: number | null) => (left === null ?
  'Lower case letters, digits, - and .' :
  `Lower case letters, digits, - and .  ${left} more may run here.`);
export const nameReplaces = (name: string) =>
  `${name} runs there now: it is replaced.`;
export const nameWrong = 'Lower case letters, digits, - and . only, and no - in front.';
export const noneMore = (of: number) => (of === 1 ?
  'No more may run here: the one of the policy does.' :
  `No more may run here: the ${of} of the policy do.`);

export const resources = 'Resources';
export const memory = 'Memory (MB)';
export const memoryLeft = (left: string, of: string) =>
  `${left} of ${of} are left`;
export const priority = 'Start priority';
export const priorityHint = '0 first, 100 last; 50 when empty.';
export const cpus = 'CPUs';
export const cpusHint = 'None: the one used least.';
export const devices = 'Devices';

export const start = 'Start';
export const args = 'Arguments';
export const noArgs = 'None are given to it yet.';
export const restart = 'Restart it when it fails';
export const exits = 'Only on these exit codes';
export const exitsHint = 'Empty: on any failure.';
export const addName = 'Give it its name as an argument';

export const doesNotWork = 'When it does not work';
export const check = 'Health check';
export const checkHint = (sample: string) =>
  `${sample} asks its own address; empty keeps the check it has.`;
export const bringBack = 'Bring back what ran before';

export const leftUnknown = (why: string) => `${why} What is left is not known.`;
export const used = (project: string, instance: string) =>
  `Used in ${project} on ${instance}`;
export const drift = 'albatross has another policy.';
export const driftMeans = 'Somebody changed it there: what you deploy may be ' +
  'refused until an administrator chooses one.';

export const fromStore = 'Or an image of the store';
export const chooseOne = 'choose one';
export const storeOption = (digest: string, size: string, users: string) =>
  [digest, size, users].filter(Boolean).join(', ');

export const replaceTitle = (name: string) => `Replace ${name}?`;
export const replaceMeans = (instance: string) => `It runs on ${instance} now. ` +
  'It is stopped and the new image starts in its place, after all was checked.';
export const keepOld = 'Keep the old one';
export const replaceIt = 'Replace it';
export const replaced = (name: string) => `${name} was replaced`;
export const runs = (name: string) => `${name} runs`;

export const source = 'What to deploy';
export const way = { file: 'An image', builder: 'From a builder',
  like: 'Like another' };
export const likeWhich = 'Which one';
export const likeHint = 'Its image and configuration are filled in; the name is ' +
  'yours to choose.';
export const likeIt = 'Fill it in';
export const likeNone = 'Nothing runs that it could be like.';
export const likeOption = (name: string, instance: string, project: string) =>
  `${name} (${instance} / ${project})`;
export const likeMissing = 'What it should be like is not there any more.';
export const likeMissingMeans = 'Nothing is filled in.';
export const kept = 'This is what you filled in before.';
export const anew = 'Begin anew';
export const notDeployed = 'It was not deployed.';
export const imageFirst = 'An image comes first.';
export const noProject = 'No project to deploy to';
export const noProjectWhy =
  'You are a member of no project in which you may deploy.';

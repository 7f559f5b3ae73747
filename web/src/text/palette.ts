// SPDX-License-Identifier: ISC
// The palette: where one goes and what one does by a few letters.
export const title = 'Go to, or do';
export const hint = 'A name, a page, or what to do: “restart web”';
export const list = 'Places and actions';
export const nothing = 'Nothing has that name.';
export const found = (n: number) => (n === 1 ? '1 found' : `${n} found`);
export const stillLooking = 'Still looking…';
export const notAll = (why: string) => `Not all could be looked through: ${why}`;

export const groups = { here: 'Here', recent: 'Lately', do: 'Do',
  page: 'Pages', unikernel: 'Unikernels', volume: 'Volumes',
  project: 'Projects', instance: 'Instances', image: 'Images', user: 'Users' };

// Beside what is found
export const page = 'page';
export const whereOf = (instance: string, project: string) =>
  `${instance} / ${project}`;
export const volumeAt = (instance: string, project: string) =>
  `volume, ${instance} / ${project}`;
export const project = 'project';
export const projectOf = (title: string) => `project, ${title}`;
export const instance = 'instance';
export const userOf = (email: string) => `user, ${email}`;
export const imageOf = (project: string, runs: string[]) => (runs.length > 0 ?
  `image in ${project}, of ${runs.join(', ')}` : `image in ${project}`);

// Of a unikernel
export const logOf = (name: string) => `Log of ${name}`;
export const metricsOf = (name: string) => `Metrics of ${name}`;
export const configurationOf = (name: string) => `Configuration of ${name}`;
export const deploymentsOf = (name: string) => `Deployments of ${name}`;
export const healthOf = (name: string) => `Health check of ${name}`;
export const restart = (name: string) => `Restart ${name}`;
export const restartWith = (name: string) => `Restart ${name} with changes`;
export const update = (name: string) => `Update ${name}`;
export const revert = (name: string) => `Revert ${name}`;
export const replace = (name: string) => `Replace ${name}`;
export const deployAgain = (name: string) => `Deploy ${name} again`;
export const another = (name: string) => `Deploy another like ${name}`;
export const destroy = (name: string) => `Destroy ${name}`;
export const forget = (name: string) => `Forget ${name}`;

// Of a volume
export const uploadTo = (name: string) => `Upload to ${name}`;
export const saveCopy = (name: string) => `Save a copy of ${name}`;
export const deleteOf = (name: string) => `Delete ${name}`;

// By itself
export const newUnikernel = 'New unikernel';
export const newVolume = 'New volume';
export const newToken = 'New token';
export const newProject = 'New project';
export const newInstance = 'New instance';
export const invite = 'Invite somebody';
export const updatesAvailable = 'Unikernels with an update';
export const inTrouble = 'Unikernels that are stopped';
export const savedCopies = 'Saved copies of volumes';
export const themeOf = { system: 'Theme as the system has it',
  light: 'Light theme', dark: 'Dark theme' };
export const exactTimes = 'Show exact times';
export const ages = 'Show ages instead of times';
/** Other words by which these are looked for. */
export const also = { new: 'create make add', deploy: 'create make deploy upload',
  instance: 'create make add server albatross', invite: 'user add people',
  theme: 'dark light colour color night mode', times: 'clock date relative',
  first: 'begin start guide tour setup help', keys: 'shortcuts keyboard help filter grammar', signOut: 'log out leave',
  destroy: 'delete remove stop kill', log: 'console output',
  operations: 'progress under way', trouble: 'state:stopped crash' };

// SPDX-License-Identifier: ISC
// The palette: where one goes and what one does by a few letters.
export const title = 'Go to';
export const list = 'Places';
export const page = 'page';
export const whereOf = (instance: string, project: string) =>
  `${instance} / ${project}`;
export const volumeAt = (instance: string, project: string) =>
  `volume, ${instance} / ${project}`;
export const nothing = 'Nothing has that name.';

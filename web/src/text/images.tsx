// SPDX-License-Identifier: ISC
// The words of stored images.
import type { ComponentChildren } from 'preact';

export const what = 'images';
export const filterHint = 'used:no';
export const deleteTitle = 'Delete this image?';
export const deleteAbout = (digest: ComponentChildren) => <>{digest} can not be
  deployed any more without uploading it again.</>;
export const deleted = 'The image was deleted';
export const notDeleted = 'It was not deleted.';
export const target = (name: string, abi: number | null) => `${name}, ABI ${abi}`;
export const noDevices = 'no devices';
export const runsIt = 'runs it';
export const inDeployment = (n: number) => `in deployment ${n}`;
export const nowhere = 'nowhere';
export const kept = 'kept';
export const willGo = 'will be removed';
export const deployOne = (digest: string) => `Deploy ${digest}`;
export const deleteOne = (digest: string) => `Delete ${digest}`;
export const none = 'No image is stored';
export const noneAbout = 'Each image that is deployed is kept, so that every ' +
  'earlier deployment can be gone back to.';
export const deployFirst = 'Deploy one';
export const noProject = 'You are in no project yet: images are kept for projects.';
export const use = 'For';
export const stored = 'Stored';
export const keptHead = 'Kept';
export const uploadNew = 'Upload only what is new';

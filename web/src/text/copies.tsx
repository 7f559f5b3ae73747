// SPDX-License-Identifier: ISC
// The words of saved copies of volumes, and of when they are saved.
import type { ComponentChildren } from 'preact';
import type { Copy, Place } from '../api';
import { count, mb } from '../lib/format';

export const place: Record<Place, string> = { s3: 'in the object store',
  local: 'on this server' };
export const cause: Record<Copy['cause'], string> = {
  manual: 'by hand', scheduled: 'by the schedule',
  'before-upload': 'before an upload', 'before-restore': 'before a restore',
};
export const causeBy = (why: string, user: string | null) =>
  (user ? `${why} (${user})` : why);
export const sizeSha = 'Size, SHA-256';
export const copy = (id: number, age: ComponentChildren) => <>Copy {id}, {age}</>;
export const kept = (size: string, where: string) => `${size} kept ${where}`;
export const restore = 'Restore…';
export const restoreOne = (id: number) => `Restore copy ${id}`;
export const downloadOne = (id: number) => `Download copy ${id}`;
export const removeOne = (id: number) => `Delete copy ${id}`;

export const whereKept = 'Where it is kept';
export const usedBy = (names: string) => `It is used by ${names || 'a unikernel'}.`;
export const needsStop = (project: string) => 'A copy needs it stopped, which ' +
  `somebody who may deploy in ${project} can do.`;
export const inUse = 'It is in use.';
export const stopAndStart = (names: string) => `Stop ${names} and start again`;
export const saveTitle = (name: string) => `Save a copy of ${name}`;
export const saveAbout = (size: number) =>
  `Its ${mb(size)} are read, compressed and kept with their SHA-256.`;
export const note = 'Note';
export const save = 'Save it';
export const stopSave = 'Stop, save, start';
export const restoreTitle = (id: number, time: string) =>
  `Restore copy ${id} of ${time}`;
export const tooSmall = (copy: string, size: number) =>
  `The copy has ${copy}, this volume only ${mb(size)}.`;
export const target = (name: string, size: number, instance: string,
  project: string) => `${name}, ${mb(size)}, ${instance} / ${project}`;
export const newVolume = (size: number) => `a new volume of ${mb(size)}`;
export const replaced = (name: string, of: string) =>
  `All that ${name} holds now is replaced by what ${of} held then.`;
export const notRestored = 'It was not restored.';
export const restoreIt = 'Restore it';
export const stopRestore = 'Stop, restore, start';
export const deleteTitle = (id: number, time: string) =>
  `Delete copy ${id} of ${time}?`;
export const deleted = 'The copy was deleted';
export const deleteAbout = (volume: string) => `What ${volume} held then can not be ` +
  'restored any more. The volume stays as it is.';

export const notByItself = 'Nothing is saved by itself.';
export const setSchedule = 'Set a schedule…';
export const scheduleTitle = (name: string) => `Save ${name} by itself`;
export const scheduleRemoved = 'The schedule was removed';
export const stopUsers = 'Stop who uses it, and start it again after';
export const notWhileUsed = 'Nothing is saved while it is in use.';
export const eachTime = (stopped: string) => `Each time: ${stopped}`;
export const nobodyNow =
  'Nobody uses it now; who does then is away for a moment each time.';
export const at = 'At (UTC)';
export const atFormat = 'Hours and minutes, as 03:00';
export const copiesKept = 'Copies kept';
export const keptHint = 'The oldest go; those saved by hand stay.';
export const inYourRight = (name: string) => 'It happens in your right to read ' +
  `${name}, nothing else, for as long as you have it.`;
export const inYourRights = (name: string) => 'It happens in your right to read ' +
  `${name} and to deploy who uses it, nothing else, for as long as you have it.`;
export const removeIt = 'Remove it';
export const paused = 'Nothing is saved.';
export const whenKept = (when: string, keep: number, where: string) =>
  `${when}; ${count(keep, 'copy is', 'copies are')} kept ${where}`;
export const whoUses = 'Who uses it';
export const isStopped = 'is stopped for it and started again';
export const leftAlone = 'is left alone: nothing is saved then';
export const next = 'Next';
export const lastResult = (age: ComponentChildren, saved: boolean,
  detail: string | null | undefined) => <>{age}: {saved ? 'saved' : 'failed'}
  {detail && `: ${detail}`}</>;
export const rightUntil = (user: string, until: string) => `${user}, until ${until}`;
export const everyDayAt = (days: string, at: string) => `${days} at ${at} UTC`;
export const whereYouAre = (time: string) => `${time} where you are`;

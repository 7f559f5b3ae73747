// SPDX-License-Identifier: ISC
// The words of volumes.
import type { ComponentChildren } from 'preact';
import { mb } from '../lib/format';

export const what = 'volumes';
export const filterHint = 'used:no';
export const savedCopies = 'Saved copies';
export const newVolume = 'New volume';
export const quota = 'Quota';
export const quotaOf = (projects: number) => `Quota of ${projects} projects`;
export const quotaUnit = (left: number) => `MB, ${left} left`;
export const asOf = (age: ComponentChildren) => <>as of {age}</>;
export const doTo = (verb: string, name: string) => `${verb} ${name}`;
export const where = 'Instance / project';
export const holds = 'Holds';
export const writtenBy = (age: ComponentChildren, user: string | null) =>
  (user ? <>{age} by {user}</> : age);
export const shown = (n: number) => <><b>{n}</b> shown</>;
export const volumes = (n: number) => <><b>{n}</b> {n === 1 ? 'volume' : 'volumes'}</>;
export const inUse = (n: number) => <><b>{n}</b> in use</>;
export const noneYet = 'No volume yet';
export const about =
  'A volume is a disk which a unikernel keeps when it is replaced.';
export const noneYours = 'To make one takes a project in which you may deploy, ' +
  'with a policy on an instance: an administrator gives it.';
export const makeFirst = 'Make the first';
export const noneAnswered = 'There is none on the instances that answer.';
export const lost = 'Its volumes are not shown.';

export const used = 'in use';
export const free = 'free';
export const usedAs = (device: string) => ` as ${device}`;
export const notReadNow = (name: string) => `${name} can not be read now`;
export const notDeletedNow = (name: string) => `${name} can not be deleted now`;
export const notWrittenNow = (name: string) => `${name} can not be written to now`;
export const underWay = (look: (word: string) => ComponentChildren) =>
  <>Something is under way with it. {look('Look at it')}</>;
export const usedWhy = (users: ComponentChildren) => <>It is used by {users}, and
  albatross neither takes nor gives the content of a volume while a unikernel has
  it.</>;
export const copyInstead = (page: (words: string) => ComponentChildren,
  name: string) => <>A copy can be saved, and one restored, with a short stop of who
  uses it: on the {page(`page of ${name}`)}.</>;

export const whatItHolds = 'What it holds';
export const isWritten =
  'It is being written: what it holds is not known before that ends.';
export const neverWritten = 'Nothing was written to it from here. What a unikernel ' +
  'wrote is not known.';
export const written = 'Written';
export const beingWritten = 'being written';
export const doing = (title: string) => `${title} is under way.`;
export const doingSomething = 'Something is under way.';
export const doingBy = (words: string, user: string | null) =>
  (user ? `${words}, begun by ${user}. ` : `${words}. `);
export const fromScript = 'From a script';
export const refusedInUse = 'It is refused while a unikernel uses the volume.';
export const saveCopy = 'Save a copy…';
export const noCopy = 'No copy is saved';
export const copyAbout = 'A copy is what the volume held at a time. It can be ' +
  'restored to this or another volume, also on another instance.';
export const copiesAbout =
  'Copies are saved on the page of a volume, by hand or by a schedule.';
export const notThere = 'There is no such volume.';
export const notThereAbout = (name: string, project: string, instance: string) =>
  `Nothing named ${name} is in ${project} on ${instance}, or it is not yours to see.`;
export const all = 'All volumes';
export const uploadTo = 'Upload…';
export const downloadIt = 'Download…';
export const deleteIt = 'Delete…';

export const uploadTitle = (name: string) => `Upload to ${name}`;
export const makeTitle = (name: string) => `Make and fill ${name}`;
export const filled = (name: string) => `${name} was filled`;
export const goesOn = 'It goes on when this is closed, but not when Mollymawk\'s ' +
  'pages are.';
export const tooMuch = (has: string, size: number) =>
  `It is ${has}: more than the ${mb(size)} of the volume.`;
export const replaced = (name: string) => `All that ${name} holds now is replaced.`;
export const replacedOf = (name: string, holds: string) =>
  `All that ${name} holds now is replaced (${holds}).`;
export const sizeHint = (size: number) =>
  `The volume has ${mb(size)}; behind a shorter file are zeroes.`;
export const notUploaded = 'It was not uploaded.';
export const nameHint = 'Lower case letters, digits, - and .';
export const nameTaken =
  'There is a volume of that name: upload to it, or take another name.';
export const onlyLeft = (left: number) => `Only ${mb(left)} are left here.`;
export const notMade = 'It was not made.';
export const sizeMB = 'Size (MB)';
export const sizeFixed = 'It can not be changed later.';
export const sizeLeft = (left: number) =>
  `It can not be changed later. ${mb(left)} are left here.`;
export const zeroesBehind = 'Behind it are zeroes.';
export const orLeave = 'Or leave it: the volume begins as zeroes.';
export const makeAndFill = 'Make and fill it';

export const unpacked = (size: string, inside: string) =>
  `${size}, ${inside} once unpacked`;
export const counting = (percent: number) =>
  `Counting what is in it: ${percent} % read`;
export const data = 'Data';
export const drop = 'Drop a file here';
export const orPress = 'or press to choose one';
export const another = 'Another';
export const unpack = 'Unpack it on the way (gzip)';
export const notUnpacked = 'It can not be unpacked here: it is cut short, or made ' +
  'of several parts.';
export const safe = 'Save what it holds first, and put it back if this fails';
export const holdsNow = 'What it holds now:';

export const downloadTitle = (name: string) => `Download ${name}`;
export const downloadAbout = (size: number) => `All of its ${mb(size)}, straight to ` +
  'a file. What breaks off begins anew: a saved copy can be gone on with.';
export const compressed = 'Compressed (gzip)';
export const deleteTitle = (name: string) => `Delete ${name}?`;
export const deleteAbout = (instance: string) =>
  `All that it holds on ${instance} is gone. Its saved copies stay.`;

export const zeroes = 'zeroes';
export const whole = (size: string) => `${size}, whole`;
export const brokeOff = 'zeroes: an upload broke off';
export const firstOnly = (size: string) => `the first ${size} only`;
export const notKnown = 'not known';
/** Who is stopped, and for how long. */
export const stopped = (names: string[], time: string) => {
  const all = names.length < 2 ? `${names[0] ?? 'Who uses it'} is` :
    `${names.slice(0, -1).join(', ')} and ${names.at(-1)} are`;
  return `${all} stopped first and started again after, and away for about ${time}.`;
};

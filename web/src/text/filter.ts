// SPDX-License-Identifier: ISC
// The filter above a list.
export const filterThe = (what: string) => `Filter the ${what}`;
export const hint = (more: string) => `Filter: a name, instance:…, ${more}`;
/** Of a list that is of no instance. */
export const shortHint = (more: string) => `Filter: a name, ${more}`;
export const nothingFits = 'Nothing fits the filter';

/** Below a box in which a key is typed that there is not. */
export const noKey = (key: string, keys: string[]) =>
  `There is no ${key}: here. There are ${keys.map((k) => `${k}:`).join(', ')}.`;
export const suggestions = 'What fits here';
export const valueOf = (n: number) => (n === 1 ? '1 has it' : `${n} have it`);

/** What one types, and what it finds; told with the keys. */
export const grammar = 'In a filter';
export const grammarAbout = 'All that is typed must fit. Capitals do not matter.';
export const grammarLines: [string, string][] = [
  ['web', 'What has it somewhere: in a name, a digest, …'],
  ['instance:a', 'What has it in that column'],
  ['web* *-eu', 'What begins or ends so; * stands for anything'],
  ['state:running,failing', 'What has one of these'],
  ['-update:none', 'What does not'],
  ['"not answered"', 'Words with blanks between'],
];

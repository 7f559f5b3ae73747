// SPDX-License-Identifier: ISC
// The filter above a list.
export const filterThe = (what: string) => `Filter the ${what}`;
export const hint = (more: string) => `Filter: a name, instance:…, ${more}`;
export const nothingFits = 'Nothing fits the filter';

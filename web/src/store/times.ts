// SPDX-License-Identifier: ISC
// Whether times are shown exactly, or as ages: "5 min".
import { effect, signal } from '@preact/signals';

const KEY = 'times';

export const areExact = signal(localStorage.getItem(KEY) === 'exact');

effect(() => {
  if (areExact.value) localStorage.setItem(KEY, 'exact');
  else localStorage.removeItem(KEY);
});

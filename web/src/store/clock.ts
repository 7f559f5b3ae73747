// SPDX-License-Identifier: ISC
// Ages grow while nothing else happens.
import { signal } from '@preact/signals';

const EVERY = 5000;

export const clock = signal(Date.now());

setInterval(() => { if (!document.hidden) clock.value = Date.now(); }, EVERY);

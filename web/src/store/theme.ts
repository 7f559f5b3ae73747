// SPDX-License-Identifier: ISC
// Light, dark, or as the system says; kept in this browser.
import { effect, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';
export const themes: Theme[] = ['system', 'light', 'dark'];

const kept = localStorage.getItem('theme');
export const theme = signal<Theme>(
  themes.includes(kept as Theme) ? kept as Theme : 'system');

effect(() => {
  document.documentElement.dataset['theme'] = theme.value;
  localStorage.setItem('theme', theme.value);
});

// SPDX-License-Identifier: ISC
// The few pictures of the pages: paths of 16 by 16, drawn as strokes.

const paths = {
  overview: 'M2.5 2.5h4.2v5.7H2.5zM9.3 2.5h4.2v3H9.3zM9.3 8.2h4.2v5.3H9.3zM2.5 ' +
    '10.9h4.2v2.6H2.5z',
  alert: 'M8 2.6 14 13.2H2zM8 6.6v3M8 11.3h.01',
  unikernels: 'M2.5 3.5h11v3.4h-11zM2.5 9.1h11v3.4h-11zM5 5.2h.01M5 10.8h.01',
  deploy: 'M8 10.5V2.5M4.8 5.5 8 2.3l3.2 3.2M2.5 10v3.5h11V10',
  instances: 'M3 2.5h10v4H3zM3 9.5h10v4H3zM8 6.5v3M5.5 4.5h.01M5.5 11.5h.01',
  images: 'M8 2.2 13.5 5v6L8 13.8 2.5 11V5zM2.5 5 8 7.8 13.5 5M8 7.8v6',
  projects: 'M2 12.5v-9h4.3l1.4 1.8H14v7.2zM2 8h12',
  settings: 'M3 4.5h6M12 4.5h1M3 11.5h1M7 11.5h6M10.5 3v3M5.5 10v3',
  tokens: 'M10 6a2.8 2.8 0 1 0-2.4 2.8L9 10.2v1.6h1.6v1.7h2.9v-2.2L9.7 7.5' +
    'M6.7 5.4h.01',
  bell: 'M4 11V7a4 4 0 0 1 8 0v4l1 1.5H3zM6.8 14h2.4',
  users: 'M6.3 7.5a2.4 2.4 0 1 0 0-4.8 2.4 2.4 0 0 0 0 4.8zM2 13.3c0-4.6 8.6-4.6 ' +
    '8.6 0M10.7 2.9a2.4 2.4 0 0 1 0 4.4M12.2 9.8c1.2.6 1.8 1.8 1.8 3.5',
  audit: 'M4 2.5h8v11H4zM6.3 5.5h3.4M6.3 8h3.4M6.3 10.5h1.7',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3l3.4 3.4',
  check: 'M3 8.6l3.2 3.2L13 4.8',
  up: 'M8 13V3M4 7l4-4 4 4',
  down: 'M8 3v10M4 9l4 4 4-4',
  close: 'M4 4l8 8M12 4l-8 8',
  plus: 'M8 3v10M3 8h10',
  copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
  menu: 'M2.5 4h11M2.5 8h11M2.5 12h11',
  more: 'M4 6.5 8 10l4-3.5',
  dots: 'M7.5 3.2h1M7.5 8h1M7.5 12.8h1',
  network: 'M8 2.5v4M3.5 13V9.5h9V13M8 6.5v3M6 2.5h4v2H6z',
  volume: 'M3 4c0-2 10-2 10 0v8c0 2-10 2-10 0zM3 4c0 2 10 2 10 0M3 8c0 2 10 2 10 0',
};

export type IconName = keyof typeof paths;

export const icons = Object.keys(paths) as IconName[];

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" fill="none"
      stroke="currentColor" stroke-width="1.5" stroke-linecap="round"
      stroke-linejoin="round" aria-hidden="true"><path d={paths[name]} /></svg>
  );
}

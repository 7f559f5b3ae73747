// SPDX-License-Identifier: ISC
// Colours a program chose for another terminal, so that they can be read here.

/** Red, green and blue, from 0 to 255. */
export type Rgb = readonly [number, number, number];

/** What a text must stand out by, of WCAG 2.2 AA. */
const ENOUGH = 4.5;
const WHITE: Rgb = [255, 255, 255], BLACK: Rgb = [0, 0, 0];

const linear = (value: number) => {
  const part = value / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
};

const luminance = ([r, g, b]: Rgb) =>
  0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);

/** From 1, which is none, to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** So much of b in a, from 0 to 1. */
export function mixed(a: Rgb, b: Rgb, part: number): Rgb {
  const of = (i: 0 | 1 | 2) => Math.round(a[i] + (b[i] - a[i]) * part);
  return [of(0), of(1), of(2)];
}

const STEPS = 20;

/** The colour, or the nearest lighter or darker one that can be read there. */
export function readable(colour: Rgb, ground: Rgb): Rgb {
  const end = contrast(WHITE, ground) > contrast(BLACK, ground) ? WHITE : BLACK;
  for (let i = 0; i < STEPS; i++) {
    const found = mixed(colour, end, i / STEPS);
    if (contrast(found, ground) >= ENOUGH) return found;
  }
  return end;
}

export const cssOf = ([r, g, b]: Rgb) => `rgb(${r} ${g} ${b})`;

// As most terminals have them.
const sixteen: Rgb[] = [[0, 0, 0], [205, 49, 49], [13, 188, 121], [229, 229, 16],
  [36, 114, 200], [188, 63, 188], [17, 168, 205], [229, 229, 229],
  [102, 102, 102], [241, 76, 76], [35, 209, 139], [245, 245, 67],
  [59, 142, 234], [214, 112, 214], [41, 184, 219], [255, 255, 255]];

/** One of the 256: the sixteen, a cube of 6 x 6 x 6, and 24 greys. */
export function indexed(n: number): Rgb | null {
  if (!Number.isInteger(n) || n < 0 || n > 255) return null;
  if (n < 16) return sixteen[n] ?? null;
  if (n >= 232) {
    const grey = 8 + 10 * (n - 232);
    return [grey, grey, grey];
  }
  const level = (i: number) => (i === 0 ? 0 : 55 + 40 * i);
  const at = n - 16;
  return [level(Math.floor(at / 36)), level(Math.floor(at / 6) % 6), level(at % 6)];
}

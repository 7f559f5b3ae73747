// SPDX-License-Identifier: ISC
// Colours and styles of a log line (ECMA-48, as xterm has them) as spans; all
// other control sequences and bytes are left out.
import { cssOf, indexed, mixed, readable, type Rgb } from './colour';

export interface Span {
  text: string;
  /** What the style sheet knows: the eight colours on the log's own ground. */
  classes: string;
  /** All other colours, so that they can be read. */
  colour?: string;
  ground?: string;
}

const names = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan',
  'white'];

// As in log.css: its text, its ground, and the lightest a line of it may have.
const TEXT: Rgb = [213, 224, 225], GROUND: Rgb = [12, 23, 25];
const MARKED: Rgb = [36, 56, 61];
/** How much of the ground is in what is dim. */
const DIM = 0.25;

const flags = ['bold', 'dim', 'italic', 'underline', 'struck'] as const;
type Flag = typeof flags[number];

/** A colour is one of the eight by its number, or any; null: the log's own. */
type Colour = number | Rgb | null;

interface Style {
  colour: Colour;
  ground: Colour;
  inverse: boolean;
  on: Set<Flag>;
}

const plainStyle = (): Style => ({ colour: null, ground: null, inverse: false,
  on: new Set() });

const starts: Record<number, Flag> = { 1: 'bold', 2: 'dim', 3: 'italic',
  4: 'underline', 9: 'struck', 21: 'underline' };
const ends: Record<number, Flag[]> = { 22: ['bold', 'dim'], 23: ['italic'],
  24: ['underline'], 29: ['struck'] };

/** The colour that 38 or 48 asks for, and how many numbers belong to it. */
function extended(codes: number[]): { colour: Colour; length: number } {
  if (codes[0] === 5) return { colour: indexed(codes[1] ?? -1), length: 2 };
  if (codes[0] !== 2) return { colour: null, length: codes.length };
  const [r = 0, g = 0, b = 0] = codes.slice(1).map((n) => Math.min(255, n));
  return { colour: [r, g, b], length: 4 };
}

/** "38:2::1:2:3" and "38:2:1:2:3" are one thing, "4:0" and "4:3" styles of lines. */
function applyParts(style: Style, parts: number[]): void {
  const [code = 0, ...rest] = parts;
  if (code === 4) {
    if (rest[0] === 0) style.on.delete('underline');
    else style.on.add('underline');
  } else if (code === 38 || code === 48) {
    const { colour } = extended(rest[0] === 2 && rest.length > 4 ?
      [2, ...rest.slice(2)] : rest);
    style[code === 38 ? 'colour' : 'ground'] = colour;
  }
}

function applyOne(style: Style, code: number): void {
  const flag = starts[code];
  if (code === 0) Object.assign(style, plainStyle());
  else if (flag) style.on.add(flag);
  else if (ends[code]) ends[code].forEach((f) => style.on.delete(f));
  else if (code === 7 || code === 27) style.inverse = code === 7;
  else if (code === 39) style.colour = null;
  else if (code === 49) style.ground = null;
  else if (code >= 30 && code <= 37) style.colour = code - 30;
  else if (code >= 90 && code <= 97) style.colour = code - 90;
  else if (code >= 40 && code <= 47) style.ground = code - 40;
  else if (code >= 100 && code <= 107) style.ground = indexed(code - 92);
}

function apply(style: Style, text: string): void {
  const codes = text.split(';');
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? '';
    if (code.includes(':')) applyParts(style, code.split(':').map(Number));
    else if (code === '38' || code === '48') {
      const { colour, length } = extended(codes.slice(i + 1).map(Number));
      style[code === '38' ? 'colour' : 'ground'] = colour;
      i += length;
    } else applyOne(style, Number(code));
  }
}

const rgb = (colour: Colour, own: Rgb): Rgb => (colour === null ? own :
  typeof colour === 'number' ? indexed(colour) ?? own : colour);

const classOf = (flag: Flag) => `ansi-${flag}`;

type Look = Omit<Span, 'text'>;

/** What is written is always seen, whatever colours were chosen. */
function lookOf({ colour, ground, inverse, on }: Style): Look {
  const set = flags.filter((f) => on.has(f));
  if (!inverse && ground === null && (colour === null || typeof colour === 'number'))
    return { classes: [...(colour === null ? [] : [`ansi-${names[colour]}`]),
      ...set.map(classOf)].join(' ') };
  let front = rgb(colour, TEXT), behind = rgb(ground, GROUND);
  if (inverse) [front, behind] = [behind, front];
  if (on.has('dim')) front = mixed(front, behind, DIM);
  const own = !inverse && ground === null;
  return { classes: set.filter((f) => f !== 'dim').map(classOf).join(' '),
    colour: cssOf(readable(front, own ? MARKED : behind)),
    ...(!own && { ground: cssOf(behind) }) };
}

// The server shows control bytes as U+2400 pictures; both forms are known. What
// sets a title or a link (OSC) ends with a bell or with ESC \\.
const sequence =
  /[\u001b\u241b](?:\[([0-?]*)[ -/]*([@-~])|\][^\u0007\u2407\u001b\u241b]*(?:[\u0007\u2407]|[\u001b\u241b]\\))/g;
const control = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

export function parseAnsi(line: string): Span[] {
  const spans: Span[] = [];
  const style = plainStyle();
  let look = lookOf(style);
  let at = 0;
  const push = (text: string) => {
    const clean = text.replace(control, '').replaceAll('\t', '    ');
    if (clean !== '') spans.push({ text: clean, ...look });
  };
  for (const match of line.matchAll(sequence)) {
    push(line.slice(at, match.index));
    at = match.index + match[0].length;
    if (match[2] !== 'm') continue;
    apply(style, match[1] ?? '');
    look = lookOf(style);
  }
  push(line.slice(at));
  return spans;
}

/** Without colours and control bytes. */
export function plain(line: string): string {
  return parseAnsi(line).map((span) => span.text).join('');
}

// SPDX-License-Identifier: ISC
// What fits a few letters: "rw" fits "Restart web". The better, the higher.

/** Something to find: its title counts more than what is said beside it. */
interface Findable { title: string; note: string; also?: string }

export interface Hit<T> {
  item: T;
  score: number;
  /** The letters of the title that were meant. */
  marks: ReadonlySet<number>;
}

const LETTER = /[\p{L}\p{N}]/u;
const isStart = (text: string, i: number) => !LETTER.test(text[i - 1] ?? '');

const span = (from: number, length: number) =>
  Array.from({ length }, (_, i) => from + i);

/** As one piece: at the start of the text, of a word, or within one. */
function piece(word: string, text: string): [number, number[]] | null {
  let best: [number, number[]] | null = null;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const score = at === 0 ? 100 : isStart(text, at) ? 80 : 40;
    const whole = !LETTER.test(text[at + word.length] ?? '');
    if (!best || score > best[0])
      best = [score + (whole ? 10 : 0), span(at, word.length)];
    if (at === 0) break;
  }
  return best;
}

/** Letter by letter, of which each goes on or begins a word. */
function letters(word: string, text: string): [number, number[]] | null {
  const places: number[] = [];
  let from = 0;
  for (const letter of word) {
    const last = places.at(-1);
    let at = last !== undefined && text[last + 1] === letter ? last + 1 : -1;
    for (let i = from; at < 0 && i < text.length; i++)
      if (text[i] === letter && isStart(text, i)) at = i;
    if (at < 0) return null;
    places.push(at);
    from = at + 1;
  }
  return word.length > 1 ? [30, places] : null;
}

/** Null where one of the words is nowhere. */
function fit<T extends Findable>(item: T, words: string[]): Hit<T> | null {
  const title = item.title.toLowerCase();
  const beside = `${item.note} ${item.also ?? ''}`.toLowerCase();
  const marks = new Set<number>();
  // Of two that fit alike, the shorter was meant.
  let score = -title.length / 10;
  for (const word of words) {
    const found = piece(word, title) ?? letters(word, title);
    if (found) {
      score += found[0];
      for (const at of found[1]) marks.add(at);
    } else if (beside.includes(word)) {
      score += 15;
    } else {
      return null;
    }
  }
  return { item, score, marks };
}

export const wordsOf = (typed: string) =>
  typed.toLowerCase().split(/\s+/).filter(Boolean);

/** Those in which every word is found, the best first. */
export function find<T extends Findable>(items: T[], typed: string): Hit<T>[] {
  const words = wordsOf(typed);
  return items.flatMap((item) => fit(item, words) ?? [])
    .sort((a, b) => b.score - a.score);
}

/** A text in pieces, of which each second one was meant: "", "Re", "start". */
export function markedPieces(text: string, marks: ReadonlySet<number>): string[] {
  const pieces = [''];
  for (let i = 0; i < text.length; i++) {
    const isMarked = pieces.length % 2 === 0;
    if (marks.has(i) !== isMarked) pieces.push('');
    pieces.push((pieces.pop() ?? '') + text[i]);
  }
  return pieces;
}

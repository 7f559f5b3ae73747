// SPDX-License-Identifier: ISC
// Where each line of a long log stands, when lines wrap at a column: so that
// only those in sight need be drawn.

/** The rows of the screen a text takes; 0 columns: it does not wrap. */
function rowsOf(text: string, columns: number): number {
  if (columns <= 0 || text.length <= columns) return 1;
  return Math.ceil(text.length / columns);
}

/**
 * offsets[i] is the first row of line i; the last one is the number of rows. A
 * note takes one, however long it is.
 */
export function layOut(texts: { plain: string; kind?: string }[],
  columns: number): Uint32Array {
  const offsets = new Uint32Array(texts.length + 1);
  let at = 0;
  for (const [i, { plain, kind = 'line' }] of texts.entries()) {
    offsets[i] = at;
    at += kind === 'line' ? rowsOf(plain, columns) : 1;
  }
  offsets[texts.length] = at;
  return offsets;
}

/** The line that stands at a row. */
export function lineAt(offsets: Uint32Array, row: number): number {
  let low = 0, high = Math.max(0, offsets.length - 2);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((offsets[middle] ?? 0) <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}

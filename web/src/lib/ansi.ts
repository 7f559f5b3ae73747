// SPDX-License-Identifier: ISC
// ANSI colours of a log line as spans with classes; all other control
// sequences and bytes are left out.

export interface Span {
  text: string;
  classes: string;
}

const names = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan',
  'white'];

interface State {
  colour: string;
  bold: boolean;
  dim: boolean;
}

function apply(state: State, code: number): void {
  if (code === 0) Object.assign(state, { colour: '', bold: false, dim: false });
  else if (code === 1) state.bold = true;
  else if (code === 2) state.dim = true;
  else if (code === 22) state.bold = state.dim = false;
  else if (code === 39) state.colour = '';
  else if (code >= 30 && code <= 37) state.colour = names[code - 30] ?? '';
  else if (code >= 90 && code <= 97) state.colour = names[code - 90] ?? '';
}

function classes({ colour, bold, dim }: State): string {
  return [colour && `ansi-${colour}`, bold && 'ansi-bold', dim && 'ansi-dim']
    .filter(Boolean).join(' ');
}

// The server shows control bytes as U+2400 pictures; both forms are known.
const sequence = /(?:\u001b|\u241b)\[([0-9;]*)([A-Za-z])/g;
const control = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

export function parseAnsi(line: string): Span[] {
  const spans: Span[] = [];
  const state: State = { colour: '', bold: false, dim: false };
  let at = 0;
  const push = (text: string) => {
    const clean = text.replace(control, '').replaceAll('\t', '    ');
    if (clean !== '') spans.push({ text: clean, classes: classes(state) });
  };
  for (const match of line.matchAll(sequence)) {
    push(line.slice(at, match.index));
    at = match.index + match[0].length;
    if (match[2] === 'm')
      for (const code of (match[1] ?? '').split(';')) apply(state, Number(code));
  }
  push(line.slice(at));
  return spans;
}

export function plain(line: string): string {
  return parseAnsi(line).map((span) => span.text).join('');
}

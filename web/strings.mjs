// SPDX-License-Identifier: ISC
// Finds words people read that are not in src/text: node strings.mjs FILES...,
// without any all below src.
// Curl lines, paths, keys and class names are no words; where it can't tell,
// "not prose" in a comment on the line, or on the one before, says so.
import fs from 'node:fs';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

// Attributes whose text is read, whatever it looks like.
const read = new Set(['alt', 'aria-description', 'aria-label',
  'aria-roledescription', 'aria-valuetext', 'caption', 'error', 'hint', 'label',
  'legend', 'noun', 'placeholder', 'title', 'unit', 'verb', 'what', 'why']);
// The same of properties: others name things there.
const told = new Set(['aria-label', 'hint', 'label', 'placeholder', 'title']);
// Attributes and properties whose text is never read.
const unread = new Set(['accept', 'aria-controls', 'aria-describedby',
  'aria-labelledby', 'autocomplete', 'class', 'd', 'href', 'id', 'points',
  'preserveAspectRatio', 'rel', 'sandbox', 'transform', 'viewBox']);
// Functions that show what they are given.
const shown = new Set(['announce', 'nameTab', 'toast']);
// Functions that are given what is not shown.
const unshown = new Set(['add', 'addEventListener', 'closest', 'contains',
  'createElement', 'createElementNS', 'dispatchEvent', 'getPropertyValue',
  'has', 'includes', 'matches', 'matchMedia', 'querySelector', 'querySelectorAll', 'remove',
  'removeEventListener', 'setAttribute', 'setProperty', 'toggle']);
const keys = new Set(['Alt', 'Backspace', 'Control', 'Delete', 'End', 'Enter',
  'Escape', 'Home', 'Meta', 'Shift', 'Space', 'Tab']);
// Part of a selector of CSS.
const selector = /:(has|is|not)\(|\[[\w-]+[~^$*|]?[=\]]/;
// What is for a terminal or a file, and the elements' own samples.
const code = /\bsrc\/(lib\/(curl|ci)\.ts|pages\/Gallery\.tsx)$/;

const hasWord = (text) => /\p{L}{2,}/u.test(text);

/** Whether a text looks like words, seen alone. */
function isProse(text) {
  const bare = text.trim();
  if (!hasWord(bare) || keys.has(bare) || selector.test(bare)) return false;
  if (/^\p{Lu}\p{Ll}+[….?!:,]?$/u.test(bare)) return true;
  return /\s/.test(text) && /(^|[\s(])\p{L}{2,}[….?!:,;)]*(\s|$)/u.test(text);
}

const nameOf = (call) => {
  const callee = call.expression;
  return ts.isIdentifier(callee) ? callee.text :
    ts.isPropertyAccessExpression(callee) ? callee.name.text : '';
};

const textOf = (node) => ts.isTemplateExpression(node) ?
  [node.head, ...node.templateSpans.map((s) => s.literal)]
    .map((part) => part.text).join('\0') : node.text;

/** What a string is for: 'read', 'unread', or '' where only its look tells. */
function useOf(node) {
  let at = node;
  for (;;) {
    const { parent } = at;
    if (ts.isConditionalExpression(parent)) {
      if (parent.condition === at) return '';
    } else if (ts.isBinaryExpression(parent)) {
      const op = parent.operatorToken.kind;
      if (op >= ts.SyntaxKind.EqualsEqualsToken &&
        op <= ts.SyntaxKind.ExclamationEqualsEqualsToken) return 'unread';
      if (op === ts.SyntaxKind.AmpersandAmpersandToken && parent.left === at)
        return '';
    } else if (ts.isJsxExpression(parent)) {
      if (!ts.isJsxAttribute(parent.parent)) return 'read';
    } else if (ts.isJsxAttribute(parent)) {
      const name = parent.name.getText();
      return read.has(name) ? 'read' : unread.has(name) ? 'unread' : '';
    } else if (ts.isPropertyAssignment(parent) && parent.initializer === at) {
      const name = parent.name.text ?? '';
      return told.has(name) ? 'read' : unread.has(name) ? 'unread' : '';
    } else if (ts.isCallExpression(parent)) {
      if (parent.expression === at) return '';
      return shown.has(nameOf(parent)) && parent.arguments[0] === at ? 'read' :
        unshown.has(nameOf(parent)) ? 'unread' : '';
    } else if (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent) ||
      ts.isLiteralTypeNode(parent) || ts.isCaseClause(parent) ||
      ts.isElementAccessExpression(parent) ||
      (ts.isPropertyAssignment(parent) && parent.name === at)) {
      return 'unread';
    } else if (!ts.isParenthesizedExpression(parent) &&
      !ts.isTemplateSpan(parent) && !ts.isTemplateExpression(parent) &&
      !ts.isAsExpression(parent)) {
      return '';
    }
    at = parent;
  }
}

/** Whether a string stands somewhere inside an attribute nobody reads. */
function isInUnread(node) {
  for (let at = node.parent; at; at = at.parent)
    if (ts.isJsxAttribute(at)) return unread.has(at.name.getText());
  return false;
}

function isRead(node) {
  if (ts.isJsxText(node)) return /\p{L}/u.test(node.text);
  const use = useOf(node);
  if (use === 'unread' || isInUnread(node)) return false;
  const text = textOf(node);
  return use === 'read' ? hasWord(text) : isProse(text.replaceAll('\0', '1'));
}

function wordsOfCss(source) {
  return [...source.matchAll(/content:\s*"([^"]*\p{L}{2}[^"]*)"/gu)].map((m) =>
    ({ line: source.slice(0, m.index).split('\n').length, text: m[1] }));
}

/** The words in a file: [{ line, text }]. */
export function words(name, source) {
  if (name.endsWith('.css')) return wordsOfCss(source);
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true,
    name.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS);
  const lines = source.split('\n');
  const found = [];
  const visit = (node) => {
    const isText = ts.isJsxText(node) || ts.isStringLiteral(node) ||
      ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateExpression(node);
    if (isText && isRead(node)) {
      const first = node.getText().search(/\S/);
      const at = file.getLineAndCharacterOfPosition(
        node.getStart() + Math.max(0, first)).line;
      if (![lines[at - 1], lines[at]].some((l) => l?.includes('not prose')))
        found.push({ line: at + 1,
          text: textOf(node).replaceAll('\0', '…').trim().replace(/\s+/g, ' ') });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const given = process.argv.slice(2);
  const left = (given.length ? given : fs.readdirSync('src', { recursive: true })
    .filter((name) => /\.(tsx?|css)$/.test(name)).map((name) => `src/${name}`))
    .filter((name) => !/\bsrc\/text\/|\.d\.ts$/.test(name) && !code.test(name))
    .flatMap((name) => words(name, fs.readFileSync(name, 'utf8'))
      .map(({ line, text }) => `${name}:${line}: ${text}`));
  for (const line of left) console.log(line);
  if (left.length) console.log(`${left.length} texts: their place is src/text`);
  process.exit(left.length ? 1 : 0);
}

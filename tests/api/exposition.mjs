// SPDX-License-Identifier: ISC
//
// What Prometheus would read, taken apart as strictly as it does: one head per
// family before its samples, no family twice, no sample twice, values that are
// numbers, histograms that grow and agree with their counts.
import assert from 'node:assert/strict';

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(.*)\})? (\S+)$/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,(?=.)|$)/;
const TYPES = ['counter', 'gauge', 'histogram'];

function labelsOf(text, line) {
  const labels = {};
  while (text) {
    const found = text.match(LABEL);
    assert.ok(found, `labels: ${line}`);
    assert.ok(!(found[1] in labels), `a label twice: ${line}`);
    labels[found[1]] = found[2].replace(/\\(.)/g, (_, c) => c === 'n' ? '\n' : c);
    text = text.slice(found[0].length);
  }
  return labels;
}

function valueOf(text, line) {
  assert.match(text, /^(NaN|[+-]Inf|-?\d+(\.\d+)?(e[+-]?\d+)?)$/, line);
  return text === 'NaN' ? NaN : Number(text.replace('Inf', 'Infinity'));
}

/** The ends that names of samples may have, by type. */
const endsOf = (type, open) => type === 'histogram' ?
  ['_bucket', '_sum', '_count'] :
  type === 'counter' && open ? ['_total'] : [''];

function histogramCheck(family) {
  const series = new Map();
  for (const sample of family.samples) {
    const { le, ...rest } = sample.labels;
    const key = JSON.stringify(rest);
    const one = series.get(key) ?? { buckets: [] };
    if (sample.name.endsWith('_bucket')) one.buckets.push([le, sample.value]);
    else one[sample.name.slice(family.name.length + 1)] = sample.value;
    series.set(key, one);
  }
  for (const [key, { buckets, sum, count }] of series) {
    const bounds = buckets.map(([le]) => le === '+Inf' ? Infinity : Number(le));
    assert.equal(bounds.at(-1), Infinity, key);
    for (let i = 1; i < buckets.length; i++) {
      assert.ok(bounds[i] > bounds[i - 1], key);
      assert.ok(buckets[i][1] >= buckets[i - 1][1], key);
    }
    assert.equal(buckets.at(-1)[1], count, key);
    assert.ok(sum >= 0, key);
  }
}

/** Families by name: {name, type, help, samples: [{name, labels, value}]}. */
export function parse(text, open = false) {
  const families = new Map(), seen = new Set();
  let family;
  assert.ok(text.endsWith('\n'));
  const lines = text.slice(0, -1).split('\n');
  if (open) assert.equal(lines.pop(), '# EOF');
  for (const line of lines) {
    const [, what, name, rest] = line.match(/^# (HELP|TYPE) (\S+) (.*)$/) ?? [];
    if (what === 'HELP') {
      assert.match(name, NAME);
      assert.ok(!families.has(name), `a family twice: ${name}`);
      family = { name, help: rest, samples: [] };
      families.set(name, family);
    } else if (what === 'TYPE') {
      assert.equal(name, family.name);
      assert.ok(TYPES.includes(rest), line);
      assert.equal(family.type, undefined);
      if (rest === 'counter') assert.equal(name.endsWith('_total'), !open, line);
      family.type = rest;
    } else {
      const found = line.match(SAMPLE);
      assert.ok(found, `a line: ${line}`);
      assert.ok(endsOf(family.type, open).some((end) =>
        found[1] === family.name + end), `not of ${family.name}: ${line}`);
      const sample = { name: found[1], labels: labelsOf(found[3], line),
        value: valueOf(found[4], line) };
      const key = line.slice(0, line.lastIndexOf(' '));
      assert.ok(!seen.has(key), `a sample twice: ${key}`);
      seen.add(key);
      family.samples.push(sample);
    }
  }
  for (const one of families.values()) {
    assert.ok(one.type, one.name);
    if (one.type === 'histogram') histogramCheck(one);
  }
  return families;
}

/** The value of the one sample that has these labels, or undefined. */
export function value(families, name, labels = {}) {
  const family = families.get(name) ??
    families.get(name.replace(/_(bucket|sum|count|total)$/, ''));
  const found = (family?.samples ?? []).filter((sample) =>
    sample.name === name && Object.entries(labels).every(([key, want]) =>
      sample.labels[key] === want));
  assert.ok(found.length <= 1, `${name} more than once`);
  return found[0]?.value;
}

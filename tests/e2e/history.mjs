// SPDX-License-Identifier: ISC
// A past for a test: what was kept of logs, and what was measured. For while the
// daemon does not run.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { build } from '../api/stack.mjs';

/** Kinds of entries; see fcgi/log.h. */
const kinds = { line: 0, deployment: 1, stopped: 2, started: 3,
  restarted: 4 };

/** An entry as the daemon keeps it; see fcgi/log_file.h. */
function keptEntry({ seq, ms, kind = 'line', text, deployment = 0 }) {
  const entry = Buffer.alloc(32 + Buffer.byteLength(text));
  entry.writeUInt16BE(Buffer.byteLength(text), 4);
  entry[6] = kinds[kind];
  entry.writeBigInt64BE(BigInt(seq), 8);
  entry.writeBigInt64BE(BigInt(ms), 16);
  entry.writeBigInt64BE(BigInt(deployment), 24);
  entry.write(text, 32);
  entry.writeUInt32BE(zlib.crc32(entry.subarray(4)), 0);
  return entry;
}

/**
 * The log of a place, INSTANCE/PROJECT/NAME, is these entries and no others:
 * {seq, ms, kind?, text, deployment?}, oldest first. State is STATE/, an entry
 * begins a new segment when at(seq) says so.
 */
export function keepLog(state, place, entries, begins = () => false) {
  const logs = path.join(state, 'logs', place);
  fs.rmSync(logs, { recursive: true, force: true });
  fs.mkdirSync(logs, { recursive: true, mode: 0o700 });
  const head = Buffer.alloc(24);
  head.write('MOLLYMAWK-LOG-1\n');
  head.writeUInt32BE(0xfeed0001, 16);
  head.writeUInt32BE(zlib.crc32(head.subarray(0, 20)), 20);
  const segments = [];
  for (const entry of entries) {
    if (segments.length === 0 || begins(entry.seq))
      segments.push({ first: entry.seq, parts: [head] });
    segments.at(-1).parts.push(keptEntry(entry));
  }
  for (const { first, parts } of segments)
    fs.writeFileSync(path.join(logs, `${first.toString(16).padStart(16, '0')}.log`),
      Buffer.concat(parts), { mode: 0o600 });
}

/**
 * What was measured of unikernels: [{place: [instance, project, name], device,
 * values: [{at, span, cpu, memory, faults, rx, tx}]}], as tests/e2e/measured
 * reads it.
 */
export function keepMeasured(state, all) {
  const lines = all.flatMap(({ place, device, values }) => [
    `of ${place.join(' ')} ${device}`,
    ...values.map((v) => [v.at, v.span, v.cpu.toFixed(3), Math.round(v.memory),
      v.faults.toFixed(2), Math.round(v.rx), Math.round(v.tx)].join(' '))]);
  execFileSync(path.join(build, 'tests/e2e/measured'), [state],
    { input: `${lines.join('\n')}\n` });
}

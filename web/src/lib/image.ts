// SPDX-License-Identifier: ISC
// What a solo5 image says of itself, read in the browser so that the form can
// ask for exactly its devices. The server reads it again and decides.
import type { Device } from '../api';
import * as text from '../text/image';

export interface Manifest {
  target: string;
  version: number;
  devices: Device[];
}

const targets = ['', 'hvt', 'spt', 'virtio', 'muen', 'genode', 'xen'];
const MANIFEST = 0x3154464d; // "MFT1"
const ABI = 0x31494241; // "ABI1"
const ENTRY = 104;

class Bad extends Error {}

function need(condition: boolean, why: string): asserts condition {
  if (!condition) throw new Bad(why);
}

interface Note {
  type: number;
  body: DataView;
}

/** The notes of the owner "Solo5" in one PT_NOTE segment. */
function* notes(data: DataView): Generator<Note> {
  let at = 0;
  while (at + 12 <= data.byteLength) {
    const owner = data.getUint32(at, true);
    const size = data.getUint32(at + 4, true);
    const type = data.getUint32(at + 8, true);
    const name = at + 12;
    const body = name + ((owner + 3) & ~3);
    need(owner <= 64 && body + size <= data.byteLength, text.noteCut);
    const found = String.fromCharCode(
      ...new Uint8Array(data.buffer, data.byteOffset + name, owner));
    if (found === 'Solo5\0')
      yield { type, body: new DataView(data.buffer, data.byteOffset + body, size) };
    at = body + ((size + 3) & ~3);
  }
}

function readName(data: DataView, at: number): string {
  const bytes = new Uint8Array(data.buffer, data.byteOffset + at, 68);
  const end = bytes.indexOf(0);
  need(end >= 0, text.nameOpen);
  return new TextDecoder().decode(bytes.subarray(0, end));
}

/** The manifest's entries; the first one is reserved. */
function devices(body: DataView): Device[] {
  // Padding, version and count stand before the entries.
  need(body.byteLength >= 12, text.manifestCut);
  const count = body.getUint32(8, true);
  need(count >= 1 && count <= 64 && body.byteLength >= 12 + count * ENTRY,
    text.manifestCut);
  const found: Device[] = [];
  for (let i = 1; i < count; i++) {
    const at = 12 + i * ENTRY;
    const type = body.getUint32(at + 68, true);
    need(type === 1 || type === 2, text.deviceUnknown);
    found.push({ name: readName(body, at), type: type === 1 ? 'block' : 'net' });
  }
  return found;
}

async function slice(file: Blob, from: number, size: number): Promise<DataView> {
  need(from + size <= file.size, text.fileCut);
  return new DataView(await file.slice(from, from + size).arrayBuffer());
}

async function read(file: Blob): Promise<Manifest> {
  need(file.size >= 64, text.noElf);
  const head = await slice(file, 0, 64);
  need(head.getUint32(0) === 0x7f454c46, text.noElf);
  need(head.getUint8(4) === 2 && head.getUint8(5) === 1,
    text.otherElf);
  const offset = Number(head.getBigUint64(32, true));
  const size = head.getUint16(54, true);
  const count = head.getUint16(56, true);
  need(size === 56 && count <= 256, text.headersBad);
  const table = await slice(file, offset, size * count);
  let abi: { target: string; version: number } | undefined;
  let found: Device[] | undefined;
  for (let i = 0; i < count; i++) {
    const at = i * size;
    if (table.getUint32(at, true) !== 4) continue; // PT_NOTE
    const length = Number(table.getBigUint64(at + 32, true));
    need(length <= 65536, text.noteLarge);
    const data = await slice(file,
      Number(table.getBigUint64(at + 8, true)), length);
    for (const note of notes(data)) {
      if (note.type === MANIFEST) found = devices(note.body);
      if (note.type === ABI && note.body.byteLength >= 8)
        abi = {
          target: targets[note.body.getUint32(0, true)] ?? 'unknown',
          version: note.body.getUint32(4, true),
        };
    }
  }
  need(abi !== undefined && found !== undefined, text.noUnikernel);
  return { ...abi, devices: found };
}

/** The manifest, or a sentence that says why there is none. */
export async function readManifest(file: Blob): Promise<Manifest | string> {
  try {
    return await read(file);
  } catch (error) {
    if (error instanceof Bad || error instanceof RangeError)
      return text.cannot(error.message);
    throw error;
  }
}

// SPDX-License-Identifier: ISC
// Whether a file is compressed, and how much there is in it.

export async function isGzip(file: Blob): Promise<boolean> {
  const head = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  return head[0] === 0x1f && head[1] === 0x8b;
}

/**
 * The bytes a gzip file holds once unpacked; progress is told how many of the
 * file's own were read. Throws what the browser says against it, and AbortError.
 */
export async function countUnpacked(file: Blob, progress: (read: number) => void,
  signal: AbortSignal): Promise<number> {
  let read = 0, count = 0;
  const reading = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, out) {
      progress(read += chunk.byteLength);
      out.enqueue(chunk);
    },
  });
  await file.stream().pipeThrough(reading)
    .pipeThrough(new DecompressionStream('gzip') as
      ReadableWritablePair<Uint8Array, Uint8Array>)
    .pipeTo(new WritableStream({
      write(chunk: Uint8Array) { count += chunk.byteLength; },
    }), { signal });
  return count;
}

// SPDX-License-Identifier: ISC
// A file that is to become the content of a volume: what a gzip file holds is
// counted first, so that it is known to fit.
import { useEffect, useState } from 'preact/hooks';
import { notUnpacked } from '../text/volumes';
import { countUnpacked, isGzip } from './gzip';

export interface Data {
  file: File;
  gzip: boolean;
  /** Whether it is unpacked on the way. */
  unpack: boolean;
  /** Bytes on the volume; null while they are counted, or can not be. */
  size: number | null;
  /** Bytes of the file that were read for that. */
  read: number;
  error: string;
}

export function useData() {
  const [data, setData] = useState<Data | null>(null);
  const take = async (file: File | undefined) => {
    if (!file) return;
    const gzip = await isGzip(file);
    setData({ file, gzip, unpack: gzip, size: gzip ? null : file.size, read: 0,
      error: '' });
  };
  const setUnpack = (unpack: boolean) => setData((d) => d && { ...d, unpack,
    size: unpack ? null : d.file.size, read: 0, error: '' });
  useEffect(() => {
    if (!data?.unpack) return;
    const control = new AbortController();
    const set = (part: Partial<Data>) => setData((d) =>
      (d && !control.signal.aborted ? { ...d, ...part } : d));
    countUnpacked(data.file, (read) => set({ read }), control.signal)
      .then((size) => set({ size }), () => set({ error: notUnpacked }));
    return () => control.abort();
  }, [data?.file, data?.unpack]);
  return { data, take, setUnpack };
}

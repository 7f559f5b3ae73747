// SPDX-License-Identifier: ISC
// Which lines of a stream are known already: one that is opened again from the
// newest time on tells the lines of that time once more.

export class Seen {
  private newest = '';
  private counts = new Map<string, number>();
  private until = '';
  private again = new Map<string, number>();

  /** The stream is opened again; from which time, '' if nothing came yet. */
  resume(): string {
    this.until = this.newest;
    this.again = new Map(this.counts);
    return this.newest;
  }

  /** Whether the line is a new one. The same text may come twice at a time. */
  isNew(time: string, line: string): boolean {
    const left = time === this.until ? this.again.get(line) ?? 0 : 0;
    if (left > 0) {
      this.again.set(line, left - 1);
      return false;
    }
    if (time !== this.newest) this.counts = new Map();
    this.newest = time;
    this.counts.set(line, (this.counts.get(line) ?? 0) + 1);
    return true;
  }
}

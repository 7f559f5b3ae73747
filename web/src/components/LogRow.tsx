// SPDX-License-Identifier: ISC
// One line of a log, or what we have to tell between its lines.
import { Component } from 'preact';
import { isNote, spansOf, type Entry } from '../lib/log';

function Marked({ text, needle }: { text: string; needle: string }) {
  if (needle === '') return <>{text}</>;
  const parts = [];
  const lower = text.toLowerCase();
  let at = 0;
  for (let hit = lower.indexOf(needle); hit >= 0; hit = lower.indexOf(needle, at)) {
    parts.push(text.slice(at, hit),
      <mark>{text.slice(hit, hit + needle.length)}</mark>);
    at = hit + needle.length;
  }
  parts.push(text.slice(at));
  return <>{parts}</>;
}

/** Its parts as they look; one without colours is its text alone. */
function Line({ e, needle }: { e: Entry; needle: string }) {
  return (
    <span>{spansOf(e).map(({ text, classes, colour, ground }, i) => (
      <span key={i} class={classes || undefined} {...((colour || ground) && { style:
        { color: colour, backgroundColor: ground } })}>
        <Marked text={text} needle={needle} /></span>))}</span>
  );
}

interface RowProps {
  e: Entry;
  times: boolean;
  needle: string;
  /** It is the one that the address names. */
  found: boolean;
  /** The keyboard is there. */
  here: boolean;
  picked: boolean;
  /** Where the deployments are. */
  deployments: string;
}

const looks = ['e', 'times', 'needle', 'found', 'here', 'picked'] as const;

export class Row extends Component<RowProps> {
  /** Most of them are as they were when one scrolls. */
  override shouldComponentUpdate(next: RowProps): boolean {
    return looks.some((key) => next[key] !== this.props[key]);
  }

  render({ e, times, needle, found, here, picked, deployments }: RowProps) {
    const kinds = ['log-row', ...(isNote(e) ? ['told', e.kind] : []),
      found && 'found', here && 'here', picked && 'picked'];
    return (
      <div class={kinds.filter(Boolean).join(' ')} data-seq={e.seq}>
        {times && <time dateTime={e.time}>
          {e.time.slice(0, 23).replace('T', ' ')}</time>}
        {isNote(e) ? <span title={e.plain}>{e.deployment ?
          <a href={deployments}><Marked text={e.plain} needle={needle} /></a> :
          <Marked text={e.plain} needle={needle} />}</span> :
          <Line e={e} needle={needle} />}
      </div>
    );
  }
}

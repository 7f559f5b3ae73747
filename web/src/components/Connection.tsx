// SPDX-License-Identifier: ISC
// Whether what is shown is live: the one place that says so on every page.
import { useEffect, useState } from 'preact/hooks';
import { askNow, connection, trouble } from '../store/events';
import * as text from '../text/shell';
import { Age } from './ui';

/** A moment is no news. */
const PATIENCE = 4000;

export function Connection() {
  const [late, setLate] = useState(false);
  const broken = connection.value === 'broken';
  useEffect(() => {
    if (!broken) return setLate(false);
    const timer = setTimeout(setLate, PATIENCE, true);
    return () => clearTimeout(timer);
  }, [broken]);
  const known = trouble.value;
  return (
    <div class={late ? 'connection late' : 'connection'}>
      <div role="status">{late ? <>
        <p><strong>{text.notLive}</strong></p>
        {known && <p>{text.notLiveSince(<Age time={new Date(known.since)
          .toISOString()} />, known.why)}</p>}</> : null}</div>
      {late ? <button type="button" class="small" onClick={askNow}>
        {text.askNow}</button> :
        <p class="live" title={text.liveMeans}>{connection.value === 'connecting' ?
          text.connecting : text.live}</p>}
    </div>
  );
}

// SPDX-License-Identifier: ISC
// A component that is loaded when it is first shown, or before. What did not
// load is tried again when the server answers again, or when one asks.
import type { ComponentType, FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { connection } from '../store/events';
import * as common from '../text/common';
import * as text from '../text/shell';
import { Banner, Loading } from './ui';

export type Loaded<P> = FunctionComponent<P> & {
  /** Fetches it before it is shown; what fails is told where it is shown. */
  preload: () => Promise<void>;
};

/** Style sheets that did not come are asked for again. */
function mendStyles(): void {
  for (const link of document.querySelectorAll<HTMLLinkElement>(
    'link[rel="stylesheet"]'))
    if (!link.sheet) link.replaceWith(link.cloneNode());
}

function NotLoaded({ again }: { again: () => void }) {
  // Whatever was wrong may be over with the connection.
  useEffect(() => {
    let first = true;
    return connection.subscribe((how) => {
      if (!first && how === 'live') again();
      first = false;
    });
  }, []);
  return (
    <Banner title={text.notLoaded}>{text.notLoadedWhy}{' '}
      <button type="button" class="small" onClick={again}>{common.tryAgain}
      </button>{' '}
      <button type="button" class="small" onClick={() => location.reload()}>
        {text.reload}</button></Banner>);
}

export function lazy<P extends object>(load: () => Promise<ComponentType<P>>):
Loaded<P> {
  let Known: ComponentType<P> | null = null;
  let coming: Promise<void> | null = null;
  const fetchOnce = async () => {
    if (Known) return;
    await (coming ??= load().then((found) => { Known = found; })
      .finally(() => { coming = null; }));
  };
  function Lazy(props: P) {
    const [, setTurn] = useState(0);
    const [failed, setFailed] = useState(false);
    const shown = Known !== null;
    const turn = () => {
      setFailed(false);
      fetchOnce().then(() => setTurn((n) => n + 1), () => setFailed(true));
    };
    // What was fetched before may have come since this was drawn.
    useEffect(() => { if (!shown) turn(); }, []);
    if (Known) return <Known {...props} />;
    return failed ? <NotLoaded again={() => { mendStyles(); turn(); }} /> :
      <Loading />;
  }
  return Object.assign(Lazy, { preload: () => fetchOnce().catch(() => {}) });
}

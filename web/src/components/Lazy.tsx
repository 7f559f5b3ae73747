// SPDX-License-Identifier: ISC
// A component that is loaded when it is first shown.
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Banner } from './ui';

export function lazy<P extends object>(load: () => Promise<ComponentType<P>>):
ComponentType<P> {
  return function Lazy(props: P) {
    const [Found, setFound] = useState<ComponentType<P> | null>(null);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      load().then((found) => setFound(() => found), () => setFailed(true));
    }, []);
    if (failed)
      return <Banner title="This part did not load.">Reload the page; it may
        have been renewed meanwhile.</Banner>;
    return Found ? <Found {...props} /> : <p class="quiet">Loading…</p>;
  };
}

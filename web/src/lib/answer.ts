// SPDX-License-Identifier: ISC
// What the server answered last, for all that asks again.
import { useState } from 'preact/hooks';

/**
 * What was last known stays when there is no answer, with when that was and why
 * it is not newer.
 */
export function useAnswer<T>() {
  const [value, setValue] = useState<T | null>(null);
  const [error, failed] = useState<Error | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const took = (found: T) => {
    setValue(() => found);
    setAt(Date.now());
    failed(null);
  };
  return { known: { value, error, at }, took, failed };
}

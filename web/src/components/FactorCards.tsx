// SPDX-License-Identifier: ISC
// What one has besides a password, for the page of one's account and for who
// must set it up first.
import { useEffect, useState } from 'preact/hooks';
import { get, type SecondFactor } from '../api';
import * as common from '../text/common';
import * as text from '../text/factors';
import { PasskeysCard } from './PasskeysCard';
import { SecondFactorCard } from './SecondFactorCard';
import { Banner } from './ui';

export function FactorCards({ onChange }: { onChange?: () => void }) {
  const [has, setHas] = useState<SecondFactor | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const load = () => {
    setError(null);
    get<{ second_factor: SecondFactor }>('/me').then((me) =>
      setHas(me.second_factor), setError);
  };
  useEffect(load, []);
  const changed = () => {
    load();
    onChange?.();
  };
  if (error)
    return <Banner title={text.notLoaded}>
      {error.message}{' '}
      <button type="button" class="small" onClick={load}>
        {common.tryAgain}</button>
    </Banner>;
  return (
    <>
      {has && <SecondFactorCard has={has} onChange={changed} />}
      <PasskeysCard onChange={changed} />
    </>
  );
}

// SPDX-License-Identifier: ISC
// What one has besides a password, for the page of one's account and for who
// must set it up first.
import { get, type SecondFactor } from '../api';
import { usePolled } from '../lib/poll';
import { PasskeysCard } from './PasskeysCard';
import { SecondFactorCard } from './SecondFactorCard';
import { Stale } from './ui';

const EVERY = 15_000;

export function FactorCards({ onChange }: { onChange?: () => void }) {
  const { value, error, at, again } = usePolled((signal) =>
    get<{ second_factor: SecondFactor }>('/me', signal), EVERY, []);
  const changed = () => {
    again();
    onChange?.();
  };
  return (
    <>
      <Stale reason={error} since={at} again={again} />
      {value && <SecondFactorCard has={value.second_factor} onChange={changed} />}
      {value && <PasskeysCard onChange={changed} />}
    </>
  );
}

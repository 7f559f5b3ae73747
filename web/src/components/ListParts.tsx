// SPDX-License-Identifier: ISC
// What the lists over all instances share: a filter, and what is said where
// something is missing.
import type { ComponentChildren } from 'preact';
import type { UnikernelList } from '../api';
import { setQuery } from '../router';
import * as common from '../text/common';
import * as text from '../text/filter';
import { Banner, Empty } from './ui';

export { FilterBox } from './FilterBox';

export function NothingFits() {
  return (
    <Empty title={text.nothingFits}>
      <p><button type="button" onClick={() => setQuery('q', '')}>
        {common.showAll}</button></p></Empty>
  );
}

/** The instances that did not answer, and what is not there without them. */
export function Unanswered({ errors, lost }: { errors: UnikernelList['errors'];
  lost: string | ((instance: string) => ComponentChildren) }) {
  return (
    <>{errors.map((e) => (
      <Banner key={e.instance} title={common.noAnswer(e.instance)}>
        {e.detail || e.title}{' '}
        {typeof lost === 'string' ? lost : lost(e.instance)}</Banner>))}</>
  );
}

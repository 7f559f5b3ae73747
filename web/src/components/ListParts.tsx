// SPDX-License-Identifier: ISC
// What the lists over all instances share: a filter, which stands in the
// address, and what is said where something is missing.
import type { ComponentChildren } from 'preact';
import type { UnikernelList } from '../api';
import { setQuery } from '../router';
import * as common from '../text/common';
import * as text from '../text/filter';
import { Icon } from './Icon';
import { Banner, Empty } from './ui';

export function FilterBox({ value, what, hint }: { value: string; what: string;
  hint: string }) {
  return (
    <div class="search">
      <Icon name="search" />
      <input type="search" data-filter value={value} spellcheck={false}
        placeholder={text.hint(hint)}
        aria-label={text.filterThe(what)}
        onInput={(e) => setQuery('q', e.currentTarget.value, 'typed')}
        onKeyDown={(e) => { if (e.key === 'Escape') e.currentTarget.blur(); }} />
      {value === '' && <kbd>/</kbd>}
    </div>
  );
}

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

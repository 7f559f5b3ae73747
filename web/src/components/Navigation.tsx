// SPDX-License-Identifier: ISC
// The pages, at the left; on a phone behind a button above. Below them whether
// what is shown is live, and one's account.
import { useRef } from 'preact/hooks';
import { place } from '../router';
import { mySections, type Group, type Section } from '../routes';
import { pressing } from '../store/alerts';
import { session } from '../store/session';
import { theme, themes } from '../store/theme';
import { areExact } from '../store/times';
import * as common from '../text/common';
import * as pages from '../text/pages';
import * as text from '../text/shell';
import { Connection } from './Connection';
import { Icon } from './Icon';
import { Segments } from './ui';

interface NavigationActs {
  palette: () => void;
  keys: () => void;
  signOut: () => void;
}

function Account({ acts }: { acts: NavigationActs }) {
  const user = session.value?.user;
  const ref = useRef<HTMLDivElement>(null);
  if (!user) return null;
  const shut = (then?: () => void) => () => {
    ref.current?.hidePopover();
    then?.();
  };
  return (
    <div class="account">
      <button type="button" class="who" popovertarget="account">
        <span class="initial" aria-hidden="true">{user.name.slice(0, 1)}</span>
        <span class="name">{text.accountOf(user.name)}</span>
        <Icon name="more" /></button>
      <div id="account" class="menu" popover="auto" ref={ref}>
        <p><strong>{user.name}</strong><br />
          <span class="quiet">{text.identity(user.email, user.admin)}</span></p>
        <Segments label={text.theme} value={theme.value}
          values={themes.map((t) => [t, text.themes[t]])}
          onChange={(t) => { theme.value = t; }} />
        <Segments label={text.times} value={areExact.value ? 'exact' : 'ages'}
          values={[['ages', text.ages], ['exact', text.exact]]}
          onChange={(how) => { areExact.value = how === 'exact'; }} />
        <a class="button" href="/account" onClick={shut()}>{pages.account}</a>
        <button type="button" onClick={shut(acts.keys)}>{text.keys}</button>
        <button type="button" onClick={shut(acts.signOut)}>
          {common.signOut}</button>
      </div>
    </div>
  );
}

const isHere = (path: string, here: string) => here === path ||
  here.startsWith(`${path}/`);

/** How many alerts want somebody to look. */
function Pressing() {
  const open = pressing.value;
  if (open.length === 0) return null;
  const critical = open.some((a) => a.severity === 'critical');
  return <span class={critical ? 'pressing bad' : 'pressing'}>
    {text.openAlerts(open.length)}</span>;
}

function PageLink({ of }: { of: Section }) {
  return (
    <li><a href={of.pattern}
      aria-current={isHere(of.pattern, place.value.path) ? 'page' : undefined}>
      <Icon name={of.nav.icon} /> {of.title}
      {of.pattern === '/alerts' && <Pressing />}</a></li>
  );
}

function Pages() {
  const ref = useRef<HTMLDivElement>(null);
  const all = mySections();
  return (
    <div id="pages" class="pages" popover="auto" ref={ref} onClick={(e) => {
      if ((e.target as Element).closest('a') && ref.current?.matches(':popover-open'))
        ref.current.hidePopover();
    }}>
      {(Object.keys(pages.groups) as Group[]).map((group) => {
        const some = all.filter((s) => s.nav.group === group);
        return some.length > 0 && <div key={group}>
          <p class="group" id={`pages-${group}`}>{pages.groups[group]}</p>
          <ul aria-labelledby={`pages-${group}`}>{some.map((s) => (
            <PageLink key={s.pattern} of={s} />))}</ul></div>;
      })}
    </div>
  );
}

export function Navigation({ acts }: { acts: NavigationActs }) {
  return (
    <nav aria-label={text.mainNavigation}>
      <a class="brand" href="/overview"><img src="/bird.svg" alt="" width="30"
        height="30" /> {common.product}</a>
      <button type="button" class="goto" onClick={acts.palette}>
        <Icon name="search" /> <span>{text.goTo}</span> <kbd>{text.ctrlK}</kbd>
      </button>
      <button type="button" class="menu-button" popovertarget="pages">
        <Icon name="menu" /> {text.menu} <Pressing /></button>
      <Pages />
      <Connection />
      <Account acts={acts} />
    </nav>
  );
}

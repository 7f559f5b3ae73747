// SPDX-License-Identifier: ISC
// Tokens as a table: what they may, until when, who used them last; revoking.
import { useState } from 'preact/hooks';
import { ask, type Token } from '../api';
import { ago, day } from '../lib/format';
import { clock } from '../store/clock';
import { toast, toastError } from '../store/toasts';
import * as common from '../text/common';
import * as pages from '../text/pages';
import * as text from '../text/tokens';
import { Age, Badge, Table } from './ui';

export const isOver = (token: Token) =>
  Date.parse(token.expires_at) <= Date.now();

function Until({ token }: { token: Token }) {
  void clock.value; // drawn anew with it
  return (
    <>
      <time dateTime={token.expires_at} title={token.expires_at}>
        {day(token.expires_at)}</time>{' '}
      {isOver(token) ? <Badge kind="bad">{text.expired}</Badge> :
        token.expires_soon && <Badge kind="warn">{text.soon}</Badge>}
    </>
  );
}

function Row({ token, path, whose, onGone, onChange }: { token: Token;
  path: string; whose: boolean; onGone: () => void;
  onChange?: ((token: Token) => void) | undefined }) {
  const [asking, setAsking] = useState(false);
  const revoke = async () => {
    try {
      await ask('DELETE', `${path}/${token.id}`);
      toast(text.revoked(token.name));
      onGone();
    } catch (e) {
      toastError(e);
    }
    setAsking(false);
  };
  const limits = [token.project && text.onlyProject(token.project),
    token.instances && text.onlyInstances(token.instances.join(', ')),
    token.unikernels && text.onlyNamed(token.unikernels.join(', '))]
    .filter((limit) => !!limit) as string[];
  return (
    <tr>
      <th scope="row">{token.name}{whose && <div class="quiet">{text.ofUser(
        token.user ?? '')}</div>}
      </th>
      <td class="may">{token.scopes.join(', ')}
        {limits.length > 0 && <div class="quiet">{text.only(limits)}</div>}</td>
      <td data-label={text.expires}><Until token={token} /></td>
      <td data-label={text.lastUsed}>{token.last_used_at ?
        <Age time={token.last_used_at} as={ago} /> : common.never}
        {token.last_used_from && <div class="quiet">{token.last_used_from}</div>}</td>
      <td class="end">{asking ? <>
        <button type="button" class="small" onClick={() => setAsking(false)}>
          {common.keep}</button>{' '}
        <button type="button" class="small danger" onClick={revoke}>
          {text.revokeNow}</button></> : <>
        {onChange && !isOver(token) && <><button type="button" class="small"
          onClick={() => onChange(token)} aria-label={text.changeOf(token.name)}>
          {text.change}</button>{' '}</>}
        <button type="button" class="small" onClick={() => setAsking(true)}
          aria-label={text.revokeOf(token.name)}>{text.revoke}</button></>}</td>
    </tr>
  );
}

/** path is that of the list; whose: they are of several people. */
export function TokenTable({ tokens, path, whose = false, onGone, onChange }: {
  tokens: Token[]; path: string; whose?: boolean; onGone: () => void;
  onChange?: (token: Token) => void }) {
  return (
    <Table label={pages.tokens} class="tokens cards"
      columns={[common.name, text.may, text.expires, text.lastUsed,
        { title: text.actions, unseen: true }]}>
      {tokens.map((t) => <Row key={t.id} token={t} path={path}
        whose={whose} onGone={onGone} onChange={onChange} />)}</Table>
  );
}

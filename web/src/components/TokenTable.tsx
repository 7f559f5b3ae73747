// SPDX-License-Identifier: ISC
// Tokens as a table: what they may, until when, who used them last; revoking.
import { useState } from 'preact/hooks';
import { ask, type Token } from '../api';
import { ago, day } from '../lib/format';
import { clock } from '../store/clock';
import { toast, toastError } from '../store/toasts';
import { Age, Badge } from './ui';

const isOver = (token: Token) => Date.parse(token.expires_at) <= Date.now();

function Until({ token }: { token: Token }) {
  void clock.value; // drawn anew with it
  return (
    <>
      <time dateTime={token.expires_at} title={token.expires_at}>
        {day(token.expires_at)}</time>{' '}
      {isOver(token) ? <Badge kind="bad">expired</Badge> :
        token.expires_soon && <Badge kind="warn">soon</Badge>}
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
      toast(`${token.name} was revoked`);
      onGone();
    } catch (e) {
      toastError(e);
    }
    setAsking(false);
  };
  const limits = [token.project && `project ${token.project}`,
    token.instances && `on ${token.instances.join(', ')}`,
    token.unikernels && `named ${token.unikernels.join(', ')}`].filter(Boolean);
  return (
    <tr>
      <th scope="row">{token.name}{whose && <div class="quiet">of {token.user}</div>}
      </th>
      <td class="may">{token.scopes.join(', ')}
        {limits.length > 0 && <div class="quiet">only {limits.join(', ')}</div>}</td>
      <td><Until token={token} /></td>
      <td>{token.last_used_at ? <Age time={token.last_used_at} as={ago} /> : 'never'}
        {token.last_used_from && <div class="quiet">{token.last_used_from}</div>}</td>
      <td class="end">{asking ? <>
        <button type="button" class="small" onClick={() => setAsking(false)}>
          Keep</button>{' '}
        <button type="button" class="small danger" onClick={revoke}>
          Revoke now</button></> : <>
        {onChange && !isOver(token) && <><button type="button" class="small"
          onClick={() => onChange(token)} aria-label={`Change ${token.name}`}>
          Change</button>{' '}</>}
        <button type="button" class="small" onClick={() => setAsking(true)}
          aria-label={`Revoke ${token.name}`}>Revoke</button></>}</td>
    </tr>
  );
}

/** path is that of the list; whose: they are of several people. */
export function TokenTable({ tokens, path, whose = false, onGone, onChange }: {
  tokens: Token[]; path: string; whose?: boolean; onGone: () => void;
  onChange?: (token: Token) => void }) {
  return (
    <div class="table"><table class="tokens cards">
      <thead><tr><th scope="col">Name</th><th scope="col">May</th>
        <th scope="col">Expires</th><th scope="col">Last used</th>
        <th scope="col"><span class="unseen">Change, revoke</span></th></tr></thead>
      <tbody>{tokens.map((t) => <Row key={t.id} token={t} path={path}
        whose={whose} onGone={onGone} onChange={onChange} />)}</tbody>
    </table></div>
  );
}

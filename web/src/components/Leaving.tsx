// SPDX-License-Identifier: ISC
// Asks who goes elsewhere while something they typed is not sent yet.
import { leaving } from '../router';
import * as text from '../text/shell';
import { Dialog } from './ui';

export function Leaving() {
  const stay = () => { leaving.value = null; };
  const leave = () => {
    const then = leaving.value;
    stay();
    then?.();
  };
  return (
    <Dialog title={text.leaveTitle} onClose={stay}>
      <p>{text.leaveLoses}</p>
      <div class="row end">
        <button type="button" autofocus onClick={stay}>{text.stayHere}</button>
        <button type="button" class="danger solid" onClick={leave}>
          {text.leaveIt}</button>
      </div>
    </Dialog>
  );
}

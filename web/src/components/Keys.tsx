// SPDX-License-Identifier: ISC
// The keys, and the grammar of the filters.
import { mySections } from '../routes';
import * as common from '../text/common';
import * as filter from '../text/filter';
import * as text from '../text/shell';
import './keys.css';
import { Dialog } from './ui';

function Group({ title, keys }: { title: string; keys: [string, string][] }) {
  return (
    <section><h3>{title}</h3>
      <dl class="keys">{keys.map(([key, what]) => (
        <div key={key}><dt>{key.split(' ').map((k) => <kbd key={k}>{k}</kbd>)}</dt>
          <dd>{what}</dd></div>))}</dl></section>
  );
}

export function Keys({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={text.keys} onClose={onClose} wide>
      <div class="key-groups">
        <Group title={text.keysAnywhere} keys={[
          ['/', text.keyFilter], [text.ctrlK, text.keyPalette],
          ['o', text.keyOperations], ['x', text.keyTimes], ['?', text.keyKeys],
          [text.escape, text.keyEscape]]} />
        <Group title={text.keysLog} keys={[['[ ]', text.keyEvents],
          ['p w e', text.keyLog], [text.walkKeys, text.keyRows],
          [text.ctrlC, text.keyCopy], [text.enter, text.keyMark]]} />
        <section><h3>{filter.grammar}</h3><p class="quiet">{filter.grammarAbout}</p>
          <dl class="keys grammar">{filter.grammarLines.map(([example, what]) => (
            <div key={example}><dt><code>{example}</code></dt><dd>{what}</dd></div>))}
          </dl></section>
        <Group title={text.keysPages} keys={mySections().map((s) =>
          [`g ${s.nav.key}`, s.title])} />
      </div>
      <div class="row end"><a class="button" href="/overview?first=1"
        onClick={onClose}>{text.firstSteps}</a>
      <button type="button" autofocus onClick={onClose}>{common.close}</button></div>
    </Dialog>
  );
}

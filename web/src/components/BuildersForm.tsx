// SPDX-License-Identifier: ISC
// The builders that are asked, and how often.
import { useState } from 'preact/hooks';
import { type BuilderSettings } from '../api';
import { numberOf } from '../lib/format';
import { useChanges } from '../lib/kept';
import { useSaving } from '../lib/saving';
import * as common from '../text/common';
import * as text from '../text/settings';
import { Icon } from './Icon';
import { Kept } from './Kept';
import { Field, FormProblem } from './ui';

interface One { name: string; url: string; hosts: string }

const split = (text: string) => text.split(/[\s,]+/).filter(Boolean);

function Row({ i, one, say, onChange, onRemove }: { i: number; one: One;
  say: (name: string) => string | undefined; onChange: (one: One) => void;
  onRemove: () => void }) {
  const input = (key: keyof One, label: string, field: string, hint = '') => (
    <Field label={label} hint={hint} error={say(`builders[${i}].${field}`)}>
      {(p) => <input {...p} value={one[key]} required={key !== 'hosts'}
        spellcheck={false} autocapitalize="off" onInput={(e) =>
          onChange({ ...one, [key]: e.currentTarget.value })} />}</Field>);
  return (
    <fieldset class="field builder">
      <legend class="unseen">{one.name || text.builder(i + 1)}</legend>
      <div class="columns three">
        {input('name', common.name, 'name')}
        {input('url', text.builderUrl, 'url', text.builderUrlHint)}
        {input('hosts', text.builderHosts, 'redirect_hosts',
          text.builderHostsHint)}
      </div>
      <button type="button" class="small bare" onClick={onRemove}
        aria-label={one.name ? common.removeOf(one.name) :
          text.removeBuilder(i + 1)}>
        <Icon name="close" /></button>
    </fieldset>
  );
}

const fieldsOf = (n: number) => ['check_minutes', ...Array.from({ length: n },
  (_, i) => ['name', 'url', 'redirect_hosts'].map((f) => `builders[${i}].${f}`))
  .flat()];

export function BuildersForm() {
  return <Kept<BuilderSettings> path="/settings/builders" title={text.builders}>{
    (first) => <Form first={first} />}</Kept>;
}

function Form({ first }: { first: BuilderSettings }) {
  const [all, setAll] = useState(() => first.builders.map((b): One => ({
    name: b.name, url: b.url, hosts: b.redirect_hosts.join(', ') })));
  const [minutes, setMinutes] = useState(String(first.check_minutes));
  const { error, save, say } = useSaving();
  const unchanged = useChanges({ all, minutes });
  const set = (i: number, one: One | null) => setAll(all.flatMap((old, j) =>
    (j !== i ? [old] : one ? [one] : [])));
  const submit = async (event: Event) => {
    event.preventDefault();
    const body = { check_minutes: numberOf(minutes),
      builders: all.map(({ name, url, hosts }) =>
        ({ name, url, redirect_hosts: split(hosts) })) };
    if (await save('/settings/builders', body)) unchanged();
  };
  return (
    <form class="card stack" onSubmit={submit}>
      <h2>{text.builders}</h2>
      <p>{text.buildersAbout}</p>
      {all.map((one, i) => <Row key={i} i={i} one={one} say={say}
        onChange={(to) => set(i, to)} onRemove={() => set(i, null)} />)}
      <div class="row"><button type="button" class="small" disabled={
        all.length >= 16} onClick={() => setAll([...all,
        { name: '', url: '', hosts: '' }])}>
        <Icon name="plus" /> {text.addBuilder}</button></div>
      <div class="columns">
        <Field label={text.askedEvery} error={say('check_minutes')}
          hint={text.askedEveryHint}>{(p) => (
          <input {...p} type="number" min={5} max={10080} required value={minutes}
            onInput={(e) => setMinutes(e.currentTarget.value)} />)}</Field>
      </div>
      <FormProblem error={error} fields={fieldsOf(all.length)}
        title={common.notSaved} />
      <div class="row"><button class="primary">{text.saveBuilders}</button></div>
    </form>
  );
}

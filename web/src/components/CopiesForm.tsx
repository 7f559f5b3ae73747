// SPDX-License-Identifier: ISC
// Where saved copies of volumes go, and how much room they have.
import { useState } from 'preact/hooks';
import type { CopySettings } from '../api';
import { numberOf } from '../lib/format';
import { useChanges } from '../lib/kept';
import { useSaving } from '../lib/saving';
import * as common from '../text/common';
import * as text from '../text/settings';
import { Kept } from './Kept';
import { Trial } from './Trial';
import { Check, Field, FormProblem } from './ui';

type Store = NonNullable<CopySettings['s3']>;

const none: Store = { endpoint: '', region: '', bucket: '', prefix: '',
  access_key: '', secret_key_set: false, path_style: false };

const fields = ['endpoint', 'region', 'bucket', 'prefix', 'access_key',
  'secret_key', 'path_style'];

function Form({ first }: { first: CopySettings }) {
  const [kept, setKept] = useState(first.s3 !== null);
  const [max, setMax] = useState(String(first.local_max));
  const [on, setOn] = useState(first.s3 !== null);
  const [s3, setS3] = useState(first.s3 ?? none);
  const [secret, setSecret] = useState('');
  const { error, save, say } = useSaving();
  const unchanged = useChanges({ max, on, s3: { ...s3, secret_key_set: false },
    secret });
  const submit = async (event: Event) => {
    event.preventDefault();
    const { secret_key_set: _, prefix, ...store } = s3;
    const body = { local_max: numberOf(max), s3: on ? { ...store,
      ...(prefix && { prefix }), ...(secret && { secret_key: secret }) } : null };
    if (!await save('/settings/copies', body)) return;
    setKept(on);
    setS3({ ...s3, secret_key_set: on && (s3.secret_key_set || secret !== '') });
    setSecret('');
    unchanged({ max, on, s3: { ...s3, secret_key_set: false }, secret: '' });
  };
  const input = (label: string, key: 'endpoint' | 'region' | 'bucket' | 'prefix' |
    'access_key', placeholder: string, hint = '') => (
    <Field label={label} error={say(`s3.${key}`)} hint={hint}>{(p) => (
      <input {...p} value={s3[key] ?? ''} placeholder={placeholder}
        required={key !== 'prefix'} spellcheck={false} autocapitalize="off"
        autocomplete="off" onInput={(e) => setS3({ ...s3,
          [key]: e.currentTarget.value })} />)}</Field>);
  return (
    <form class="card stack" onSubmit={submit}>
      <h2>{text.copies}</h2>
      <p>{text.copiesAbout}</p>
      <div class="columns"><Field label={text.room}
        error={say('local_max')} hint={text.roomHint}>{(p) => (
        <input {...p} type="number" min={1} required value={max}
          onInput={(e) => setMax(e.currentTarget.value)} />)}</Field></div>
      <Check label={text.useStore} checked={on} onChange={setOn} />
      {on && <div class="columns">
        {input(text.endpoint, 'endpoint', 'https:…', text.endpointHint)}
        {input(text.region, 'region', 'eu-central-1')}
        {input(text.bucket, 'bucket', 'volumes')}
        {input(text.prefix, 'prefix', 'mollymawk')}
        {input(text.accessKey, 'access_key', '')}
        <Field label={text.secretKey} error={say('s3.secret_key')} hint={
          s3.secret_key_set ? text.keptSecret : ''}>{(p) => (
          <input {...p} type="password" autocomplete="new-password" value={secret}
            required={!s3.secret_key_set} onInput={(e) =>
              setSecret(e.currentTarget.value)} />)}</Field>
        <Check label={text.pathStyle}
          checked={s3.path_style} onChange={(path_style) =>
            setS3({ ...s3, path_style })} />
      </div>}
      <FormProblem error={error} title={common.notSaved} fields={['local_max',
        ...fields.map((f) => `s3.${f}`)]} />
      <div class="row"><button class="primary">{text.saveCopies}</button></div>
      {kept && <div class="trial"><Trial kind="store" path="/settings/copies/test" />
      </div>}
    </form>
  );
}

export function CopiesForm() {
  return <Kept<CopySettings> path="/settings/copies" title={text.copies}>{
    (first) => <Form first={first} />}</Kept>;
}

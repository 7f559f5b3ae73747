// SPDX-License-Identifier: ISC
// Every element in all its states, to look at and to test; only where one works
// on the pages, at /gallery: the product does not have it.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Chart } from '../components/Chart';
import { Icon, icons } from '../components/Icon';
import { Moving } from '../components/Moving';
import { Steps } from '../components/Progress';
import { Spark } from '../components/Spark';
import { Age, Ago, Badge, Banner, Check, Choice, Code, ConfirmName, Dialog, Diff,
  Digest, Empty, Fact, Field, FormProblem, ListEditor, Loading, Meter, NO_LIMIT,
  Page, Script, Segments, Stale, Table, Tabs, type Column } from
  '../components/ui';
import { bytes, count, mb, percent } from '../lib/format';
import { bytesText } from '../lib/metrics';
import { Rate } from '../lib/rate';
import { place } from '../router';
import { theme, themes } from '../store/theme';
import { toast } from '../store/toasts';
import './gallery.css';

function Section({ title, children }: { title: string;
  children: ComponentChildren }) {
  return <section class="card stack" id={title.toLowerCase()}>
    <h2>{title}</h2>{children}</section>;
}

const grounds = ['ground', 'surface', 'sunken', 'good-ground', 'warn-ground',
  'bad-ground', 'rail', 'accent', 'bill'];
const sizes = ['tiny', 'small', 'plain', 'head', 'title', 'page'];
const weights = ['normal', 'medium', 'strong', 'heavy'];

function Tokens() {
  return (
    <Section title="Tokens">
      <ul class="swatches">{grounds.map((name) => (
        <li key={name}><span class={`on-${name}`} />{name}</li>))}</ul>
      {sizes.map((size) => <p key={size} class={`size-${size}`}>{size}: the quick
        unikernel boots in 12 ms</p>)}
      <p class="row wrap">{weights.map((weight) => (
        <span key={weight} class={`weight-${weight}`}>{weight}</span>))}
      <small>small</small> <code>code</code> <kbd>Ctrl K</kbd>
      <span class="quiet">quiet</span> <span class="note bad">wrong</span>
      <a href="#tokens">link</a> <mark>mark</mark></p>
      <p class="row wrap icons">{icons.map((name) => (
        <Icon key={name} name={name} />))}</p>
    </Section>
  );
}

const kinds = ['', 'primary', 'danger', 'danger solid', 'small', 'big', 'bare'];

function Buttons() {
  const [pressed, setPressed] = useState(true);
  return (
    <Section title="Buttons">
      {[false, true].map((off) => <p key={String(off)} class="row wrap">
        {kinds.map((kind) => <button key={kind} type="button" class={kind}
          disabled={off}>{kind || 'plain'}</button>)}</p>)}
      <p class="row wrap">
        <button type="button"><Icon name="plus" /> With a picture</button>
        <button type="button" class="small bare" aria-label="Close">
          <Icon name="close" /></button>
        <button type="button" aria-pressed={pressed}
          onClick={() => setPressed(!pressed)}>Follow</button>
        <a class="button" href="#buttons">A link</a>
        <a class="button primary" href="#buttons">A link, first</a>
        <Digest of={'0123456789abcdef'.repeat(4)} /></p>
    </Section>
  );
}

function Fields() {
  const [on, setOn] = useState(true);
  const [days, setDays] = useState(['mon']);
  const [items, setItems] = useState(['--port=80', '']);
  const [mode, setMode] = useState<'one' | 'two'>('one');
  return (
    <Section title="Fields">
      <div class="columns">
        <Field label="Plain" hint="What it is for, and its limits.">{(p) => (
          <input {...p} placeholder="for example" />)}</Field>
        <Field label="Wrong" error="Only lower case letters and digits.">{(p) => (
          <input {...p} value="No Good" />)}</Field>
        <Field label="Off" hint="Nothing can be typed.">{(p) => (
          <input {...p} disabled value="fixed" />)}</Field>
        <Field label="One of many" hint="All one may use.">{(p) => (
          <select {...p}><option>sandbox</option><option>north</option></select>)}
        </Field>
        <Field label="Wrong choice" error="It does not answer.">{(p) => (
          <select {...p}><option>north</option></select>)}</Field>
        <Field label="File">{(p) => <input {...p} type="file" />}</Field>
        <Field label="When">{(p) => <input {...p} type="datetime-local" />}</Field>
        <Field label="Long">{(p) => <textarea {...p} rows={3} />}</Field>
      </div>
      <Check label="With its volumes" checked={on} onChange={setOn} />
      <Choice label="Days" values={['mon', 'tue', 'wed']} chosen={days}
        onChange={setDays} hint="None: every day." />
      <Choice label="Days, wrong" values={['thu', 'fri']} chosen={[]}
        onChange={setDays} error="At least one." />
      <Segments label="From" values={[['one', 'An image'], ['two', 'A builder']]}
        value={mode} onChange={setMode} />
      <ListEditor label="Arguments" items={items} onChange={setItems}
        hint="Enter adds the next." />
      <FormProblem error={new Error('The instance does not answer.')} fields={[]}
        title="It was not saved." />
    </Section>
  );
}

const hour = (n: number) => new Date(Date.now() - n * 3600e3).toISOString();

function Words() {
  return (
    <Section title="Words">
      <p class="row wrap"><Badge kind="good">running</Badge>
        <Badge kind="warn">starting</Badge> <Badge kind="bad">crashes</Badge>
        <Badge kind="plain" why="It was not asked yet">unknown</Badge></p>
      <Banner title="It does not run.">The image needs a network.</Banner>
      <Banner kind="warn" title="It waits.">Another one is under way.</Banner>
      <Banner kind="plain" title="Nothing is compared.">No builder.</Banner>
      <Stale reason="The server can not be reached." since={hour(0.2)}
        again={() => toast('Asked again')}><p>What was known last.</p></Stale>
      <Loading />
      <Empty title="There is nothing yet"><p>The next step is said here.</p>
        <button type="button" class="primary">Deploy one</button></Empty>
      <p>Times: <Age time={hour(3)} /> old, <Ago time={hour(30)} />, <Age time={null} />
      </p>
      <p>Numbers: {bytes(512)}, {bytes(3.2e6)}, {mb(64)}, {percent(2.04)},{' '}
        {percent(45)}, {count(1, 'unikernel')}, {count(1200, 'unikernel')}</p>
    </Section>
  );
}

function Facts() {
  return (
    <Section title="Facts">
      <dl class="strip"><Fact name="Size">{mb(64)}</Fact>
        <Fact name="Used by">web, shop</Fact><Fact name="Since">
          <Age time={hour(50)} /></Fact></dl>
      <dl class="facts"><Fact name="Image"><Digest of={'f'.repeat(64)} /></Fact>
        <Fact name="Arguments">--ipv4=10.0.0.2/24 --a-very-long-one={'x'.repeat(80)}
        </Fact></dl>
      <div class="meters"><Meter label="Memory" used={64} of={512} unit="MB" />
        <Meter label="Volumes" used={1000} of={1024} unit="MB" />
        <Meter label="Unikernels" used={3} of={NO_LIMIT} />
        <Meter label="None given" used={0} of={0} /></div>
      <Moving label="Upload" words="disk.img" moved={3e6} total={9e6}
        rate={new Rate()} />
      <Moving label="Asking" words="Waiting" moved={0} total={null}
        rate={new Rate()} />
      <Code text="curl -fsS localhost:8080/api/v1/unikernels" />
      <Script text="curl -fsS -X POST ..." />
      <Diff text={'--- a\n+++ b\n@@ -1,3 +1,3 @@\n same\n-old version\n+new version'} />
    </Section>
  );
}

const columns: (string | Column)[] = [{ title: 'Name', sort: 'ascending',
  onSort: () => toast('Sorted') }, { title: 'State', sort: 'none',
  onSort: () => toast('Sorted') }, 'Instance', { title: 'Memory', class: 'number' },
{ title: 'Actions', unseen: true }];

function Row({ name }: { name: string }) {
  return (
    <tr><th scope="row"><a href="#tables">{name}</a></th>
      <td><Badge kind="good">running</Badge></td><td>sandbox</td>
      <td class="number">{mb(32)}</td>
      <td class="end"><button type="button" class="small">Stop</button></td></tr>
  );
}

function Tables() {
  const wide = Array.from({ length: 14 }, (_, i) => `Column ${i + 1}`);
  return (
    <Section title="Tables">
      <Table label="Small" columns={columns}><Row name="web" /><Row name="shop" />
      </Table>
      <Table label="As cards on a phone" class="cards" columns={columns}>
        <Row name="web" /><Row name="shop" /></Table>
      <Table label="Wide" columns={wide}><tr>{wide.map((name) => (
        <td key={name}>{name} value</td>))}</tr></Table>
    </Section>
  );
}

function Tabbed() {
  const at = place.value.query.get('tab') ?? 'log';
  return (
    <Section title="Tabs">
      <Tabs label="Of a unikernel" at={at} tabs={['log', 'metrics', 'update']
        .map((key) => ({ key, title: key, href: `/gallery?tab=${key}` }))}>
        <p>What <b>{at}</b> shows.</p></Tabs>
    </Section>
  );
}

const COUNT = 120, STEP = 30e3;
const wave = (k: number) => Array.from({ length: COUNT }, (_, i) =>
  (i > 60 && i < 70 ? null : 40 + 30 * Math.sin(i / 9 + k)));

function Charts() {
  const [at, setAt] = useState<number | null>(null);
  const from = Date.now() - COUNT * STEP;
  return (
    <Section title="Charts">
      <Chart title="Memory" frame={{ from, step: STEP, count: COUNT }} base={1024}
        least={64} text={bytesText} at={at} onAt={setAt}
        level={{ value: 100, name: 'given' }} lines={[
          { name: 'most', kind: 'faint', values: wave(1) },
          { name: 'used', kind: 'one', area: true, values: wave(0) },
          { name: 'sent', kind: 'two', values: wave(3) }]}
        marks={['deployment', 'restarted', 'stopped'].map((kind, i) => ({ kind,
          time: from + (i + 1) * 20 * STEP, text: kind }))} />
      <p><Spark values={wave(2)} least={50} kind="cpu" /> {percent(4.2)}{' '}
        <Spark values={wave(4)} least={50} kind="memory" /> {bytes(24e6)}</p>
      <Steps d={{ steps: [{ step: 'check', result: 'ok', ms: 4 },
        { step: 'deploy', result: 'failed', ms: 120 },
        { step: 'watch', result: null, ms: null }] } as never} />
    </Section>
  );
}

function Above() {
  const [open, setOpen] = useState('');
  const close = () => setOpen('');
  return (
    <Section title="Above">
      <p class="row wrap">
        <button type="button" onClick={() => setOpen('dialog')}>Dialog</button>
        <button type="button" onClick={() => setOpen('name')}>Ask for a name</button>
        <button type="button" onClick={() => toast('It was saved')}>Toast</button>
        <button type="button" onClick={() => toast('It was not saved', true)}>
          Bad toast</button></p>
      {open === 'dialog' && <Dialog title="New volume" onClose={close}>
        <Field label="Name" hint="Lower case.">{(p) => <input {...p} autofocus />}
        </Field>
        <div class="row end"><button type="button" onClick={close}>Cancel</button>
          <button type="button" class="primary">Make it</button></div></Dialog>}
      {open === 'name' && <ConfirmName title="Destroy web?" name="web"
        verb="Destroy" onClose={close} onConfirm={() => Promise.reject(
          new Error('The instance does not answer.'))}>
        <p>It is stopped and does not start again.</p></ConfirmName>}
    </Section>
  );
}

export function Gallery() {
  return (
    <main class="gallery stack">
      <Page title="Gallery" above="Every element in its states"
        action={<Segments label="Theme" unseen values={themes.map((t) =>
          [t, t] as const)} value={theme.value}
        onChange={(t) => { theme.value = t; }} />} />
      <Tokens /><Buttons /><Fields /><Words /><Facts /><Tables /><Tabbed />
      <Charts /><Above />
    </main>
  );
}

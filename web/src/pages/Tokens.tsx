// SPDX-License-Identifier: ISC
// Tokens for scripts and CI: made, shown once, revoked.
import { useEffect, useState } from 'preact/hooks';
import { ask, fieldError, getAll, type Instance, type List, type Token } from
  '../api';
import { Age, Choice, Code, Dialog, Empty, Field, FormProblem, ListEditor, Page }
  from '../components/ui';
import { sampleLine } from '../lib/curl';
import { ago } from '../lib/format';
import { session } from '../store/session';
import { toast, toastError } from '../store/toasts';

type Scope = Token['scopes'][number];

const scopes: [Scope, string, 'admin'?][] = [
  ['unikernel:read', 'see unikernels and their logs'],
  ['unikernel:deploy', 'deploy and replace'],
  ['unikernel:restart', 'restart'],
  ['unikernel:destroy', 'destroy'],
  ['project:read', 'see projects, policies and usage'],
  ['instance:read', 'see the instances'],
  ['project:admin', 'set policies', 'admin'],
  ['instance:admin', 'add and forget instances', 'admin'],
  ['metrics:read', 'read the figures of all, for Prometheus', 'admin'],
];

/** The names of the instances one may limit a token to. */
function useInstances(): string[] {
  const [names, setNames] = useState<string[]>([]);
  useEffect(() => {
    getAll<List<Instance>>('/instances')
      .then((list) => setNames(list.items.map((i) => i.name)), toastError);
  }, []);
  return names;
}

function Create({ onClose, onMade }: {
  onClose: () => void; onMade: (secret: string) => void }) {
  const [name, setName] = useState('');
  const [days, setDays] = useState('30');
  const [chosen, setChosen] = useState<Scope[]>(
    ['unikernel:read', 'unikernel:deploy']);
  const [project, setProject] = useState('');
  const [globs, setGlobs] = useState<string[]>([]);
  const [instances, setInstances] = useState<string[]>([]);
  const known = useInstances();
  const mine = scopes.filter(([, , who]) => !who || session.value?.user.admin)
    .map(([scope]) => scope);
  const [problem, setProblem] = useState<Error | null>(null);
  const error = (field: string) => fieldError(problem, field);
  const make = async (event: Event) => {
    event.preventDefault();
    try {
      const made = await ask<{ secret: string }>('POST', '/tokens', {
        name, scopes: chosen, expires_in_days: Number(days),
        ...(project && { project }), ...(globs.length && { unikernels: globs }),
        ...(instances.length && { instances }),
      });
      onMade(made.secret);
    } catch (e) {
      setProblem(e as Error);
    }
  };
  return (
    <Dialog title="New token" wide onClose={onClose}>
      <form class="stack" onSubmit={make}>
        <Field label="Name" error={error('name')} hint="What it is for.">{(p) => (
          <input {...p} autofocus required maxLength={64} value={name}
            onInput={(e) => setName(e.currentTarget.value)} />)}</Field>
        <Choice label="It may" values={mine} chosen={chosen} onChange={setChosen}
          name={(scope) => scopes.find(([s]) => s === scope)?.[1] ?? scope}
          error={error('scopes')} />
        <div class="columns">
          <Field label="Days until it expires" error={error('expires_in_days')}>
            {(p) => <input {...p} type="number" min={1} max={365} required
              value={days} onInput={(e) => setDays(e.currentTarget.value)} />}</Field>
          <Field label="In project" error={error('project')}>{(p) => (
            <select {...p} value={project}
              onChange={(e) => setProject(e.currentTarget.value)}>
              <option value="">all of mine</option>
              {session.value?.projects.map((q) => (
                <option key={q.name}>{q.name}</option>))}</select>)}</Field>
        </div>
        <ListEditor label="Only unikernels named" items={globs} placeholder="web-*"
          hint={globs.length === 0 ? 'All are, while none is said.' : ''}
          error={error('unikernels')} onChange={setGlobs} />
        {known.length > 1 && <Choice label="On instances" values={known}
          chosen={instances} error={error('instances')} hint="None: on all."
          onChange={setInstances} />}
        <FormProblem error={problem} title="No token was made."
          fields={['name', 'scopes', 'expires_in_days', 'project', 'unikernels',
            'instances']} />
        <div class="row end">
          <button type="button" onClick={onClose}>Cancel</button>
          <button class="primary" disabled={chosen.length === 0}>Make it</button>
        </div>
      </form>
    </Dialog>
  );
}

function Made({ secret, onClose }: { secret: string; onClose: () => void }) {
  const project = session.value?.projects[0]?.name ?? '';
  return (
    <Dialog title="Copy it now" wide onClose={onClose}>
      <p>This token is shown once. Keep it where secrets are kept, such as your
        CI's secret variables.</p>
      <Code text={secret} what="Token" />
      <p>A deploy in CI is then one line:</p>
      <Code text={sampleLine(location.origin, project)} />
      <div class="row end"><button type="button" class="primary"
        onClick={onClose}>I have it</button></div>
    </Dialog>
  );
}

function Row({ token, onGone }: { token: Token; onGone: () => void }) {
  const [asking, setAsking] = useState(false);
  const revoke = async () => {
    try {
      await ask('DELETE', `/tokens/${token.id}`);
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
      <th scope="row">{token.name}</th>
      <td class="may">{token.scopes.join(', ')}
        {limits.length > 0 && <div class="quiet">only {limits.join(', ')}</div>}</td>
      <td><time title={token.expires_at}>{new Date(token.expires_at)
        .toLocaleDateString()}</time></td>
      <td>{token.last_used_at ? <Age time={token.last_used_at} as={ago} /> : 'never'}
        {token.last_used_from && <div class="quiet">{token.last_used_from}</div>}</td>
      <td class="end">{asking ? <>
        <button type="button" class="small" onClick={() => setAsking(false)}>
          Keep</button>{' '}
        <button type="button" class="small danger" onClick={revoke}>
          Revoke now</button></> :
        <button type="button" class="small" onClick={() => setAsking(true)}
          aria-label={`Revoke ${token.name}`}>Revoke</button>}</td>
    </tr>
  );
}

export function Tokens() {
  const [tokens, setTokens] = useState<Token[] | null>(null);
  const [creating, setCreating] = useState(false);
  const [secret, setSecret] = useState('');
  const load = () => {
    getAll<List<Token>>('/tokens').then((list) => setTokens(list.items),
      toastError);
  };
  useEffect(load, []);
  const create = <button type="button" class="primary"
    onClick={() => setCreating(true)}>New token</button>;
  return (
    <Page title="Tokens" action={create}>
      {tokens?.length === 0 && <Empty title="No tokens yet">
        <p>A token lets a script or a CI job do what you choose, and no more,
          until it expires. With one in MOLLYMAWK_TOKEN, this deploys:</p>
        <Code text={sampleLine(location.origin,
          session.value?.projects[0]?.name ?? '')} /></Empty>}
      {tokens && tokens.length > 0 && <div class="table"><table class="tokens cards">
        <thead><tr><th scope="col">Name</th><th scope="col">May</th>
          <th scope="col">Expires</th><th scope="col">Last used</th>
          <th scope="col"><span class="unseen">Revoke</span></th></tr></thead>
        <tbody>{tokens.map((t) => <Row key={t.id} token={t} onGone={load} />)}</tbody>
      </table></div>}
      {creating && <Create onClose={() => setCreating(false)} onMade={(made) => {
        setCreating(false);
        setSecret(made);
        load();
      }} />}
      {secret && <Made secret={secret} onClose={() => setSecret('')} />}
    </Page>
  );
}

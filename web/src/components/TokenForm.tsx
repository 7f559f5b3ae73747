// SPDX-License-Identifier: ISC
// A new token: what it may do, where, and until when.
import { useEffect, useState } from 'preact/hooks';
import { ask, fieldError, getAll, type Instance, type List } from '../api';
import { scopeGroups, type Scope } from '../lib/scopes';
import { session } from '../store/session';
import { toastError } from '../store/toasts';
import { Choice, Dialog, Field, FormProblem, ListEditor } from './ui';

const presets: [number, string][] = [[7, 'a week'], [30, '30 days'],
  [90, '90 days'], [180, 'half a year'], [365, 'a year, the longest there is']];

/** The names of the instances one may limit a token to. */
function useInstances(): string[] {
  const [names, setNames] = useState<string[]>([]);
  useEffect(() => {
    getAll<List<Instance>>('/instances')
      .then((list) => setNames(list.items.map((i) => i.name)), toastError);
  }, []);
  return names;
}

function Expiry({ days, error, onDays }: {
  days: string; error?: string | undefined; onDays: (days: string) => void }) {
  const [own, setOwn] = useState(false);
  return (
    <div class="columns">
      <Field label="It expires after" error={own ? undefined : error}>{(p) => (
        <select {...p} value={own ? '' : days} onChange={(e) => {
          const { value } = e.currentTarget;
          setOwn(value === '');
          if (value !== '') onDays(value);
        }}>
          {presets.map(([n, text]) => <option key={n} value={n}>{text}</option>)}
          <option value="">another number of days</option></select>)}</Field>
      {own && <Field label="Days" error={error}>{(p) => (
        <input {...p} type="number" min={1} max={365} required autofocus
          value={days} onInput={(e) => onDays(e.currentTarget.value)} />)}</Field>}
    </div>
  );
}

function Scopes({ chosen, error, onChange }: { chosen: Scope[];
  error?: string | undefined; onChange: (chosen: Scope[]) => void }) {
  const groups = scopeGroups.filter((g) => !g.admin || session.value?.user.admin);
  return (
    <>{groups.map(({ title, scopes }, i) => {
      const values = scopes.map(([scope]) => scope);
      return (
        <Choice key={title} label={title} values={values}
          chosen={chosen.filter((s) => values.includes(s))}
          name={(scope) => scopes.find(([s]) => s === scope)?.[1] ?? scope}
          error={i === 0 ? error : undefined}
          onChange={(now) => onChange([
            ...chosen.filter((s) => !values.includes(s)), ...now])} />);
    })}</>
  );
}

export interface MadeToken { secret: string; project: string; instance: string }

export function TokenForm({ onClose, onMade }: {
  onClose: () => void; onMade: (made: MadeToken) => void }) {
  const [name, setName] = useState('');
  const [days, setDays] = useState('30');
  const [chosen, setChosen] = useState<Scope[]>(
    ['unikernel:read', 'unikernel:deploy']);
  const [project, setProject] = useState('');
  const [globs, setGlobs] = useState<string[]>([]);
  const [instances, setInstances] = useState<string[]>([]);
  const known = useInstances();
  const [problem, setProblem] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const error = (field: string) => fieldError(problem, field);
  const make = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      const { secret } = await ask<{ secret: string }>('POST', '/tokens', {
        name, scopes: chosen, expires_in_days: Number(days),
        ...(project && { project }), ...(globs.length && { unikernels: globs }),
        ...(instances.length && { instances }),
      });
      onMade({ secret, project, instance: instances[0] ?? known[0] ?? '' });
    } catch (e) {
      setProblem(e as Error);
      setBusy(false);
    }
  };
  return (
    <Dialog title="New token" wide onClose={onClose}>
      <form class="stack" onSubmit={make}>
        <Field label="Name" error={error('name')} hint="What it is for.">{(p) => (
          <input {...p} autofocus required maxLength={64} value={name}
            onInput={(e) => setName(e.currentTarget.value)} />)}</Field>
        <Scopes chosen={chosen} error={error('scopes')} onChange={setChosen} />
        <Expiry days={days} error={error('expires_in_days')} onDays={setDays} />
        <Field label="In project" error={error('project')}>{(p) => (
          <select {...p} value={project}
            onChange={(e) => setProject(e.currentTarget.value)}>
            <option value="">all of mine</option>
            {session.value?.projects.filter((q) => !q.archived).map((q) => (
              <option key={q.name}>{q.name}</option>))}</select>)}</Field>
        <ListEditor label="Only unikernels and volumes named" items={globs}
          placeholder="web-*" error={error('unikernels')} onChange={setGlobs}
          hint={globs.length === 0 ? 'All are, while none is said.' : ''} />
        {known.length > 1 && <Choice label="On instances" values={known}
          chosen={instances} error={error('instances')} hint="None: on all."
          onChange={setInstances} />}
        <FormProblem error={problem} title="No token was made."
          fields={['name', 'scopes', 'expires_in_days', 'project', 'unikernels',
            'instances']} />
        <div class="row end">
          <button type="button" onClick={onClose}>Cancel</button>
          <button class="primary" disabled={busy || chosen.length === 0}>
            Make it</button>
        </div>
      </form>
    </Dialog>
  );
}

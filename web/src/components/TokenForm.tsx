// SPDX-License-Identifier: ISC
// A new token: what it may do, where, and until when.
import { useEffect, useState } from 'preact/hooks';
import { ask, getAll, type Instance, type List } from '../api';
import { tokenLine } from '../lib/curl';
import { scopeGroups, type Scope } from '../lib/scopes';
import { useSending } from '../lib/sending';
import { useUnsaved } from '../router';
import { isAdmin, session } from '../store/session';
import { toastError } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/tokens';
import { Choice, Dialog, Field, FormProblem, ListEditor, Script } from './ui';

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
      <Field label={text.expiresAfter} error={own ? undefined : error}>{(p) => (
        <select {...p} value={own ? '' : days} onChange={(e) => {
          const { value } = e.currentTarget;
          setOwn(value === '');
          if (value !== '') onDays(value);
        }}>
          {text.terms.map(([n, term]) => <option key={n} value={n}>{term}</option>)}
          <option value="">{text.anotherTerm}</option></select>)}</Field>
      {own && <Field label={common.days} error={error}>{(p) => (
        <input {...p} type="number" min={1} max={365} required autofocus
          value={days} onInput={(e) => onDays(e.currentTarget.value)} />)}</Field>}
    </div>
  );
}

function Scopes({ chosen, error, onChange }: { chosen: Scope[];
  error?: string | undefined; onChange: (chosen: Scope[]) => void }) {
  const groups = scopeGroups.filter((g) => !g.admin || isAdmin());
  return (
    <>{groups.map(({ title, scopes }, i) => (
      <Choice key={title} label={title} values={scopes}
        chosen={chosen.filter((s) => scopes.includes(s))}
        name={(scope) => text.scopes[scope]} error={i === 0 ? error : undefined}
        onChange={(now) => onChange([
          ...chosen.filter((s) => !scopes.includes(s)), ...now])} />))}</>
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
  const { error: problem, busy, submit, say: error } = useSending();
  const wanted = { name, scopes: chosen, expires_in_days: Number(days),
    ...(project && { project }), ...(globs.length && { unikernels: globs }),
    ...(instances.length && { instances }) };
  useUnsaved(name !== '' || globs.length > 0);
  const make = submit(async () => {
    const { secret } = await ask<{ secret: string }>('POST', '/tokens', wanted);
    onMade({ secret, project, instance: instances[0] ?? known[0] ?? '' });
  });
  return (
    <Dialog title={text.newToken} wide onClose={onClose}>
      <form class="stack" onSubmit={make}>
        <Field label={common.name} error={error('name')} hint={text.nameHint}>{(p) => (
          <input {...p} autofocus required maxLength={64} value={name}
            onInput={(e) => setName(e.currentTarget.value)} />)}</Field>
        <Scopes chosen={chosen} error={error('scopes')} onChange={setChosen} />
        <Expiry days={days} error={error('expires_in_days')} onDays={setDays} />
        <Field label={text.inProject} error={error('project')}>{(p) => (
          <select {...p} value={project}
            onChange={(e) => setProject(e.currentTarget.value)}>
            <option value="">{text.allOfMine}</option>
            {session.value?.projects.filter((q) => !q.archived).map((q) => (
              <option key={q.name}>{q.name}</option>))}</select>)}</Field>
        <ListEditor label={text.globs} items={globs}
          placeholder={text.globExample} error={error('unikernels')}
          onChange={setGlobs}
          hint={globs.length === 0 ? text.globsHint : ''} />
        {known.length > 1 && <Choice label={text.onInstances} values={known}
          chosen={instances} error={error('instances')} hint={text.onInstancesHint}
          onChange={setInstances} />}
        <Script text={tokenLine(location.origin, session.value?.user.email ?? '',
          { ...wanted, name: name || 'NAME' })} />
        <FormProblem error={problem} title={text.notMade}
          fields={['name', 'scopes', 'expires_in_days', 'project', 'unikernels',
            'instances']} />
        <div class="row end">
          <button type="button" onClick={onClose}>{common.cancel}</button>
          <button class="primary" disabled={busy || chosen.length === 0}>
            {common.makeIt}</button>
        </div>
      </form>
    </Dialog>
  );
}

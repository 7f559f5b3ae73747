// SPDX-License-Identifier: ISC
// What an owner does with a project as a whole: the archive, handing it over,
// the end. Each asks for the name.
import { useState } from 'preact/hooks';
import { ask, currentSession, type Project } from '../api';
import { useSending } from '../lib/sending';
import { go } from '../router';
import { session } from '../store/session';
import { toast } from '../store/toasts';
import { Check, ConfirmName, Dialog, Field, FormProblem, TypeName } from './ui';

type Doing = 'archive' | 'transfer' | 'delete' | null;

/** The session tells which projects are mine. */
const again = async () => { session.value = await currentSession(); };

function Transfer({ project, onClose, onDone }: { project: Project;
  onClose: () => void; onDone: () => void }) {
  const [to, setTo] = useState('');
  const [stay, setStay] = useState(true);
  const [typed, setTyped] = useState('');
  const { error, busy, submit, say } = useSending();
  const give = submit(async () => {
    await ask('POST', `/projects/${project.name}/transfer`,
      { to: to.trim(), stay });
    await again();
    toast(`${project.name} belongs to ${to.trim()} now`);
    if (stay || session.value?.user.admin) onDone();
    else go('/projects');
  });
  return (
    <Dialog title={`Hand over ${project.name}`} onClose={onClose}>
      <form class="stack" onSubmit={give}>
        <Field label="To" error={say('to')} hint="Their name; they own it then.">
          {(p) => <input {...p} autofocus required maxLength={63} value={to}
            spellcheck={false} autocapitalize="off" autocomplete="off"
            onInput={(e) => setTo(e.currentTarget.value)} />}</Field>
        <Check label="Stay in it as deployer" checked={stay} onChange={setStay} />
        <TypeName name={project.name} typed={typed} onTyped={setTyped} />
        <FormProblem error={error} fields={['to']} title="It stays yours." />
        <div class="row end">
          <button type="button" onClick={onClose}>Keep it</button>
          <button class="danger solid" disabled={busy || typed !== project.name}>
            Hand it over</button>
        </div>
      </form>
    </Dialog>
  );
}

export function ProjectEnd({ project, onChanged }: { project: Project;
  onChanged: () => void }) {
  const [doing, setDoing] = useState<Doing>(null);
  const { name } = project;
  const close = () => setDoing(null);
  const archive = async () => {
    await ask('PATCH', `/projects/${name}`, { archived: true });
    await again();
    toast(`${name} is archived`);
    close();
    onChanged();
  };
  const remove = async () => {
    await ask('DELETE', `/projects/${name}`);
    await again();
    toast(`${name} was deleted`);
    go('/projects');
  };
  return (
    <section class="card stack danger-zone">
      <h2>The end of it</h2>
      <ul class="rows">
        {!project.archived && <li><div class="grow"><b>Archive</b>
          <p class="quiet">What runs goes on; nothing new comes until it is
            brought back.</p></div>
        <button type="button" class="danger" onClick={() => setDoing('archive')}>
          Archive…</button></li>}
        {!project.personal && !project.archived && <li><div class="grow">
          <b>Hand over</b><p class="quiet">To somebody who owns it then.</p></div>
        <button type="button" class="danger" onClick={() => setDoing('transfer')}>
          Hand over…</button></li>}
        {project.personal ? <li><p class="quiet">A personal project stays with its
          person: it is neither handed over nor deleted.</p></li> :
          <li><div class="grow"><b>Delete</b><p class="quiet">When no instance has
            anything of it.</p></div>
          <button type="button" class="danger" onClick={() => setDoing('delete')}>
            Delete…</button></li>}
      </ul>
      {doing === 'archive' && <ConfirmName title={`Archive ${name}`} name={name}
        verb="Archive it" onConfirm={archive} onClose={close}>
        <p>Deployments, restarts, writes to volumes, policies and members are
          refused; automatic updates and schedules pause. What runs goes on.</p>
      </ConfirmName>}
      {doing === 'delete' && <ConfirmName title={`Delete ${name}`} name={name}
        verb="Delete it" onConfirm={remove} onClose={close}>
        <p>Its images, logs, deployments, tokens and policies go with it. It is
          refused while any instance has a unikernel or volume of it.</p>
      </ConfirmName>}
      {doing === 'transfer' && <Transfer project={project} onClose={close}
        onDone={() => { close(); onChanged(); }} />}
    </section>
  );
}

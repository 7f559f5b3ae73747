// SPDX-License-Identifier: ISC
// What an owner does with a project as a whole: the archive, handing it over,
// the end. Each asks for the name.
import { useState } from 'preact/hooks';
import { ask, currentSession, type Project } from '../api';
import { useSending } from '../lib/sending';
import { go } from '../router';
import { isAdmin, session } from '../store/session';
import { toast } from '../store/toasts';
import * as common from '../text/common';
import * as text from '../text/projects';
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
    toast(text.belongsTo(project.name, to.trim()));
    if (stay || isAdmin()) onDone();
    else go('/projects');
  });
  return (
    <Dialog title={text.handOverTitle(project.name)} onClose={onClose}>
      <form class="stack" onSubmit={give}>
        <Field label={text.to} error={say('to')} hint={text.toHint}>
          {(p) => <input {...p} autofocus required maxLength={63} value={to}
            spellcheck={false} autocapitalize="off" autocomplete="off"
            onInput={(e) => setTo(e.currentTarget.value)} />}</Field>
        <Check label={text.stay} checked={stay} onChange={setStay} />
        <TypeName name={project.name} typed={typed} onTyped={setTyped} />
        <FormProblem error={error} fields={['to']} title={text.staysYours} />
        <div class="row end">
          <button type="button" onClick={onClose}>{common.keepIt}</button>
          <button class="danger solid" disabled={busy || typed !== project.name}>
            {text.handOverVerb}</button>
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
    toast(text.isArchived(name));
    close();
    onChanged();
  };
  const remove = async () => {
    await ask('DELETE', `/projects/${name}`);
    await again();
    toast(common.wasDeleted(name));
    go('/projects');
  };
  return (
    <section class="card stack danger-zone">
      <h2>{text.end}</h2>
      <ul class="rows">
        {!project.archived && <li><div class="grow"><b>{text.archive}</b>
          <p class="quiet">{text.archiveMeans}</p></div>
        <button type="button" class="danger" onClick={() => setDoing('archive')}>
          {text.archiveAsk}</button></li>}
        {!project.personal && !project.archived && <li><div class="grow">
          <b>{text.handOver}</b><p class="quiet">{text.handOverMeans}</p></div>
        <button type="button" class="danger" onClick={() => setDoing('transfer')}>
          {text.handOverAsk}</button></li>}
        {project.personal ? <li><p class="quiet">
          {text.personalStays}</p></li> :
          <li><div class="grow"><b>{common.deleteIt}</b>
          <p class="quiet">{text.deleteMeans}</p></div>
          <button type="button" class="danger" onClick={() => setDoing('delete')}>
            {text.deleteAsk}</button></li>}
      </ul>
      {doing === 'archive' && <ConfirmName title={text.archiveTitle(name)} name={name}
        verb={text.archiveVerb} onConfirm={archive} onClose={close}>
        <p>{text.archiveStops}</p>
      </ConfirmName>}
      {doing === 'delete' && <ConfirmName title={text.deleteTitle(name)} name={name}
        verb={text.deleteVerb} onConfirm={remove} onClose={close}>
        <p>{text.deleteTakes}</p>
      </ConfirmName>}
      {doing === 'transfer' && <Transfer project={project} onClose={close}
        onDone={() => { close(); onChanged(); }} />}
    </section>
  );
}

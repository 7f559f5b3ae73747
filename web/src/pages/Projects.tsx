// SPDX-License-Identifier: ISC
// The projects one may see: what one is in them, who else, what runs.
import { useLayoutEffect, useState } from 'preact/hooks';
import { ask, currentSession, getAll, type List, type Project } from '../api';
import { FilterBox, NothingFits } from '../components/ListParts';
import { Badge, Check, Dialog, Empty, Field, FormProblem, Loading, Page, Stale,
  Table } from '../components/ui';
import { filtered, type Filter } from '../lib/filter';
import { useLive } from '../lib/live';
import { useSending } from '../lib/sending';
import { go, place, queryDialog, setQuery, useUnsaved } from '../router';
import { isAdmin, session } from '../store/session';
import { toast } from '../store/toasts';
import { unikernels, watchUnikernels } from '../store/unikernels';
import * as common from '../text/common';
import * as pages from '../text/pages';
import * as text from '../text/projects';
import './projects.css';

const projectFilter: Filter<Project> = {
  all: (p) => `${p.name} ${p.title}`,
  columns: [['role', (p) => p.role], ['instance', (p) => p.policies.map((q) =>
    q.instance).join(' ')]],
};

function NewProject({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [title, setTitle] = useState('');
  const [adopt, setAdopt] = useState(false);
  const { error, busy, submit, say } = useSending();
  useUnsaved(name !== '' || title !== '');
  const make = submit(async () => {
    const made = await ask<Project>('POST', '/projects', { name,
      ...(title && { title }), ...(adopt && { adopt }) });
    // It knows the projects by heart.
    session.value = await currentSession();
    toast(common.wasMade(made.name));
    go(`/projects/${made.name}`, true);
  });
  return (
    <Dialog title={text.newProject} onClose={onClose}>
      <form class="stack" onSubmit={make}>
        <Field label={common.name} error={say('name')} hint={text.nameHint}>
          {(p) => <input {...p} autofocus required maxLength={63} value={name}
            spellcheck={false} autocapitalize="off" placeholder={text.nameExample}
            onInput={(e) => setName(e.currentTarget.value.toLowerCase())} />}
        </Field>
        <Field label={text.title} error={say('title')} hint={text.titleHint}>
          {(p) => <input {...p} maxLength={200} value={title}
            onInput={(e) => setTitle(e.currentTarget.value)} />}</Field>
        {isAdmin() && <Check checked={adopt} onChange={setAdopt}
          label={text.adopt} />}
        <FormProblem error={error} title={text.notMade}
          fields={['name', 'title']} />
        <div class="row end">
          <button type="button" onClick={onClose}>{common.cancel}</button>
          <button class="primary" disabled={busy}>{busy ?
            common.oneMoment : common.makeIt}</button>
        </div>
      </form>
    </Dialog>
  );
}

/** How much of it runs, as far as is known. */
function Runs({ project }: { project: string }) {
  const list = unikernels.value;
  if (!list) return <span class="quiet">–</span>;
  const mine = list.items.filter((u) => u.project === project);
  const running = mine.filter((u) => u.state === 'running').length;
  if (mine.length === 0) return <span class="quiet">{text.nothing}</span>;
  return (
    <a href={`/unikernels?q=project:${project}`}>{running < mine.length ?
      text.runningAndNot(running, mine.length - running) : text.running(running)}</a>
  );
}

function Row({ p }: { p: Project }) {
  return (
    <tr>
      <th scope="row"><a href={`/projects/${p.name}`}>{p.name}</a>
        {p.personal && <> <Badge kind="plain">{text.personal}</Badge></>}
        {p.archived && <> <Badge kind="warn">{text.archived}</Badge></>}
        {p.title !== p.name && <div class="quiet">{p.title}</div>}</th>
      <td data-label={text.iAm}>{common.roles[p.role]}</td>
      <td class="number" data-label={text.members}>{p.members}</td>
      <td data-label={text.policyOn}>{p.policies.length > 0 ?
        p.policies.map((q) => q.instance).join(', ') :
        <span class="quiet">{common.none}</span>}</td>
      <td data-label={text.runs}><Runs project={p.name} /></td>
    </tr>
  );
}

/** One project is one's own: what others are for. */
function FirstStep({ onNew }: { onNew: () => void }) {
  return (
    <Empty title={text.firstTitle}>
      <p>{text.firstWhat}</p>
      <p><button type="button" onClick={onNew}>{text.makeOne}</button></p>
    </Empty>
  );
}

export function Projects() {
  const creating = queryDialog('new');
  const { value: all, error, at, again } = useLive(async (signal) =>
    (await getAll<List<Project>>('/projects?archived=1', signal)).items,
  ['states'], () => false, []);
  useLayoutEffect(watchUnikernels, []);
  const { query } = place.value;
  const filter = query.get('q') ?? '';
  const archived = query.has('archived');
  const items = all?.filter((p) => archived || !p.archived) ?? [];
  const shown = filtered(items, filter, projectFilter);
  const rest = all ? all.filter((p) => p.archived).length : 0;
  return (
    <Page title={pages.projects} action={<button type="button" class="primary"
      onClick={() => creating.show()}>{text.newProject}</button>}>
      <Stale reason={error} since={at} again={again} />
      {!all && !error && <Loading />}
      {all && <div class="bar">
        <FilterBox value={filter} what={text.filter} hint={text.filterHint}
          items={items} columns={projectFilter.columns} />
        {rest > 0 && <Check label={text.withArchived(rest)} checked={archived}
          onChange={(on) => setQuery('archived', on ? '1' : '')} />}
      </div>}
      {shown.length > 0 && <Table label={pages.projects} class="projects cards"
        columns={[common.project, text.iAm,
          { title: text.members, class: 'number' }, text.policyOn, text.runs]}>
        {shown.map((p) => <Row key={p.name} p={p} />)}</Table>}
      {all && shown.length === 0 && filter !== '' && <NothingFits />}
      {all && filter === '' && all.every((p) => p.personal) &&
        <FirstStep onNew={() => creating.show()} />}
      {creating.at !== null && <NewProject onClose={creating.close} />}
    </Page>
  );
}

// SPDX-License-Identifier: ISC
// Picks a build: builder, job, platform, version. A builder that does not
// answer is told, and so is the age of what it said last.
import { useEffect, useState } from 'preact/hooks';
import type { Build, Builder, Job, JobList, JobSummary } from '../api';
import { useAsked } from '../lib/asked';
import { buildText, jobsPath, type BuildName } from '../lib/build';
import { ago, day } from '../lib/format';
import { isAdmin } from '../store/session';
import * as text from '../text/builder';
import * as common from '../text/common';
import { Icon } from './Icon';
import { Age, Banner, Empty, Field, Loading } from './ui';
import './buildpicker.css';

/** Why what is shown is not the newest, or that nothing is. */
function Standing({ builder, as_of, detail, error, again }: { builder: string;
  as_of?: string | undefined; detail: string | null | undefined;
  error: Error | null; again: () => void }) {
  if (error)
    return <Banner title={common.noAnswer(builder)}>{error.message}{' '}
      <button type="button" class="small" onClick={again}>{common.askAgain}</button>
    </Banner>;
  if (!detail) return null;
  return <Banner kind="warn" title={common.noAnswer(builder)}>{detail}{' '}
    {text.shownAsOf(as_of && <Age time={as_of} as={ago} />)}{' '}
    <button type="button" class="small" onClick={again}>{common.askAgain}</button>
  </Banner>;
}

function JobRow({ job, onPick }: { job: JobSummary; onPick: () => void }) {
  return (
    <li><button type="button" class="job" onClick={onPick}>
      <span class="grow"><strong>{job.name}</strong>
        {job.synopsis && <span class="quiet"> {job.synopsis}</span>}</span>
      {job.latest?.started_at && <span class="quiet number">{
        day(job.latest.started_at)}</span>}
    </button></li>
  );
}

function Jobs({ list, onPick }: { list: JobList; onPick: (job: string) => void }) {
  const [typed, setTyped] = useState('');
  const usable = list.items.filter((j) => j.deployable);
  const words = typed.toLowerCase().split(/\s+/);
  const found = usable.filter((j) => words.every((w) =>
    `${j.name} ${j.synopsis} ${j.section}`.toLowerCase().includes(w)));
  const others = list.items.length - usable.length;
  return (
    <fieldset class="field"><legend>{text.job}</legend>
      <div class="search"><Icon name="search" />
        <input type="search" aria-label={text.filterJobs} value={typed}
          spellcheck={false} placeholder={text.jobWords}
          onInput={(e) => setTyped(e.currentTarget.value)}
          onKeyDown={(e) => {
            if (e.key !== 'Enter') return;
            e.preventDefault();
            if (found.length === 1 && found[0]) onPick(found[0].name);
          }} /></div>
      <ul class="jobs">{found.map((j) => <JobRow key={j.name} job={j}
        onPick={() => onPick(j.name)} />)}</ul>
      {found.length === 0 && <p class="quiet">{usable.length > 0 ?
        text.noJobFits : text.noJob}</p>}
      <p class="note">{text.jobsAsOf(<Age time={list.as_of} as={ago} />, others)}
      </p>
    </fieldset>
  );
}

/** The platform to begin with: the wanted one, or the first. */
function platformOf(job: Job | null, wanted: string): string {
  return job === null ? '' : job.platforms.includes(wanted) ? wanted :
    job.platforms[0] ?? '';
}

function Versions({ builder, job, start, preselect, picked, wrong, onPick }: {
  builder: string; job: string; start: Start; preselect: boolean;
  picked: string; wrong: string | undefined;
  onPick: (build: Build | null) => void }) {
  const all = useAsked<Job>(jobsPath(builder, job));
  const [wanted, setWanted] = useState(start.platform ?? '');
  const platform = platformOf(all.answer, wanted);
  const { answer, error, again } = useAsked<Job>(platform ?
    jobsPath(builder, job, platform) : null);
  const builds = answer?.items.filter((b) => b.devices !== null) ?? [];
  const chosen = builds.find((b) => b.build === picked);
  useEffect(() => {
    if (!answer || chosen) return;
    const named = builds.find((b) => b.build === start.build);
    if (named) onPick(named);
    else if (preselect) onPick(builds[0] ?? null);
  }, [answer]);
  const known = answer ?? all.answer;
  return (
    <>
      <Standing builder={builder} as_of={known?.as_of} detail={known?.detail}
        error={all.error ?? error} again={all.error ? all.again : again} />
      {all.answer && <div class="columns">
        <Field label={text.platform}>{(p) => (
          <select {...p} value={platform} onChange={(e) => {
            onPick(null);
            setWanted(e.currentTarget.value);
          }}>{all.answer?.platforms.map((q) => <option key={q}>{q}</option>)}
          </select>)}</Field>
        <Field label={text.version} error={wrong} hint={answer && builds.length === 0 ?
          text.noneSolo5 : undefined}>{(p) => (
          <select {...p} value={chosen?.build ?? ''} disabled={!answer}
            onChange={(e) => onPick(builds.find((b) =>
              b.build === e.currentTarget.value) ?? null)}>
            {(!preselect || !chosen) && <option value="">{answer ?
              text.chooseOne : common.loading}</option>}
            {builds.map((b, i) => <option key={b.build} value={b.build}>
              {buildText(b, i === 0)}</option>)}
          </select>)}</Field>
      </div>}
    </>
  );
}

/** What to begin with, as far as it is known. */
export type Start = { [key in keyof BuildName | 'platform']?:
  string | null | undefined };

/** preselect: the latest version of a job is picked by itself. */
export function BuildPicker({ start, preselect, picked, wrong, onPick }: {
  start: Start; preselect: boolean; picked: Build | null;
  wrong?: string | undefined; onPick: (build: Build | null) => void }) {
  const builders = useAsked<{ items: Builder[] }>('/builders');
  const [named, setNamed] = useState(start.builder ?? '');
  const [job, setJob] = useState(start.job ?? '');
  const items = builders.answer?.items ?? [];
  const builder = named || (items.find((b) => b.status !== 'down') ??
    items[0])?.name || '';
  const site = items.find((b) => b.name === builder);
  const down = site?.status === 'down' ? site.detail ??
    text.didNotAnswer : null;
  const jobs = useAsked<JobList>(builder && job === '' ? jobsPath(builder) : null);
  if (builders.error)
    return <Banner title={text.unknown}>
      {builders.error.message}</Banner>;
  if (!builders.answer) return <Loading />;
  if (items.length === 0)
    return <Empty title={text.none}>
      <p>{isAdmin() ? text.nameOne((word) =>
        <a href="/settings">{word}</a>) : text.adminsName}</p></Empty>;
  const choose = (to: string) => {
    onPick(null);
    setJob(to);
  };
  return (
    <div class="stack">
      <Field label={text.builder} hint={site?.url}>
        {(p) => (
          <select {...p} value={builder} onChange={(e) => {
            choose('');
            setNamed(e.currentTarget.value);
          }}>{items.map((b) => <option key={b.name} value={b.name}>
            {b.status === 'down' ? text.noAnswer(b.name) : b.name}</option>)}
          </select>)}</Field>
      {job === '' && <Standing builder={builder} as_of={jobs.answer?.as_of}
        detail={jobs.answer && (jobs.answer.detail ?? down)} error={jobs.error}
        again={jobs.again} />}
      {job === '' && jobs.answer && <Jobs list={jobs.answer} onPick={choose} />}
      {job === '' && !jobs.answer && !jobs.error && <Loading />}
      {job !== '' && <p class="row wrap"><span>{text.jobNamed(
        <strong>{job}</strong>)}</span>
        <button type="button" class="small" onClick={() => choose('')}>
          {text.anotherJob}</button></p>}
      {job !== '' && <Versions key={`${builder} ${job}`} builder={builder}
        job={job} start={start} preselect={preselect} picked={picked?.build ?? ''}
        wrong={wrong} onPick={onPick} />}
    </div>
  );
}

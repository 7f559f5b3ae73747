// SPDX-License-Identifier: ISC
// The deploy form as it was left: what of it outlives a reload, and how it begins.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Image as Stored, Project } from '../../api';
import type { Like } from '../../lib/begin';
import type { Form } from '../../lib/curl';
import { beginForm } from '../../lib/form';
import { place } from '../../router';
import { draftOf, dropDraft, keepDraft } from '../../store/draft';
import { dropped } from '../../store/dropped';
import { builtImage, storedImage, type From, type Image } from './Source';

/** What is kept of a form over a reload: all but the content of a file. */
interface Draft {
  form: Form;
  from: From;
  stored: Stored | null;
  built: Image['build'];
  file: string;
}

interface State {
  form: Form;
  from: From;
  dropping: Image | null;
  built: Image | null;
  /** A file that was chosen before a reload. */
  lost: string;
}

function freshState(projects: Project[], like: Like): State {
  const { query } = place.value;
  return {
    form: beginForm(projects, { query: whereOf(query), config: like.config,
      same: like.same }),
    from: query.has('builder') ? 'builder' : 'file',
    dropping: like.image && storedImage(like.image), built: null, lost: '',
  };
}

/** Like another one: where that is, if nothing else is said. */
function whereOf(query: URLSearchParams): URLSearchParams {
  const [instance, project] = query.get('like')?.split('/') ?? [];
  return new URLSearchParams({ ...(instance && { instance }),
    ...(project && { project }), ...Object.fromEntries(query) });
}

function keptState({ form, from, stored, built, file }: Draft): State {
  return { form, from, dropping: stored && storedImage(stored),
    built: built && builtImage(built), lost: file };
}

const draftFrom = ({ form, from, dropping, built, lost }: State): Draft => ({
  form, from: from === 'like' ? 'file' : from,
  stored: dropping?.stored ?? null, built: built?.build ?? null,
  file: dropping ? dropping.file?.name ?? '' : lost });

/** The form as it was left, or a new one; anew begins it from the start. */
export function useDraft(projects: Project[], like: Like) {
  const at = location.search;
  const [fresh] = useState(() => freshState(projects, like));
  const [kept] = useState(() => draftOf<Draft>(at));
  const [state, setState] = useState(() => (kept ? keptState(kept.what) : fresh));
  const [told, setTold] = useState(kept !== null);
  // Its manifest is read again.
  useEffect(() => {
    if (kept?.file && state.from === 'file') dropped.value ??= kept.file;
  }, []);
  const dirty = JSON.stringify(draftFrom(state)) !==
    JSON.stringify(draftFrom(fresh));
  const over = useRef(false);
  // Before anybody sees it: what is shown is kept.
  useLayoutEffect(() => {
    if (over.current) return;
    if (dirty) keepDraft(at, draftFrom(state), state.dropping?.file ?? null);
    else dropDraft(at);
  }, [state]);
  const change = (part: Partial<State>) => setState((old) => ({ ...old, ...part }));
  const anew = () => {
    setTold(false);
    setState(fresh);
  };
  const done = () => {
    over.current = true;
    dropDraft(at);
  };
  return { state, setState, change, told: told && dirty, anew, done };
}

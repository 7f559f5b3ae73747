// SPDX-License-Identifier: ISC
// What is sent to deploy, how far it is, and what became of it.
import { useEffect, useState } from 'preact/hooks';
import { ask, ProblemError, unikernelPath, upload, type Deployment,
  type Upload } from '../../api';
import { configOf, optionsOf, queryText, type Form } from '../../lib/curl';
import { bytes } from '../../lib/format';
import { go, place } from '../../router';
import { toast } from '../../store/toasts';
import * as common from '../../text/common';
import * as text from '../../text/deploy';
import { named } from './Aside';
import type { Image } from './Source';

export function Progress({ sent, size, started, from, onStop }: { sent: number;
  size: number; started: number; from: string | undefined;
  onStop: (() => void) | null }) {
  const seconds = Math.max(0.1, (performance.now() - started) / 1000);
  return (
    <div class="upload" role="status">
      <progress {...(!from && { value: sent, max: size })}
        aria-label={from ? common.download : common.upload} />
      <span>{from ? text.downloading(from) : sent < size ? text.sent(bytes(sent),
        bytes(size), bytes(sent / seconds)) : text.stored}</span>
      {onStop && <button type="button" class="small" onClick={onStop}>
        {common.stop}</button>}
    </div>
  );
}

/** What is not an upload goes on when nobody waits: it can not be stopped. */
type Sending = Omit<Upload<Deployment>, 'abort'> & { abort: (() => void) | null };

/** One request with the file, or with the name of what is elsewhere. */
function request(form: Form, image: Image, progress: (sent: number) => void):
Sending {
  const options = queryText(optionsOf(form));
  const path = unikernelPath(form) + (options && `?${options}`);
  if (image.stored || !image.file)
    return { abort: null, done: ask<Deployment>('PUT', path, named(form, image)) };
  const config = configOf(form, image.manifest);
  const parts = new FormData();
  parts.append('config', JSON.stringify(config));
  parts.append('image', image.file);
  return upload<Deployment>(path, parts, progress);
}

/** The upload, the deployment, and what became of both. */
export function useSending(form: Form, image: Image | null,
  onStored: (sha256: string) => void, onRuns: () => void) {
  const [problem, setProblem] = useState<Error | null>(null);
  const [sent, setSent] = useState(0);
  const [going, setGoing] =
    useState<{ upload: Sending; started: number } | null>(null);
  const [deployment, setDeployment] = useState<Deployment | null>(null);
  const [over, setOver] = useState(true);
  const send = async () => {
    if (!image) return;
    setProblem(null);
    setDeployment(null);
    setSent(0);
    const started = request(form, image, setSent);
    setGoing({ upload: started, started: performance.now() });
    try {
      const begun = await started.done;
      setOver(begun.final);
      setDeployment(begun);
    } catch (e) {
      setProblem((e as Error).name === 'AbortError' ? null : e as Error);
      // What was refused for something else need not be uploaded again.
      const kept = e instanceof ProblemError && e.problem.deployment?.image;
      if (kept && kept.stored) onStored(kept.sha256);
    }
    setGoing(null);
  };
  const ended = (d: Deployment) => {
    setOver(true);
    if (d.state !== 'running') return;
    onRuns();
    toast((d.replaced ? text.replaced : text.runs)(d.name));
    // Who went elsewhere meanwhile stays there.
    if (place.value.path === '/deploy') go(unikernelPath(d));
  };
  return { problem, setProblem, sent, going, deployment, busy: !over, ended, send };
}

/** Warns who would reload or shut the page while a file is sent. */
export function useGuard(sending: boolean): void {
  useEffect(() => {
    if (!sending) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [sending]);
}

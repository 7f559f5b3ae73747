// SPDX-License-Identifier: ISC
// The cells of one unikernel in the list of all, and the menu at its end.
import { ask, unikernelPath, type Unikernel } from '../api';
import { doPath, likePath, mayDestroy, mayForget, mayReplace, mayRestart,
  replacePath } from '../lib/actions';
import { ago, bytes, day, MB, megabytes, percent } from '../lib/format';
import { toast, toastError } from '../store/toasts';
import { isNow, sampleOf, sparklineOf } from '../store/usage';
import * as states from '../text/state';
import * as text from '../text/unikernels';
import { Icon } from './Icon';
import type { Item } from './Menu';
import { Spark } from './Spark';
import { Age } from './ui';

const unseen = (words: string) => <span class="unseen">{words}</span>;

/** What its check says; those without one are many. */
export function Health({ u }: { u: Unikernel }) {
  const { health } = u;
  if (!health || u.state !== 'running') return <span class="quiet">–</span>;
  return <a href={`${unikernelPath(u)}?tab=health`} class={health.state}
    title={health.detail ?? undefined}>{states[health.state]}</a>;
}

async function restart(u: Unikernel): Promise<void> {
  try {
    await ask('POST', unikernelPath(u, '/restart?wait=120'));
    toast(text.restarted(u.name));
  } catch (error) {
    toastError(error);
  }
}

/** What one does with it, from here. */
export function itemsOf(u: Unikernel): Item[] {
  const path = unikernelPath(u);
  const link = (key: keyof typeof text.act, href: string, danger = false): Item =>
    ({ key, text: text.act[key], href, danger });
  return [
    link('log', path), link('metrics', `${path}?tab=metrics`),
    link('deployments', `${path}?tab=deployments`),
    ...(u.update?.available ? [link('update', mayRestart(u) ?
      doPath(u, 'update') : `${path}?tab=update`)] : []),
    ...(mayRestart(u) ? [{ key: 'restart', text: text.act.restart,
      run: () => void restart(u) }, link('restartWith', doPath(u, 'restart-with'))] :
      []),
    ...(mayReplace(u) ? [link('replace', replacePath(u)),
      ...(u.config ? [link('like', likePath(u))] : [])] : []),
    ...(mayDestroy(u) ? [link('destroy', doPath(u, 'destroy'), true)] : []),
    ...(mayForget(u) ? [link('forget', doPath(u, 'forget'), true)] : []),
  ];
}

export function Update({ u }: { u: Unikernel }) {
  const { update } = u;
  if (!update) return <span class="quiet">–</span>;
  const { available, job, started_at, latest_started_at } = update;
  if (available)
    return <a href={`${unikernelPath(u)}?tab=update`} class="newer"
      title={latest_started_at ? text.builtOn(day(latest_started_at)) : undefined}>
      {text.updateAvailable((words) => <span>{words}</span>)}</a>;
  return <span class="quiet" title={started_at ?
    text.jobBuiltOn(job, day(started_at)) : job}>{job}</span>;
}

const nothing = { cpu: null, memory: null, rx: null, tx: null };

/** What it uses of CPU, memory and network: now, and in the last hour. */
export function Used({ u }: { u: Unikernel }) {
  const newest = sampleOf(u).value ?? u.metrics ?? null;
  const { cpu, memory, rx, tx } = newest && isNow(newest) &&
    u.state === 'running' ? newest : nothing;
  const hour = sparklineOf(u);
  const given = u.config?.memory ?? 0;
  return (
    <>
      <td class="number used cpu"><Spark kind="cpu" values={hour?.cpu} least={10} />
        <span>{cpu === null ? '–' : percent(cpu)}</span></td>
      <td class="number used memory"><Spark kind="memory" values={hour?.memory}
        least={given * MB} />
        <span>{memory !== null ? megabytes(memory) : given ? '' : '–'}
          {given > 0 && <small>{text.ofMemory(
            memory === null ? null : megabytes(memory), given)}</small>}</span>
      </td>
      <td class={rx === null ? 'number net none' : 'number net'}>
        {rx === null || tx === null ? '–' : <><Flow way="down" rate={rx} />
          <Flow way="up" rate={tx} /></>}</td>
    </>
  );
}

function Flow({ way, rate }: { way: 'down' | 'up'; rate: number }) {
  return <span class="flow"><Icon name={way} />{unseen(`${way === 'down' ?
    text.incoming : text.outgoing} `)}{bytes(Math.round(rate))}</span>;
}

/** Since when it runs, or does not any more. */
export function Since({ u }: { u: Unikernel }) {
  const since = u.state === 'stopped' ? u.stopped_at : u.started_at;
  const n = u.restarts ?? 0;
  return (
    <>
      {n > 0 && <small class="restarts" title={text.startedAgain(n)}>
        {text.restarts(n, unseen)}</small>}
      {u.state === 'stopped' && since ? <Age time={since} as={ago} /> :
        <Age time={since} />}
    </>
  );
}

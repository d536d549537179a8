import { setTimeout } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { Blueprint } from '../domain/blueprint.ts';
import { ProbeFailed } from '../domain/health/failures.ts';
import { urlOf } from '../domain/links.ts';
import type { ClusterDeps } from './cluster-deps.ts';
import type { Pace } from './plan.ts';

type Probe = Blueprint['health']['probes'][number];

/** Within the path from here to the pod something may still be on its way: DNS, ingress, the pod's endpoint. */
const pathAnswers: ReadonlySet<number> = new Set([404, 502, 503, 504]);

/** An answer of the application itself that is wrong so many times in a row stays wrong. */
const wrongAnswersBelieved = 10;

/** A page that takes longer is no page. */
const answerTimeout = 5_000;

const firstPause = 100;
const longestPause = 1_000;

export interface Probing extends Pick<ClusterDeps, 'publicBaseUrl' | 'probeBaseUrl'> {
  name: string;
  pace: Pace;
  signal: AbortSignal;
  /** throws Superseded */
  fence: () => Promise<void>;
  /** between two tries; never rejects, and ends early when the signal is aborted. Real time where absent */
  pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

const inRealTime = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  setTimeout(milliseconds, undefined, { signal }).catch(() => {});

/**
 * Asks the staging's address until it answers as the blueprint wants it to.
 * @returns false where the budget was over first
 * @throws ProbeFailed
 */
export async function awaitProbes(probing: Probing, probes: readonly Probe[]): Promise<boolean> {
  if (probes.length === 0) return true;
  const agent = new Agent({ connect: { timeout: answerTimeout } });
  try {
    const answers = await Promise.all(probes.map((probe) => awaitProbe(probing, probe, agent)));
    return answers.every(Boolean);
  } finally {
    await agent.destroy();
  }
}

async function awaitProbe(probing: Probing, probe: Probe, agent: Agent): Promise<boolean> {
  const { pace, signal, fence, pause = inRealTime } = probing;
  let wrong = 0;
  for (let wait = firstPause; !signal.aborted; wait = Math.min(wait * 2, longestPause)) {
    const answer = await ask(probing, probe, agent);
    if (answer === probe.status) return true;
    wrong = typeof answer === 'number' && !pathAnswers.has(answer) ? wrong + 1 : 0;
    const isLate = pace.now() - pace.startedAt >= pace.timeout;
    if (isLate || wrong >= wrongAnswersBelieved) throw failure(probing, probe, answer);
    await pause(wait, signal);
    await fence();
  }
  return false;
}

function failure({ name, publicBaseUrl }: Probing, probe: Probe, answer: number | string): ProbeFailed {
  const url = new URL(probe.path, urlOf(name, publicBaseUrl)).href;
  const told = typeof answer === 'number' ? `answers ${answer}` : `doesn't answer (${answer})`;
  return new ProbeFailed(`${url} ${told}, and not ${probe.status}`);
}

/** The status, or why there was none. */
async function ask(
  { name, publicBaseUrl, probeBaseUrl }: Probing,
  probe: Probe,
  agent: Agent,
): Promise<number | string> {
  const url = probeBaseUrl === undefined ? urlOf(name, publicBaseUrl) : probeBaseUrl;
  try {
    const { statusCode, body } = await request(new URL(probe.path, url), {
      dispatcher: agent,
      headers: { host: hostOf(name, publicBaseUrl), 'user-agent': 'berth-probe' },
      headersTimeout: answerTimeout,
      bodyTimeout: answerTimeout,
    });
    await body.dump();
    return statusCode;
  } catch (error) {
    return error instanceof Error ? error.message || error.name : String(error);
  }
}

/** With the port, as a browser would send it. */
const hostOf = (name: string, publicBaseUrl: string): string => new URL(urlOf(name, publicBaseUrl)).host;

import type { KubeletEvent, Life, Stage, Step, Surroundings, Termination } from './life.ts';

const normal = (reason: string, message: string): KubeletEvent => ({ type: 'Normal', reason, message });
const warning = (reason: string, message: string): KubeletEvent => ({ type: 'Warning', reason, message });

/** How long a kubelet probes before it tells of a failure again. */
const probePeriod = 10_000;

/** When the container goes on by itself. */
export function nextTime({ stage }: Life): number | undefined {
  if (stage.kind !== 'running') return stage.until;
  const times = [stage.readyAt, stage.endsAt].filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** One step of a container's life; undefined where none is due. */
export function step(life: Life, around: Surroundings): Step | undefined {
  const { stage } = life;
  const isDue = (time: number | undefined): boolean => time !== undefined && time <= around.now;
  if (stage.kind === 'waiting') return stepWaiting(life, stage, around, isDue(stage.until));
  if (stage.kind === 'terminated') return isDue(stage.until) ? backOffOrRestart(life, stage.end, around) : undefined;
  if (isDue(stage.endsAt)) return end(life, stage.startedAt, around);
  return isDue(stage.readyAt) ? becomeReady(life, stage, around) : undefined;
}

function stepWaiting(
  life: Life,
  stage: Extract<Stage, { kind: 'waiting' }>,
  around: Surroundings,
  isDue: boolean,
): Step | undefined {
  switch (stage.reason) {
    case 'CreateContainerConfigError':
      return around.problem === stage.message ? undefined : create(life, around, []);
    case 'InvalidImageName':
      return undefined;
    case 'ErrImagePull':
      return isDue ? backOffPull(life, stage.message ?? '', around) : undefined;
    case 'ImagePullBackOff':
      return isDue ? pulled(life, around, [normal('Pulling', `Pulling image "${around.image}"`)]) : undefined;
    case 'CrashLoopBackOff':
      return isDue ? create(life, around, [alreadyPresent(around)]) : undefined;
    default:
      if (stage.until === undefined) return startPull(life, around);
      return isDue ? pulled(life, around, []) : undefined;
  }
}

const alreadyPresent = ({ image }: Surroundings): KubeletEvent =>
  normal('Pulled', `Container image "${image}" already present on machine`);

function startPull(life: Life, around: Surroundings): Step {
  const { behaviour, image, now, timings } = around;
  if (behaviour.invalidImage !== undefined) return refuseImage(life, behaviour.invalidImage, image);
  const stage: Stage = { kind: 'waiting', reason: 'ContainerCreating', until: now + timings.pull + timings.start };
  return { life: { ...life, stage }, events: [normal('Pulling', `Pulling image "${image}"`)] };
}

function refuseImage(life: Life, why: string, image: string): Step {
  const message = `Failed to apply default image tag "${image}": couldn't parse image reference "${image}": ${why}`;
  return {
    life: { ...life, stage: { kind: 'waiting', reason: 'InvalidImageName', message } },
    events: [warning('InspectFailed', message), warning('Failed', 'Error: InvalidImageName')],
  };
}

function pulled(life: Life, around: Surroundings, before: readonly KubeletEvent[]): Step {
  const { behaviour, image, now, timings } = around;
  const { pullError } = behaviour;
  if (pullError === undefined) {
    const took = `${timings.pull}ms (${timings.pull}ms including waiting). Image size: 48213504 bytes.`;
    return create(life, around, [...before, normal('Pulled', `Successfully pulled image "${image}" in ${took}`)]);
  }
  const stage: Stage = { kind: 'waiting', reason: 'ErrImagePull', message: pullError, until: now + timings.glimpse };
  return {
    life: { ...life, stage, failedPulls: life.failedPulls + 1 },
    events: [
      ...before,
      warning('Failed', `Failed to pull image "${image}": ${pullError}`),
      warning('Failed', 'Error: ErrImagePull'),
    ],
  };
}

function backOffPull(life: Life, error: string, { image, now, timings }: Surroundings): Step {
  const until = now + backOff(timings.pullBackoff, life.failedPulls - 1);
  const message = `Back-off pulling image "${image}": ErrImagePull: ${error}`;
  return {
    life: { ...life, stage: { kind: 'waiting', reason: 'ImagePullBackOff', message, until } },
    events: [normal('BackOff', `Back-off pulling image "${image}"`), warning('Failed', 'Error: ImagePullBackOff')],
  };
}

/** Doubled each time, up to thirty times the first: 10 s to 5 min in a real kubelet. */
const backOff = (first: number, times: number): number => first * Math.min(2 ** times, 30);

function create(life: Life, around: Surroundings, before: readonly KubeletEvent[]): Step {
  const { name, now, timings, behaviour, problem } = around;
  if (problem !== undefined) {
    const stage: Stage = { kind: 'waiting', reason: 'CreateContainerConfigError', message: problem };
    return { life: { ...life, stage }, events: [...before, warning('Failed', `Error: ${problem}`)] };
  }
  const startedAt = now;
  const { readyAfter, exit } = behaviour;
  const isRestart = life.lastEnd !== undefined || life.stage.kind === 'terminated';
  const readyAt = startedAt + (readyAfter ?? timings.readiness);
  const stage: Stage = {
    kind: 'running',
    startedAt,
    isReady: readyAfter === 0,
    ...(readyAfter === 0 ? {} : { readyAt }),
    ...(exit === undefined ? {} : { endsAt: startedAt + exit.after }),
  };
  return {
    life: { ...life, stage, restarts: life.restarts + (isRestart ? 1 : 0) },
    events: [
      ...before,
      normal('Created', `Created container: ${name}`),
      normal('Started', `Started container ${name}`),
    ],
  };
}

function becomeReady(life: Life, stage: Extract<Stage, { kind: 'running' }>, around: Surroundings): Step {
  const { readyAt: _, ...running } = stage;
  if (around.behaviour.readyAfter !== undefined)
    return { life: { ...life, stage: { ...running, isReady: true } }, events: [] };
  return {
    life: { ...life, stage: { ...stage, readyAt: around.now + probePeriod } },
    events: [warning('Unhealthy', around.probeFailure)],
  };
}

function end(life: Life, startedAt: number, around: Surroundings): Step {
  const { behaviour, now, timings, mayRestart } = around;
  const { exitCode = 0, reason = 'Completed' } = behaviour.exit ?? {};
  const ended: Termination = { exitCode, reason, startedAt, finishedAt: now };
  const stage: Stage = {
    kind: 'terminated',
    end: ended,
    ...(mayRestart(exitCode) ? { until: now + timings.glimpse } : {}),
  };
  return { life: { ...life, stage }, events: [] };
}

/** The first restart comes at once; each later one after a longer wait. */
function backOffOrRestart(life: Life, lastEnd: Termination, around: Surroundings): Step {
  const ended = { ...life, lastEnd };
  if (life.restarts === 0) return create(ended, around, [alreadyPresent(around)]);
  const { name, now, podTitle, timings } = around;
  const delay = backOff(timings.crashBackoff, life.restarts - 1);
  // Said as a real kubelet would: the wait itself is shorter here.
  const said = duration(Math.min(10 * 2 ** (life.restarts - 1), 300));
  const message = `back-off ${said} restarting failed container=${name} pod=${podTitle}`;
  return {
    life: { ...ended, stage: { kind: 'waiting', reason: 'CrashLoopBackOff', message, until: now + delay } },
    events: [warning('BackOff', `Back-off restarting failed container ${name} in pod ${podTitle}`)],
  };
}

/** Seconds as Go writes them: `40s`, `1m20s`, `5m0s`. */
const duration = (seconds: number): string =>
  seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;

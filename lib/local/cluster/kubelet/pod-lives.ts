import type { Container, ContainerStatus, Pod } from '../controllers/pod-view.ts';
import { milliseconds } from '../controllers/timestamps.ts';
import type { Timings } from '../controllers/timings.ts';
import { type Life, newLife, type Stage, type Termination } from './life.ts';
import { behaviourOf, type Role } from './scenario.ts';

export interface Member {
  container: Container;
  kind: 'init' | 'sidecar' | 'main';
  life: Life;
}

/** The containers of a pod in the order in which they start. */
export function membersOf(pod: Pod, lives: ReadonlyMap<string, Life>): Member[] {
  const lifeOf = ({ name }: Container): Life => lives.get(name) ?? newLife;
  return [
    ...pod.spec.initContainers.map((container): Member => {
      const kind = container.restartPolicy === 'Always' ? 'sidecar' : 'init';
      return { container, kind, life: lifeOf(container) };
    }),
    ...pod.spec.containers.map((container): Member => ({ container, kind: 'main', life: lifeOf(container) })),
  ];
}

export const roleOf = (pod: Pod, kind: Member['kind']): Role =>
  kind === 'init' || (kind === 'main' && pod.spec.restartPolicy !== 'Always') ? 'task' : 'service';

/** Whether a container that ended is started again. */
export function mayRestart(pod: Pod, kind: Member['kind'], exitCode: number): boolean {
  if (kind === 'sidecar') return true;
  if (pod.spec.restartPolicy === 'Never') return false;
  return exitCode !== 0 || (kind === 'main' && pod.spec.restartPolicy === 'Always');
}

/** Whether what comes after this container may start. */
export function letsNextStart({ kind, life: { stage } }: Member): boolean {
  if (kind === 'sidecar') return stage.kind === 'running';
  return kind === 'init' && stage.kind === 'terminated' && stage.end.exitCode === 0;
}

export const hasEndedForGood = ({ stage }: Life): boolean => stage.kind === 'terminated' && stage.until === undefined;

/** Lives as the stored status tells them: what a kubelet knows after its own restart. Containers have run on meanwhile. */
export function recall(pod: Pod, timings: Timings, now: number): Map<string, Life> {
  const statuses = [...pod.status.initContainerStatuses, ...pod.status.containerStatuses];
  const lives = new Map<string, Life>();
  for (const { container, kind } of membersOf(pod, lives)) {
    const status = statuses.find(({ name }) => name === container.name);
    if (status === undefined) continue;
    const behaviour = behaviourOf(container, roleOf(pod, kind), timings);
    const stage = recalledStage(
      status,
      (startedAt): Stage => {
        const exit = behaviour.exit === undefined ? {} : { endsAt: Math.max(startedAt + behaviour.exit.after, now) };
        const readyAt = now + (behaviour.readyAfter ?? timings.readiness);
        return { kind: 'running', startedAt, isReady: status.ready, ...(status.ready ? {} : { readyAt }), ...exit };
      },
      (exitCode) => (mayRestart(pod, kind, exitCode) ? { until: now + timings.glimpse } : {}),
      now,
    );
    const lastEnd = terminationOf(status.lastState.terminated);
    lives.set(container.name, {
      stage,
      restarts: status.restartCount,
      failedPulls: stage.kind === 'waiting' && stage.reason.includes('Image') ? 1 : 0,
      ...(lastEnd === undefined ? {} : { lastEnd }),
    });
  }
  return lives;
}

function recalledStage(
  { state }: ContainerStatus,
  running: (startedAt: number) => Stage,
  again: (exitCode: number) => { until?: number },
  now: number,
): Stage {
  if (state.running) return running(milliseconds(state.running.startedAt ?? ''));
  const end = terminationOf(state.terminated);
  if (end !== undefined) return { kind: 'terminated', end, ...again(end.exitCode) };
  const { reason = '', message } = state.waiting ?? {};
  const goesOn = ['ErrImagePull', 'ImagePullBackOff', 'CrashLoopBackOff'].includes(reason);
  if (!goesOn && reason !== 'CreateContainerConfigError') return newLife.stage;
  return { kind: 'waiting', reason, ...(message ? { message } : {}), ...(goesOn ? { until: now } : {}) };
}

const terminationOf = (state: ContainerStatus['state']['terminated']): Termination | undefined =>
  state
    ? {
        exitCode: state.exitCode,
        reason: state.reason,
        startedAt: milliseconds(state.startedAt ?? ''),
        finishedAt: milliseconds(state.finishedAt ?? ''),
      }
    : undefined;

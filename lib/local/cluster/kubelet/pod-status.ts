import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { withCondition } from '../controllers/conditions.ts';
import type { Pod } from '../controllers/pod-view.ts';
import { timestamp } from '../controllers/timestamps.ts';
import { recordAt } from '../json.ts';
import { readImage } from './image-reference.ts';
import type { Stage, Termination } from './life.ts';
import { hasEndedForGood, letsNextStart, type Member } from './pod-lives.ts';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

function imageIdOf(image: string): string {
  const reference = readImage(image);
  if ('invalid' in reference) return '';
  const [repository = ''] = reference.full.split(/:[^/:@]*$|@/);
  return `${repository}@sha256:${digest(reference.full)}`;
}

function stateOf(stage: Stage, isHeldBack: boolean, containerID: string) {
  if (stage.kind === 'running') return { running: { startedAt: timestamp(stage.startedAt) } };
  if (stage.kind === 'terminated') return { terminated: terminated(stage.end, containerID) };
  const reason = isHeldBack ? 'PodInitializing' : stage.reason;
  return { waiting: { reason, ...(stage.message === undefined ? {} : { message: stage.message }) } };
}

const terminated = ({ exitCode, reason, startedAt, finishedAt }: Termination, containerID: string) => ({
  containerID,
  exitCode,
  reason,
  startedAt: timestamp(startedAt),
  finishedAt: timestamp(finishedAt),
});

const containerId = (pod: Pod, name: string, instance: number): string =>
  `containerd://${digest(`${pod.metadata.uid}/${name}/${instance}`)}`;

/** One container's status, as a kubelet reports it. */
function containerStatus(pod: Pod, member: Member, isHeldBack: boolean) {
  const { container, kind, life } = member;
  const { stage, restarts, lastEnd } = life;
  const isRunning = stage.kind === 'running';
  const hasRun = stage.kind !== 'waiting' || lastEnd !== undefined;
  const id = containerId(pod, container.name, restarts);
  const lastId = containerId(pod, container.name, stage.kind === 'waiting' ? restarts : restarts - 1);
  return {
    name: container.name,
    image: container.image,
    imageID: hasRun ? imageIdOf(container.image) : '',
    ...(hasRun ? { containerID: id } : {}),
    ready: isRunning ? stage.isReady : kind === 'init' && letsNextStart(member),
    started: isRunning,
    restartCount: restarts,
    state: stateOf(stage, isHeldBack, id),
    lastState: lastEnd === undefined ? {} : { terminated: terminated(lastEnd, lastId) },
  };
}

export interface Sandbox {
  ip: string;
  hostIP: string;
}

/** The phase that follows from what the containers do, by the kubelet's rules. */
function phaseOf(pod: Pod, members: readonly Member[], isInitialized: boolean): string {
  const before = members.filter(({ kind }) => kind === 'init');
  const failedInit = before.some(({ life }) => hasEndedForGood(life) && !isSuccess(life.stage));
  if (failedInit) return 'Failed';
  const mains = members.filter(({ kind }) => kind === 'main').map(({ life }) => life);
  if (!isInitialized) return 'Pending';
  if (mains.some(({ stage, lastEnd }) => stage.kind === 'waiting' && lastEnd === undefined)) return 'Pending';
  if (!mains.every(hasEndedForGood) || pod.spec.restartPolicy === 'Always') return 'Running';
  return mains.every(({ stage }) => isSuccess(stage)) ? 'Succeeded' : 'Failed';
}

const isSuccess = (stage: Stage): boolean => stage.kind === 'terminated' && stage.end.exitCode === 0;

/** A pod's whole status. `sandbox` is undefined while its volumes can't be mounted. */
export function podStatus(pod: Pod, members: readonly Member[], sandbox: Sandbox | undefined, now: number) {
  const initial = members.filter(({ kind }) => kind !== 'main');
  const mains = members.filter(({ kind }) => kind === 'main');
  const isInitialized = initial.every(letsNextStart) || mains.some(({ life }) => life.stage.kind !== 'waiting');
  const phase = phaseOf(pod, members, isInitialized);
  const initStatuses = initial.map((member, index) =>
    containerStatus(
      pod,
      member,
      initial.slice(0, index).some((earlier) => !letsNextStart(earlier)),
    ),
  );
  const containerStatuses = mains.map((member) => containerStatus(pod, member, !isInitialized));
  return {
    ...recordAt(pod.raw, 'status'),
    phase,
    observedGeneration: pod.metadata.generation,
    conditions: conditionsOf(
      pod,
      {
        phase,
        isInitialized,
        hasSandbox: sandbox !== undefined && phase !== 'Succeeded' && phase !== 'Failed',
        incomplete: initial.filter((member) => !letsNextStart(member)).map(({ container }) => container.name),
        unready: [...containerStatuses, ...initStatuses.filter((_, index) => initial[index]?.kind === 'sidecar')]
          .filter(({ ready }) => !ready)
          .map(({ name }) => name),
      },
      now,
    ),
    ...(sandbox === undefined
      ? {}
      : { hostIP: sandbox.hostIP, hostIPs: [{ ip: sandbox.hostIP }], podIP: sandbox.ip, podIPs: [{ ip: sandbox.ip }] }),
    startTime: pod.status.startTime ?? timestamp(now),
    ...(initStatuses.length === 0 ? {} : { initContainerStatuses: initStatuses }),
    containerStatuses,
    qosClass: qosClassOf(pod),
  };
}

interface Findings {
  phase: string;
  isInitialized: boolean;
  hasSandbox: boolean;
  incomplete: readonly string[];
  unready: readonly string[];
}

function conditionsOf(pod: Pod, findings: Findings, now: number) {
  const { isInitialized, hasSandbox, incomplete } = findings;
  const readiness = readinessOf(findings);
  const notInitialized = {
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: [${incomplete.join(' ')}]`,
  } as const;
  const set = [
    { type: 'PodReadyToStartContainers', status: hasSandbox ? 'True' : 'False' } as const,
    { type: 'Initialized', ...(isInitialized ? ({ status: 'True' } as const) : notInitialized) },
    { type: 'Ready', ...readiness },
    { type: 'ContainersReady', ...readiness },
    { type: 'PodScheduled', status: 'True' } as const,
  ].reduce((conditions, condition) => withCondition(conditions, condition, now), pod.status.conditions);
  return set.map((condition) => ({ observedGeneration: pod.metadata.generation, lastProbeTime: null, ...condition }));
}

function readinessOf({ phase, unready }: Findings) {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' } as const;
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' } as const;
  if (unready.length === 0) return { status: 'True' } as const;
  return {
    status: 'False',
    reason: 'ContainersNotReady',
    message: `containers with unready status: [${unready.join(' ')}]`,
  } as const;
}

function qosClassOf({ spec }: Pod): string {
  const all = [...spec.containers, ...spec.initContainers].map(({ resources }) => ({
    requests: { ...resources.limits, ...resources.requests },
    limits: { ...resources.limits },
  }));
  if (all.every(({ requests }) => requests['cpu'] === undefined && requests['memory'] === undefined))
    return 'BestEffort';
  const isFixed = all.every(
    ({ requests, limits }) =>
      limits['cpu'] !== undefined && limits['memory'] !== undefined && isDeepStrictEqual(requests, limits),
  );
  return isFixed ? 'Guaranteed' : 'Burstable';
}

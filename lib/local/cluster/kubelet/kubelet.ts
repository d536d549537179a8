import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import type { Control, Controller, Key } from '../controllers/control.ts';
import { itself, keyOf } from '../controllers/owners.ts';
import { asPod, hasEnded, type Pod } from '../controllers/pod-view.ts';
import { writeStatus } from '../controllers/write-status.ts';
import { type Addresses, createAddresses } from './addresses.ts';
import { configurationOf, unmountable } from './configuration.ts';
import { nextTime, step } from './container-life.ts';
import { type KnownPod, report } from './known-pod.ts';
import type { Life } from './life.ts';
import { type LogOptions, readLogs } from './logs.ts';
import { hasEndedForGood, letsNextStart, type Member, mayRestart, membersOf, recall, roleOf } from './pod-lives.ts';
import { podStatus } from './pod-status.ts';
import { probeFailure } from './probe-failure.ts';
import { behaviourOf } from './scenario.ts';
import { terminate } from './terminate.ts';

export interface Kubelet {
  controller: Controller;
  logsOf: (namespace: string, pod: string, container: string, options?: LogOptions) => string | undefined;
}

/** Runs the pods of all simulated nodes: nothing is executed, but their statuses and Events move as if it were. */
export function createKubelet(control: Control): Kubelet {
  const { storage, kinds } = control;
  const known = new Map<string, KnownPod>();
  const addresses = createAddresses(control);
  const pendingIn = ({ object }: { object: KubernetesObject }): Key[] =>
    storage
      .list(kinds.pod, object.metadata.namespace)
      .filter((pod) => asPod(pod).status.phase === 'Pending')
      .map(keyOf);

  function recollect(id: string, pod: Pod): KnownPod {
    const found = known.get(id);
    if (found?.uid === pod.metadata.uid) return found;
    const { podIP } = pod.status;
    const made: KnownPod = {
      uid: pod.metadata.uid,
      lives: recall(pod, control.timings, control.clock.now()),
      sandbox: podIP ? { ip: podIP, hostIP: addresses.ofNode(pod) } : undefined,
      failedMounts: 0,
      goneAt: undefined,
    };
    known.set(id, made);
    return made;
  }

  return {
    controller: {
      name: 'kubelet',
      watches: { Pod: itself, ConfigMap: pendingIn, Secret: pendingIn },
      reconcile({ namespace, name }) {
        const id = `${namespace}/${name}`;
        const stored = storage.get(kinds.pod, namespace, name);
        if (stored === undefined) {
          known.delete(id);
          return undefined;
        }
        const pod = asPod(stored);
        if (pod.metadata.deletionTimestamp) return terminate(control, pod, recollect(id, pod));
        if (!pod.spec.nodeName || hasEnded(pod)) return undefined;
        return run(control, pod, recollect(id, pod), addresses);
      },
    },
    logsOf: (namespace, pod, container, options) => readLogs(control, { namespace, pod, container }, options),
  };
}

/** Takes a pod's containers as far as they are now. @returns the milliseconds until something happens by itself */
function run(control: Control, pod: Pod, known: KnownPod, addresses: Addresses): number | undefined {
  const now = control.clock.now();
  if (known.sandbox === undefined) {
    const problems = unmountable(control, pod);
    if (problems.length > 0) return waitForVolumes(control, pod, known, problems);
    const ip = pod.spec.hostNetwork ? addresses.ofNode(pod) : addresses.next();
    known.sandbox = { ip, hostIP: addresses.ofNode(pod) };
  }
  advanceAll(control, pod, known);
  const members = membersOf(pod, known.lives);
  writeStatus(control, pod.raw, podStatus(pod, members, known.sandbox, now));
  const times = members.map(({ life }) => nextTime(life)).filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.max(Math.min(...times) - now, 1);
}

const firstMountRetry = 500;
const longestMountRetry = 122_000;

function waitForVolumes(control: Control, pod: Pod, known: KnownPod, problems: readonly string[]): number {
  for (const message of problems) report(control, pod, { type: 'Warning', reason: 'FailedMount', message });
  writeStatus(control, pod.raw, podStatus(pod, membersOf(pod, known.lives), undefined, control.clock.now()));
  known.failedMounts += 1;
  return Math.min(firstMountRetry * 2 ** (known.failedMounts - 1), longestMountRetry);
}

function advanceAll(control: Control, pod: Pod, known: KnownPod): void {
  for (const { kind, container } of membersOf(pod, known.lives)) {
    const members = membersOf(pod, known.lives);
    const member = members.find((one) => one.container.name === container.name);
    if (member === undefined) continue;
    const earlier = members
      .filter((one) => one.kind !== 'main')
      .slice(0, kind === 'main' ? undefined : members.indexOf(member));
    const mayStart =
      member.life.stage.kind !== 'waiting' || member.life.lastEnd !== undefined || earlier.every(letsNextStart);
    if (mayStart) known.lives.set(container.name, advance(control, pod, member));
  }
  const mains = membersOf(pod, known.lives).filter(({ kind }) => kind === 'main');
  if (mains.every(({ life }) => hasEndedForGood(life))) endSidecars(control, pod, known);
}

/** Steps that one look may bring; a guard against timings of zero. */
const mostSteps = 8;

function advance(control: Control, pod: Pod, member: Member): Life {
  const { container, kind } = member;
  const { problem } = configurationOf(control, pod, container);
  const around = {
    now: control.clock.now(),
    name: container.name,
    image: container.image,
    podTitle: `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`,
    behaviour: behaviourOf(container, roleOf(pod, kind), control.timings),
    timings: control.timings,
    mayRestart: (exitCode: number) => mayRestart(pod, kind, exitCode),
    problem,
    probeFailure: probeFailure(container, pod.status.podIP ?? ''),
  };
  let { life } = member;
  for (let count = 0; count < mostSteps; count += 1) {
    const next = step(life, around);
    if (next === undefined) break;
    for (const event of next.events) report(control, pod, event, member);
    life = next.life;
  }
  return life;
}

/** Sidecars of a pod that has done its work are stopped with it. */
function endSidecars(control: Control, pod: Pod, known: KnownPod): void {
  const now = control.clock.now();
  for (const { container, kind, life } of membersOf(pod, known.lives)) {
    if (kind !== 'sidecar' || life.stage.kind !== 'running') continue;
    const end = { exitCode: 0, reason: 'Completed', startedAt: life.stage.startedAt, finishedAt: now };
    known.lives.set(container.name, { ...life, stage: { kind: 'terminated', end } });
  }
}

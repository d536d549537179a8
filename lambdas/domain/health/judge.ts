import { describeObject, type KubernetesObject } from '../kubernetes-object.ts';
import { fieldManager, markers } from '../markers.ts';
import { describeRef, groupKindOf, type ObjectRef, refKey, refOf } from '../object-ref.ts';
import { creationTrouble } from './creation-trouble.ts';
import { currentPods, podCreator, podsInTheWay } from './current-pods.ts';
import { isSince, warningsAbout } from './events.ts';
import type { Trouble } from './failures.ts';
import { listAt, textAt, timeOf } from './fields.ts';
import type { ObjectHealth, View } from './object-health.ts';
import { type Patience, podTrouble } from './pod-trouble.ts';
import type { PullSightings } from './pull-sightings.ts';
import { assess, isCustom, isInert } from './rules.ts';

/** What should be there, and how long that may take. Instants in milliseconds since 1970. */
export interface Expectation {
  refs: readonly ObjectRef[];
  /** keys of those that may be gone, since they end by themselves; while they are there, they are judged like the others */
  transient?: ReadonlySet<string>;
  generation: number;
  startedAt: number;
  /** milliseconds from `startedAt` */
  timeout: number;
  unschedulableGrace: number;
  pulls: PullSightings;
}

export interface Counts {
  ready: number;
  total: number;
  /** what is waited for, for a person */
  message: string;
}

/** `reapply`: an object is missing, or was last written by an older generation. */
export type Verdict =
  | ({ state: 'ready' } & Counts)
  | ({ state: 'waiting' } & Counts)
  | { state: 'reapply'; message: string }
  | { state: 'failed'; trouble: Trouble };

/** Generation that wrote the object; 0 where Berth didn't. */
export const generationOf = (object: KubernetesObject): number =>
  Number(object.metadata.annotations?.[markers.generation] ?? 0);

/** A pod that misses a Secret may wait this long where something in the workload could make it: certificates and the like. */
const customConfigGrace = 60_000;

/** The verdict on a workload as it is seen now. Inert kinds aren't looked at: they are asked for once, elsewhere. */
export function judge(view: View, expectation: Expectation): Verdict {
  const found = expectation.refs
    .filter((ref) => !isInert(ref))
    .map((ref) => ({ ref, object: findObject(view, ref) }))
    .filter(({ ref, object }) => object || !expectation.transient?.has(refKey(ref)));
  const states = found.flatMap(({ object }) => (object ? [{ object, health: assess(object, view) }] : []));
  const unwell = states.filter(({ health }) => health.state !== 'ready');

  const trouble = firstTrouble(unwell, view, expectation);
  if (trouble) return { state: 'failed', trouble };
  const stale = found.find(({ object }) => !object || generationOf(object) < expectation.generation);
  const message = describeWait(unwell, stale?.ref);
  if ((unwell.length > 0 || stale) && view.now - expectation.startedAt >= expectation.timeout) {
    const said = lastWarning(unwell, view, expectation.startedAt);
    return {
      state: 'failed',
      trouble: timedOut(said ? `${message} (${said})` : message, unwell[0]?.object, stale?.ref),
    };
  }
  if (stale) return { state: 'reapply', message };
  const counts = { ready: states.length - unwell.length, total: found.length, message };
  return unwell.length === 0 ? { state: 'ready', ...counts } : { state: 'waiting', ...counts };
}

export function findObject(view: View, ref: ObjectRef): KubernetesObject | undefined {
  const key = refKey(ref);
  return view.of(groupKindOf(ref)).find((object) => refKey(refOf(object)) === key);
}

interface Unwell {
  object: KubernetesObject;
  health: ObjectHealth;
}

/** The cause rather than its effect: what a pod suffers from says more than that its Deployment stalls. */
function firstTrouble(unwell: readonly Unwell[], view: View, expectation: Expectation): Trouble | undefined {
  for (const { object } of unwell) {
    if (generationOf(object) < expectation.generation) continue;
    const patience = patienceWith(object, expectation);
    for (const pod of currentPods(object, view)) {
      const trouble = podTrouble(pod, view, patience);
      if (trouble) return trouble;
    }
    for (const pod of podsInTheWay(object, view)) {
      const trouble = podTrouble(pod, view, patience);
      if (trouble) return inTheWay(object, trouble);
    }
    const creator = podCreator(object, view);
    const trouble = creator && creationTrouble(creator, view, patience.since);
    if (trouble) return trouble;
  }
  const failed = unwell.find(
    ({ object, health }) =>
      health.state === 'failed' &&
      generationOf(object) >= expectation.generation &&
      isSince(health.since, appliedAt(object, expectation.startedAt)),
  );
  if (failed?.health.state !== 'failed') return undefined;
  const { code, message } = failed.health;
  // That it stalls is not why.
  const said =
    code === 'RolloutStalled' && lastWarning([failed], view, appliedAt(failed.object, expectation.startedAt));
  return { code, object: describeObject(failed.object), message: said ? `${message} (${said})` : message };
}

/** How patient the judge is with the pods of an object. */
export const patienceWith = (object: KubernetesObject, expectation: Expectation): Patience => ({
  since: appliedAt(object, expectation.startedAt),
  unschedulableGrace: expectation.unschedulableGrace,
  configGrace: expectation.refs.some(isCustom) ? customConfigGrace : 0,
  pulls: expectation.pulls,
  countsRestarts: groupKindOf(object) !== 'batch/Job',
});

const inTheWay = (object: KubernetesObject, { object: pod, message }: Trouble): Trouble => ({
  code: 'RolloutStalled',
  object: pod,
  message:
    `is of an earlier deploy, and ${describeObject(object)} waits for it and keeps it by its update strategy (change that, or ` +
    `delete the staging and deploy again): ${message}`,
});

/**
 * When this deploy wrote the object, by the API server's clock where it says so: hooks may take minutes before. What the
 * object and its pods suffered from until then is no evidence: they had nothing of this deploy yet.
 */
const appliedAt = (object: KubernetesObject, startedAt: number): number =>
  Math.max(
    startedAt,
    ...listAt(object, 'metadata', 'managedFields')
      .filter((entry) => textAt(entry, 'manager') === fieldManager)
      .map((entry) => timeOf(textAt(entry, 'time'), startedAt)),
  );

/** As many as a sentence can carry. */
const named = 3;

function describeWait(unwell: readonly Unwell[], stale: ObjectRef | undefined): string {
  if (stale) return `${describeRef(stale)}: is missing or of an older generation`;
  if (unwell.length === 0) return 'all is ready';
  const parts = unwell.slice(0, named).map(({ object, health }) => `${describeObject(object)}: ${health.message}`);
  const rest = unwell.length - named;
  return `${parts.join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`.slice(0, 500);
}

/** What the cluster said last of the pods that were waited for, such as a readiness probe's answer. */
function lastWarning(unwell: readonly Unwell[], view: View, since: number): string | undefined {
  const warnings = unwell
    .flatMap(({ object }) => [object, ...currentPods(object, view)])
    .flatMap((object) => warningsAbout(view, object, since));
  return warnings.toSorted((a, b) => b.at - a.at)[0]?.message;
}

function timedOut(message: string, object: KubernetesObject | undefined, stale: ObjectRef | undefined): Trouble {
  const subject = stale ? describeRef(stale) : object ? describeObject(object) : 'Namespace/?';
  const told = message.startsWith(`${subject}: `) ? message.slice(subject.length + 2) : message;
  return { code: 'TimedOut', object: subject, message: `not ready in time: ${told}` };
}

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { View } from '../domain/health/object-health.ts';
import { PullSightings } from '../domain/health/pull-sightings.ts';
import { isInert } from '../domain/health/rules.ts';
import type { KubernetesObject } from '../domain/kubernetes-object.ts';
import { groupKindOf, type ObjectRef, refKey, refOf } from '../domain/object-ref.ts';
import type { KubernetesClient, Selection } from './client.ts';
import { every, fenceInterval } from './every.ts';
import type { WatchEvent } from './watch.ts';

/** What is to be observed, and by what it is decided that enough was seen. */
export interface Observation<Result> {
  client: KubernetesClient;
  namespace: string;
  /** objects whose kinds are followed; inert ones aren't */
  refs: readonly ObjectRef[];
  /** ends the observation without a result */
  signal: AbortSignal;
  /** milliseconds since 1970 */
  now: () => number;
  /** asked about once a second, when time rules are looked at too; what it throws ends the observation */
  tick: () => Promise<void>;
  /** asked after every change, and every second; a result ends the observation */
  decide: (view: View, pulls: PullSightings) => Result | undefined;
}

interface Followed {
  apiVersion: string;
  kind: string;
  selection: Selection;
}

function followed(refs: readonly ObjectRef[], namespace: string): Followed[] {
  const kinds = new Map<string, Followed>();
  const follow = (apiVersion: string, kind: string, selection: Selection): void => {
    kinds.set(groupKindOf({ apiVersion, kind }), { apiVersion, kind, selection });
  };
  for (const ref of refs.filter((candidate) => !isInert(candidate))) {
    follow(ref.apiVersion, ref.kind, ref.namespace === undefined ? {} : { namespace });
  }
  follow('apps/v1', 'ReplicaSet', { namespace });
  follow('v1', 'Pod', { namespace });
  follow('v1', 'ResourceQuota', { namespace });
  follow('v1', 'Event', { namespace, fieldSelector: 'type=Warning' });
  return [...kinds.values()];
}

/**
 * Follows the kinds of a workload, and what they are made of, until a decision is made.
 * @returns the decision; undefined where the signal was aborted before
 * @throws what `tick` and `decide` throw; ClusterUnreachable, ClusterBusy, KubernetesError
 */
export async function observe<Result>(observation: Observation<Result>): Promise<Result | undefined> {
  const { client, namespace, refs, signal, tick, decide } = observation;
  const stop = new AbortController();
  const isOver = AbortSignal.any([signal, stop.signal]);
  const kinds = followed(refs, namespace);
  const state = new Observed(kinds.length, observation.now);
  const bell = createBell();
  const follow = async ({ apiVersion, kind, selection }: Followed): Promise<void> => {
    for await (const event of client.watch(apiVersion, kind, selection, isOver)) {
      state.take(groupKindOf({ apiVersion, kind }), event);
      bell.ring();
    }
  };
  const work = [...kinds.map(follow), every(fenceInterval, isOver, async () => tick().then(bell.ring))];
  for (const task of work) task.catch(bell.fail);
  isOver.addEventListener('abort', bell.ring);
  try {
    while (!signal.aborted) {
      await bell.heard();
      // What came in one packet is judged once.
      await nextTurn();
      const decision = state.isComplete ? decide(state, state.pulls) : undefined;
      if (decision !== undefined) return decision;
    }
    return undefined;
  } finally {
    stop.abort();
    await Promise.allSettled(work);
  }
}

interface Bell {
  ring: () => void;
  fail: (error: unknown) => void;
  heard: () => Promise<void>;
}

/** Rings are heard once, however often the bell was rung; a failure is heard first. */
function createBell(): Bell {
  let bell = Promise.withResolvers<void>();
  let failure: { error: unknown } | undefined;
  return {
    ring: () => bell.resolve(),
    fail(error) {
      failure ??= { error };
      bell.resolve();
    },
    async heard() {
      await bell.promise;
      bell = Promise.withResolvers<void>();
      if (failure) throw failure.error;
    },
  };
}

/** What was seen so far. */
class Observed implements View {
  readonly pulls = new PullSightings();
  readonly #kinds = new Map<string, Map<string, KubernetesObject>>();
  readonly #expected: number;
  readonly #now: () => number;

  constructor(expected: number, now: () => number) {
    this.#expected = expected;
    this.#now = now;
  }

  get now(): number {
    return this.#now();
  }

  /** Whether each kind has been listed once: before that, what is missing may just not have been seen. */
  get isComplete(): boolean {
    return this.#kinds.size === this.#expected;
  }

  of(groupKind: string): readonly KubernetesObject[] {
    return [...(this.#kinds.get(groupKind)?.values() ?? [])];
  }

  take(groupKind: string, event: WatchEvent): void {
    if (event.type === 'snapshot') {
      this.#kinds.set(groupKind, new Map(event.objects.map((object) => [refKey(refOf(object)), object])));
      for (const object of event.objects) this.#see(object);
      return;
    }
    const known = this.#kinds.get(groupKind) ?? new Map<string, KubernetesObject>();
    if (event.type === 'removed') known.delete(refKey(refOf(event.object)));
    else {
      known.set(refKey(refOf(event.object)), event.object);
      this.#see(event.object);
    }
    this.#kinds.set(groupKind, known);
  }

  #see(object: KubernetesObject): void {
    if (object.kind === 'Pod') this.pulls.see(object);
  }
}

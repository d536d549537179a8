import type { Clock } from '../../clock.ts';
import { ApiError } from '../api-error.ts';
import { createKubelet } from '../kubelet/kubelet.ts';
import type { LogOptions } from '../kubelet/logs.ts';
import type { Storage, StorageEvent } from '../storage.ts';
import { autoscalerController } from './autoscaler.ts';
import type { Control, Controller, Key } from './control.ts';
import { cronJobController } from './cron-job.ts';
import { daemonSetController } from './daemon-set.ts';
import { deploymentController } from './deployment/deployment.ts';
import { disruptionBudgetController } from './disruption-budget.ts';
import { endpointsController } from './endpoints.ts';
import { createEventRecorder } from './event-recorder.ts';
import { furnishCluster, type NodeSize, usualNode } from './furnish-cluster.ts';
import { ingressController } from './ingress.ts';
import { jobController } from './job/job.ts';
import { readKinds } from './kinds.ts';
import { loadBalancerController } from './load-balancer.ts';
import { keyOf } from './owners.ts';
import { replicaSetController } from './replica-set.ts';
import { scheduler } from './scheduler.ts';
import { statefulSetController } from './stateful-set/stateful-set.ts';
import { type Timings, usualTimings } from './timings.ts';
import { volumeClaimController } from './volume-claim.ts';
import { createWorkQueue } from './work-queue.ts';

export interface ControllersOptions {
  storage: Storage;
  clock: Clock;
  /** between 0 and 1, the only source of chance */
  random: () => number;
  timings?: Partial<Timings>;
  /** size of each of the two nodes */
  node?: NodeSize;
  /** told of what a controller failed at, which it tries again by itself; by default only surprises are printed */
  onError?: (key: string, error: unknown) => void;
}

export interface Controllers {
  stop(): void;
  /** What a container has written; undefined where there is no such container, or it has not started (yet, or before). */
  logsOf: (namespace: string, pod: string, container: string, options?: LogOptions) => string | undefined;
  /** Resolves when nothing is left to do at this moment; what is due later does not count. */
  idle: () => Promise<void>;
}

const separator = '|';
const joined = (controller: string, { namespace, name }: Key): string => [controller, namespace, name].join(separator);

/** Starts the controllers, the scheduler and the kubelet of the simulated cluster on what is stored. */
export function startControllers(options: ControllersOptions): Controllers {
  const { storage, clock, random, onError = reportSurprise } = options;
  const kinds = readKinds(storage);
  const events = createEventRecorder({ storage, clock, random, resource: kinds.event });
  const timings = { ...usualTimings, ...options.timings };
  const control: Control = { storage, clock, random, kinds, events, timings };
  furnishCluster(control, options.node ?? usualNode);
  const kubelet = createKubelet(control);
  const controllers = new Map(
    [...workload, kubelet.controller].map((made) => named(typeof made === 'function' ? made(control) : made)),
  );

  const queue = createWorkQueue({
    clock,
    work(key) {
      const [controller = '', namespace = '', name = ''] = key.split(separator);
      return controllers.get(controller)?.reconcile({ namespace, name });
    },
    onError,
  });
  const enqueue = (event: StorageEvent): void => {
    for (const { name, watches } of controllers.values()) {
      // A watch that fails on an odd object must not keep the change from the others.
      try {
        for (const key of watches[event.object.kind]?.(event) ?? []) queue.add(joined(name, key));
      } catch (error) {
        onError(joined(name, keyOf(event.object)), error);
      }
    }
  };
  const unsubscribe = storage.subscribe(enqueue);
  for (const resource of Object.values(kinds))
    for (const object of storage.list(resource)) enqueue({ type: 'ADDED', resource, object });

  return {
    stop() {
      unsubscribe();
      queue.stop();
    },
    logsOf: kubelet.logsOf,
    idle: queue.idle,
  };
}

/** Refusals are part of life: the controllers have told of them in Events. Anything else is a mistake in a controller. */
const reportSurprise = (key: string, error: unknown): void => {
  if (!(error instanceof ApiError)) console.error(`simulated controller failed at ${key}`, error);
};

const named = (controller: Controller): [string, Controller] => [controller.name, controller];

const workload = [
  deploymentController,
  replicaSetController,
  statefulSetController,
  daemonSetController,
  jobController,
  cronJobController,
  scheduler,
  volumeClaimController,
  endpointsController,
  loadBalancerController,
  ingressController,
  autoscalerController,
  disruptionBudgetController,
];

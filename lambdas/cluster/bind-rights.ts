import { setTimeout as sleep } from 'node:timers/promises';
import { clusterGroupOf, stagingRoleOf } from '../domain/cluster-group.ts';
import type { KubernetesObject } from '../domain/kubernetes-object.ts';
import { isRefusal, type KubernetesError } from './errors.ts';
import { guardMetadata } from './guards.ts';
import type { Target } from './prepare-objects.ts';

const group = 'rbac.authorization.k8s.io';

/** What gives Berth, in this namespace, the rights that it has in no other: on Secrets, and on the logs of pods. */
export const ownBinding = (target: Target, installation: string): KubernetesObject => ({
  apiVersion: `${group}/v1`,
  kind: 'RoleBinding',
  metadata: guardMetadata(target),
  roleRef: { apiGroup: group, kind: 'ClusterRole', name: stagingRoleOf(installation) },
  subjects: [{ apiGroup: group, kind: 'Group', name: clusterGroupOf(installation) }],
});

/** How an API server says that a role is missing, and not that a policy is against it. */
const withoutRight = /cannot \w+ resource/;

/**
 * Each API server hears of a new binding by a watch of its own: in milliseconds, while it isn't overloaded. After this long
 * the role itself is missing.
 */
const felt = 10_000;
const pause = 50;

/**
 * Acts, and again while a right isn't felt that was bound just before.
 * @throws KubernetesError 403 where it is never felt; otherwise what `act` throws
 */
export async function whenFelt<Result>(
  act: () => Promise<Result>,
  signal: AbortSignal,
  patience = felt,
): Promise<Result> {
  const isOver = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!isUngranted(error) || isOver.aborted) throw error;
      await sleep(pause, undefined, { signal: isOver }).catch(() => {});
    }
  }
}

const isUngranted = (error: unknown): error is KubernetesError =>
  isRefusal(error, 403) && error instanceof Error && withoutRight.test(error.message);

import { ApiError } from '../../api-error.ts';
import { conditionOf } from '../conditions.ts';
import type { Control, Controller, Key } from '../control.ts';
import { isBeingDeleted } from '../creating.ts';
import { controllerOf, itsController, itself } from '../owners.ts';
import { asDeployment, type Deployment } from '../workload-views.ts';
import { writeStatus } from '../write-status.ts';
import { readSets, type Sets, syncRevision } from './replica-sets.ts';
import { rescale, rollOut } from './rollout.ts';
import { isComplete, type Notice, statusOf } from './status.ts';

/** Rolls the pods of a Deployment over to its present template, one ReplicaSet per template. */
export function deploymentController(control: Control): Controller {
  const { storage, kinds } = control;
  return {
    name: 'deployment',
    watches: {
      Deployment: itself,
      ReplicaSet: itsController('Deployment'),
      Pod: ({ object, type }) =>
        type === 'DELETED' ? ownerOfItsSet(control, controllerOf(object)?.name, object.metadata.namespace) : [],
    },
    reconcile({ namespace, name }) {
      const stored = storage.get(kinds.deployment, namespace, name);
      return stored === undefined ? undefined : reconcileDeployment(control, asDeployment(stored));
    },
  };
}

/** A Deployment with the Recreate strategy waits for old pods to be gone. */
function ownerOfItsSet({ storage, kinds }: Control, setName: string | undefined, namespace: string | undefined): Key[] {
  const set = setName === undefined ? undefined : storage.get(kinds.replicaSet, namespace, setName);
  const owner = set === undefined ? undefined : controllerOf(set);
  return owner === undefined ? [] : [{ namespace: namespace ?? '', name: owner.name }];
}

function reconcileDeployment(control: Control, deployment: Deployment): number | undefined {
  const before = readSets(control, deployment);
  const { sets, notice } = step(control, deployment, before);
  const { status, lookAgain } = statusOf(deployment, sets, notice, control.clock.now());
  const latest = control.storage.get(control.kinds.deployment, deployment.metadata.namespace, deployment.metadata.name);
  writeStatus(control, latest ?? deployment.raw, status);
  if (notice !== undefined && 'refused' in notice) return 1000;
  return lookAgain;
}

function step(control: Control, deployment: Deployment, before: Sets): { sets: Sets; notice: Notice } {
  if (deployment.metadata.deletionTimestamp) return { sets: before, notice: undefined };
  const { reason } = conditionOf(deployment.status.conditions, 'Progressing') ?? {};
  if (deployment.spec.paused) return { sets: rescale(control, deployment, before), notice: { paused: true } };
  try {
    const rolled = rollOut(control, deployment, before);
    const sets = syncRevision(control, deployment, rolled);
    cleanUp(control, deployment, sets);
    return { sets, notice: noticeOf(before, sets, reason) };
  } catch (error) {
    if (!(error instanceof ApiError) || error.code === 409) throw error;
    return { sets: before, notice: isBeingDeleted(error) ? undefined : { refused: error.message } };
  }
}

function noticeOf(before: Sets, after: Sets, reason: string | undefined): Notice {
  if (before.current === undefined && after.current !== undefined) return { created: after.current.metadata.name };
  return reason === 'DeploymentPaused' ? { paused: false } : undefined;
}

/** Deletes the oldest empty ReplicaSets beyond the history that is to be kept, once a rollout is over. */
function cleanUp({ storage, kinds }: Control, deployment: Deployment, { old }: Sets): void {
  if (!isComplete(deployment, deployment.status)) return;
  const empty = old.filter((set) => set.spec.replicas === 0 && set.status.replicas === 0);
  for (const set of empty.slice(0, Math.max(old.length - deployment.spec.revisionHistoryLimit, 0)))
    storage.remove(kinds.replicaSet, set.metadata.namespace, set.metadata.name);
}

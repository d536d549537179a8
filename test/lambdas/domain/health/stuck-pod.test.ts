import { describe, expect, it } from 'vitest';
import { PullSightings } from '../../../../lambdas/domain/health/pull-sightings.ts';
import { stuckPod } from '../../../../lambdas/domain/health/stuck-pod.ts';
import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { refOf } from '../../../../lambdas/domain/object-ref.ts';
import { anObject, at, aView, condition, noon } from '../../../support/views.ts';

const minute = 60_000;
type Change = Record<string, unknown>;

/** A StatefulSet of three pods, on its way from `db-1` to `db-2`. */
const aSet = ({ spec, status, ...metadata }: { spec?: Change; status?: Change } & Change = {}): KubernetesObject =>
  anObject('apps/v1', 'StatefulSet', {
    name: 'db',
    ...metadata,
    spec: { replicas: 3, updateStrategy: { type: 'RollingUpdate' }, ...spec },
    status: { currentRevision: 'db-1', updateRevision: 'db-2', ...status },
  });

const waiting = (reason: string) => ({ state: { waiting: { reason } } });
const running = { state: { running: {} } };
const told = (...containers: object[]) => ({
  conditions: [condition('Ready', 'False', { lastTransitionTime: at(-30) })],
  containerStatuses: containers.map((one, index) => ({ name: `c${index}`, image: 'db:1', ...one })),
});
const ready = {
  conditions: [condition('Ready', 'True')],
  containerStatuses: [{ name: 'c0', ready: true, ...running }],
};
const halted = told(waiting('ImagePullBackOff'));

const aPod = (ordinal: number, revision: number, status: object, metadata: Change = {}): KubernetesObject =>
  anObject('v1', 'Pod', {
    name: `db-${ordinal}`,
    resourceVersion: '1',
    labels: { 'controller-revision-hash': `db-${revision}` },
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 'uid-of-StatefulSet-db', controller: true },
    ],
    ...metadata,
    status,
  });

/** Name of the pod that is stuck, a minute after the deploy began. */
function stuckOf(set: KubernetesObject, pods: readonly KubernetesObject[], now = noon): string | undefined {
  const expectation = {
    refs: [refOf(set)],
    generation: 3,
    startedAt: noon - minute,
    timeout: 10 * minute,
    unschedulableGrace: 3 * minute,
    pulls: new PullSightings(),
  };
  return stuckPod(aView([set, ...pods], now), expectation)?.metadata.name;
}

describe('a stuck pod', () => {
  it.each(['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'CreateContainerConfigError', 'CrashLoopBackOff'])(
    'is one of an earlier deploy in which nothing runs, because of %s',
    (reason) => {
      expect(stuckOf(aSet(), [aPod(0, 1, told(waiting(reason)))])).toBe('db-0');
    },
  );

  it.each<[string, object]>([
    ['is ready', { ...halted, conditions: [condition('Ready', 'True')] }],
    ['is on its way', told(waiting('ContainerCreating'))],
    ['waits for its init containers', told(waiting('PodInitializing'))],
    ['nobody has told of', {}],
    ['runs', told(running)],
    ['runs in part', told(running, waiting('CrashLoopBackOff'))],
  ])('is none that %s', (_, status) => {
    expect(stuckOf(aSet(), [aPod(0, 1, status)])).toBeUndefined();
  });

  it('is one that runs in part, where what fails has failed again since this deploy', () => {
    const crashing = (seconds: number) =>
      told(running, {
        ...waiting('CrashLoopBackOff'),
        restartCount: 9,
        lastState: { terminated: { exitCode: 1, finishedAt: at(-seconds) } },
      });
    expect(stuckOf(aSet(), [aPod(0, 1, crashing(600))])).toBeUndefined();
    expect(stuckOf(aSet(), [aPod(0, 1, crashing(30))])).toBe('db-0');
  });

  it('is one that runs and hasn’t been ready for as long as a deploy may take', () => {
    const unready = (minutes: number) => ({
      ...told(running),
      conditions: [condition('Ready', 'False', { lastTransitionTime: at(-60 * minutes) })],
    });
    expect(stuckOf(aSet(), [aPod(0, 1, unready(9))])).toBeUndefined();
    expect(stuckOf(aSet(), [aPod(0, 1, unready(10))])).toBe('db-0');
  });

  it('is the first that isn’t ready, and none before it is its turn', () => {
    const broken = [aPod(1, 1, halted), aPod(2, 1, halted)];
    expect(stuckOf(aSet(), [aPod(0, 1, ready), ...broken])).toBe('db-1');
    expect(stuckOf(aSet(), [aPod(0, 2, ready), ...broken])).toBe('db-1');
    expect(stuckOf(aSet(), [aPod(0, 2, told(running)), ...broken])).toBeUndefined();
    expect(stuckOf(aSet(), [aPod(0, 2, halted), ...broken])).toBeUndefined();
    expect(stuckOf(aSet(), [aPod(0, 1, told(running)), ...broken])).toBeUndefined();
    expect(stuckOf(aSet(), [aPod(0, 1, ready, { deletionTimestamp: at(-1) }), ...broken])).toBeUndefined();
    expect(stuckOf(aSet(), broken)).toBeUndefined();
  });

  it('is none of the newest revision, none on its way out, none beyond the wanted number', () => {
    expect(stuckOf(aSet(), [aPod(0, 2, halted)])).toBeUndefined();
    expect(stuckOf(aSet(), [aPod(0, 1, halted, { deletionTimestamp: at(-1) })])).toBeUndefined();
    const condemned = [aPod(0, 2, ready), aPod(1, 2, ready), aPod(2, 2, ready), aPod(3, 1, halted)];
    expect(stuckOf(aSet(), condemned)).toBeUndefined();
  });

  it.each<[string, Change]>([
    ['OnDelete', { updateStrategy: { type: 'OnDelete' } }],
    ['a partition above it', { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } }],
    ['Parallel, where nothing waits for it', { podManagementPolicy: 'Parallel' }],
  ])('is none with %s', (_, spec) => {
    expect(stuckOf(aSet({ spec }), [aPod(0, 1, halted)])).toBeUndefined();
  });

  it('is one at a partition or above it, counted from the first ordinal', () => {
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 1 } };
    expect(stuckOf(aSet({ spec: { updateStrategy } }), [aPod(0, 1, ready), aPod(1, 1, halted)])).toBe('db-1');
    const ordinals = { start: 5 };
    expect(stuckOf(aSet({ spec: { updateStrategy, ordinals } }), [aPod(5, 1, halted)])).toBeUndefined();
    expect(stuckOf(aSet({ spec: { updateStrategy, ordinals } }), [aPod(5, 1, ready), aPod(6, 1, halted)])).toBe('db-6');
  });

  it.each<[string, Change]>([
    ['whose controller has not yet seen what this deploy wrote', { generation: 2 }],
    ['that an earlier deploy wrote', { annotations: { 'berth.dev/generation': '2' } }],
    ['that a newer deploy wrote', { annotations: { 'berth.dev/generation': '4' } }],
  ])('is none of a StatefulSet %s', (_, metadata) => {
    expect(stuckOf(aSet(metadata), [aPod(0, 1, halted)])).toBeUndefined();
  });

  it('is none that the StatefulSet doesn’t control', () => {
    const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 'uid-of-StatefulSet-db' };
    expect(stuckOf(aSet(), [aPod(0, 1, halted, { ownerReferences: [owner] })])).toBeUndefined();
    expect(
      stuckOf(aSet(), [aPod(0, 1, halted, { ownerReferences: [{ ...owner, uid: 'x', controller: true }] })]),
    ).toBeUndefined();
  });

  it('is none once the time of the deploy is over', () => {
    expect(stuckOf(aSet(), [aPod(0, 1, halted)], noon + 9 * minute - 1)).toBe('db-0');
    expect(stuckOf(aSet(), [aPod(0, 1, halted)], noon + 9 * minute)).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../../../lib/local/cluster/api-error.ts';
import { startControllers } from '../../../../../lib/local/cluster/controllers/start-controllers.ts';
import { alphabetically, condition, deployment, simulatedCluster } from '../../../../support/simulated-cluster.ts';

describe('a ReplicaSet', () => {
  it('says that a quota keeps it from creating pods, and creates them once it may', () => {
    const cluster = simulatedCluster();
    cluster.controllers.stop();
    let isFull = true;
    const storage = {
      ...cluster.storage,
      create: (object: Parameters<typeof cluster.storage.create>[0]) => {
        if (object.kind !== 'Pod' || !isFull) return cluster.storage.create(object);
        const name = object.metadata.name ?? '';
        throw new ApiError(
          403,
          'Forbidden',
          `pods "${name}" is forbidden: exceeded quota: limits, requested: pods=1, used: pods=0, limited: pods=0`,
        );
      },
    };
    startControllers({ storage, clock: cluster.clock, random: () => 0.5 });
    cluster.create(deployment());
    cluster.clock.tick(1000);

    const [set] = cluster.list('ReplicaSet');
    const web = cluster.get('Deployment', 'web');
    for (const object of [set, web])
      expect(condition(object, 'ReplicaFailure')).toMatchObject({
        status: 'True',
        reason: 'FailedCreate',
        message: expect.stringContaining('exceeded quota: limits'),
      });
    expect(cluster.events('FailedCreate')[0]).toMatchObject({
      type: 'Warning',
      source: { component: 'replicaset-controller' },
    });
    expect(cluster.events('FailedCreate')[0].message).toMatch(
      /^Error creating: pods "web-\w+-\w+" is forbidden: exceeded quota/,
    );

    isFull = false;
    cluster.clock.tick(10_000);

    expect(condition(cluster.get('Deployment', 'web'), 'ReplicaFailure')).toBeUndefined();
    expect(cluster.get('Deployment', 'web').status.availableReplicas).toBe(1);
  });

  it('counts a pod as available only after minReadySeconds', () => {
    const cluster = simulatedCluster();
    cluster.create(deployment({ minReadySeconds: 5 }));
    cluster.clock.tick(4000);
    const early = cluster.get('Deployment', 'web').status;
    cluster.clock.tick(3000);

    expect(early).toMatchObject({ readyReplicas: 1 });
    expect(early.availableReplicas).toBeUndefined();
    expect(cluster.get('Deployment', 'web').status.availableReplicas).toBe(1);
  });

  it('replaces a pod that is deleted', () => {
    const cluster = simulatedCluster();
    cluster.create(deployment());
    cluster.clock.tick(1000);
    const [first] = cluster.list('Pod');
    cluster.remove('Pod', first.metadata.name);
    cluster.clock.tick(2000);

    const pods = cluster.list('Pod');
    expect(pods).toHaveLength(1);
    expect(pods[0].metadata.uid).not.toBe(first.metadata.uid);
  });

  it('takes the pod that is not ready first when it shrinks', () => {
    const cluster = simulatedCluster();
    cluster.create(deployment({ replicas: 2 }));
    cluster.clock.tick(1000);
    const ready = cluster
      .list('Pod')
      .map((pod) => pod.metadata.name)
      .toSorted(alphabetically);
    const [set] = cluster.list('ReplicaSet');
    cluster.storage.update({ ...set, spec: { ...set.spec, replicas: 3 } });
    cluster.clock.tick(20);
    const [latest] = cluster.list('ReplicaSet');
    cluster.storage.update({ ...latest, spec: { ...latest.spec, replicas: 2 } });
    cluster.clock.tick(1000);

    expect(
      cluster
        .list('Pod')
        .map((pod) => pod.metadata.name)
        .toSorted(alphabetically),
    ).toEqual(ready);
  });
});

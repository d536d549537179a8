import { describe, expect, it } from 'vitest';
import {
  condition,
  deployment,
  type Loose,
  podTemplate,
  simulatedCluster,
} from '../../../../support/simulated-cluster.ts';

const withImage = (image: string) => (spec: Loose) => ({ ...spec, template: podTemplate(image) });

describe('a Deployment', () => {
  it('comes up through a ReplicaSet and ready pods, with the conditions of a real one', () => {
    const cluster = simulatedCluster();
    cluster.create(deployment({ replicas: 2 }));

    cluster.clock.tick(2);
    const early = cluster.get('Deployment', 'web');
    cluster.clock.tick(1000);

    expect(condition(early, 'Progressing')).toMatchObject({ status: 'True' });
    expect(condition(early, 'Available')).toMatchObject({ status: 'False', reason: 'MinimumReplicasUnavailable' });
    const web = cluster.get('Deployment', 'web');
    expect(web.status).toMatchObject({
      observedGeneration: 1,
      replicas: 2,
      updatedReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
    });
    expect(web.status.unavailableReplicas).toBeUndefined();
    expect(condition(web, 'Available')).toMatchObject({
      status: 'True',
      reason: 'MinimumReplicasAvailable',
      message: 'Deployment has minimum availability.',
    });
    const [set] = cluster.list('ReplicaSet');
    expect(condition(web, 'Progressing')).toMatchObject({
      status: 'True',
      reason: 'NewReplicaSetAvailable',
      message: `ReplicaSet "${set.metadata.name}" has successfully progressed.`,
    });
    expect(web.metadata.annotations['deployment.kubernetes.io/revision']).toBe('1');
    expect(set.metadata.name).toBe(`web-${set.metadata.labels['pod-template-hash']}`);
    expect(cluster.events('ScalingReplicaSet').map((event) => event.message)).toEqual([
      `Scaled up replica set ${set.metadata.name} from 0 to 2`,
    ]);
    expect(cluster.errors).toEqual([]);
  });

  it('never has fewer than the allowed pods ready while it rolls over', () => {
    const cluster = simulatedCluster();
    cluster.create(
      deployment({
        replicas: 4,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
      }),
    );
    cluster.clock.tick(2000);
    cluster.change('Deployment', 'web', withImage('acme/web:2.0'));

    let leastReady = 4;
    let mostPods = 0;
    for (let count = 0; count < 300; count += 1) {
      cluster.clock.tick(10);
      const pods = cluster.list('Pod').filter((pod) => !pod.metadata.deletionTimestamp);
      leastReady = Math.min(leastReady, pods.filter((pod) => condition(pod, 'Ready')?.status === 'True').length);
      mostPods = Math.max(mostPods, pods.length);
    }

    expect(leastReady).toBe(3);
    expect(mostPods).toBe(5);
    const web = cluster.get('Deployment', 'web');
    expect(web.status).toMatchObject({ observedGeneration: 2, replicas: 4, updatedReplicas: 4, availableReplicas: 4 });
    expect(web.metadata.annotations['deployment.kubernetes.io/revision']).toBe('2');
    expect(cluster.list('Pod').every((pod) => pod.spec.containers[0].image === 'acme/web:2.0')).toBe(true);
    expect(
      cluster
        .list('ReplicaSet')
        .map((set) => set.spec.replicas)
        .toSorted((left, right) => left - right),
    ).toEqual([0, 4]);
  });

  it('keeps the old pods and names its deadline when the new image is not found', () => {
    const cluster = simulatedCluster();
    cluster.create(deployment({ replicas: 2, progressDeadlineSeconds: 10 }));
    cluster.clock.tick(2000);
    cluster.change('Deployment', 'web', withImage('acme/web:missing'));
    cluster.clock.tick(30_000);

    const web = cluster.get('Deployment', 'web');
    expect(web.status).toMatchObject({ availableReplicas: 2, updatedReplicas: 1, unavailableReplicas: 1 });
    expect(condition(web, 'Progressing')).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
    expect(condition(web, 'Progressing').message).toMatch(/^ReplicaSet "web-\w+" has timed out progressing\.$/);
  });

  const rolling = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } };
  const sizes = (cluster: ReturnType<typeof simulatedCluster>) =>
    Object.fromEntries(
      cluster
        .list('ReplicaSet')
        .map((set) => [set.spec.template.spec.containers[0].image.split(':')[1], set.spec.replicas]),
    );

  it('takes no more of a broken set away than the next, broken too, has made up for', () => {
    const cluster = simulatedCluster();
    cluster.create(deployment({ replicas: 4, strategy: rolling }, 'acme/web:missing'));
    cluster.clock.tick(2000);
    cluster.change('Deployment', 'web', withImage('acme/web:crash'));
    cluster.clock.tick(5000);

    expect(sizes(cluster)).toEqual({ missing: 3, crash: 2 });
  });

  it('shrinks the old set and not the new one when it is scaled down during a rollout', () => {
    const cluster = simulatedCluster();
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
    cluster.create(deployment({ replicas: 4, strategy }));
    cluster.clock.tick(2000);
    cluster.change('Deployment', 'web', withImage('acme/web:missing'));
    cluster.clock.tick(2000);
    const before = sizes(cluster);
    cluster.change('Deployment', 'web', (spec) => ({ ...spec, replicas: 2 }));
    cluster.clock.tick(2000);

    expect([before, sizes(cluster)]).toEqual([
      { '1.0': 4, missing: 1 },
      { '1.0': 2, missing: 1 },
    ]);
  });

  it('stops every old pod before it starts a new one when it recreates', () => {
    const cluster = simulatedCluster();
    cluster.create(deployment({ replicas: 2, strategy: { type: 'Recreate' } }));
    cluster.clock.tick(2000);
    cluster.change('Deployment', 'web', withImage('acme/web:2.0'));

    const images = new Set<string>();
    for (let count = 0; count < 300; count += 1) {
      cluster.clock.tick(10);
      images.add([...new Set(cluster.list('Pod').map((pod) => pod.spec.containers[0].image))].join(' and '));
    }

    expect(images).not.toContain('acme/web:1.0 and acme/web:2.0');
    expect(cluster.get('Deployment', 'web').status).toMatchObject({ updatedReplicas: 2, availableReplicas: 2 });
  });

  it('keeps no more old ReplicaSets than its history limit', () => {
    const cluster = simulatedCluster();
    cluster.create(deployment({ revisionHistoryLimit: 1 }));
    for (const version of ['2.0', '3.0', '4.0']) {
      cluster.clock.tick(2000);
      cluster.change('Deployment', 'web', withImage(`acme/web:${version}`));
    }
    cluster.clock.tick(3000);

    expect(cluster.list('ReplicaSet')).toHaveLength(2);
  });

  it('goes back to the ReplicaSet of a template it had before, under a new revision', () => {
    const cluster = simulatedCluster();
    cluster.create(deployment());
    cluster.clock.tick(2000);
    cluster.change('Deployment', 'web', withImage('acme/web:2.0'));
    cluster.clock.tick(2000);
    cluster.change('Deployment', 'web', withImage('acme/web:1.0'));
    cluster.clock.tick(2000);

    expect(cluster.list('ReplicaSet')).toHaveLength(2);
    expect(cluster.get('Deployment', 'web').metadata.annotations['deployment.kubernetes.io/revision']).toBe('3');
  });

  it('says that it is paused, and rolls on when it no longer is', () => {
    const cluster = simulatedCluster();
    cluster.create(deployment());
    cluster.clock.tick(2000);
    cluster.change('Deployment', 'web', (spec) => ({ ...withImage('acme/web:2.0')(spec), paused: true }));
    cluster.clock.tick(2000);
    expect(condition(cluster.get('Deployment', 'web'), 'Progressing')).toMatchObject({
      status: 'Unknown',
      reason: 'DeploymentPaused',
    });
    expect(cluster.list('ReplicaSet')).toHaveLength(1);

    cluster.change('Deployment', 'web', (spec) => ({ ...spec, paused: false }));
    cluster.clock.tick(2000);

    expect(cluster.list('Pod').map((pod) => pod.spec.containers[0].image)).toEqual(['acme/web:2.0']);
    expect(condition(cluster.get('Deployment', 'web'), 'Progressing')).toMatchObject({
      reason: 'NewReplicaSetAvailable',
    });
  });

  it('settles at zero pods', () => {
    const cluster = simulatedCluster();
    cluster.create(deployment({ replicas: 2 }));
    cluster.clock.tick(2000);
    cluster.change('Deployment', 'web', (spec) => ({ ...spec, replicas: 0 }));
    cluster.clock.tick(2000);

    expect(cluster.list('Pod')).toEqual([]);
    const { status } = cluster.get('Deployment', 'web');
    expect(status).toMatchObject({ observedGeneration: 2 });
    expect(status.replicas).toBeUndefined();
  });

  it('goes on where it was after the controllers were restarted', () => {
    const cluster = simulatedCluster();
    cluster.create(deployment({ replicas: 3 }));
    cluster.clock.tick(60);
    cluster.restart();
    cluster.clock.tick(2000);
    const before = cluster.list('Pod').map((pod) => pod.metadata.uid);

    expect(cluster.get('Deployment', 'web').status).toMatchObject({ replicas: 3, availableReplicas: 3 });
    expect(before).toHaveLength(3);
  });
});

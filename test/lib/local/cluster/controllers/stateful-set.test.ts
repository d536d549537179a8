import { describe, expect, it } from 'vitest';
import { alphabetically, type Loose, podTemplate, simulatedCluster } from '../../../../support/simulated-cluster.ts';

const statefulSet = (spec: Loose = {}, image = 'acme/db:1.0'): Loose => ({
  kind: 'StatefulSet',
  metadata: { name: 'db' },
  spec: {
    serviceName: 'db',
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: podTemplate(image),
    volumeClaimTemplates: [
      {
        metadata: { name: 'data' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
    ],
    ...spec,
  },
});

describe('a StatefulSet', () => {
  it('starts its members one after another, each with its volume', () => {
    const cluster = simulatedCluster();
    cluster.create(statefulSet());
    const seen: string[] = [];
    for (let time = 0; time < 3000; time += 10) {
      cluster.clock.tick(10);
      const now = cluster
        .list('Pod')
        .map(
          (pod) =>
            `${pod.metadata.name}:${pod.status.conditions?.some((one: Loose) => one.type === 'Ready' && one.status === 'True')}`,
        )
        .toSorted(alphabetically)
        .join(' ');
      if (now !== seen.at(-1)) seen.push(now);
    }

    expect(seen.filter((line) => line.includes('db-1')).every((line) => line.startsWith('db-0:true'))).toBe(true);
    expect(
      cluster
        .list('PersistentVolumeClaim')
        .map((claim) => [claim.metadata.name, claim.status.phase, claim.status.capacity.storage]),
    ).toEqual([
      ['data-db-0', 'Bound', '1Gi'],
      ['data-db-1', 'Bound', '1Gi'],
    ]);
    expect(cluster.get('Pod', 'db-1').spec).toMatchObject({
      hostname: 'db-1',
      subdomain: 'db',
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-1' } }],
    });
    expect(cluster.get('Pod', 'db-1').metadata.labels).toMatchObject({
      'apps.kubernetes.io/pod-index': '1',
      'statefulset.kubernetes.io/pod-name': 'db-1',
    });
    const { status } = cluster.get('StatefulSet', 'db');
    expect(status).toMatchObject({
      observedGeneration: 1,
      replicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
      currentReplicas: 2,
      updatedReplicas: 2,
    });
    expect(status.currentRevision).toBe(status.updateRevision);
    expect(cluster.errors).toEqual([]);
  });

  it('rolls over from the highest member down, and keeps the volumes', () => {
    const cluster = simulatedCluster();
    cluster.create(statefulSet());
    cluster.clock.tick(4000);
    const claims = cluster.list('PersistentVolumeClaim').map((claim) => claim.metadata.uid);
    const { currentRevision } = cluster.get('StatefulSet', 'db').status;
    cluster.change('StatefulSet', 'db', (spec) => ({ ...spec, template: podTemplate('acme/db:2.0') }));
    cluster.clock.tick(400);
    const during = cluster.get('StatefulSet', 'db').status;
    const imageOf = (name: string) => cluster.get('Pod', name)?.spec.containers[0].image;
    const first = [imageOf('db-0'), imageOf('db-1')];
    cluster.clock.tick(5000);

    expect(during.currentRevision).toBe(currentRevision);
    expect(during.updateRevision).not.toBe(currentRevision);
    expect(first).toEqual(['acme/db:1.0', 'acme/db:2.0']);
    expect([imageOf('db-0'), imageOf('db-1')]).toEqual(['acme/db:2.0', 'acme/db:2.0']);
    const { status } = cluster.get('StatefulSet', 'db');
    expect(status).toMatchObject({
      observedGeneration: 2,
      updatedReplicas: 2,
      currentReplicas: 2,
      currentRevision: status.updateRevision,
    });
    expect(cluster.list('PersistentVolumeClaim').map((claim) => claim.metadata.uid)).toEqual(claims);
  });

  /** Two members whose first was deleted after the template had changed, and the images that both have then. */
  function deletedAfterChange(updateStrategy: Loose) {
    const cluster = simulatedCluster();
    cluster.create(statefulSet({ updateStrategy }));
    cluster.clock.tick(4000);
    cluster.change('StatefulSet', 'db', (spec) => ({ ...spec, template: podTemplate('acme/db:2.0') }));
    cluster.clock.tick(4000);
    cluster.remove('Pod', 'db-0');
    cluster.clock.tick(4000);
    return { cluster, images: ['db-0', 'db-1'].map((name) => cluster.get('Pod', name).spec.containers[0].image) };
  }

  it('leaves members below the partition as they are, even when they are replaced', () => {
    const { cluster, images } = deletedAfterChange({ type: 'RollingUpdate', rollingUpdate: { partition: 1 } });
    expect(images).toEqual(['acme/db:1.0', 'acme/db:2.0']);
    expect(cluster.get('StatefulSet', 'db').status).toMatchObject({ updatedReplicas: 1, currentReplicas: 1 });
  });

  it('gives a member the present template when somebody deletes it, with OnDelete only then', () => {
    expect(deletedAfterChange({ type: 'OnDelete' }).images).toEqual(['acme/db:2.0', 'acme/db:1.0']);
  });

  it('waits for a broken member whose template is mended, until somebody deletes it', () => {
    const cluster = simulatedCluster();
    cluster.create(statefulSet({}, 'acme/db:missing'));
    cluster.clock.tick(4000);
    cluster.change('StatefulSet', 'db', (spec) => ({ ...spec, template: podTemplate('acme/db:2.0') }));
    cluster.clock.tick(60_000);
    const images = () => cluster.list('Pod').map((pod) => pod.spec.containers[0].image);
    expect(images()).toEqual(['acme/db:missing']);
    cluster.remove('Pod', 'db-0');
    cluster.clock.tick(4000);

    expect(images()).toEqual(['acme/db:2.0', 'acme/db:2.0']);
  });

  it('takes its members away from the highest down, and keeps their volumes', () => {
    const cluster = simulatedCluster();
    cluster.create(statefulSet({ podManagementPolicy: 'Parallel' }));
    cluster.clock.tick(3000);
    cluster.change('StatefulSet', 'db', (spec) => ({ ...spec, replicas: 0 }));
    cluster.clock.tick(3000);

    expect(cluster.list('Pod')).toEqual([]);
    expect(cluster.list('PersistentVolumeClaim')).toHaveLength(2);
    expect(cluster.get('StatefulSet', 'db').status).toMatchObject({ replicas: 0, availableReplicas: 0 });
  });

  it('stops at the first member that does not get ready', () => {
    const cluster = simulatedCluster();
    cluster.create(statefulSet({}, 'acme/db:missing'));
    cluster.clock.tick(5000);

    expect(cluster.list('Pod').map((pod) => pod.metadata.name)).toEqual(['db-0']);
  });
});

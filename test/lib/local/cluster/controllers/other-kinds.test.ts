import { describe, expect, it } from 'vitest';
import {
  alphabetically,
  condition,
  deployment,
  type Loose,
  podTemplate,
  simulatedCluster,
} from '../../../../support/simulated-cluster.ts';

const claim = (spec: Loose = {}): Loose => ({
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } }, ...spec },
});

describe('a PersistentVolumeClaim', () => {
  it('is bound to a volume of its own, which goes with it', () => {
    const cluster = simulatedCluster();
    cluster.create(claim());
    cluster.clock.tick(1000);
    const bound = cluster.get('PersistentVolumeClaim', 'data');
    const volume = cluster.get('PersistentVolume', bound.spec.volumeName);
    cluster.remove('PersistentVolumeClaim', 'data');
    cluster.clock.tick(1000);

    expect(bound.status).toEqual({ phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '2Gi' } });
    expect(bound.spec.volumeName).toBe(`pvc-${bound.metadata.uid}`);
    expect(volume.spec.storageClassName).toBe('standard');
    expect(volume.spec.claimRef).toMatchObject({ namespace: 'shop', name: 'data' });
    expect(cluster.list('PersistentVolume')).toEqual([]);
  });

  it('says that its storage class does not exist', () => {
    const cluster = simulatedCluster();
    cluster.create(claim({ storageClassName: 'fast' }));
    cluster.clock.tick(1000);

    expect(cluster.get('PersistentVolumeClaim', 'data').status.phase).toBe('Pending');
    expect(cluster.events('ProvisioningFailed')[0].message).toBe('storageclass.storage.k8s.io "fast" not found');
  });

  it('waits for its first user where its class says so', () => {
    const cluster = simulatedCluster();
    cluster.create({
      kind: 'StorageClass',
      metadata: { name: 'lazy' },
      provisioner: 'x',
      volumeBindingMode: 'WaitForFirstConsumer',
    });
    cluster.create(claim({ storageClassName: 'lazy' }));
    cluster.clock.tick(1000);
    const before = cluster.get('PersistentVolumeClaim', 'data').status.phase;
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
    cluster.create(deployment({ template: podTemplate('acme/web:1.0', {}, { volumes }) }));
    cluster.clock.tick(2000);

    expect([before, cluster.get('PersistentVolumeClaim', 'data').status.phase]).toEqual(['Pending', 'Bound']);
    expect(cluster.get('Deployment', 'web').status.availableReplicas).toBe(1);
  });
});

describe('a DaemonSet', () => {
  it('has a pod on every node, and replaces them one at a time', () => {
    const cluster = simulatedCluster();
    cluster.create({
      kind: 'DaemonSet',
      metadata: { name: 'agent' },
      spec: { selector: { matchLabels: { app: 'web' } }, template: podTemplate() },
    });
    cluster.clock.tick(1000);
    const first = cluster.get('DaemonSet', 'agent').status;
    const nodes = cluster
      .list('Pod')
      .map((pod) => pod.spec.nodeName)
      .toSorted(alphabetically);
    cluster.change('DaemonSet', 'agent', (spec) => ({ ...spec, template: podTemplate('acme/web:2.0') }));
    cluster.clock.tick(300);
    const images = cluster
      .list('Pod')
      .map((pod) => pod.spec.containers[0].image)
      .toSorted(alphabetically);
    cluster.clock.tick(3000);

    expect(first).toMatchObject({
      desiredNumberScheduled: 2,
      currentNumberScheduled: 2,
      numberReady: 2,
      numberAvailable: 2,
      updatedNumberScheduled: 2,
      numberMisscheduled: 0,
      observedGeneration: 1,
    });
    expect(nodes).toEqual(['node-1', 'node-2']);
    expect(images).toEqual(['acme/web:1.0', 'acme/web:2.0']);
    expect(cluster.get('DaemonSet', 'agent').status).toMatchObject({
      observedGeneration: 2,
      updatedNumberScheduled: 2,
      numberAvailable: 2,
    });
  });
});

describe('a HorizontalPodAutoscaler', () => {
  const autoscaler = {
    kind: 'HorizontalPodAutoscaler',
    apiVersion: 'autoscaling/v2',
    metadata: { name: 'web' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 2,
      maxReplicas: 4,
    },
  };

  it('keeps its target within its bounds', () => {
    const cluster = simulatedCluster();
    cluster.create(deployment({ replicas: 1 }));
    cluster.create(autoscaler);
    cluster.clock.tick(2000);

    expect(cluster.get('Deployment', 'web').status.availableReplicas).toBe(2);
    const web = cluster.get('HorizontalPodAutoscaler', 'web');
    expect(web.status).toMatchObject({ currentReplicas: 2, desiredReplicas: 2 });
    expect(condition(web, 'AbleToScale')).toMatchObject({ status: 'True' });
    expect(condition(web, 'ScalingActive')).toMatchObject({ status: 'True', reason: 'ValidMetricFound' });
    expect(cluster.events('SuccessfulRescale')[0].message).toBe(
      'New size: 2; reason: Current number of replicas below Spec.MinReplicas',
    );
  });

  it('leaves a target at zero alone', () => {
    const cluster = simulatedCluster();
    cluster.create(deployment({ replicas: 0 }));
    cluster.create(autoscaler);
    cluster.clock.tick(2000);

    expect(cluster.list('Pod')).toEqual([]);
    expect(condition(cluster.get('HorizontalPodAutoscaler', 'web'), 'ScalingActive')).toMatchObject({
      status: 'False',
      reason: 'ScalingDisabled',
    });
  });

  it('says that its target does not exist', () => {
    const cluster = simulatedCluster();
    cluster.create(autoscaler);
    cluster.clock.tick(1000);

    expect(condition(cluster.get('HorizontalPodAutoscaler', 'web'), 'AbleToScale')).toMatchObject({
      status: 'False',
      reason: 'FailedGetScale',
      message: 'the HPA controller was unable to get the target\'s current scale: deployments.apps "web" not found',
    });
  });
});

describe('a PodDisruptionBudget', () => {
  it('counts how many pods may be taken away', () => {
    const cluster = simulatedCluster();
    cluster.create(deployment({ replicas: 3 }));
    cluster.create({
      kind: 'PodDisruptionBudget',
      apiVersion: 'policy/v1',
      metadata: { name: 'web' },
      spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'web' } } },
    });
    cluster.clock.tick(100);
    const early = cluster.get('PodDisruptionBudget', 'web');
    cluster.clock.tick(2000);

    expect(condition(early, 'DisruptionAllowed')).toMatchObject({ status: 'False', reason: 'InsufficientPods' });
    const late = cluster.get('PodDisruptionBudget', 'web');
    expect(late.status).toMatchObject({
      currentHealthy: 3,
      desiredHealthy: 2,
      disruptionsAllowed: 1,
      expectedPods: 3,
      observedGeneration: 1,
    });
    expect(condition(late, 'DisruptionAllowed')).toMatchObject({ status: 'True', reason: 'SufficientPods' });
  });
});

describe('a namespace', () => {
  it('is gone with everything in it a moment after it is deleted', () => {
    const cluster = simulatedCluster();
    cluster.create(deployment({ replicas: 2 }));
    cluster.create(claim());
    cluster.create({
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { selector: { app: 'web' }, type: 'LoadBalancer', ports: [{ port: 80 }] },
    });
    cluster.clock.tick(2000);
    cluster.storage.remove(cluster.storage.resourceOf('v1', 'Namespace')!, undefined, 'shop');
    cluster.clock.tick(50);
    expect(cluster.get('Namespace', 'shop')).toBeDefined();
    cluster.clock.tick(2000);

    expect(cluster.get('Namespace', 'shop')).toBeUndefined();
    expect(cluster.list('Pod')).toEqual([]);
    expect(cluster.list('PersistentVolume')).toEqual([]);
    expect(cluster.errors).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import {
  alphabetically,
  condition,
  deployment,
  type Loose,
  podTemplate,
  simulatedCluster,
} from '../../../../support/simulated-cluster.ts';

const node = { cpu: '2', memory: '4Gi', pods: '10' };
const asking = (requests: Loose): Loose =>
  deployment({ template: podTemplate('acme/web:1.0', { resources: { requests } }) });

describe('the scheduler', () => {
  it('says in the real words why no node has room', () => {
    const cluster = simulatedCluster({ node });
    cluster.create(asking({ cpu: '3', memory: '8Gi' }));
    cluster.clock.tick(1000);

    const [pod] = cluster.list('Pod');
    const message =
      '0/2 nodes are available: 2 Insufficient cpu, 2 Insufficient memory. ' +
      'preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.';
    expect(pod.status.phase).toBe('Pending');
    expect(condition(pod, 'PodScheduled')).toMatchObject({ status: 'False', reason: 'Unschedulable', message });
    expect(cluster.events('FailedScheduling')[0]).toMatchObject({
      type: 'Warning',
      message,
      source: { component: 'default-scheduler' },
    });
  });

  it('says that no node has the labels a pod asks for', () => {
    const cluster = simulatedCluster();
    cluster.create(deployment({ template: podTemplate('acme/web:1.0', {}, { nodeSelector: { gpu: 'yes' } }) }));
    cluster.clock.tick(1000);

    expect(condition(cluster.list('Pod')[0], 'PodScheduled').message).toBe(
      "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector. " +
        'preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
    );
  });

  it('spreads pods over the nodes, and places a waiting one as soon as another leaves', () => {
    const cluster = simulatedCluster({ node });
    cluster.create({ ...asking({ cpu: '1500m' }), spec: { ...asking({ cpu: '1500m' }).spec, replicas: 3 } });
    cluster.clock.tick(1000);
    const placed = cluster.list('Pod').filter((pod) => pod.spec.nodeName);
    const waiting = cluster.list('Pod').find((pod) => !pod.spec.nodeName);
    cluster.change('Deployment', 'web', (spec) => ({ ...spec, replicas: 2 }));
    cluster.clock.tick(1000);

    expect(placed.map((pod) => pod.spec.nodeName).toSorted(alphabetically)).toEqual(['node-1', 'node-2']);
    expect(waiting).toBeDefined();
    expect(cluster.list('Pod').every((pod) => condition(pod, 'Ready').status === 'True')).toBe(true);
  });

  it('waits for a claim that does not exist', () => {
    const cluster = simulatedCluster();
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
    cluster.create(deployment({ template: podTemplate('acme/web:1.0', {}, { volumes }) }));
    cluster.clock.tick(1000);
    const before = condition(cluster.list('Pod')[0], 'PodScheduled').message;
    cluster.create({
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
    cluster.clock.tick(2000);

    expect(before).toContain('persistentvolumeclaim "data" not found');
    expect(cluster.get('Deployment', 'web').status.availableReplicas).toBe(1);
  });
});

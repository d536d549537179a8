import { describe, expect, it } from 'vitest';
import { deployment, simulatedCluster } from '../../../../support/simulated-cluster.ts';

const service = (spec: object = {}) => ({
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }], ...spec },
});

describe('a Service', () => {
  it('has ready pods as its endpoints, at the port that its containers name', () => {
    const cluster = simulatedCluster();
    cluster.create(service());
    cluster.create(deployment({ replicas: 2 }));
    cluster.clock.tick(230);
    const early = cluster.list('EndpointSlice')[0];
    cluster.clock.tick(1000);

    const [slice] = cluster.list('EndpointSlice');
    expect(early.endpoints.every(({ conditions }: { conditions: { ready: boolean } }) => !conditions.ready)).toBe(true);
    expect(slice.endpoints.map(({ conditions }: { conditions: object }) => conditions)).toEqual([
      { ready: true, serving: true, terminating: false },
      { ready: true, serving: true, terminating: false },
    ]);
    expect(slice.ports).toEqual([{ name: 'http', port: 8080, protocol: 'TCP' }]);
    expect(slice.metadata.labels['kubernetes.io/service-name']).toBe('web');
    expect(cluster.get('Endpoints', 'web').subsets[0].addresses).toHaveLength(2);
    expect(cluster.errors).toEqual([]);
  });

  it('leaves out pods that never get ready, and forgets those that are gone', () => {
    const cluster = simulatedCluster();
    cluster.create(service());
    cluster.create(deployment({ replicas: 1 }, 'acme/web:never-ready'));
    cluster.clock.tick(1000);
    const [unready] = cluster.list('EndpointSlice');
    cluster.change('Deployment', 'web', (spec) => ({ ...spec, replicas: 0 }));
    cluster.clock.tick(1000);

    expect(unready.endpoints[0].conditions).toMatchObject({ ready: false });
    expect(cluster.get('Endpoints', 'web').subsets).toEqual([]);
    expect(cluster.list('EndpointSlice')[0].endpoints).toEqual([]);
  });

  it('gets a load balancer after a moment, and is held until it has lost it again', () => {
    const cluster = simulatedCluster();
    cluster.create(service({ type: 'LoadBalancer' }));
    cluster.clock.tick(1000);
    const { status } = cluster.get('Service', 'web');
    cluster.remove('Service', 'web');
    cluster.clock.tick(50);
    const leaving = cluster.get('Service', 'web');
    cluster.clock.tick(1500);

    expect(status.loadBalancer.ingress[0].hostname).toContain('web');
    expect(leaving.metadata.finalizers).toEqual(['service.kubernetes.io/load-balancer-cleanup']);
    expect(cluster.get('Service', 'web')).toBeUndefined();
    expect(cluster.list('EndpointSlice')).toEqual([]);
  });
});

describe('an Ingress', () => {
  it('has an address after a moment', () => {
    const cluster = simulatedCluster();
    cluster.create({ kind: 'Ingress', metadata: { name: 'web' }, spec: { rules: [{ host: 'web.test' }] } });
    cluster.clock.tick(1000);

    expect(cluster.get('Ingress', 'web').status.loadBalancer.ingress).toHaveLength(1);
  });
});

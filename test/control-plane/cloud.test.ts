import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { anIngress, aService, aStatefulSet } from '../support/deploys.ts';
import { holdAnnotation } from './cloud.ts';
import { eventually, openPlane, type Plane } from './plane.ts';

let plane: Plane;
beforeAll(async () => {
  plane = await openPlane();
});
afterAll(() => plane.close());

const aBalancer = (name: string): KubernetesObject => {
  const service = aService(name);
  return { ...service, spec: { ...Object(service.spec), type: 'LoadBalancer' } };
};

const release = (path: string) =>
  plane.transport.json({
    method: 'PATCH',
    path,
    contentType: 'application/merge-patch+json',
    body: { metadata: { annotations: { [holdAnnotation]: null } } },
  });

describe.concurrent('the cloud', () => {
  it.each([
    ['Service', 'v1', aBalancer, 'service.kubernetes.io/load-balancer-cleanup', '/api/v1', 'services'],
    [
      'Ingress',
      'networking.k8s.io/v1',
      anIngress,
      'ingress.k8s.aws/resources',
      '/apis/networking.k8s.io/v1',
      'ingresses',
    ],
  ])(
    'gives a %s an address and a finalizer, which stays for as long as it is held',
    async (kind, version, make, name, root, plural) => {
      const object = make('balanced');
      const ref = { apiVersion: version, kind, namespace: plane.namespace, name: 'balanced' };
      await plane.create({ ...object, metadata: { ...object.metadata, annotations: { [holdAnnotation]: 'yes' } } });
      const found = () => plane.client.get(ref);
      await eventually(async () =>
        expect(await found()).toMatchObject({
          metadata: { finalizers: [name] },
          status: { loadBalancer: { ingress: [{ hostname: expect.stringMatching(/^balanced\./) }] } },
        }),
      );
      await plane.client.remove(ref);
      // The cloud looks at one after the other: once a later one has its finalizer, the deletion has been seen.
      await plane.create(make('later'));
      await eventually(async () =>
        expect((await plane.find(version, kind, 'later'))?.metadata.finalizers).toEqual([name]),
      );
      expect(await found()).toMatchObject({ metadata: { deletionTimestamp: expect.any(String), finalizers: [name] } });
      await release(`${root}/namespaces/${plane.namespace}/${plural}/balanced`);
      await eventually(async () => expect(await found()).toBeUndefined());
    },
  );

  it('leaves a Service alone that is not balanced', async () => {
    await plane.create(aService('plain'));
    await plane.create(aBalancer('after'));
    const finalizers = async (name: string) => (await plane.find('v1', 'Service', name))?.metadata.finalizers;
    await eventually(async () => expect(await finalizers('after')).toBeDefined());
    expect(await finalizers('plain')).toBeUndefined();
  });

  it('has a volume for whoever claims one, and takes it back with the claim', async () => {
    await plane.create(aStatefulSet('database'));
    const claim = () => plane.find('v1', 'PersistentVolumeClaim', 'data-database-0');
    await eventually(async () => expect(Object((await claim())?.['status']).phase).toBe('Bound'));
    const volume = Object((await claim())?.spec).volumeName as string;
    await plane.client.remove({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      namespace: plane.namespace,
      name: 'database',
    });
    const ref = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      namespace: plane.namespace,
      name: 'data-database-0',
    };
    await plane.client.remove(ref);
    await eventually(async () =>
      expect(await plane.client.get({ apiVersion: 'v1', kind: 'PersistentVolume', name: volume })).toBeUndefined(),
    );
  });
});

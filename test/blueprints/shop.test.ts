import { describe, expect, it } from 'vitest';
import { describeObject, type KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { podSpecOf } from '../support/pods.ts';
import { renderShipped } from '../support/shipped-blueprints.ts';

const render = (values = {}) => renderShipped('shop', { values });
const find = (objects: readonly KubernetesObject[], name: string): KubernetesObject =>
  objects.find((object) => describeObject(object) === name)!;

describe('blueprint shop', () => {
  it('has all that a product of some size has', async () => {
    const { objects } = await render();
    expect(objects.map(describeObject).toSorted()).toEqual([
      'ConfigMap/settings',
      'CronJob/cleanup',
      'Deployment/api',
      'Deployment/web',
      'Deployment/worker',
      'HorizontalPodAutoscaler/api',
      'Ingress/shop',
      'NetworkPolicy/database',
      'PodDisruptionBudget/web',
      'Secret/database',
      'Service/api',
      'Service/database',
      'Service/web',
      'ServiceAccount/shop',
      'StatefulSet/database',
    ]);
  });

  it('migrates before an upgrade, and after the installation', async () => {
    const { hooks } = await render();
    expect(hooks).toMatchObject([
      {
        object: { kind: 'Job', metadata: { name: 'migrate' } },
        phases: ['pre-upgrade', 'post-install'],
        weight: 0,
        deletePolicies: ['before-hook-creation', 'hook-succeeded'],
      },
    ]);
  });

  it('runs one tag everywhere but in the database', async () => {
    const { objects, hooks } = await render({ imageTag: 'pr-7' });
    const images = [...objects, ...hooks.map(({ object }) => object)].flatMap(
      (object) => podSpecOf(object)?.containers.map(({ image }) => image) ?? [],
    );
    expect(images.toSorted()).toEqual([
      'public.ecr.aws/berth/shop-api:pr-7',
      'public.ecr.aws/berth/shop-api:pr-7',
      'public.ecr.aws/berth/shop-web:pr-7',
      'public.ecr.aws/berth/shop-worker:pr-7',
      'public.ecr.aws/berth/shop-worker:pr-7',
      'public.ecr.aws/docker/library/postgres:17.6',
    ]);
  });

  it('pays in the sandbox unless a request says otherwise, and then starts new pods', async () => {
    const [sandbox, production] = await Promise.all([render(), render({ paymentMode: 'production' })]);
    expect(find(sandbox.objects, 'ConfigMap/settings')).toMatchObject({ data: { PAYMENT_MODE: 'sandbox' } });
    expect(find(production.objects, 'ConfigMap/settings')).toMatchObject({ data: { PAYMENT_MODE: 'production' } });
    expect(find(production.objects, 'Deployment/api')).not.toEqual(find(sandbox.objects, 'Deployment/api'));
    expect(find(production.objects, 'StatefulSet/database')).toEqual(find(sandbox.objects, 'StatefulSet/database'));
  });

  it('takes replicas, workers and the database’s size', async () => {
    const { objects } = await render({ replicas: 3, workers: 0, databaseSize: '5Gi' });
    expect(find(objects, 'Deployment/web')).toMatchObject({ spec: { replicas: 3 } });
    expect(find(objects, 'Deployment/worker')).toMatchObject({ spec: { replicas: 0 } });
    expect(find(objects, 'StatefulSet/database')).toMatchObject({
      spec: { volumeClaimTemplates: [{ spec: { resources: { requests: { storage: '5Gi' } } } }] },
    });
  });

  it('answers pages and API at the staging’s host', async () => {
    const { objects } = await render();
    expect(find(objects, 'Ingress/shop')).toMatchObject({
      spec: {
        rules: [
          {
            host: 'shop-42.staging.example.com',
            http: {
              paths: [
                { path: '/api', backend: { service: { name: 'api' } } },
                { path: '/', backend: { service: { name: 'web' } } },
              ],
            },
          },
        ],
      },
    });
  });

  it('leaves the number of API pods to the autoscaler', async () => {
    expect(find((await render()).objects, 'Deployment/api').spec).not.toHaveProperty('replicas');
  });

  it('has a password per staging that stays the same', async () => {
    const secretOf = async (name: string) =>
      find((await renderShipped('shop', { name, namespace: `stg-${name}` })).objects, 'Secret/database');
    expect(await secretOf('a')).toEqual(await secretOf('a'));
    expect((await secretOf('a')).stringData).not.toEqual((await secretOf('b')).stringData);
  });

  it('names the field where a removed default leaves the chart without a value it needs', async () => {
    await expect(render({ paymentMode: null })).rejects.toThrow(/^helm: .*'\/payment'.*mode/);
  });
});

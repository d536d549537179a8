import { describe, expect, it } from 'vitest';
import { imageName, setImageTag } from '../../../lambdas/domain/image-tag.ts';
import type { KubernetesObject } from '../../../lambdas/domain/kubernetes-object.ts';

const podSpec = {
  initContainers: [{ name: 'init', image: 'registry:5000/shop/api:1' }],
  containers: [
    { name: 'api', image: 'registry:5000/shop/api' },
    { name: 'proxy', image: 'envoy:1' },
  ],
};
const retagged = {
  initContainers: [{ name: 'init', image: 'registry:5000/shop/api:2.0' }],
  containers: [
    { name: 'api', image: 'registry:5000/shop/api:2.0' },
    { name: 'proxy', image: 'envoy:1' },
  ],
};
const object = (kind: string, fields: object): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'x' },
  ...fields,
});

describe('imageName', () => {
  it.each([
    ['nginx', 'nginx'],
    ['nginx:1.29', 'nginx'],
    ['registry:5000/shop/api', 'registry:5000/shop/api'],
    ['registry:5000/shop/api:v1', 'registry:5000/shop/api'],
    ['ghcr.io/shop/api:v1@sha256:0123', 'ghcr.io/shop/api'],
    ['ghcr.io/shop/api@sha256:0123', 'ghcr.io/shop/api'],
  ])('of %s is %s', (image, name) => expect(imageName(image)).toBe(name));
});

describe('setImageTag', () => {
  it.each(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'Rollout'])(
    'reaches containers and init containers of a %s',
    (kind) => {
      const edited = setImageTag(
        object(kind, { spec: { template: { spec: podSpec } } }),
        'registry:5000/shop/api',
        '2.0',
      );
      expect(edited).toEqual(object(kind, { spec: { template: { spec: retagged } } }));
    },
  );

  it('reaches the pods of a CronJob, a bare Pod and a PodTemplate', () => {
    const cron = (spec: object) =>
      object('CronJob', { spec: { schedule: '@daily', jobTemplate: { spec: { template: { spec } } } } });
    expect(setImageTag(cron(podSpec), 'registry:5000/shop/api', '2.0')).toEqual(cron(retagged));
    expect(setImageTag(object('Pod', { spec: podSpec }), 'registry:5000/shop/api', '2.0')).toEqual(
      object('Pod', { spec: retagged }),
    );
    expect(
      setImageTag(object('PodTemplate', { template: { spec: podSpec } }), 'registry:5000/shop/api', '2.0'),
    ).toEqual(object('PodTemplate', { template: { spec: retagged } }));
  });

  it('writes a digest behind an @ and drops the one before', () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const pod = (image: string) => object('Pod', { spec: { containers: [{ name: 'a', image }] } });
    expect(setImageTag(pod('nginx:1'), 'nginx', digest)).toEqual(pod(`nginx@${digest}`));
    expect(setImageTag(pod(`nginx@${digest}`), 'nginx', '2')).toEqual(pod('nginx:2'));
  });

  it('answers the very same object where the image is not used', () => {
    const deployment = object('Deployment', { spec: { template: { spec: podSpec } } });
    expect(setImageTag(deployment, 'shop/api', '2.0')).toBe(deployment);
    const configMap = object('ConfigMap', { data: { image: 'envoy:1' } });
    expect(setImageTag(configMap, 'envoy', '2')).toBe(configMap);
  });
});

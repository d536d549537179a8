import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeObject, type KubernetesObject, type Workload } from '../../lambdas/domain/kubernetes-object.ts';
import type { Values } from '../../lambdas/domain/staging.ts';
import { builtInSchema } from '../../lib/local/cluster/schema/built-in-schema.ts';
import { decode } from '../../lib/local/cluster/schema/decode.ts';
import type { ResourceType } from '../../lib/local/cluster/storage.ts';
import { podSpecOf, quantity } from '../support/pods.ts';
import { renderShipped, shippedBlueprints } from '../support/shipped-blueprints.ts';

const names = readdirSync(join(import.meta.dirname, '..', '..', 'blueprints')).filter(
  (name) => !name.endsWith('.json'),
);

const allOf = ({ objects, hooks }: Workload): KubernetesObject[] => [...objects, ...hooks.map(({ object }) => object)];

const fieldProblems = (object: KubernetesObject): string[] => {
  const [version = '', group = ''] = object.apiVersion.split('/').toReversed();
  const schema = builtInSchema({ group, version, kind: object.kind } as ResourceType);
  return decode(schema, object).problems.map(({ path, problem }) => `${describeObject(object)} ${path}: ${problem}`);
};

/** Every input at its largest. */
const largest = async (name: string): Promise<Values> => {
  const inputs = (await shippedBlueprints()).get(name)?.blueprint.inputs ?? {};
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([key, { maximum }]) => (maximum === undefined ? [] : [[key, maximum]])),
  );
};

/** Pods that an object makes at most, those of a rolling update included (a quarter more, Kubernetes' default). */
const podsOf = (object: KubernetesObject, objects: readonly KubernetesObject[]): number => {
  const spec = object.spec as { replicas?: number };
  const scaler = objects.find(
    ({ kind, metadata }) => kind === 'HorizontalPodAutoscaler' && metadata.name === object.metadata.name,
  )?.spec as { maxReplicas: number } | undefined;
  const replicas = scaler?.maxReplicas ?? spec.replicas ?? 1;
  return object.kind === 'Deployment' ? replicas + Math.ceil(replicas / 4) : replicas;
};

describe.each(names)('blueprint %s', (name) => {
  it('has no field that Kubernetes does not know', async () => {
    expect(allOf(await renderShipped(name)).flatMap(fieldProblems)).toEqual([]);
  });

  it('passes Pod Security "restricted", which holds what "baseline" does', async () => {
    for (const object of allOf(await renderShipped(name))) {
      const pod = podSpecOf(object);
      if (!pod) continue;
      expect(pod).toMatchObject({
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      });
      expect(pod.hostNetwork ?? pod.volumes?.find(({ hostPath }) => hostPath)).toBeUndefined();
      for (const { securityContext } of [...pod.containers, ...(pod.initContainers ?? [])]) {
        expect(securityContext).toMatchObject({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
        expect(securityContext?.privileged ?? securityContext?.capabilities?.add).toBeUndefined();
      }
    }
  });

  it('fits into its own limits with everything at its largest', async () => {
    const limits = (await shippedBlueprints()).get(name)?.blueprint.limits;
    const objects = allOf(await renderShipped(name, { values: await largest(name) }));
    const sum = { cpu: 0, memory: 0, pods: 0 };
    for (const object of objects) {
      const count = podSpecOf(object) ? podsOf(object, objects) : 0;
      sum.pods += count;
      for (const container of podSpecOf(object)?.containers ?? []) {
        expect(Object.keys(container.resources?.limits ?? {})).toEqual(['cpu', 'memory']);
        sum.cpu += count * quantity(container.resources?.requests?.cpu ?? '');
        sum.memory += count * quantity(container.resources?.requests?.memory ?? '');
      }
    }
    expect(sum.pods).toBeLessThanOrEqual(limits!.pods);
    expect(sum.cpu).toBeLessThanOrEqual(quantity(limits!.cpu));
    expect(sum.memory).toBeLessThanOrEqual(quantity(limits!.memory));
  });

  it('renders the same twice, since what differs is applied again and restarts pods', async () => {
    expect(await renderShipped(name)).toEqual(await renderShipped(name));
  });

  it('has no namespace of its own and nothing outside of one', async () => {
    const kinds = new Set([
      'Namespace',
      'ClusterRole',
      'ClusterRoleBinding',
      'CustomResourceDefinition',
      'StorageClass',
    ]);
    for (const { kind, metadata } of allOf(await renderShipped(name))) {
      expect(metadata.namespace).toBeUndefined();
      expect(kinds).not.toContain(kind);
    }
  });
});
